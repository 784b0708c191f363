"""Drawn objects with patterns of their own, each seen five times: turned, scaled, lit, before other photos."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.samples import get_sample
from segmethods.jobs.frame import Knob

SIDE, VIEWS = 160, 5
GROUNDS = ("coffee", "chelsea", "rocket", "astronaut", "motorcycle", "ihc")
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.02),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.5),
    Knob("light", Message("Change of light"), 0.0, 1.0, 0.3),
    Knob("clutter", Message("Background"), 0.0, 1.0, 0.7),
)
View = tuple[str, str, Image]


def draw_object(seed: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """A thing of one of six shapes with a pattern of two colours, and its mask."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    half = SIDE // 2
    sides = int(rng.integers(3, 8))
    turns = np.linspace(0, 2 * np.pi, sides, endpoint=False) + rng.uniform(0, 1)
    reach = rng.uniform(0.25, 0.34) * SIDE
    points = np.stack([half + reach * np.cos(turns), half + reach * np.sin(turns)], axis=1).astype(np.int32)
    cv2.fillPoly(mask, [points], 1)
    if rng.random() < 0.5:
        cv2.circle(mask, (half, half), round(reach * 0.85), 1, -1)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    pitch, kind = rng.uniform(6, 18), int(rng.integers(4))
    wave = (
        np.sin(rows / pitch * 6),
        np.sin(columns / pitch * 6) * np.sin(rows / pitch * 6),
        np.sin(np.hypot(rows - half, columns - half) / pitch * 6),
        np.sin((rows + columns) / pitch * 4),
    )[kind]
    first, second = rng.uniform(0.05, 0.95, (2, 3))
    colour = np.where((wave > 0)[:, :, None], first, second).astype(np.float32)
    return colour, mask


def view(seed: int, variant: int, grounds: list[Image], knobs: Mapping[str, float]) -> Image:
    """One view of an object."""
    rng = np.random.default_rng((seed, variant))
    colour, mask = draw_object(seed)
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), float(rng.uniform(-40, 40)), float(rng.uniform(0.75, 1.2)))
    matrix[:, 2] = matrix[:, 2] + rng.uniform(-10, 10, 2)
    seen = cv2.warpAffine(colour, matrix, (SIDE, SIDE))
    inside = cv2.warpAffine(mask.astype(np.float32), matrix, (SIDE, SIDE))[:, :, None]
    scene = grounds[int(rng.integers(len(grounds)))]
    top, left = (int(rng.integers(max(1, n - SIDE))) for n in scene.shape[:2])
    part = cv2.resize(scene[top : top + SIDE, left : left + SIDE], (SIDE, SIDE)).astype(np.float32) / 255
    ground = knobs["clutter"] * part + (1 - knobs["clutter"]) * 0.8
    lit = seen * np.exp(rng.uniform(-0.6, 0.6) * knobs["light"])
    image = cv2.GaussianBlur(ground * (1 - inside) + lit * inside, (0, 0), max(0.3, knobs["blur"]))
    image = image + rng.normal(0, knobs["noise"], image.shape)
    shown: Image = (np.clip(image, 0, 1) * 255).astype(np.uint8)
    return shown


def draw_gallery(count: int, seed: int, knobs: Mapping[str, float]) -> tuple[list[View], list[View]]:
    """Views of so many objects for the gallery, and one more of each as a query."""
    grounds = [get_sample(name).image() for name in GROUNDS]
    gallery, queries = [], []
    for number in range(count):
        shown = f"object-{number + 1:03}"
        own = seed * 10_007 + number
        for variant in range(VIEWS - 1):
            gallery.append((f"{shown}-{variant + 1}", shown, view(own, variant, grounds, knobs)))
        queries.append((f"{shown}-query", shown, view(own, VIEWS, grounds, knobs)))
    return gallery, queries
