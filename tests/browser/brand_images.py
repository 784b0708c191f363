"""Photographs the dashboard for the README: ``make pictures``. Only samples that may be shipped are shown."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ADVICE, find_chromium
from tests.browser.conftest import ARGUMENTS, PATIENCE
from tests.browser.server import ROOT, dashboard
from tests.browser.test_compare import settle

BRAND = ROOT / "assets" / "brand"
LIMIT = 400_000
"""Bytes of one picture at most."""

DESKTOP = {"viewport": {"width": 1280, "height": 1440}, "device_scale_factor": 1.5, "locale": "en-US"}
PHONE = {"viewport": {"width": 390, "height": 1180}, "device_scale_factor": 2, "locale": "zh-CN"}


def photograph(browser: Browser, address: str, file: Path, device: dict[str, object]) -> None:
    """Open an address on a device, wait until everything is there, and store what is seen as WebP."""
    page = browser.new_page(color_scheme="light", reduced_motion="reduce", **device)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    settle(page)
    page.locator(".st-key-chart-scores .sm-svg:visible").wait_for()
    seen = page.screenshot(animations="disabled")
    page.close()
    Image.open(io.BytesIO(seen)).convert("RGB").save(file, "WEBP", quality=80, method=6)
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}: {size // 1000} kB")
    assert size < LIMIT, f"{file} is larger than {LIMIT} bytes"


def main() -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(ADVICE)
    with dashboard() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        photograph(browser, f"{url}/?picture=chelsea", BRAND / "compare.webp", DESKTOP)
        photograph(browser, f"{url}/?picture=astronaut&lang=zh", BRAND / "phone.webp", PHONE)
        browser.close()


if __name__ == "__main__":
    main()
