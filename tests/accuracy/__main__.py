"""How good the networks are on pictures that they haven't learned from: ``make accuracy DATA=DIR``.

DIR holds ``voc/val`` and ``camvid/val``, each with ``images/`` and ``labels/``. Every network and the ensemble answer
every picture as `segmethods.segment` does, at their defaults but for Patch-CNN, which takes its dense pass. This takes
minutes, so it is no part of ``make test``; the table in README.md is its output.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

import segmethods as sm
from segmethods.metrics import Confusion, count_classes, tabulate
from segmethods.models.weights import Weights, embedded, fetchable
from segmethods.models.weights.records import VOCABULARIES
from segmethods.training.data import Example, read_folder
from segmethods.training.validation import count_nothing
from tests.bench.methods import machine
from tests.tables import table

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("patch_cnn", "fcn", "segnet", "deeplab", "ensemble")
FAMILIES = ("camvid", "voc")
HEAD = ("weights", "SHA-256", "classes", "parameters", "file", "mean IoU", "pixels right", "ms", "measured on")


def measure(method: str, variant: str, examples: list[Example]) -> tuple[Confusion, float]:
    """The counts of all pictures together, and the median of a picture's seconds on all cores, at its own size."""
    counts, seconds = count_nothing(len(VOCABULARIES[variant])), []
    for example in tqdm(examples, desc=f"{method}-{variant}", disable=None):
        result = sm.segment(example.image, method, weights=variant)
        counts += count_classes(tabulate(example.labels, result.labels), len(result.classes))
        seconds.append(result.timings.total)
    return counts, statistics.median(seconds)


def rows(data: Path, most: int | None) -> Iterator[tuple[str, ...]]:
    """What was measured here, variant by variant and best first, then what others published."""
    for variant in FAMILIES:
        examples = read_folder(data / variant / "val", None)[:most]
        measured = {method: measure(method, variant, examples) for method in METHODS}
        for method, (counts, seconds) in sorted(measured.items(), key=lambda pair: -pair[1][0].mean_iou):
            found = (counts.mean_iou, counts.pixel_accuracy, f"{1000 * seconds:.0f}")
            yield row(
                embedded().get(f"{method}-{variant}"),
                f"{method}-{variant}",
                *found,
                f"{variant}/val, {len(examples)} pictures",
            )
    for weights in sorted(fetchable().values(), key=lambda w: -w.score.mean):
        yield row(weights, weights.name, weights.score.mean, weights.score.pixels, "", weights.score.on)


def row(weights: Weights | None, name: str, mean_iou: float, pixels: float, ms: str, on: str) -> tuple[str, ...]:
    """One line of the table; the ensemble has no weights of its own."""
    measured = (f"{mean_iou:.1%}", f"{pixels:.1%}", ms, on)
    if weights is None:
        return (f"`{name}`", "", "", "", "", *measured)
    size = (f"{weights.parameters / 1e6:.1f} million", f"{weights.bytes / 1e6:.0f} MB")
    return (f"`{name}`", f"`{weights.sha256[:8]}`", str(len(weights.classes)), *size, *measured)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--data", default=os.environ.get("DATA"), help="the labelled pictures (default: $DATA)")
    parser.add_argument("--most", type=int, help="look at so many pictures of each variant only, for a quick try")
    args = parser.parse_args()
    data = ROOT / args.data if args.data else None
    if data is None or not all((data / variant / "val" / "images").is_dir() for variant in FAMILIES):
        print("Name a folder that holds voc/val and camvid/val: make accuracy DATA=DIR", file=sys.stderr)
        return 2
    lines = table(HEAD, list(rows(data, args.most)), "llrrrrrrl")
    print(f"Mean IoU over classes, {datetime.date.today():%Y-%m-%d}, {machine()}.\n\n{lines}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
