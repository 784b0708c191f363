"""The first minute, and those who see, hear or point otherwise: verdicts are said, classes named, axe content."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from segmethods.core.settings import settings
from tests.browser.conftest import Visit
from tests.browser.seeing import wait_for
from tests.browser.test_compare import settle


def test_a_phone_in_chinese_is_met_in_chinese(url: str, visit: Visit) -> None:
    page = visit(
        f"{url}/compare?methods=threshold", viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True
    )
    settle(page)
    expect(page.locator("#sm-early")).to_have_count(0)
    expect(page.locator("#sm-said")).to_have_text(page.locator(".st-key-headline h1").inner_text())
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_test_id("stExpandSidebarButton")).to_have_attribute("aria-label", "展开侧边栏")
    page.locator(".sm-done .sm-picture").hover()
    expect(page.locator(".sm-under")).to_have_text(page.locator(".sm-done .sm-chip span").first.inner_text())


def test_a_phone_on_its_side_shows_a_picture(url: str, visit: Visit) -> None:
    page = visit(f"{url}/compare?methods=threshold", viewport={"width": 844, "height": 390}, has_touch=True)
    settle(page)
    wait_for(page, "() => document.querySelector('.sm-done .sm-picture').getBoundingClientRect().bottom < 390")


BOX = "e => { const box = e.getBoundingClientRect(); return [box.left, box.right, box.top, box.bottom]; }"


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_photo_of_ones_own_fits_a_phone(url: str, visit: Visit, locale: str) -> None:
    """The cross that removes it is whole, names have their times below them, and no gap follows the verdict.

    The field stays as high as it was, and the slider below the views, so that the page moves little.
    """
    page = visit(
        f"{url}/compare?methods=threshold", viewport={"width": 390, "height": 844}, locale=locale, has_touch=True
    )
    settle(page)
    field = page.locator(".st-key-own-photo").evaluate(BOX)
    photo = str(settings().assets_dir / "samples" / "chelsea.png")
    page.locator(".st-key-own-photo input[type=file]").set_input_files(photo)
    page.wait_for_url("**picture=own**")
    settle(page)
    remove = page.locator(".st-key-own-photo [data-testid=stFileChipDeleteBtn] button")
    left, right, *_ = remove.evaluate(BOX)
    frame_left, frame_right, *_ = page.locator(".st-key-own-photo").evaluate(BOX)
    assert frame_left < left < right < frame_right
    name, time = (page.locator(f".sm-done .sm-{part}").evaluate(BOX) for part in ("name", "time"))
    assert abs(name[0] - time[0]) < 2
    assert time[2] - name[3] < 8
    told, offered = (
        page.locator(".st-key-headline p").last.evaluate(BOX),
        page.locator(".st-key-takeaway").evaluate(BOX),
    )
    assert 0 < offered[2] - told[3] < 48
    assert page.locator(".st-key-own-photo").evaluate(BOX) == field
    switch, slider = (page.locator(f".st-key-{part}").evaluate(BOX) for part in ("view", "opacity"))
    assert switch[3] < slider[2]
    remove.click()
    expect(remove).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_against_compare(url: str, visit: Visit, theme: str) -> None:
    pytest.importorskip("axe_playwright_python")
    from tests.bench.accessibility import find_violations, tell

    page: Page = visit(f"{url}/compare?methods=threshold", color_scheme=theme)
    settle(page)
    expect(page.locator("#sm-early")).to_have_count(0)
    assert [*map(tell, find_violations(page))] == []


FOCUSED = "() => document.activeElement.closest('[class*=st-key-], h1')?.className.match(/st-key-\\S+/)?.[0] ?? 'h1'"


def test_the_keyboard_stays_after_an_upload_and_goes_on_after_a_start(url: str, visit: Visit) -> None:
    page = visit(f"{url}/compare?methods=threshold")
    page.on("filechooser", lambda _: None)  # Playwright listens some time after it is told to, so it is told now
    settle(page)
    choose = page.locator(".st-key-own-photo [data-testid=stFileUploader] button").first
    choose.focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(str(settings().assets_dir / "samples" / "chelsea.png"))
    page.wait_for_url("**picture=own**")
    settle(page)
    assert page.evaluate(FOCUSED) == "st-key-own_photo"
    page.goto(f"{url}/benchmark?methods=threshold&data=shapes:count=2")
    start = page.locator(".st-key-benchmark-start button")
    expect(start).to_be_enabled()
    start.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**run=**")
    expect(page.locator("h1:focus")).to_be_visible()


def test_a_report_is_in_the_language_of_the_page(url: str, visit: Visit) -> None:
    page = visit(f"{url}/compare?methods=threshold", locale="zh-CN")
    settle(page)
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="报告（HTML）").click()
    report = download.value.path().read_text(encoding="utf-8")
    assert "<h2>图片</h2>" in report
    assert "<h2>设置</h2>" in report
