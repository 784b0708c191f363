"""Our methods against five lines of OpenCV on scratches: no page of ours may lose to them.

    python -m tests.bench.five_lines [FOLDER]

Without a folder on drawn scratches; FOLDER holds ``images/`` and ``labels/`` of the same names, such as cracks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import segmethods as sm
from pages.ui.suggestion import LOOKED_AT, suggest_for
from segmethods.benchmark.class_names import count_all, use_learned
from segmethods.benchmark.evaluation import count_classes_alone
from segmethods.core.types import BINARY, GroundTruth
from segmethods.datasets.sample_refs import LoadedSample
from segmethods.reporting.suggestion import suggest_background

Pair = tuple[NDArray[np.uint8], NDArray[np.bool_]]


def five_lines(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """What a practised user of OpenCV would write in a minute."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    dark = cv2.subtract(cv2.medianBlur(grey, 31), grey)
    _, mask = cv2.threshold(dark, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    _, pieces, facts, _ = cv2.connectedComponentsWithStats(mask)
    return np.isin(pieces, np.flatnonzero(facts[1:, cv2.CC_STAT_AREA] >= 30) + 1)


BACKGROUND = {"background": "median", "background_size": 31, "invert": True}
OURS: dict[str, tuple[str, dict[str, object]]] = {
    "threshold, default": ("threshold", {}),
    "threshold, median": ("threshold", {**BACKGROUND, "min_area": 30}),
    "threshold, median, triangle": ("threshold", {**BACKGROUND, "algorithm": "triangle", "min_area": 30}),
    "threshold, median, Yen": ("threshold", {**BACKGROUND, "algorithm": "yen", "min_area": 30}),
    "threshold, top-hat": ("threshold", {**BACKGROUND, "background": "tophat", "background_size": 15, "min_area": 30}),
    "k-means, median": ("kmeans", {**BACKGROUND, "k": 2, "min_area": 30}),
    "histogram, median": ("histogram", {**BACKGROUND, "algorithm": "multi_otsu", "levels": 2, "min_area": 30}),
}


def draw_scratch(seed: int, side: int = 256) -> Pair:
    """Brushed metal in uneven light, with two or three dark scratches and some dust."""
    random = np.random.default_rng(seed)
    across, down = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
    light = 150 + 50 * random.normal() * across + 40 * random.normal() * down - 30 * (across**2 + down**2)
    brushed = cv2.blur(random.normal(0, 14, (side, side)), (15, 1)) + random.normal(0, 4, (side, side))
    truth, dust = np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8)
    for _ in range(random.integers(2, 4)):
        points = random.integers(20, side - 20, (1, 2)) + np.cumsum(random.normal(0, 26, (5, 2)), axis=0)
        cv2.polylines(truth, [points.round().astype(np.int32)], False, 1, int(random.integers(2, 5)))
    for place in random.integers(0, side, (25, 2)).tolist():
        cv2.circle(dust, place, 1, 1, -1)
    dark = cv2.GaussianBlur(np.maximum(truth, dust).astype(np.float32), (3, 3), 0) * random.uniform(35, 55)
    grey = (light + brushed - dark).clip(0, 255).astype(np.uint8)
    return np.dstack([grey] * 3), truth > 0


def read_pairs(folder: Path) -> Iterator[Pair]:
    """Images and masks of a folder; whatever isn't 0 is object."""
    masks = {path.stem: path for path in (folder / "labels").iterdir()}
    for path in sorted((folder / "images").iterdir()):
        mask = cv2.imread(str(masks[path.stem]), cv2.IMREAD_UNCHANGED)
        yield sm.load_image(path), (mask if mask.ndim == 2 else mask.max(axis=2)) > 0


def run_ours(name: str) -> Callable[[NDArray[np.uint8]], NDArray[np.bool_]]:
    """One of `OURS`; of unnamed segments the brightest, which differs most from its surroundings, is the object."""
    method, params = OURS[name]

    def run(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
        labels = sm.segment(image, method, **params).labels
        return labels == labels.max() if labels.max() else labels > 0

    return run


def follow_suggestion(method: str) -> Callable[[NDArray[np.uint8]], NDArray[np.bool_]]:
    """What a visitor gets who follows what the page suggests for this picture; the defaults where it says nothing."""

    def run(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
        found = suggest_background(image)
        try:
            labels = sm.segment(image, method, **(found.params[method] if found else {})).labels
        except sm.SegmethodsError:
            return np.zeros(image.shape[:2], bool)
        return labels == labels.max() if labels.max() else labels > 0

    return run


def pooled_iou(find: Callable[[NDArray[np.uint8]], NDArray[np.bool_]], pairs: Iterable[Pair]) -> float:
    """IoU of the object over all images."""
    both = either = 0
    for image, truth in pairs:
        found = find(image)
        both += int((found & truth).sum())
        either += int((found | truth).sum())
    return both / either


def suggest_for_all(pairs: Sequence[Pair], method: str) -> dict[str, object]:
    """What the pages suggest for a set, from its first pictures; nothing where they stay silent."""
    found = suggest_for([suggest_background(image) for image, _ in pairs[:LOOKED_AT]])
    return dict(found.params[method]) if found else {}


def ranked_iou(pairs: Sequence[Pair], method: str, params: Mapping[str, object]) -> float:
    """The object's IoU by which Benchmark and My pictures rank: a rule learned on other pictures names the segments."""
    counts = []
    for number, (image, truth) in enumerate(pairs):
        known = GroundTruth(truth.astype(np.uint8), BINARY)
        outcome = sm.compare(image, [method], {method: params})[0]
        counts.append(count_classes_alone(str(number), LoadedSample(image, known, (known.labels,)), outcome))
    named = count_all(counts, use_learned(counts, [one.alignment for one in counts]), {}, len(BINARY))
    return float(reduce(add, [one for one in named if one is not None]).iou[1])


def main() -> None:
    pairs = list(read_pairs(Path(sys.argv[1]))) if len(sys.argv) > 1 else [draw_scratch(seed) for seed in range(10)]
    print(f"IoU of the object over {len(pairs)} images")
    print(f"{'five lines of OpenCV':30} {pooled_iou(five_lines, pairs):.3f}")
    for name in OURS:
        print(f"{name:30} {pooled_iou(run_ours(name), pairs):.3f}")
    for method in ("threshold", "kmeans", "histogram"):
        print(f"{f'{method}, as suggested':30} {pooled_iou(follow_suggestion(method), pairs):.3f}")
    for method in ("threshold", "kmeans", "histogram"):
        print(
            f"{f'{method}, as suggested and ranked':30} {ranked_iou(pairs, method, suggest_for_all(pairs, method)):.3f}"
        )
    asked = sum(suggest_background(image) is not None for image, _ in pairs)
    print(f"The pages suggest it on {asked} of {len(pairs)}")


if __name__ == "__main__":
    main()
