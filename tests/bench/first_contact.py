"""What a first visitor waits for: bytes, seconds and layout shift of each page, on a phone with fast 3G.

``python -m tests.bench.first_contact`` starts a dashboard and prints a line a page; ``--wired`` measures without the
slow network, ``--url ADDRESS`` another dashboard, ``--desk`` a window of 1280 pixels. Bytes are those that came over
the network, compressed as they came. Seconds depend on how busy the machine is; bytes and shifts hardly do.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import find_chromium
from tests.browser.server import dashboard

TITLE = "[data-testid=stMain] h1"
PAGES = {
    "compare": ".sm-done",
    "pictures": ".st-key-pictures-upload",
    "benchmark": ".sm-thumb",
    "models": TITLE,
    "learn": TITLE,
}
"""Address -> what is there once the first result is, or what stands for it; on any other page that is its title."""

IMAGE = ".sm-early-picture img"
"""The picture that is seen before any script has come; only Compare has one."""

FAST_3G = {"latency": 562.5, "downloadThroughput": 1.44e6 / 8, "uploadThroughput": 0.68e6 / 8}

SHIFTS = """
window.shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: 'layout-shift', buffered: true });
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wired", action="store_true", help="without the slow network")
    parser.add_argument("--desk", action="store_true", help="1280 pixels in place of 390")
    parser.add_argument("--url", help="a dashboard that runs already")
    parser.add_argument("pages", nargs="*", default=list(PAGES))
    args = parser.parse_args()
    print(f"{'page':10} {'picture s':>9} {'result s':>9} {'all s':>7} {'MB':>6} {'CLS':>6}")
    with nullcontext(args.url) if args.url else dashboard() as url:
        for page in args.pages:
            seen, first, whole, size, shift = measure(url, page, args.wired, 1280 if args.desk else 390)
            image = "" if seen is None else f"{seen:.1f}"
            print(f"{page:10} {image:>9} {first:9.1f} {whole:7.1f} {size / 1e6:6.2f} {shift:6.3f}", flush=True)


def measure(url: str, page: str, wired: bool, width: int) -> tuple[float | None, float, float, int, float]:
    """What a page in a new browser costs.

    Returns
    -------
    seen, first, whole : float
        Seconds to the picture, to the first result and to the end.
    size, shift : int, float
        Bytes over the network, and cumulative layout shift.
    """
    with _visitor(width) as tab:
        client = tab.context.new_cdp_session(tab)
        client.send("Network.enable")
        if not wired:
            client.send("Network.emulateNetworkConditions", {"offline": False, **FAST_3G})
        sizes: list[float] = []
        client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        client.on("Network.webSocketFrameReceived", lambda event: sizes.append(len(event["response"]["payloadData"])))
        begun = time.monotonic()
        tab.goto(f"{url}/{page}", wait_until="commit")
        seen = None
        if page == "compare":
            tab.wait_for_selector(IMAGE)
            seen = time.monotonic() - begun
        tab.wait_for_selector(PAGES.get(page, TITLE), state="attached")
        first = time.monotonic() - begun
        tab.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        quiet = 0
        while quiet < 4:
            count = len(sizes)
            tab.wait_for_timeout(500)
            quiet = quiet + 1 if len(sizes) == count else 0
        whole = time.monotonic() - begun - 2
        return seen, first, whole, int(sum(sizes)), tab.evaluate("window.shift")


@contextmanager
def _visitor(width: int) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": width, "height": 844}, locale="en-US")
        context.add_init_script(SHIFTS)
        tab = context.new_page()
        tab.set_default_timeout(240_000)
        yield tab
        browser.close()


if __name__ == "__main__":
    main()
