"""A class at work on Compare: ``make load``, or ``python -m tests.bench.load --sessions 30 100``.

Every session uploads a photo of its own, has all nine methods run, and moves k of k-means six times, pausing for some
five seconds between steps; they arrive within ten seconds. Server, workers and all sessions share this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import io
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import psutil
from PIL import Image
from skimage import data, transform

from tests.bench.methods import machine
from tests.bench.visitor import Visitor
from tests.browser.server import dashboard
from tests.tables import table

THINK = 5.0
"""Seconds between two steps of a session, on average."""

MOVES = 6
LIMIT = 600
"""Seconds that a class may take."""


@dataclass
class Class:
    """What a class measured: seconds of each kind of step, what went wrong, and bytes of memory."""

    opened: list[float] = field(default_factory=list)
    compared: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    peak: int = 0
    after: int = 0


def draw_image(number: int) -> bytes:
    """A photo of 0.2 megapixels that no other session has: a turned part of one of scikit-image's, as JPEG."""
    rng = np.random.default_rng(number)
    source = (data.astronaut, data.chelsea, data.coffee, data.rocket)[number % 4]()
    turned = transform.rotate(source, float(rng.uniform(-12, 12)), mode="reflect", preserve_range=True)
    small = transform.resize(turned, (384, 512), preserve_range=True).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).save(file, "JPEG", quality=88)
    return file.getvalue()


async def visit(url: str, number: int, found: Class) -> None:
    """One session, from its first page to its last move."""
    rng = random.Random(number)
    await asyncio.sleep(rng.uniform(0, 2 * THINK))
    try:
        async with Visitor(url) as visitor:
            found.opened.append(await visitor.run())
            visitor.choose("Picture from", "My files")
            await visitor.run()
            await asyncio.sleep(rng.uniform(0, THINK))
            await visitor.upload("Pictures", f"photo {number}.jpg", draw_image(number))
            found.compared.append(await visitor.run())
            visitor.open("K-means")
            await visitor.run()
            for move in range(MOVES):
                await asyncio.sleep(rng.uniform(THINK / 2, 1.5 * THINK))
                label = next(label for label in visitor.widgets if label.startswith("Colour groups"))
                visitor.slide(label, 2 + (number * 3 + move * 5) % 11)
                found.moved.append(await visitor.run())
            found.errors += visitor.problems
    except Exception as error:  # noqa: BLE001 - whatever ends a session counts as an error
        found.errors.append(f"session {number}: {type(error).__name__}: {error}")


def memory(of: psutil.Process) -> int:
    """Bytes that a process and its children hold."""
    held = 0
    for one in (of, *of.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            held += one.memory_info().rss
    return held


async def hold_class(url: str, server: psutil.Process, sessions: int, first: int) -> Class:
    """A class of so many sessions, whose photos are numbered from `first`."""
    found = Class()

    async def watch() -> None:
        while True:
            found.peak = max(found.peak, memory(server))
            await asyncio.sleep(1)

    watching = asyncio.create_task(watch())
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*(visit(url, first + number, found) for number in range(sessions)))
    watching.cancel()
    found.after = memory(server)
    return found


def rows(name: str, found: Class) -> Iterator[tuple[str, ...]]:
    """The lines of the table for one class."""

    def times(seconds: list[float]) -> str:
        return f"{np.percentile(seconds, 50):.2f} / {np.percentile(seconds, 95):.2f}" if seconds else "–"

    yield (
        name,
        times(found.moved),
        times(found.compared),
        str(len(found.errors)),
        f"{found.peak / 1e9:.1f}",
        f"{found.after / 1e9:.1f}",
    )


def main() -> None:
    """Start a dashboard, send the classes in one after the other, and print the table of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[30, 30, 100])
    args = parser.parse_args()
    lines: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["SEGMETHODS_HOME"] = home
        with dashboard() as url:
            server = psutil.Process().children()[-1]
            asyncio.run(warm(url))
            for number, sessions in enumerate(args.sessions):
                begun = time.monotonic()
                found = asyncio.run(hold_class(url, server, min(sessions, 100), 1000 * number))
                lines += rows(f"{sessions} more" if number else f"{sessions}", found)
                told = f"{' | '.join(lines[-1])}: {time.monotonic() - begun:.0f} s, {found.errors[:3]}"
                print(told, file=sys.stderr, flush=True)
    print(f"{datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    head = ("sessions", "k moved, s (p50 / p95)", "nine methods, s (p50 / p95)", "errors", "peak, GB", "after, GB")
    print(table(head, lines, "lrrrrr"))


async def warm(url: str) -> None:
    """One session alone, so that the workers have loaded what they need."""
    await visit(url, 9999, Class())


if __name__ == "__main__":
    main()
