"""Drawn shelves with exact truth: rows of printed packs, some of them missing, under perspective, light and noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob, number_samples

SIDE = 480
PRODUCTS, WRONG, GAPS = 8, 0.1, 0.06
"""Kinds of packs on a planned shelf, and the shares of its facings that hold a wrong one or nothing."""
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.03),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.7),
    Knob("light", Message("Uneven light"), 0.0, 1.0, 0.2),
    Knob("clutter", Message("Perspective and dark packs"), 0.0, 1.0, 0.2),
)


def draw_shelf(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """One shelf."""
    rng = np.random.default_rng(seed)
    canvas = np.full((SIDE, SIDE, 3), (0.8, 0.8, 0.78), np.float32)
    gaps: list[Box] = []
    shelves = int(rng.integers(3, 5))
    high = SIDE // shelves
    for shelf in range(shelves):
        _draw_row(canvas, shelf * high, high - 14, gaps, knobs, rng)
    image, matrix = photograph(canvas, knobs, rng)
    return JobSample(name, image, tuple(move_box(box, matrix, canvas.shape) for box in gaps))


def photograph(
    canvas: NDArray[np.float32], knobs: Mapping[str, float], rng: np.random.Generator
) -> tuple[Image, NDArray[np.float64]]:
    """A shelf seen from aside, in uneven light, and how its points moved."""
    corners = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float32)
    moved = corners + rng.uniform(-0.12, 0.12, (4, 2)).astype(np.float32) * SIDE * knobs["clutter"]
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    canvas = cv2.warpPerspective(canvas, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    slope = np.linspace(1 - 0.4 * knobs["light"], 1 + 0.4 * knobs["light"], SIDE, dtype=np.float32)
    seen = cv2.GaussianBlur(canvas * slope[None, :, None], (0, 0), max(0.3, knobs["blur"]))
    seen = seen + rng.normal(0, knobs["noise"], seen.shape)
    image: Image = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
    return image, np.asarray(matrix, np.float64)


def draw_planned(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """A shelf and its plan: the same packs in the same places, but for a few wrong ones and a few gaps."""
    rng = np.random.default_rng(seed)
    plan, shelf = (np.full((SIDE, SIDE, 3), (0.8, 0.8, 0.78), np.float32) for _ in range(2))
    facings: list[Box] = []
    wrong: list[Box] = []
    shelves = int(rng.integers(3, 5))
    high = SIDE // shelves - 14
    for top in range(0, shelves * (SIDE // shelves), SIDE // shelves):
        for canvas in (plan, shelf):
            canvas[top : top + high] = (0.12, 0.12, 0.13)
            canvas[top + high : top + high + 14] = (0.85, 0.85, 0.82)
        x = 0
        while SIDE - x > 40:
            product, wide = int(rng.integers(PRODUCTS)), int(rng.integers(40, 58))
            wide = wide if SIDE - x - wide > 40 else SIDE - x
            facings.append(Box(x, top, wide, high))
            chance, other = rng.random(), (product + int(rng.integers(1, PRODUCTS))) % PRODUCTS
            _draw_product(plan, facings[-1], seed, product)
            if chance < WRONG:
                wrong.append(facings[-1])
            if chance < 1 - GAPS:
                _draw_product(shelf, facings[-1], seed, other if chance < WRONG else product)
            x += wide
    image, matrix = photograph(shelf, knobs, rng)
    extra = {"plan": (255 * plan).astype(np.uint8), "facings": tuple(facings)}
    return JobSample(name, image, tuple(move_box(box, matrix, shelf.shape) for box in wrong), extra)


def _draw_product(canvas: NDArray[np.float32], box: Box, seed: int, product: int) -> None:
    """A pack that looks the same wherever it stands."""
    x0, y0, x1, y1 = (round(v) for v in (box.x, box.y + 8, box.x + box.w - 1, box.y + box.h))
    _draw_pack(canvas, x0, x1, y0, y1, {"clutter": 0.0}, np.random.default_rng([seed, product, round(box.w)]))


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


def move_box(box: Box, matrix: NDArray[np.floating], shape: Sequence[int]) -> Box:
    """The upright box around a box seen in perspective, cut at the image's edge."""
    corners = [[box.x, box.y], [box.x + box.w, box.y], [box.x + box.w, box.y + box.h], [box.x, box.y + box.h]]
    points = cv2.perspectiveTransform(np.array([corners], np.float32), matrix)[0]
    points = np.clip(points, 0, [shape[1], shape[0]])
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return Box(float(x0), float(y0), float(x1 - x0), float(y1 - y0))


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many shelves, each from its own seed."""
    return {
        "all": number_samples("shelf", draw_shelf, count, seed, knobs),
        "planogram": number_samples("plan", draw_planned, count, seed, knobs),
    }
