"""Drawn parts with exact truth: rough tiles with spots and scratches, roads with cracks, boards with faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob, number_samples

KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.04),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.8),
    Knob("light", Message("Uneven light"), 0.0, 1.0, 0.2),
    Knob("clutter", Message("Rough ground"), 0.0, 1.0, 0.3),
)
SIDE = 256


def photograph(grey: NDArray[np.float32], knobs: Mapping[str, float], rng: np.random.Generator) -> Image:
    """A drawing as a camera sees it: uneven light, blur, rough ground, noise."""
    slope = np.linspace(-0.4, 0.4, grey.shape[1], dtype=np.float32) * knobs["light"]
    rough = cv2.GaussianBlur(rng.normal(0, 1, grey.shape).astype(np.float32), (0, 0), 1.5)
    lit = grey * (1 + slope[None]) + 0.25 * knobs["clutter"] * rough
    seen = cv2.GaussianBlur(lit, (0, 0), max(0.3, knobs["blur"])) + rng.normal(0, knobs["noise"], grey.shape)
    image: Image = np.repeat((np.clip(seen, 0, 1) * 255).astype(np.uint8)[:, :, None], 3, axis=2)
    return image


def draw_tile(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """A tile; two of three have a flaw."""
    rng = np.random.default_rng(seed)
    grey = np.full((SIDE, SIDE), 0.5, np.float32)
    flaw = np.zeros((SIDE, SIDE), np.uint8)
    if seed % 3 < 2:
        centre = tuple(int(v) for v in rng.integers(40, SIDE - 40, 2))
        if rng.random() < 0.5:
            axes = tuple(int(v) for v in rng.integers(6, 16, 2))
            cv2.ellipse(flaw, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1, -1)
        else:
            end = (centre[0] + int(rng.integers(-60, 60)), centre[1] + int(rng.integers(-60, 60)))
            cv2.line(flaw, centre, end, 1, 4)
        grey[flaw > 0] = rng.uniform(0.1, 0.25)
    return JobSample(name, photograph(grey, knobs, rng), flaw > 0)


def draw_crack(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """A road with a crack that wanders across it."""
    rng = np.random.default_rng(seed)
    grey = np.full((SIDE, 384), 0.55, np.float32)
    y = SIDE / 2 + np.cumsum(rng.normal(0, 4, 97))
    points = np.stack([np.linspace(0, 384, 97), np.clip(y, 5, SIDE - 5)], axis=1).round().astype(np.int32)
    crack = np.zeros(grey.shape, np.uint8)
    cv2.polylines(crack, [points], False, 1, int(rng.integers(2, 4)))
    grey[crack > 0] = 0.2
    return JobSample(name, photograph(grey, knobs, rng), crack > 0)


def draw_board(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """A board of copper lines with faults, and its template, which lies a pixel beside it."""
    rng = np.random.default_rng(seed)
    template = np.zeros((SIDE, SIDE), np.float32)
    for x in range(20, SIDE, 36):
        cv2.line(template, (x, 0), (x, SIDE), 1.0, 9)
        cv2.circle(template, (x, int(rng.integers(20, SIDE - 20))), 12, 1.0, -1)
    board, boxes = template.copy(), []
    for column in rng.choice(np.arange(20, SIDE - 20, 36), 4, replace=False):
        x, y = int(column), int(rng.integers(30, SIDE - 30))
        value = 0.0 if rng.random() < 0.5 else 1.0
        at = x if value == 0.0 else x + 18
        if value == 1.0 and template[y - 9 : y + 10, at - 3 : at + 4].any():
            continue
        cv2.rectangle(board, (at - 7, y - 6), (at + 7, y + 6), value, -1)
        boxes.append(Box(at - 15, y - 14, 30, 28))
    shift = rng.integers(-1, 2, 2)
    moved = np.roll(template, tuple(int(v) for v in shift), (0, 1))
    clean = {**knobs, "light": knobs["light"] / 2, "clutter": knobs["clutter"] / 2}
    template_image = photograph(moved * 0.9, {**clean, "noise": 0.0}, rng)
    return JobSample(name, photograph(board * 0.9, clean, rng), tuple(boxes), {"template": template_image})


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many images of each kind, each from its own seed."""
    kinds = {"tile": draw_tile, "crack": draw_crack, "pcb": draw_board}
    return {kind: number_samples(kind, make, count, seed, knobs) for kind, make in kinds.items()}
