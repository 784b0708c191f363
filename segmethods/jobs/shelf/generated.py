"""Drawn shelves with exact truth: rows of printed packs, some of them missing, under perspective, light and noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs._boxes import Box
from segmethods.jobs.frame import Case, CaseFile, Knob

SIDE = 480
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.03),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.7),
    Knob("light", Message("Uneven light"), 0.0, 1.0, 0.2),
    Knob("clutter", Message("Perspective and dark packs"), 0.0, 1.0, 0.2),
)


def draw_shelf(name: str, seed: int, knobs: Mapping[str, float]) -> Case:
    """One shelf."""
    rng = np.random.default_rng(seed)
    canvas = np.full((SIDE, SIDE, 3), (0.8, 0.8, 0.78), np.float32)
    gaps: list[Box] = []
    shelves = int(rng.integers(3, 5))
    high = SIDE // shelves
    for shelf in range(shelves):
        _draw_row(canvas, shelf * high, high - 14, gaps, knobs, rng)
    corners = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float32)
    moved = corners + rng.uniform(-0.12, 0.12, (4, 2)).astype(np.float32) * SIDE * knobs["clutter"]
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    canvas = cv2.warpPerspective(canvas, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    slope = np.linspace(1 - 0.4 * knobs["light"], 1 + 0.4 * knobs["light"], SIDE, dtype=np.float32)
    seen = cv2.GaussianBlur(canvas * slope[None, :, None], (0, 0), max(0.3, knobs["blur"]))
    seen = seen + rng.normal(0, knobs["noise"], seen.shape)
    image: Image = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
    return Case(name, image, tuple(_moved(box, np.asarray(matrix, np.float32)) for box in gaps))


def _draw_row(
    canvas: NDArray[np.float32],
    top: int,
    high: int,
    gaps: list[Box],
    knobs: Mapping[str, float],
    rng: np.random.Generator,
) -> None:
    """One shelf's packs, and the depth of the shelf where there is none."""
    canvas[top : top + high] = (0.12, 0.12, 0.13)
    x, since = 0, 1
    while x < SIDE:
        wide = int(rng.integers(34, 62))
        right = min(SIDE, x + wide)
        if rng.random() < 0.14 and since > 0 and right - x > 24:
            gaps.append(Box(x, top, right - x, high))
            since = 0
        else:
            since += 1
            _draw_pack(canvas, x, right - 1, top + int(rng.integers(4, 14)), top + high, knobs, rng)
        x = right
    canvas[top + high : top + high + 14] = (0.85, 0.85, 0.82)


def _draw_pack(
    canvas: NDArray[np.float32],
    x0: int,
    x1: int,
    y0: int,
    y1: int,
    knobs: Mapping[str, float],
    rng: np.random.Generator,
) -> None:
    """A pack with a label and print."""
    dark = rng.random() < 0.3 * knobs["clutter"]
    canvas[y0:y1, x0:x1] = rng.uniform(0.1, 0.25, 3) if dark else rng.uniform(0.3, 0.95, 3)
    for _ in range(16):
        y = int(rng.integers(y0 + 4, max(y0 + 5, y1 - 6)))
        left = int(rng.integers(x0 + 2, max(x0 + 3, x1 - 8)))
        canvas[y : y + int(rng.integers(2, 5)), left : min(x1 - 2, left + int(rng.integers(5, 18)))] = rng.uniform(
            0, 1, 3
        )


def _moved(box: Box, matrix: NDArray[np.floating]) -> Box:
    """The upright box around a box seen in perspective, cut at the image's edge."""
    corners = np.array(
        [[[box.x, box.y], [box.x + box.w, box.y], [box.x + box.w, box.y + box.h], [box.x, box.y + box.h]]], np.float32
    )
    points = np.clip(cv2.perspectiveTransform(corners, matrix)[0], 0, SIDE)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return Box(float(x0), float(y0), float(x1 - x0), float(y1 - y0))


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[CaseFile]]:
    """So many shelves, each from its own seed."""
    return {
        "all": [
            CaseFile(f"shelf-{i + 1:03}", partial(draw_shelf, f"shelf-{i + 1:03}", seed * 10_007 + i, knobs))
            for i in range(count)
        ]
    }
