"""Drawn cities with exact truth: a grid of streets, blocks of roofs, parks and squares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob, number_samples

SIDE = 320
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.04),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.7),
    Knob("light", Message("Haze"), 0.0, 1.0, 0.2),
    Knob("clutter", Message("Trees and cars"), 0.0, 1.0, 0.3),
)


def draw_city(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """One part of a city."""
    rng = np.random.default_rng(seed)
    truth = np.full((SIDE, SIDE), 1, np.int32)
    colours = np.full((SIDE, SIDE, 3), rng.uniform(0.4, 0.5), np.float32)
    columns = np.cumsum(rng.integers(45, 85, 8)) - 60
    rows = np.cumsum(rng.integers(45, 85, 8)) - 60
    street = int(rng.integers(8, 14))
    for x0, x1 in pairwise(columns):
        for y0, y1 in pairwise(rows):
            area = (slice(max(0, y0 + street), max(0, y1)), slice(max(0, x0 + street), max(0, x1)))
            kind = int(rng.choice([0, 0, 0, 2, 3]))
            truth[area] = kind
            _cover(colours, area, kind, rng)
    for _ in range(round(150 * knobs["clutter"])):
        centre = tuple(int(v) for v in rng.integers(0, SIDE, 2))
        cv2.circle(colours, centre, int(rng.integers(2, 5)), tuple(map(float, rng.uniform(0.1, 0.6, 3))), -1)
    turned = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), float(rng.uniform(0, 90)), 1.5)
    colours = cv2.warpAffine(colours, turned, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT).astype(np.float32)
    truth = cv2.warpAffine(
        truth.astype(np.uint8), turned, (SIDE, SIDE), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT
    ).astype(np.int32)
    hazy = colours * (1 - 0.6 * knobs["light"]) + 0.5 * knobs["light"]
    shown = cv2.GaussianBlur(hazy, (0, 0), max(0.3, knobs["blur"])) + rng.normal(0, knobs["noise"], hazy.shape)
    image: Image = (np.clip(shown, 0, 1) * 255).astype(np.uint8)
    return JobSample(name, image, truth)


def _cover(colours: NDArray[np.float32], area: tuple[slice, slice], kind: int, rng: np.random.Generator) -> None:
    """Roofs, plants or paving."""
    part = colours[area]
    if not part.size:
        return
    if kind == 2:
        part[:] = np.array([0.22, 0.36, 0.18]) + rng.normal(0, 0.04, part.shape)
    elif kind == 3:
        part[:] = np.array([0.75, 0.72, 0.66]) + rng.normal(0, 0.02, part.shape)
    else:
        for y in range(0, part.shape[0], 12):
            for x in range(0, part.shape[1], 12):
                part[y : y + 11, x : x + 11] = np.array([0.6, 0.42, 0.35]) * rng.uniform(0.7, 1.3)


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many parts of cities, each from its own seed."""
    return {"all": number_samples("city", draw_city, count, seed, knobs)}
