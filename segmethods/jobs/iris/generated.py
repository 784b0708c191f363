"""Drawn eyes, nobody's: an iris is a pattern from a seed, seen with another pupil, lid, tilt and light each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs.frame import JobSampleFile, Knob
from segmethods.jobs.iris.gallery import Gallery

HEIGHT, WIDTH, VIEWS = 240, 320, 2
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.03),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.7),
    Knob("light", Message("Uneven light"), 0.0, 1.0, 0.2),
    Knob("clutter", Message("Lids and tilt"), 0.0, 1.0, 0.3),
)


def draw_texture(seed: int) -> NDArray[np.float32]:
    """An iris unrolled, float32 (64, 512): fibres from pupil to limbus, crypts, and a ring."""
    rng = np.random.default_rng(seed)
    wide = rng.normal(0, 1, (64, 512)).astype(np.float32)
    fibres = cv2.GaussianBlur(np.tile(wide, (1, 3)), (0, 0), sigmaX=2.5, sigmaY=9)[:, 512:1024]
    spots = cv2.GaussianBlur(np.tile(rng.normal(0, 1, (64, 512)).astype(np.float32), (1, 3)), (0, 0), 5)[:, 512:1024]
    texture = fibres / fibres.std() + 0.8 * spots / spots.std()
    ring = np.exp(-(((np.arange(64) - rng.uniform(14, 26)) / 5) ** 2))[:, None]
    return np.asarray(texture * 0.045 + 0.06 * ring, np.float32)


def draw_eye(seed: int, view: int, knobs: Mapping[str, float]) -> Image:
    """One view of an eye."""
    rng = np.random.default_rng((seed, view))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    x, y = WIDTH / 2 + float(rng.uniform(-20, 20)), HEIGHT / 2 + float(rng.uniform(-10, 10))
    limbus, pupil = float(rng.uniform(62, 68)), float(rng.uniform(20, 32))
    tilt = float(rng.uniform(-8, 8)) * knobs["clutter"]
    away = np.hypot(columns - x, rows - y)
    depth = np.clip((away - pupil) / (limbus - pupil), 0, 1)
    turn = (np.degrees(np.arctan2(rows - y, columns - x)) + tilt) % 360
    texture = cv2.remap(
        draw_texture(seed),
        (turn / 360 * 511).astype(np.float32),
        depth * 63,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    eye = np.full((HEIGHT, WIDTH), 0.78, np.float32)
    shade = float(np.random.default_rng(seed).uniform(0.36, 0.5))
    edge = 1 / (1 + np.exp(-(away - limbus) / 1.2))
    eye = eye * edge + (shade + texture) * (1 - edge)
    inner = 1 / (1 + np.exp(-(away - pupil) / 0.7))
    eye = 0.06 * (1 - inner) + eye * inner
    open_ = 1.0 - 0.45 * knobs["clutter"] * float(rng.random())
    for side, reach in ((-1, 62 * open_), (1, 66.0)):
        edge_row = y + side * reach * np.sqrt(np.clip(1 - ((columns - WIDTH / 2) / 150) ** 2, 0, 1))
        skin = (rows - edge_row) * side > 0
        eye = np.where(skin, 0.86, eye)
        if side < 0:
            eye = np.where(np.abs(rows - edge_row) < 3, 0.25, eye)
    cv2.circle(eye, (round(x - 8), round(y + 8)), 4, 1.0, -1)
    ramp = 1 + 0.4 * knobs["light"] * float(rng.choice([-1, 1])) * (columns / WIDTH - 0.5)
    seen = cv2.GaussianBlur(np.asarray(eye * ramp, np.float32), (0, 0), max(0.3, knobs["blur"]))
    seen = seen + rng.normal(0, 0.4 * knobs["noise"], seen.shape)
    grey = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many eyes, each seen twice."""
    eyes = [f"eye-{i + 1:03}" for i in range((count + 1) // VIEWS or 1)]
    shown = [(eye, seed * 10_007 + i, view) for i, eye in enumerate(eyes) for view in range(VIEWS)]
    gallery = Gallery([eye for eye, _, _ in shown], [partial(draw_eye, own, view, knobs) for _, own, view in shown])
    return {"all": list(gallery.samples([f"{eye}-{view + 1}" for eye, _, view in shown]))[: max(count, 1)]}
