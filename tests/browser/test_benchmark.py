"""The Benchmark page as a visitor meets it: in Chromium, on a real server."""

from __future__ import annotations

import re
from contextlib import suppress

from playwright.sync_api import Page, expect

from segmethods.io.samples import list_samples
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.seeing import scrolls_sideways, wait_until_drawn

SAMPLES = "benchmark?data=samples&methods=threshold,kmeans,histogram"
COUNT = sum(sample.truth_path is not None for sample in list_samples())
CHINESE = re.compile("[\u4e00-\u9fff]")


def idle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def start(page: Page) -> None:
    page.locator(".st-key-benchmark-start button:enabled").click()
    expect(page).to_have_url(re.compile(r"run=[\w-]{16}"))


def finish(page: Page) -> None:
    page.wait_for_selector(".st-key-verdict h1", timeout=3 * PATIENCE)
    idle(page)


def go_on(page: Page) -> None:
    """Click until the run goes on: a page that is still being drawn may swallow a click."""
    paused = page.locator(".st-key-benchmark-paused")
    while paused.count():
        idle(page)
        paused.locator("button").click()
        with suppress(AssertionError):
            expect(paused).to_have_count(0, timeout=10_000)


def test_the_samples_from_start_to_verdict_and_on_to_compare(url: str, visit: Visit) -> None:
    page = visit(f"{url}/{SAMPLES}")
    start(page)
    title = page.locator("[data-testid=stMain] h1")
    expect(title).to_have_text(re.compile(rf"Benchmark: [1-9]\d* of {COUNT} pictures"), timeout=3 * PATIENCE)
    page.locator(".st-key-benchmark-stop button").click()
    expect(page.locator(".st-key-benchmark-paused")).to_contain_text(re.compile(rf"\d+ of {COUNT} pictures are done"))
    page.reload()
    expect(page.locator(".st-key-benchmark-paused")).to_contain_text(re.compile(rf"\d+ of {COUNT} pictures are done"))
    go_on(page)
    page.reload()  # the run goes on without its tab
    finish(page)
    expect(page.locator(".st-key-verdict")).to_contain_text(re.compile(r"Mean IoU .*\d"))
    assert page.locator(".st-key-benchmark-paused").count() == 0

    page.locator(".st-key-benchmark-panel button", has_text="Best and worst").click()
    card = page.locator(".st-key-benchmark-worst [class*=st-key-benchmark-card-]").first
    for thumb in card.locator(".sm-thumb").all():  # the truth, and what the method found
        expect(thumb).to_be_visible()
        wait_until_drawn(thumb)
    name = card.locator(".sm-card span").get_attribute("title")
    card.locator("button").click()
    expect(page).to_have_url(re.compile(rf"/compare\?.*picture={name}\b"))
    expect(page.locator(".sm-cell.sm-first .sm-picture").first).to_be_visible()
    expect(page.locator(".sm-cell.sm-done, .sm-cell.sm-failed")).to_have_count(3)


def test_a_tab_notices_that_another_one_went_on(url: str, visit: Visit) -> None:
    page = visit(f"{url}/{SAMPLES}")
    start(page)
    page.locator(".st-key-benchmark-stop button").click()
    expect(page.locator(".st-key-benchmark-paused")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".st-key-benchmark-paused")).to_be_visible()
    go_on(other)
    expect(page.locator(".st-key-benchmark-paused")).to_have_count(0)
    finish(other)
    finish(page)


def test_on_a_phone_in_chinese_and_again_in_another_tab(url: str, visit: Visit) -> None:
    look = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "color_scheme": "dark"}
    page = visit(f"{url}/benchmark?data=shapes:count=6,size=64&methods=threshold,histogram", **look)
    start(page)
    finish(page)
    assert CHINESE.search(page.locator(".st-key-verdict h1").inner_text())
    assert scrolls_sideways(page) == []
    for panel in page.locator(".st-key-benchmark-panel button").all():
        panel.click()
        idle(page)
        assert scrolls_sideways(page) == []
    other = page.context.new_page()  # the browser remembers its runs
    other.goto(f"{url}/benchmark")
    other.locator("[class*=st-key-benchmark-show-] button").first.click()
    finish(other)
    assert other.locator(".st-key-verdict h1").inner_text() == page.locator(".st-key-verdict h1").inner_text()
