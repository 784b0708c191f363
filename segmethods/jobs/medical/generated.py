"""Drawn nuclei with exact truth: ellipses that may touch, under noise, blur and uneven light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from segmethods.core.types import Image
from segmethods.jobs.frame import JobSample, JobSampleFile, number_samples

SIDE = 256


def draw_nuclei(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """One image of bright nuclei on a dark ground."""
    rng = np.random.default_rng(seed)
    instances = np.zeros((SIDE, SIDE), np.int32)
    glow = np.zeros((SIDE, SIDE), np.float32)
    crowding = knobs["clutter"]
    for number in range(1, 15 + round(40 * crowding)):
        centre, axes = rng.uniform(12, SIDE - 12, 2), rng.uniform(7, 13, 2)
        one = np.zeros((SIDE, SIDE), np.uint8)
        cv2.ellipse(one, tuple(map(int, centre)), tuple(map(int, axes)), float(rng.uniform(0, 180)), 0, 360, 1, -1)
        overlap = (one > 0) & (instances > 0)
        gap = 0 if rng.random() < crowding else 3
        near = cv2.dilate(one, np.ones((2 * gap + 1,) * 2, np.uint8)) > 0
        if overlap.sum() > 0.1 * one.sum() or (gap and (near & (instances > 0)).any()):
            continue
        fresh = (one > 0) & (instances == 0)
        instances[fresh] = number
        glow[fresh] = rng.uniform(0.5, 0.9)
    shown = cv2.GaussianBlur(glow, (0, 0), max(0.3, knobs["blur"]))
    slope = np.linspace(1 - knobs["light"], 1 + knobs["light"], SIDE, dtype=np.float32)
    shown = shown * slope[None] + 0.08 + 0.15 * knobs["light"] * slope[:, None]
    shown = shown + rng.normal(0, knobs["noise"], shown.shape)
    grey = (np.clip(shown, 0, 1) * 255).astype(np.uint8)
    image: Image = np.repeat(grey[:, :, None], 3, axis=2)
    return JobSample(name, image, instances)


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many images of nuclei, each from its own seed."""
    return {"nuclei": number_samples("nuclei", draw_nuclei, count, seed, knobs)}
