"""Drawn roads with exact truth: a road to the horizon, pavements, vehicles and people, under light and noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs.frame import JobSample, JobSampleFile, Knob, number_samples

HEIGHT, WIDTH = 227, 320
KNOBS = (
    Knob("noise", Message("Noise"), 0.0, 0.4, 0.05),
    Knob("blur", Message("Blur"), 0.0, 4.0, 0.7),
    Knob("light", Message("Shadows"), 0.0, 1.0, 0.3),
    Knob("clutter", Message("Traffic"), 0.0, 1.0, 0.4),
)


def draw_road(name: str, seed: int, knobs: Mapping[str, float]) -> JobSample:
    """One road."""
    rng = np.random.default_rng(seed)
    horizon = round(HEIGHT * rng.uniform(0.38, 0.48))
    truth = np.full((HEIGHT, WIDTH), 4, np.int32)
    truth[:horizon] = 6
    truth[horizon:] = 1
    colours = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    colours[:horizon] = rng.uniform(0.6, 0.9, 3)
    colours[horizon:] = rng.uniform(0.25, 0.5, 3) * np.array([1.0, 1.05, 0.8])
    end = WIDTH * rng.uniform(0.35, 0.65)
    left, right = WIDTH * rng.uniform(-0.3, 0.1), WIDTH * rng.uniform(0.9, 1.3)
    road = np.array([[end - 6, horizon], [end + 6, horizon], [right, HEIGHT], [left, HEIGHT]], np.int32)
    grey = np.full(3, rng.uniform(0.3, 0.6)) + rng.uniform(-0.03, 0.03, 3)
    _fill(truth, colours, road, 0, grey)
    for _ in range(rng.poisson(6 * knobs["clutter"])):
        _stand(truth, colours, horizon, rng)
    return JobSample(name, _photograph(colours, knobs, rng), truth)


def _fill(
    truth: NDArray[np.int32],
    colours: NDArray[np.float32],
    polygon: NDArray[np.int32],
    kind: int,
    colour: NDArray[np.floating],
) -> None:
    mask = np.zeros(truth.shape, np.uint8)
    cv2.fillPoly(mask, [polygon], 1)
    truth[mask > 0] = kind
    colours[mask > 0] = colour


def _stand(truth: NDArray[np.int32], colours: NDArray[np.float32], horizon: int, rng: np.random.Generator) -> None:
    """A vehicle or a person that stands on the ground; the nearer, the larger."""
    foot = rng.uniform(horizon + 8, HEIGHT)
    near, x = (foot - horizon) / (HEIGHT - horizon), rng.uniform(0, WIDTH)
    vehicle = rng.random() < 0.6
    wide, high = (70, 50) if vehicle else (14, 55)
    x0, x1 = x - wide * near / 2, x + wide * near / 2
    box = np.array([[x0, foot - high * near], [x1, foot - high * near], [x1, foot], [x0, foot]], np.int32)
    _fill(truth, colours, box, 3 if vehicle else 2, rng.uniform(0.1, 0.9, 3))


def _photograph(colours: NDArray[np.float32], knobs: Mapping[str, float], rng: np.random.Generator) -> Image:
    """Shadows, blur and noise over a drawing."""
    shadow = np.zeros(colours.shape[:2], np.float32)
    for _ in range(round(4 * knobs["light"])):
        corners = np.stack([rng.uniform(0, WIDTH, 4), rng.uniform(HEIGHT * 0.4, HEIGHT, 4)], axis=1).astype(np.int32)
        cv2.fillConvexPoly(shadow, cv2.convexHull(corners), 0.5)
    texture = cv2.GaussianBlur(rng.normal(0, 1, colours.shape[:2]).astype(np.float32), (0, 0), 1.5)
    lit = colours * (1 - shadow[:, :, None]) + 0.05 * texture[:, :, None]
    blurred = cv2.GaussianBlur(lit, (0, 0), max(0.3, knobs["blur"]))
    noisy = blurred + rng.normal(0, knobs["noise"], colours.shape)
    image: Image = (np.clip(noisy, 0, 1) * 255).astype(np.uint8)
    return image


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many roads, each from its own seed."""
    return {"all": number_samples("road", draw_road, count, seed, knobs)}
