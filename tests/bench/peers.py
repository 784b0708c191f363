"""Our classical methods against what a user would write with scikit-image and scikit-learn: ``make bench``.

``python -m tests.bench.peers --json bench.json`` also writes the figures down. Runs are interleaved, each side once and
then again, on one thread, whose own time is taken, so that others on the machine count little. A first run of each is
not counted.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from scipy import ndimage
from skimage import color, data, feature, filters, segmentation
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

import segmethods as sm
from segmethods.methods.kmeans import POSITION_SCALE
from tests.bench.methods import machine
from tests.tables import table

SIZE = 1152, 868
"""Width and height of the photo, a megapixel."""


def make_image() -> np.ndarray:
    """scikit-image's astronaut, enlarged, with a camera's noise."""
    large = cv2.resize(data.astronaut(), SIZE, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 3, large.shape)
    return np.clip(large + noise, 0, 255).astype(np.uint8)


def points(image: np.ndarray, position: float) -> np.ndarray:
    """L*a*b* of every pixel, and its place if that counts."""
    height, width = image.shape[:2]
    lab = color.rgb2lab(image).reshape(-1, 3) / 100
    if not position:
        return lab.astype(np.float32)
    places = np.indices((height, width)).reshape(2, -1).T * POSITION_SCALE * position / max(height, width)
    return np.concatenate([lab, places], axis=1).astype(np.float32)


def their_kmeans(image: np.ndarray, position: float = 0) -> np.ndarray:
    return KMeans(5, n_init=1, random_state=0).fit_predict(points(image, position)).reshape(image.shape[:2])


def their_regions(image: np.ndarray) -> np.ndarray:
    grey = color.rgb2gray(image)
    lines = feature.canny(grey, 1.5)
    seeds, _ = ndimage.label(ndimage.distance_transform_edt(~lines) > 3)
    return segmentation.watershed(grey, seeds)


def _grey(image: np.ndarray) -> np.ndarray:
    return (color.rgb2gray(image) * 255).astype(np.uint8)


def their_threshold(level: Callable[[np.ndarray], np.ndarray], image: np.ndarray) -> np.ndarray:
    grey = _grey(image)
    return grey > level(grey)


def their_groups(image: np.ndarray) -> np.ndarray:
    grey = _grey(image)
    return np.digitize(grey, filters.threshold_multiotsu(grey, 3))


PAIRS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str, dict[str, object]]] = {
    "k-means, L*a*b*, k = 5": (their_kmeans, "kmeans", {"k": 5}),
    "k-means with position": (partial(their_kmeans, position=0.3), "kmeans", {"k": 5, "position": 0.3}),
    "Sauvola": (
        partial(their_threshold, partial(filters.threshold_sauvola, window_size=51, k=0.2)),
        "threshold",
        {"algorithm": "sauvola"},
    ),
    "minimum": (partial(their_threshold, filters.threshold_minimum), "threshold", {"algorithm": "minimum"}),
    "adaptive Gaussian": (
        partial(their_threshold, partial(filters.threshold_local, block_size=51, method="gaussian", offset=5)),
        "threshold",
        {"algorithm": "adaptive_gaussian"},
    ),
    "multi-Otsu, 3 groups": (their_groups, "histogram", {"algorithm": "multi_otsu", "levels": 3}),
    "Canny with regions": (their_regions, "edges", {}),
}
"""Name -> what a user would write, and our method with its parameters."""


def measure(image: np.ndarray, runs: int) -> dict[str, tuple[float, float]]:
    """Name -> median seconds of theirs and of ours."""
    found = {}
    for name, (theirs, method, params) in PAIRS.items():
        sides = (partial(theirs, image), partial(sm.segment, image, method, **params))
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(runs + 1):
            for side, spent in zip(sides, times, strict=True):
                began = time.process_time()
                side()
                if number:
                    spent.append(time.process_time() - began)
        found[name] = median(times[0]), median(times[1])
    return found


def inertia_ratio(image: np.ndarray, position: float) -> float:
    """Our mean squared distance to the groups' means, as a share of scikit-learn's."""
    values = points(image, position).astype(np.float64)
    ours = sm.segment(image, "kmeans", k=5, position=position).labels
    spread = [
        sum(((values[labels == label] - values[labels == label].mean(axis=0)) ** 2).sum() for label in range(5))
        for labels in (ours.ravel(), their_kmeans(image, position).ravel())
    ]
    return float(spread[0] / spread[1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where the figures are written, too")
    chosen = parser.parse_args()
    image = make_image()
    cv2.setNumThreads(1)
    with threadpool_limits(1):
        found = measure(image, chosen.runs)
        ratios = {name: inertia_ratio(image, p) for name, p in zip(list(PAIRS)[:2], (0, 0.3), strict=True)}
    rows = [[name, f"{1000 * a:.0f}", f"{1000 * b:.1f}", f"{a / b:.1f}×"] for name, (a, b) in found.items()]
    print(f"Milliseconds of one thread, median of {chosen.runs} interleaved runs, {SIZE[0]} x {SIZE[1]} pixels.")
    print(f"{datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    print(table(["", "a user's", "ours", "faster"], rows, "lrrr"))
    print("\nInertia against scikit-learn's: " + ", ".join(f"{n} {100 * (r - 1):+.2f} %" for n, r in ratios.items()))
    if chosen.json:
        told = {name: {"theirs": a, "ours": b, "faster": a / b} for name, (a, b) in found.items()}
        chosen.json.write_text(json.dumps({"machine": machine(), "seconds": told, "inertia": ratios}, indent=1) + "\n")


if __name__ == "__main__":
    main()
