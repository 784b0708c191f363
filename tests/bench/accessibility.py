"""What axe-core has against each page, in both themes: ``python -m tests.bench.accessibility [PAGE ...]``.

It starts a dashboard (``--url ADDRESS`` takes another) and prints a line for each violation with the places concerned,
and at the end their number.
"""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from pages.ui.menu import PAGES
from tests.browser.chromium import find_chromium
from tests.browser.seeing import wait_for
from tests.browser.server import dashboard

ASKED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTLED = """() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
    && document.querySelector('[data-testid=stMain] :is(h1, h2, h3)')
    && !document.querySelector('.sm-waiting, .sm-running, [data-testid=stSkeleton]')"""


def find_violations(page: Page) -> list[dict[str, Any]]:
    """What axe-core has against a page as it is now."""
    import axe_playwright_python  # for its copy of axe-core

    script = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(f"() => {{ {script} }}")
    found: list[dict[str, Any]] = page.evaluate(
        "asked => axe.run(document, { runOnly: asked, resultTypes: ['violations'] }).then(r => r.violations)", ASKED
    )
    return found


def tell(violation: dict[str, Any]) -> str:
    """A violation and the first places concerned, in a line."""
    nodes = violation["nodes"]
    places = "; ".join(f"{node['target'][-1]} {_detail(node)}" for node in nodes[:3])
    return f"{violation['id']} ({violation['impact']}) × {len(nodes)}: {places}"


def _detail(node: dict[str, Any]) -> str:
    data = [check.get("data") for check in [*node["any"], *node["all"]] if isinstance(check.get("data"), dict)]
    colours = [f"{d['fgColor']} on {d['bgColor']}: {d['contrastRatio']}" for d in data if "fgColor" in d]
    return colours[0] if colours else str(node["html"])[:90]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a dashboard that runs already")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("pages", nargs="*", default=[spec.address for spec in PAGES])
    args = parser.parse_args()
    count = 0
    with nullcontext(args.url) if args.url else dashboard() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": args.width, "height": 900}, locale="en-US", color_scheme=theme
            )
            page = context.new_page()
            for address in args.pages:
                page.goto(f"{url}/{address}")
                wait_for(page, SETTLED, seconds=240)
                page.wait_for_timeout(1000)
                found = find_violations(page)
                count += len(found)
                print(f"{theme:5} {address}: {len(found)}", *map(tell, found), sep="\n    ", flush=True)
            context.close()
    print(f"{count} violations")


if __name__ == "__main__":
    main()
