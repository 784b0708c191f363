"""The Compare page as a visitor meets it: in Chromium, on a real server."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from skimage import data

import segmethods as sm
from tests.browser.conftest import Visit
from tests.browser.seeing import (
    is_blank,
    read_pixels,
    screen,
    scrolls_sideways,
    wait_for,
    wait_until_at_hand,
    wait_until_drawn,
)
from tests.browser.server import dashboard
from tests.readme import copy_with_method

ALL = [m.id for m in sm.list_methods()]
QUICK = "threshold,kmeans"
CHART = ".st-key-chart-scores .sm-svg:visible"
CHINESE = re.compile("[\u4e00-\u9fff]")


def settle(page: Page) -> None:
    """Wait until the run has ended and no method is waited for any more."""
    wait_for(
        page,
        """() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
            && document.querySelector('.sm-cell.sm-picture, .sm-cell')
            && !document.querySelector('.sm-waiting, .sm-running')""",
        seconds=300,
    )
    wait_until_at_hand(page)


def cell(page: Page, title: str) -> Locator:
    return page.locator(".sm-cell").filter(has=page.locator(".sm-name", has_text=re.compile(f"^{title}$")))


def done_cells(page: Page) -> Locator:
    return page.locator(".sm-cell.sm-done")


def mask_of(page: Page, title: str) -> str:
    """The picture of a method's labels, as the data in its address."""
    return cell(page, title).locator(".sm-layer-mask").get_attribute("src") or ""


