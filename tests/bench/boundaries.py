"""How long boundary F takes where it is hardest: ``python -m tests.bench.boundaries``, or with megapixels: ``1 12``.

Maps of few large regions, of 21 classes, and of 21 classes in small patches, each against itself, shifted by 2 pixels
and by 3 diagonally, and wobbling. Both outlines are traced and paired; seconds of the processor, on one core, and the
memory that this takes at its peak beside what was there before (Linux only).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Labels
from segmethods.metrics import count_boundaries, outline
from tests.bench.methods import machine
from tests.tables import table

PEAK = Path("/proc/self/clear_refs")

LIMITS = {1.0: 2.0, 12.0: 15.0}
"""Seconds that a map of so many megapixels may take."""

KINDS = ("itself", "2 pixels off", "3 pixels off, diagonally", "wobbling")


def draw_field(side: int, sigma: float, random: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise; a wide blur is drawn small and enlarged."""
    scale = max(1, int(sigma / 4))
    small = random.normal(size=(side // scale + 8,) * 2).astype(np.float32)
    field = cv2.GaussianBlur(small, (0, 0), sigma / scale) / scale
    return np.asarray(cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)


def draw_regions(side: int, sigma: float, classes: int, random: np.random.Generator) -> Labels:
    best, labels = draw_field(side, sigma, random), np.zeros((side, side), np.uint8)
    for number in range(1, classes):
        field = draw_field(side, sigma, random)
        labels[field > best] = number
        best = np.maximum(best, field)
    return labels


def change(truth: Labels, kind: str, random: np.random.Generator) -> Labels:
    side = len(truth)
    match kind:
        case "2 pixels off":
            return np.roll(truth, 2, 1)
        case "3 pixels off, diagonally":
            return np.roll(truth, (3, 3), (0, 1))
        case "wobbling":
            rows, columns = (
                np.clip(place + 60 * draw_field(side, 12, random), 0, side - 1).astype(int)
                for place in np.ogrid[:side, :side]
            )
            return truth[rows, columns]
    return truth


def reset_peak() -> int:
    """Let the peak of this process's memory begin anew, and say what it takes now, in bytes."""
    PEAK.write_text("5")
    return read_memory("VmRSS")


def read_memory(name: str) -> int:
    """A line of what Linux says of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


def measure(megapixels: float) -> list[list[str]]:
    side, random = int((megapixels * 1e6) ** 0.5), np.random.default_rng(0)
    rows = []
    for name, sigma, classes in (
        ("6 large regions", side / 12, 6),
        ("21 classes", side / 40, 21),
        ("21 classes in small patches", 8, 21),
    ):
        truth = draw_regions(side, sigma, classes, random)
        for kind in KINDS:
            found = change(truth, kind, random)
            before = reset_peak() if PEAK.exists() else 0
            start = time.process_time()
            counts = count_boundaries(outline(found), [outline(truth)])
            seconds = time.process_time() - start
            more = f"{(read_memory('VmHWM') - before) / 1e6:.0f}" if PEAK.exists() else ""
            about = " (approximate)" if counts.approximate else ""
            size, true = f"{megapixels:g}", f"{counts.true:,}"
            rows.append([size, name, kind, true, f"{seconds:.2f}", more, f"{counts.f:.4f}{about}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("megapixels", nargs="*", type=float, default=[0.25, 1.0, 12.0])
    rows = [row for megapixels in parser.parse_args().megapixels for row in measure(megapixels)]
    limits = ", ".join(f"{seconds:g} s at {size:g} megapixels" for size, seconds in LIMITS.items())
    print(f"Boundary F, seconds of one core, limits {limits}; {machine()}.\n")
    print(table(["megapixels", "truth", "answer", "true pixels", "seconds", "MB", "F"], rows, "rllrrrr"))
    slow = [row for row in rows if float(row[4]) > LIMITS.get(float(row[0]), float("inf"))]
    print(f"\n{len(slow) or 'None'} above the limits.")


if __name__ == "__main__":
    main()
