"""The lessons as a class meets them: in Chromium, on a real server."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

import segmethods as sm
from pages.learn.lesson_text import read_text
from tests.browser.conftest import Visit
from tests.browser.seeing import read_pixels, screen, scrolls_sideways, wait_for, wait_until_at_hand, wait_until_drawn
from tests.waiting import wait_until

LESSONS = ("segmentation", "histogram")
PHONE = {"viewport": {"width": 390, "height": 844}}


def settle(page: Page) -> None:
    """Wait until the lesson is drawn to its end and nothing runs any more."""
    page.locator(".st-key-lesson-foot").wait_for()
    wait_for(page, "document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')")
    wait_until_at_hand(page)


def view(page: Page, title: str) -> Locator:
    return page.locator(".sm-view").filter(has=page.locator("figcaption b", has_text=title)).first


def mask_is(page: Page, labels: np.ndarray) -> None:
    """Wait until the mask on the screen covers exactly these pixels."""
    layer, wanted = view(page, "Mask").locator("img.sm-over"), labels > 0
    for _ in range(200):
        shown = read_pixels(layer)[..., 3] > 0
        if shown.shape == wanted.shape and np.array_equal(shown, wanted):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"{np.mean(shown):.3f} of the mask is covered, wanted {np.mean(wanted):.3f}")


def coins_above(level: int) -> np.ndarray:
    return sm.segment(sm.get_sample("coins").image(), "threshold", algorithm="fixed", level=level).labels


def test_the_mask_follows_the_level_that_is_dragged_or_moved_by_keys(url: str, visit: Visit) -> None:
    page = visit(f"{url}/threshold?picture=coins&level=100")
    settle(page)
    handle = page.get_by_role("slider", name="Level", exact=True).first
    expect(handle).to_have_attribute("aria-valuenow", "100")
    mask_is(page, coins_above(100))
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    expect(handle).to_have_attribute("aria-valuenow", "117")
    mask_is(page, coins_above(117))
    page.wait_for_url("**level=117**")
    place = page.locator(".plot").bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 80)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] * 0.8, place["y"] + 80, steps=8)
    page.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", re.compile("20[345]"))
    level = int(handle.get_attribute("aria-valuenow") or 0)
    mask_is(page, coins_above(level))
    page.wait_for_url(f"**level={level}**")


def test_an_answer_is_hidden_until_it_is_asked_for_with_the_keyboard_too(url: str, visit: Visit) -> None:
    page = visit(f"{url}/threshold?picture=coins&lang=en")
    settle(page)
    question, answer = read_text("threshold", "en").sections["level"].questions[0]
    box = page.locator("[data-testid=stExpander]", has_text=question)
    expect(box.get_by_text(answer[:40])).not_to_be_visible()
    box.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(box.get_by_text(answer[:40])).to_be_visible()


def test_presenting_is_large_and_alone_on_the_screen_until_it_ends(url: str, visit: Visit) -> None:
    page = visit(f"{url}/threshold?picture=coins&lang=en")
    settle(page)
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    usual = page.evaluate(size)
    page.get_by_role("button", name="Present", exact=True).click()
    page.wait_for_url("**present=true**")
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
    assert page.evaluate(size) > 1.25 * usual
    assert page.evaluate("document.fullscreenElement === document.documentElement")
    page.get_by_role("link", name="Histogram").last.click()
    expect(page.get_by_role("heading", name="Histogram", level=1)).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
    page.get_by_role("button", name="End the presentation").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    assert page.evaluate(size) == usual
    assert page.evaluate("document.fullscreenElement") is None


def test_k_means_goes_on_by_one_round_at_a_click(url: str, visit: Visit) -> None:
    page = visit(f"{url}/kmeans?picture=coins&k=4")
    rounds = sm.segment(sm.get_sample("coins").image(), "kmeans", k=4).trace.rounds
    start = view(page, f"Round 0 of {rounds}").locator("img")
    wait_until_drawn(start)
    before = screen(start)
    page.get_by_role("button", name="One more round").click()
    after = view(page, f"Round 1 of {rounds}").locator("img")
    after.wait_for()
    assert not np.array_equal(screen(after), before)
    page.wait_for_url("**round=1**")


def test_the_language_changes_at_the_first_click_after_a_control(url: str, visit: Visit) -> None:
    page = visit(f"{url}/kmeans?picture=coffee&k=6&lang=en")
    settle(page)
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**k=7**")
    settle(page)
    page.locator(".st-key-language button", has_text="中").click()
    page.wait_for_url("**k=7**lang=zh")
    expect(page.get_by_text("颜色组数").first).to_be_visible()


def drawn(canvas: Locator) -> np.ndarray:
    """The pixels of a canvas, RGBA."""
    _, _, data = canvas.evaluate("canvas => canvas.toDataURL()").partition(",")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


def test_the_cloud_of_colours_is_turned_and_stays_so_from_round_to_round(url: str, visit: Visit) -> None:
    page = visit(f"{url}/kmeans?picture=coffee&k=4&lang=en", reduced_motion="reduce")
    settle(page)
    cloud = page.locator("canvas[role=img]")
    expect(cloud).to_have_attribute("aria-label", re.compile("^Round 0 of .*: every pixel wears the colour"))
    wait_until_drawn(cloud)
    seen = drawn(cloud)

    def draws_anew() -> np.ndarray:
        wait_until(lambda: not np.array_equal(drawn(cloud), seen), 60, "another view of the cloud")
        return drawn(cloud)

    cloud.focus()  # the centroids show their numbers
    seen = draws_anew()
    page.keyboard.press("ArrowLeft")
    seen = draws_anew()
    place = cloud.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 100, place["y"] + 200)
    page.mouse.down()
    page.mouse.move(place["x"] + 160, place["y"] + 180)
    seen = draws_anew()
    page.mouse.up()
    page.get_by_role("button", name="One more round").click()
    expect(cloud).to_have_attribute("aria-label", re.compile("^Round 1 of "))
    after = draws_anew()
    margin = np.s_[:, :80]  # the name of an axis and a corner of the box
    assert after[margin].any()
    assert np.array_equal(after[margin], seen[margin])


def test_centroids_glide_and_a_wheel_over_the_cloud_scrolls_the_page(url: str, visit: Visit) -> None:
    page = visit(f"{url}/kmeans?picture=coffee&k=4&lang=en")
    settle(page)
    cloud = page.locator("canvas[role=img]")
    cloud.scroll_into_view_if_needed()
    page.evaluate("""() => {
      const draw = CanvasRenderingContext2D.prototype.drawImage;
      window.drawn = 0;
      CanvasRenderingContext2D.prototype.drawImage = function (...all) { window.drawn += 1; draw.apply(this, all); };
    }""")
    page.get_by_role("button", name="One more round").click()
    wait_for(page, "window.drawn >= 2")
    top = cloud.evaluate("e => e.getBoundingClientRect().top")
    cloud.hover()
    page.mouse.wheel(0, 200)
    wait_for(page, "([e, top]) => e.getBoundingClientRect().top < top", arg=[cloud.element_handle(), top])


def test_a_link_opens_the_lesson_in_its_language_with_its_picture_and_settings(cold_url: str, visit: Visit) -> None:
    page = visit(f"{cold_url}/edges?picture=camera&sigma=4&lang=zh")
    settle(page)
    expect(page.get_by_role("heading", name="从线条到区域")).to_be_visible()
    assert "picture=camera" in page.url
    assert "sigma=4" in page.url
    expect(page.get_by_text("σ = 4").first).to_be_visible()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_phone_shows_every_lesson_in_one_column(lesson: str, url: str, visit: Visit) -> None:
    page = visit(f"{url}/{lesson}?lang=zh", **PHONE)
    settle(page)
    assert page.get_by_test_id("stException").count() == 0
    shown = page.locator(".sm-view-frame")
    shown.nth(1).wait_for()
    wait_until(
        lambda: not scrolls_sideways(page), 20, "a page as wide as the phone"
    )  # charts are fitted to the page once they are drawn
    wait_until_drawn(shown.first)
    for place in (shown.nth(i).bounding_box() for i in range(shown.count())):
        assert place is not None
        assert place["x"] + place["width"] <= 390
