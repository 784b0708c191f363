"""Time the methods on this machine: ``make bench``, or ``python -m tests.bench.methods --runs 9 --methods kmeans``.

Runs are interleaved: every method once, then every method again, so that a busy moment of the machine hits all alike.
A first run of each, which loads weights and compiles, is not counted.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import numpy as np
from skimage import data

import segmethods as sm
from tests.tables import table as markdown


def measure(image: np.ndarray, methods: Iterable[str], runs: int) -> dict[str, list[sm.Timings]]:
    """Method -> the timings of its runs; a method that can't run is left out and named on the terminal."""
    able = [m for m in methods if not _fails(image, m)]
    times: dict[str, list[sm.Timings]] = {m: [] for m in able}
    for _ in range(runs):
        for m in able:
            times[m].append(sm.segment(image, m).timings)
    return times


def table(times: dict[str, list[sm.Timings]]) -> str:
    """A Markdown table of medians in milliseconds, fastest first."""
    rows = []
    for m, runs in sorted(times.items(), key=lambda item: median(t.total for t in item[1])):
        medians = [median(getattr(t, part) for t in runs) for part in ("prepare", "infer", "finish", "total")]
        rows.append([sm.get_method(m).title, *(f"{1000 * s:.1f}" for s in (*medians, max(t.total for t in runs)))])
    return markdown(["method", "prepare", "infer", "finish", "total", "slowest"], rows, "lrrrrr")


def machine() -> str:
    """The processor's name and how many of its cores this process may use."""
    info = Path("/proc/cpuinfo")
    names = (
        [x.split(":", 1)[1].strip() for x in info.read_text().splitlines() if x.startswith("model name")]
        if info.exists()
        else []
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{names[0] if names else platform.processor() or platform.machine()}, {cores} cores"


def _fails(image: np.ndarray, method: str) -> bool:
    outcome = sm.compare(image, [method])[0]
    if isinstance(outcome, sm.Failure):
        print(f"{method} is left out: {outcome.message}")
    return isinstance(outcome, sm.Failure)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.methods", description="Time the methods.")
    parser.add_argument("--methods", help="ids, separated by commas; all if left out")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--image", type=Path, help="a picture; scikit-image's cat (451 x 300) if left out")
    chosen = parser.parse_args()
    image = sm.load_image(chosen.image) if chosen.image else data.chelsea()
    methods = chosen.methods.split(",") if chosen.methods else [m.id for m in sm.list_methods()]
    times = measure(image, methods, chosen.runs)
    height, width = image.shape[:2]
    print(f"Milliseconds, median of {chosen.runs} interleaved runs, {width} x {height} pixels.")
    print(f"{datetime.date.today():%Y-%m-%d}, {machine()}, Python {platform.python_version()}.\n")
    print(table(times))


if __name__ == "__main__":
    main()
