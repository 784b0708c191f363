"""Drawn cars with number plates of three kinds, whose text and box are known: no plate of anybody's car."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob

HEIGHT, WIDTH = 360, 480
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.03),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.6),
    Knob("light", Message("Darkness"), 0.0, 1.0, 0.2),
    Knob("clutter", Message("Distance and slant"), 0.0, 1.0, 0.3),
)
KINDS = (
    ("AA000AA", (235, 235, 230), (20, 20, 25)),
    ("000AAA", (240, 240, 235), (20, 40, 120)),
    ("A00000", (20, 60, 160), (240, 240, 240)),
)
Truth = tuple[tuple[Box, str], ...]


def draw_plate(seed: int) -> tuple[Image, str]:
    """A plate and its text; no two letters that plates avoid (I, O, Q)."""
    rng = np.random.default_rng(seed)
    form, ground, ink = KINDS[int(rng.integers(len(KINDS)))]
    text = "".join(str(rng.choice(list("ABCDEFGHJKLMNPRSTUVWXYZ" if c == "A" else "0123456789"))) for c in form)
    plate = PillowImage.new("RGB", (96 + 60 * len(text), 110), ground)
    pen = ImageDraw.Draw(plate)
    pen.rectangle((2, 2, plate.width - 3, 107), outline=ink, width=4)
    font = ImageFont.load_default(size=84)
    for i, sign in enumerate(text):
        pen.text((48 + 60 * i + 30, 55), sign, ink, font, anchor="mm", stroke_width=2)
    return np.array(plate), text


def draw_scene(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """The back of a car with its plate; sometimes a second car, sometimes words that are no plate."""
    rng = np.random.default_rng(seed)
    canvas = np.empty((HEIGHT, WIDTH, 3), np.float32)
    canvas[:] = np.linspace(0.75, 0.45, HEIGHT, dtype=np.float32)[:, None, None]
    canvas[220:] *= 0.7
    truth = []
    middles = [WIDTH / 2 + float(rng.uniform(-40, 40))] if rng.random() < 0.7 else [120.0, 360.0]
    for middle in middles:
        scale = (1.0 if len(middles) == 1 else 0.7) * (1 - 0.5 * knobs["clutter"] * float(rng.random()))
        truth.append(_draw_car(canvas, middle, scale, int(rng.integers(1 << 31)), knobs, rng))
    if rng.random() < 0.5:
        _write(canvas, "PARKING", (24, 30))
    dim = canvas * (1 - 0.8 * knobs["light"])
    seen = cv2.GaussianBlur(dim, (0, 0), max(0.3, knobs["blur"]))
    seen = seen + rng.normal(0, 0.3 * knobs["noise"], seen.shape)
    image: Image = (np.clip(seen, 0, 1) * 255).astype(np.uint8)
    return JobSample(name, image, tuple(truth))


def _write(canvas: NDArray[np.float32], text: str, place: tuple[int, int]) -> None:
    """White letters on the canvas."""
    layer = PillowImage.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(layer).text(place, text, 255, ImageFont.load_default(size=32))
    canvas[:] = np.maximum(canvas, 0.9 * np.array(layer, np.float32)[:, :, None] / 255)


def _draw_car(
    canvas: NDArray[np.float32],
    middle: float,
    scale: float,
    seed: int,
    knobs: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[Box, str]:
    colour = tuple(float(c) for c in rng.uniform(0.15, 0.8, 3))
    wide, bottom = 190 * scale, 300.0
    body = [(middle - wide, bottom), (middle - wide, bottom - 130 * scale), (middle - 0.7 * wide, bottom - 215 * scale)]
    outline = np.array([*body, *[(2 * middle - x, y) for x, y in body[::-1]]], np.int32)
    cv2.fillPoly(canvas, [outline], colour)
    window = np.array(
        [
            (middle + s * 0.62 * wide, bottom - t * scale)
            for s, t in ((-1.1, 140), (-0.95, 205), (0.95, 205), (1.1, 140))
        ]
    )
    cv2.fillPoly(canvas, [window.astype(np.int32)], (0.12, 0.13, 0.15))
    for side in (-1, 1):
        centre = (round(middle + side * 0.82 * wide), round(bottom - 105 * scale))
        cv2.ellipse(canvas, centre, (round(24 * scale), round(14 * scale)), 0, 0, 360, (0.75, 0.1, 0.08), -1)
    plate, text = draw_plate(seed)
    return _place_plate(canvas, plate, (middle, bottom - 55 * scale), 125 * scale, knobs, rng), text


def _place_plate(
    canvas: NDArray[np.float32],
    plate: Image,
    place: tuple[float, float],
    wide: float,
    knobs: Mapping[str, float],
    rng: np.random.Generator,
) -> Box:
    """Paint a plate, slanted a little, and give its upright box."""
    high = wide * plate.shape[0] / plate.shape[1]
    corners = np.array([(-wide / 2, -high / 2), (wide / 2, -high / 2), (wide / 2, high / 2), (-wide / 2, high / 2)])
    turn = np.radians(float(rng.uniform(-12, 12)) * knobs["clutter"])
    turned = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + np.array(place)
    flat = np.array([(0, 0), (plate.shape[1], 0), (plate.shape[1], plate.shape[0]), (0, plate.shape[0])], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, turned.astype(np.float32))
    size = (WIDTH, HEIGHT)
    small = cv2.warpPerspective(plate.astype(np.float32) / 255, matrix, size, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.ones(plate.shape[:2], np.float32), matrix, size)[:, :, None]
    canvas[:] = canvas * (1 - inside) + small * inside
    (left, top), (right, bottom) = turned.min(axis=0), turned.max(axis=0)
    return Box(float(left), float(top), float(right - left), float(bottom - top))


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many scenes, each from its own seed."""
    names = [f"car-{i + 1:03}" for i in range(count)]
    return {"all": [JobSampleFile(n, partial(draw_scene, n, seed * 10_007 + i, knobs)) for i, n in enumerate(names)]}
