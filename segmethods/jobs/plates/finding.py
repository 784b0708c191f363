"""Plates by what they look like: dark signs on a bright ground side by side, or many upright edges in a row."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs._boxes import box_iou
from segmethods.jobs._masks import grey_image, to_grey
from segmethods.jobs.frame import Step

Mask = NDArray[np.bool_]
WIDTH = 640
"""Width, in pixels, at which plates are looked for."""
MOST = 5


def shrink(image: Image) -> tuple[NDArray[np.uint8], float]:
    """An image in grey, `WIDTH` pixels wide at most, and by what it was scaled."""
    scale = min(1.0, WIDTH / image.shape[1])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(to_grey(image), size, interpolation=cv2.INTER_AREA), np.uint8), scale


def find_by_black_hat(image: Image) -> tuple[list[Box], tuple[Step, ...]]:
    """Black-hat shows what is dark and narrow, top-hat what is bright and narrow; closing joins signs to a bar."""
    grey, scale = shrink(image)
    wide = cv2.getStructuringElement(cv2.MORPH_RECT, (13, 5))
    hats = [np.asarray(cv2.morphologyEx(grey, way, wide), np.uint8) for way in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT)]
    bars = [_bar_mask(hat) for hat in hats]
    boxes = [box for bar in bars for box in _bars(bar, grey, scale)]
    steps = (
        Step(Message("Dark and narrow: black-hat"), grey_image(hats[0])),
        Step(Message("Signs joined by closing"), grey_image(bars[0])),
    )
    return best_boxes(boxes), steps


def find_by_edges(image: Image) -> tuple[list[Box], tuple[Step, ...]]:
    """Signs have many upright edges; where these are dense and even, a plate may be."""
    grey, scale = shrink(image)
    edges = np.abs(cv2.Sobel(cv2.GaussianBlur(grey, (3, 3), 0), cv2.CV_32F, 1, 0))
    flat = np.abs(cv2.Sobel(cv2.GaussianBlur(grey, (3, 3), 0), cv2.CV_32F, 0, 1))
    dense = cv2.GaussianBlur(np.maximum(edges - 0.6 * flat, 0), (0, 0), sigmaX=7, sigmaY=2)
    bar = _bar_mask(np.clip(dense * (255 / max(float(dense.max()), 1e-6)), 0, 255).astype(np.uint8))
    steps = (
        Step(Message("Upright edges"), grey_image(edges)),
        Step(Message("Where they are dense"), grey_image(dense)),
    )
    return best_boxes(_bars(bar, grey, scale)), steps


def _bar_mask(strong: NDArray[np.uint8]) -> NDArray[np.uint8]:
    _, mask = cv2.threshold(strong, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (17, 3)))
    opened = cv2.morphologyEx(joined, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (15, 5)))
    return np.asarray(opened, np.uint8)


def _bars(mask: NDArray[np.uint8], grey: NDArray[np.uint8], scale: float) -> list[Box]:
    """Pieces of a mask that have a plate's proportions, each with a score: how many upright edges it holds."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    edges = np.abs(np.diff(grey.astype(np.float32), axis=1))
    found = []
    for x, y, w, h, area in stats[1:count]:
        if w < 24 or h < 8 or not 1.8 <= w / h <= 8 or area < 0.55 * w * h or w > 0.7 * grey.shape[1]:
            continue
        inside = edges[y : y + h, x : x + w]
        grow = 0.12 * h
        box = Box((x - grow) / scale, (y - grow) / scale, (w + 2 * grow) / scale, (h + 2 * grow) / scale)
        found.append(Box(box.x, box.y, box.w, box.h, float((inside > 24).mean())))
    return found


def best_boxes(boxes: list[Box]) -> list[Box]:
    """The surest boxes, none over another."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: -b.score):
        if all(box_iou(box, other) < 0.2 for other in kept):
            kept.append(box)
    return kept[:MOST]


FINDERS: dict[str, Callable[[Image], tuple[list[Box], tuple[Step, ...]]]] = {
    "black_hat": find_by_black_hat,
    "edges": find_by_edges,
}
