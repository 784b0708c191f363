"""From ten loose photos to the report, as three people go: seconds and clicks of each step, in a real browser.

    python -m tests.bench.decision [--engineer FOLDER] [--laboratory FOLDER] [--planner FOLDER] [--shots FOLDER]

The engineer has photos of parts and drew what is wrong with them, the head of a laboratory has cells and their masks,
and the city planner has streets and no truth. All nine methods look at all pictures. Each FOLDER holds ``images/`` and,
but for the planner's, ``labels/`` of the same names, of which the first ten are taken; without it they are drawn.
"""

from __future__ import annotations

import argparse
import datetime
import io
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, sync_playwright

import segmethods as sm
from segmethods.core.settings import settings
from tests.bench.five_lines import draw_scratch
from tests.bench.methods import machine
from tests.browser.chromium import find_chromium
from tests.browser.seeing import wait_for
from tests.browser.server import dashboard
from tests.tables import table

COUNT = 10
REST = "() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')"
THERE = f"() => ({REST})() && document.querySelector('.st-key-pictures-takeaway')"
Picture = tuple[NDArray[np.uint8], NDArray[np.bool_] | None]


@dataclass
class Person:
    """Somebody with ten photos, and how far they are."""

    name: str
    pictures: list[Path]
    knowledge: str = ""
    """What the networks should know, if it is not everyday things."""
    clicks: int = 0
    steps: list[tuple[str, float, int]] = field(default_factory=list)
    """What was done, the seconds since the last step, and the clicks so far."""

    def step(self, name: str, act: Callable[[], object], clicks: int, then: Callable[[], object]) -> None:
        begun = time.monotonic()
        act()
        self.clicks += clicks
        then()
        self.steps.append((name, time.monotonic() - begun, self.clicks))


def draw_cells(seed: int, side: int = 256) -> Picture:
    """Bright round cells on a dark ground that is lit from one side."""
    random = np.random.default_rng(seed)
    truth = np.zeros((side, side), np.uint8)
    for place in random.integers(10, side - 10, (30, 2)).tolist():
        cv2.ellipse(truth, (place, random.integers(12, 26, 2).tolist(), int(random.integers(180))), 1, -1)
    light = np.linspace(20, 50, side)[None] + random.normal(0, 5, (side, side))
    grey = light + cv2.GaussianBlur(truth.astype(np.float32), (5, 5), 0) * random.uniform(50, 110)
    return np.dstack([grey.clip(0, 255).astype(np.uint8)] * 3), truth > 0


def cut_street(seed: int) -> Picture:
    """A part of the sample's street, as if somebody had walked on."""
    street = sm.load_image(settings().assets_dir / "samples" / "street.png")
    width = street.shape[1]
    left = seed * width // 40
    return np.ascontiguousarray(street[:, left : left + width * 3 // 4]), None


def write_drawn(draw: Callable[[int], Picture], folder: Path) -> list[Path]:
    files = []
    for seed in range(COUNT):
        image, truth = draw(seed)
        files.append(folder / f"photo-{seed:02}.png")
        Image.fromarray(image).save(files[-1])
        if truth is not None:
            files.append(folder / f"photo-{seed:02}_mask.png")
            Image.fromarray(truth.astype(np.uint8) * 255).save(files[-1])
    return files


def copy_loose(source: Path, folder: Path, with_truth: bool) -> list[Path]:
    """The first photos of a folder and their masks as loose files, as people have them."""
    labels = {path.stem: path for path in (source / "labels").glob("*")} if with_truth else {}
    files = []
    for path in sorted((source / "images").iterdir())[:COUNT]:
        files.append(folder / path.name)
        files[-1].write_bytes(path.read_bytes())
        if mask := labels.get(path.stem):
            files.append(folder / f"{path.stem}_mask{mask.suffix}")
            files[-1].write_bytes(mask.read_bytes())
    return files


def go(page: Page, url: str, person: Person, shots: Path | None) -> tuple[str, str, str]:
    """From loose photos to the report; the verdict at first, after what the page advises, and the report's size."""
    page.goto(f"{url}/pictures?lang=en")
    wait_for(page, REST)
    rest = lambda: wait_for(page, THERE, seconds=600)  # noqa: E731
    press = lambda place: page.locator(place).first.click  # noqa: E731
    preset = ".st-key-preset-all button"
    person.step("all methods", press(preset), 1, lambda: wait_for(page, REST))
    if person.knowledge:
        know = page.locator(".st-key-knowledge button", has_text=person.knowledge)
        person.step(f"networks know: {person.knowledge}", know.click, 1, lambda: wait_for(page, REST))
    upload = page.locator(".st-key-pictures-files input[type=file]")
    person.step("ten photos", lambda: upload.set_input_files(person.pictures), 1, rest)
    verdict = better = page.locator("h1").first.inner_text()
    _shoot(page, person, "verdict", shots)
    if page.locator(".st-key-suggestion-follow").count():
        gone = ".st-key-suggestion-undo"
        then = lambda: (page.wait_for_selector(gone, timeout=600_000), rest())  # noqa: E731
        person.step("remove the background", press(".st-key-suggestion-follow button"), 1, then)
        better = page.locator("h1").first.inner_text()
        _shoot(page, person, "advised", shots)
    got = io.BytesIO()

    def take() -> None:
        with page.expect_download(timeout=600_000) as download:
            page.locator(".st-key-pictures-report button").click()
        got.write(download.value.path().read_bytes())

    person.step("report", take, 1, lambda: None)
    report = got.getvalue().decode()
    assert f"{COUNT} pictures" in report
    return verdict, better, f"{len(got.getvalue()) / 1e6:.1f} MB"


def _shoot(page: Page, person: Person, name: str, shots: Path | None) -> None:
    if shots is not None:
        page.wait_for_timeout(1000)
        page.screenshot(path=shots / f"{person.name}-{name}.png", full_page=True)


def people(args: argparse.Namespace, folder: Path) -> Sequence[Person]:
    """The three, with their files."""
    found = []
    drawn: dict[str, Callable[[int], Picture]] = {
        "engineer": draw_scratch,
        "laboratory": draw_cells,
        "planner": cut_street,
    }
    for name, draw in drawn.items():
        own = folder / name
        own.mkdir()
        source = getattr(args, name)
        files = copy_loose(source, own, name != "planner") if source else write_drawn(draw, own)
        found.append(Person(name, files, "Streets" if name == "planner" else ""))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("engineer", "laboratory", "planner", "shots"):
        parser.add_argument(f"--{name}", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    print(f"{datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    with tempfile.TemporaryDirectory() as folder, dashboard() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for person in people(args, Path(folder)):
            page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
            page.set_default_timeout(120_000)
            verdict, better, size = go(page, url, person, args.shots)
            rows = [[name, f"{seconds:.1f}", str(clicks)] for name, seconds, clicks in person.steps]
            rows.append(["all", f"{sum(s for _, s, _ in person.steps):.1f}", str(person.clicks)])
            print(f"\n{person.name}: {len(person.pictures)} files, report of {size}")
            print(table([person.name, "seconds", "clicks"], rows, "lrr"))
            print(f"First: {verdict}" + (f"\nThen: {better}" if better != verdict else ""), flush=True)
            page.close()


if __name__ == "__main__":
    main()
