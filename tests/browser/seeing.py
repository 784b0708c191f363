"""What is really on the screen: pixels as the browser decoded or drew them, not the files that the server sent."""

from __future__ import annotations

import base64
import io
import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Error, Locator, Page, expect

from tests.waiting import wait_until

PIXELS = """image => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/png');
}"""


def read_pixels(image: Locator) -> NDArray[np.uint8]:
    """The pixels of an <img>, RGBA, read back from a canvas."""
    image.wait_for(state="attached")
    image.evaluate("image => image.decode()")
    _, _, drawn = image.evaluate(PIXELS).partition(",")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn))).convert("RGBA"))


DRAWN_ANEW = ("not attached", "not visible", "not an HTMLElement")
"""What Playwright says of a part that the page took away between finding and photographing it."""


def screen(place: Locator, seconds: float = 20) -> NDArray[np.uint8]:
    """The pixels of a part of the screen, RGB; a part that is drawn anew meanwhile is taken again."""
    end = time.monotonic() + seconds
    while True:
        try:
            return np.asarray(Image.open(io.BytesIO(place.screenshot())).convert("RGB"))
        except Error as error:
            if time.monotonic() > end or not any(words in error.message for words in DRAWN_ANEW):
                raise


def is_blank(pixels: NDArray[np.uint8]) -> bool:
    """Whether nearly all pixels have one colour: at least 99.5 % of them."""
    colours, counts = np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0, return_counts=True)
    return len(colours) == 1 or bool(counts.max() / counts.sum() > 0.995)


def wait_until_drawn(place: Locator) -> None:
    """Return once there is something to see in a part of the screen: a browser decodes pictures when it gets to it."""
    wait_until(lambda: not is_blank(screen(place)), 20, f"something to see in {place}")


def wait_until_at_hand(page: Page) -> None:
    """Return once every widget is there.

    The browser loads the code of each kind of widget when it first meets one, and shows a grey bar until then.
    """
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)


def scrolls_sideways(page: Page) -> list[str]:
    """The scrolling parts of the page that are wider than their place, with the pixels by which they are."""
    return page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('[data-testid=stMain], [data-testid=stApp]')]
            .filter(e => e.scrollWidth > e.clientWidth + 1)
            .map(e => `${e.tagName} ${e.dataset.testid || ''} +${e.scrollWidth - e.clientWidth}`)"""
    )


def wait_for(page: Page, script: str, arg: object = None, seconds: float = 120) -> None:
    """Wait until a script says yes. Playwright's own `wait_for_function` is forbidden by the pages' security policy."""
    end = time.monotonic() + seconds
    while not page.evaluate(script, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s for {script}")
        page.wait_for_timeout(50)
