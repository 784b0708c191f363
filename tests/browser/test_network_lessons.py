"""A pixel of a lesson's picture is chosen: by a click, or with the keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.seeing import scrolls_sideways, wait_for, wait_until_at_hand

WIDTH, HEIGHT = 451, 300
"""Of the cat."""


def settle(page: Page) -> None:
    """Wait until the page is drawn to its foot and nothing is computed any more."""
    wait_for(
        page,
        """() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
            && document.querySelector('.st-key-lesson-foot') && !document.querySelector('[data-testid=stSpinner]')""",
        seconds=300,
    )
    wait_until_at_hand(page)


def clickable(page: Page) -> Locator:
    """The picture, drawn at its whole height."""
    image = page.locator("[data-testid=stBidiComponentIsolated] .frame")
    image.scroll_into_view_if_needed()
    image.evaluate("frame => Promise.all([...frame.querySelectorAll('img')].map(image => image.decode()))")
    return image


def number(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=label)


def any_of(pixel: float) -> re.Pattern[str]:
    """The pixels round one: a mouse stands between them on a picture that is shown larger or smaller than it is."""
    return re.compile("|".join(f"^{int(pixel) + step}$" for step in (-2, -1, 0, 1, 2)))


def test_a_click_chooses_a_pixel_of_a_picture_that_is_shown_smaller(visit: Visit, url: str) -> None:
    page = visit(f"{url}/patch_cnn?picture=chelsea&lang=en", viewport={"width": 390, "height": 900})
    settle(page)
    assert not scrolls_sideways(page)
    image = clickable(page)
    frame = image.locator("img").nth(1).get_attribute("src")
    box = image.bounding_box()
    assert box is not None
    image.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    expect(number(page, "Column (x)")).to_have_value(any_of(WIDTH * 0.75))
    expect(number(page, "Row (y)")).to_have_value(any_of(HEIGHT * 0.25))
    expect(image.locator("img").nth(1)).not_to_have_attribute("src", frame or "")
    expect(page.get_by_text("This window: ").first).to_be_visible()
    page.wait_for_url(f"**x={number(page, 'Column (x)').input_value()}**")


def test_the_keyboard_chooses_a_pixel(visit: Visit, url: str) -> None:
    page = visit(f"{url}/deeplab?picture=chelsea&lang=en")
    settle(page)
    image = clickable(page)
    taps = image.locator("img").nth(1).get_attribute("src")
    field = number(page, "Row (y)")
    field.focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("20")
    page.keyboard.press("Tab")
    expect(image.locator("img").nth(1)).not_to_have_attribute("src", taps or "")
    expect(page.get_by_text("6 of nine taps lie in the picture").first).to_be_visible()
