"""Drawn bottles of half a litre with exact truth in millilitres: cap, label, liquid, glare and foam, under noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs.bottles.line import Line, Truth
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob, number_samples

HEIGHT, WIDTH, AXIS = 384, 256, 128
NOMINAL, TOLERANCE = 500.0, 15.0
"""Millilitres in a full bottle, and by how much a good one may lack or exceed it (76/211/EEC, annex I)."""
FAULTS = ("cap", "label", "tilted", "under", "over", "missing")
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.04),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.8),
    Knob("light", Message("Glare and uneven light"), 0.0, 1.0, 0.3),
    Knob("clutter", Message("Foam and tilt"), 0.0, 1.0, 0.3),
)


def radii() -> NDArray[np.float64]:
    """Half the bottle's width in each row: neck, shoulder, body."""
    rows = np.arange(HEIGHT, dtype=float)
    shoulder = np.clip((rows - 70) / 80, 0, 1)
    smooth = shoulder * shoulder * (3 - 2 * shoulder)
    radius = 20 + 42 * smooth
    radius[:20] = 0
    radius[370:] = 0
    return np.asarray(radius)


def volumes() -> NDArray[np.float64]:
    """Millilitres of liquid when its surface is at each row; full at row 110."""
    area = np.pi * radii() ** 2
    below = np.cumsum(area[::-1])[::-1]
    return np.asarray(below * (NOMINAL / below[110]))


def make_line() -> Line:
    """The line that these bottles stand on."""
    above = volumes()
    rows = np.arange(HEIGHT)[::-1]
    high, low = (float(np.interp(v, above[::-1], rows)) for v in (NOMINAL + TOLERANCE, NOMINAL - TOLERANCE))
    return Line(
        AXIS, (high, low), (58, 232), (22, 50, 112, 144), (240, 340, 74, 182), (160, 360, 74, 182), 235.0, above
    )


LINE = make_line()


def draw_bottle(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """One bottle; every other one is good."""
    rng = np.random.default_rng(seed)
    fault = "good" if seed % 2 == 0 else str(rng.choice(FAULTS))
    off = {"under": -rng.uniform(2, 8) * TOLERANCE, "over": rng.uniform(2, 3.4) * TOLERANCE}.get(
        fault, rng.uniform(-0.75, 0.75) * TOLERANCE
    )
    filled = NOMINAL + off
    surface = float(np.interp(filled, volumes()[::-1], np.arange(HEIGHT)[::-1]))
    canvas = np.full((HEIGHT, WIDTH, 3), (0.85, 0.84, 0.8), np.float32)
    if fault != "missing":
        _draw_parts(canvas, surface, fault, knobs, rng)
    image = _photograph(canvas, knobs, rng)
    hidden = fault == "missing" or not LINE.search[0] + 6 < surface < LINE.search[1] - 10
    truth = Truth(fault == "good", None if hidden else surface, None if hidden else filled)
    return JobSample(name, image, truth, {"line": LINE})


def _draw_parts(
    canvas: NDArray[np.float32], surface: float, fault: str, knobs: Mapping[str, float], rng: np.random.Generator
) -> None:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    inside = np.abs(columns - AXIS) < radii()[:, None]
    canvas[inside] = (0.72, 0.76, 0.74)
    slant = np.tan(np.radians(rng.uniform(-2, 2) * knobs["clutter"])) * (columns - AXIS)
    wet = np.clip(rows - (surface + slant) + 0.5, 0, 1) * inside
    colour = np.array([(0.12, 0.06, 0.04), (0.25, 0.1, 0.02), (0.1, 0.2, 0.08)], np.float32)[rng.integers(3)]
    canvas[:] = canvas * (1 - wet[:, :, None]) + colour * wet[:, :, None]
    foam = (
        np.clip(1 - np.abs(rows - (surface + slant) + 4) / 4, 0, 1)
        * inside
        * (rows < surface + slant)
        * knobs["clutter"]
    )
    canvas[:] = canvas * (1 - 0.5 * foam[:, :, None]) + 0.5 * np.array([0.9, 0.85, 0.7], np.float32) * foam[:, :, None]
    if fault != "cap":
        cv2.rectangle(canvas, (110, 20), (146, 54), (0.75, 0.1, 0.08), -1)
    if fault != "label":
        tilt = rng.uniform(8, 16) * rng.choice([-1, 1]) if fault == "tilted" else 0.0
        box = cv2.boxPoints(((AXIS, 290), (122, 110), float(tilt))).astype(np.int32)
        patch = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillPoly(patch, [box], 1)
        canvas[(patch > 0) & inside] = (0.8, 0.12, 0.1)
        cv2.ellipse(canvas, (AXIS, 300), (36, 14), 0, 0, 360, (0.95, 0.95, 0.95), -1)
    glare = np.exp(-(((columns - AXIS + 24) / 4) ** 2)) * inside * (rows > 60) * 0.6 * knobs["light"]
    canvas[:] = np.clip(canvas + glare[:, :, None], 0, 1)


def _photograph(canvas: NDArray[np.float32], knobs: Mapping[str, float], rng: np.random.Generator) -> Image:
    slope = np.linspace(1 - 0.25 * knobs["light"], 1 + 0.25 * knobs["light"], WIDTH, dtype=np.float32)
    seen = cv2.GaussianBlur(canvas * slope[None, :, None], (0, 0), max(0.3, knobs["blur"]))
    seen = seen + rng.normal(0, knobs["noise"], seen.shape)
    image: Image = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
    return image


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many bottles, each from its own seed."""
    return {"all": number_samples("bottle", draw_bottle, count, seed, knobs)}
