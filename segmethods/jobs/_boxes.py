"""Boxes: how they are compared, matched and drawn."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.frame import Counts


def box_iou(a: Box, b: Box) -> float:
    """Shared over joint area.

    Examples
    --------
    >>> box_iou(Box(0, 0, 2, 1), Box(1, 0, 2, 1))
    0.3333333333333333
    """
    wide = max(0.0, min(a.x + a.w, b.x + b.w) - max(a.x, b.x))
    high = max(0.0, min(a.y + a.h, b.y + b.h) - max(a.y, b.y))
    shared = wide * high
    joint = a.w * a.h + b.w * b.h - shared
    return shared / joint if joint > 0 else 0.0


def match_boxes(truth: Sequence[Box], found: Sequence[Box], least: float) -> Counts:
    """Right finds, false finds and misses; each true box is matched once, the surest find first.

    Examples
    --------
    >>> match_boxes([Box(0, 0, 4, 4)], [Box(0, 0, 4, 4), Box(1, 0, 4, 4)], 0.5)
    {'tp': 1, 'fp': 1, 'fn': 0}
    """
    left = list(truth)
    hits = 0
    for box in sorted(found, key=lambda b: -b.score):
        best = max(left, key=lambda t: box_iou(t, box), default=None)
        if best is not None and box_iou(best, box) >= least:
            left.remove(best)
            hits += 1
    return {"tp": hits, "fp": len(found) - hits, "fn": len(left)}


def f1(tp: float, fp: float, fn: float) -> float:
    """2 TP / (2 TP + FP + FN), NaN where there is nothing to find and nothing was found."""
    return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else float("nan")


def draw_boxes(image: Image, boxes: Sequence[Box], colour: tuple[int, int, int], thick: int = 2) -> Image:
    """An image with boxes on it."""
    drawn = np.array(image)
    for box in boxes:
        first, second = (round(box.x), round(box.y)), (round(box.x + box.w), round(box.y + box.h))
        cv2.rectangle(drawn, first, second, colour, thick)
    return drawn