def coffee() -> dict[str, object]:
    buffer = io.BytesIO()
    Image.fromarray(data.coffee()).save(buffer, "JPEG", quality=90)
    return {"name": "my coffee.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def assert_chart_is_drawn(page: Page) -> None:
    chart = page.locator(CHART)
    read_pixels(chart)  # it decodes
    chart.scroll_into_view_if_needed()
    wait_until_drawn(chart)


def test_the_first_visitor_sees_a_sample_compared(cold_url: str, visit: Visit) -> None:
    page = visit(cold_url)
    settle(page)
    assert done_cells(page).count() >= 4
    assert page.locator(".sm-failed").count() == 0
    assert page.get_by_test_id("stException").count() == 0
    expect(page.locator(".st-key-headline")).to_contain_text(re.compile(r"IoU of cat 0\.\d\d"))
    assert_chart_is_drawn(page)


def test_a_photo_of_ones_own_goes_through_every_method(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?methods={','.join(ALL)}")
    settle(page)
    page.locator(".st-key-source button", has_text="My files").click()
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(coffee())
    expect(page.locator(".sm-cell.sm-picture .sm-note, .sm-cell .sm-note", has_text="600 × 400").first).to_be_visible()
    settle(page)
    assert page.locator(".sm-failed").count() == 0, page.locator(".sm-failed").all_inner_texts()
    assert done_cells(page).count() == len(ALL)
    for i in range(len(ALL)):
        mask = done_cells(page).nth(i).locator(".sm-layer-mask")
        name = done_cells(page).nth(i).locator(".sm-name").inner_text()
        assert read_pixels(mask).shape == (400, 600, 4), name
        wait_until_drawn(done_cells(page).nth(i).locator(".sm-picture"))
    agreement = page.locator(".st-key-chart-agreement .sm-svg:visible")  # without a truth nothing is scored
    agreement.scroll_into_view_if_needed()
    wait_until_drawn(agreement)


def test_the_page_shows_the_labels_that_python_gives(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods=threshold")
    settle(page)
    covered = read_pixels(cell(page, "Threshold").locator(".sm-layer-mask"))[..., 3] > 0
    labels = sm.segment(data.chelsea(), "threshold").labels
    assert np.array_equal(covered, labels.astype(bool))


def test_a_slider_computes_its_method_again_and_no_other(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods={QUICK}")
    settle(page)
    before, other = mask_of(page, "K-means"), mask_of(page, "Threshold")
    page.locator(".st-key-form-kmeans summary").click()
    knob = page.locator(".st-key-kmeans-k input[type=range]")
    knob.focus()
    knob.press("ArrowRight")
    expect(cell(page, "K-means").locator(".sm-layer-mask")).not_to_have_attribute("src", before)
    settle(page)
    assert mask_of(page, "Threshold") == other
    assert "kmeans.k=5" in page.url


def test_a_slider_that_moves_on_leaves_the_page_as_it_is(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods={QUICK}&kmeans.k=3&truth=none")
    settle(page)
    page.locator(".st-key-form-kmeans summary").click()
    knob = page.locator(".st-key-kmeans-k input[type=range]")
    settle(page)
    back = page.get_by_text("Back to the defaults")
    for k in (5, 6, 7):
        before, chart = mask_of(page, "K-means"), page.locator(".sm-svg:visible").get_attribute("src")
        knob.focus()
        knob.press("ArrowRight")
        if k == 5:
            knob.press("ArrowRight")
        expect(cell(page, "K-means").locator(".sm-layer-mask")).not_to_have_attribute("src", before)
        expect(page.locator(".sm-svg:visible")).not_to_have_attribute("src", chart or "")
        settle(page)
        expect(page).to_have_url(re.compile(f"kmeans.k={k}"))
        assert done_cells(page).count() == 2
        assert page.locator(".st-key-headline h1").count() == 1
        assert page.locator("[data-testid=stSidebar] .st-key-menu a").count() >= 5
        expect(knob).to_have_value(str(k))
        expect(back).to_be_visible()
    page.get_by_role("button", name="Share").click()
    expect(page.locator("[data-testid=stPopoverBody] code").first).to_contain_text("kmeans.k=7")
    page.keyboard.press("Escape")
    back.click()
    expect(page).not_to_have_url(re.compile("kmeans.k"))
    settle(page)
    expect(back).to_have_count(0)


def test_views_change_what_is_seen(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods=threshold&view=overlay")
    settle(page)
    seen = [screen(cell(page, "Threshold").locator(".sm-picture"))]
    for view in ("Labels", "Boundaries", "Error map"):
        page.locator(".st-key-view button", has_text=view).click()
        expect(page.locator(".st-key-view button[aria-checked=true]")).to_have_text(view)
        settle(page)
        wait_until_drawn(cell(page, "Threshold").locator(".sm-picture"))
        seen.append(screen(cell(page, "Threshold").locator(".sm-picture")))
        assert all(not np.array_equal(seen[-1], earlier) for earlier in seen[:-1]), view


def test_the_language_changes_and_the_comparison_stays(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods={QUICK}")
    settle(page)
    masks = {mask_of(page, "K-means"), mask_of(page, "Threshold")}
    page.locator(".st-key-language button", has_text="中").click()
    expect(page.locator(".st-key-headline")).to_contain_text(CHINESE)
    settle(page)
    assert any(CHINESE.search(name) for name in done_cells(page).locator(".sm-name").all_inner_texts())
    images = done_cells(page).locator(".sm-layer-mask")
    assert {images.nth(i).get_attribute("src") for i in range(images.count())} == masks
    assert "lang=zh" in page.url


def test_a_browser_in_chinese_is_greeted_in_chinese(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods={QUICK}", locale="zh-CN")
    settle(page)
    expect(page.locator(".st-key-headline")).to_contain_text(CHINESE)


def test_a_deep_link_opens_the_same_comparison_for_the_first_visitor(cold_url: str, visit: Visit) -> None:
    page = visit(f"{cold_url}/?picture=coffee&methods=kmeans,edges&kmeans.k=7&view=labels&lang=zh")
    settle(page)
    assert done_cells(page).count() == 2
    expect(page.locator(".st-key-view button[aria-checked=true]")).to_contain_text(CHINESE)
    page.locator(".st-key-form-kmeans summary").click()
    expect(page.locator(".st-key-kmeans-k input[type=range]")).to_have_value("7")
    colours = {tuple(c) for c in read_pixels(page.locator(".sm-done .sm-layer-mask").first).reshape(-1, 4)}
    assert len(colours) == 7


def test_the_page_has_an_address_of_its_own_for_the_first_visitor_too(cold_url: str, visit: Visit) -> None:
    page = visit(f"{cold_url}/compare?picture=coffee&methods={QUICK}")
    settle(page)
    assert done_cells(page).count() == 2
    assert page.get_by_role("dialog").count() == 0


def test_a_phone_shows_all_and_scrolls_one_way(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods={QUICK},histogram,edges", viewport={"width": 390, "height": 844})
    settle(page)
    assert done_cells(page).count() == 4
    assert_chart_is_drawn(page)
    assert scrolls_sideways(page) == []
    left = [done_cells(page).nth(i).bounding_box() for i in range(2)]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in left)


def test_dark_is_dark(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods={QUICK}", color_scheme="dark")
    settle(page)
    pixels = screen(page.locator("[data-testid=stApp]"))
    assert np.median(pixels) < 60
    assert_chart_is_drawn(page)
    chart = screen(page.locator(CHART))
    assert np.median(chart) < 60


def test_a_file_that_is_no_picture_says_so(url: str, visit: Visit) -> None:
    page = visit(f"{url}/?picture=chelsea&methods=threshold")
    settle(page)
    page.locator(".st-key-source button", has_text="My files").click()
    evil = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture at all"}
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(evil)
    expect(page.get_by_test_id("stAlert")).to_contain_text("notes.png is not a picture.")
    settle(page)
    assert done_cells(page).count() == 1


def test_the_ten_lines_of_the_readme_have_a_cell_and_a_slider(tmp_path: Path, visit: Visit) -> None:
    house = copy_with_method(tmp_path / "house")
    with dashboard(house) as address:
        page = visit(f"{address}/?picture=chelsea&methods=colourful")
        settle(page)
        assert not is_blank(read_pixels(cell(page, "Colourful").locator(".sm-layer-mask")))
        page.locator(".st-key-form-colourful summary").click()
        expect(page.locator(".st-key-colourful-spread input[type=range]")).to_be_visible()
        page.close()
