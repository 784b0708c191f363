"""From page to page: the menu, the language, the browser's Back."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


def menu(page: Page, place: str) -> None:
    page.locator(f".st-key-menu a[href^='{place}']").click()
    expect(page).to_have_url(re.compile(rf"/{place}(\?|$)"))


def test_a_page_opens_by_its_address_for_the_first_visitor(cold_url: str, visit: Visit) -> None:
    page = visit(f"{cold_url}/models?lang=zh")
    expect(page.locator(".st-key-models .sm-model").first).to_be_visible()
    assert page.get_by_role("dialog").count() == 0
    expect(page).to_have_title(re.compile("模型 · Segmethods"))


def test_the_menu_folds_away_on_a_phone_when_a_page_is_chosen(url: str, visit: Visit) -> None:
    page = visit(f"{url}/models?lang=en", viewport={"width": 390, "height": 844})
    unfold = page.get_by_test_id("stExpandSidebarButton")
    for place in ("learn", "threshold"):
        unfold.click()
        menu(page, place)
        expect(unfold).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).not_to_be_in_viewport()


def test_a_menu_out_of_sight_is_out_of_reach_of_the_keyboard(url: str, visit: Visit) -> None:
    page = visit(f"{url}/models?lang=en", viewport={"width": 390, "height": 844})
    expect(page.locator(".st-key-models .sm-model").first).to_be_visible()
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('[data-testid=stSidebar]') === null")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.locator(".st-key-menu a").first).to_be_in_viewport()


def test_the_language_stays_and_back_restores_what_was_chosen(url: str, visit: Visit) -> None:
    page = visit(f"{url}/compare?picture=chelsea&methods=threshold&view=overlay&lang=zh")
    chosen = page.locator(".st-key-view button[aria-checked=true]")
    expect(chosen).to_have_text("叠加图")
    page.locator(".st-key-view button", has_text="标签图").click()
    expect(page).to_have_url(re.compile("view=labels"))
    menu(page, "models")
    expect(page.locator(".st-key-models .sm-model").first).to_be_visible()
    page.go_back()
    expect(chosen).to_have_text("标签图")
    page.go_back()
    expect(chosen).to_have_text("叠加图")
    expect(page).to_have_url(re.compile("lang=zh"))


def test_a_photo_of_ones_own_stays_on_pages_that_were_not_seen_before(url: str, visit: Visit) -> None:
    page = visit(f"{url}/compare?picture=chelsea&methods=threshold")
    page.locator(".st-key-own-photo input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": png(64, 48)}
    )
    expect(page).to_have_url(re.compile("picture=own"))
    for place in ("learn", "histogram", "threshold"):
        menu(page, place)
        if place != "learn":
            expect(page).to_have_url(re.compile("picture=own"))
            expect(page.locator(".st-key-source button[aria-checked=true]")).to_have_text("My files")


def test_an_unfolded_form_is_still_unfolded_after_a_lesson(url: str, visit: Visit) -> None:
    page = visit(f"{url}/compare?picture=chelsea&methods=threshold")
    form = page.locator(".st-key-form-threshold details")
    form.locator("summary").click()
    expect(form.get_by_text("Algorithm").first).to_be_visible()
    for place in ("learn", "threshold", "compare"):
        menu(page, place)
    expect(form.get_by_text("Algorithm").first).to_be_visible()
    expect(form).to_have_attribute("open", "")
    form.locator("summary").click()
    menu(page, "learn")
    menu(page, "compare")
    expect(form.locator("summary")).to_be_visible()
    expect(form.get_by_text("Algorithm")).to_have_count(0)


def png(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).save(data, "PNG")
    return data.getvalue()
