"""What a network gets to see: crops around a class that is wanted, of any size and shape, turned, in changing light."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from segmethods.core.types import VOID
from segmethods.training.data import Example
from segmethods.training.parts import UNKNOWN

GRID = 33
PITCH = 16 / 513

STRETCH = 0.22
"""Largest logarithm by which a crop is made wider and lower, or the other way round."""


@dataclass(frozen=True)
class Crop:
    """A square of a photo.

    Attributes
    ----------
    image : ndarray, uint8, shape (side, side, 3)
        RGB.
    labels : ndarray, uint8, shape (side, side)
        Void where the square leaves the photo, unknown where the photo has no mask.
    grid : ndarray, float32, shape (2, 3)
        Takes a crop's (x, y, 1) to a position (x, y) on the teacher's grid.
    extent : ndarray, float32, shape (2,)
        The last grid position (x, y) that lies on the photo.
    """

    image: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]
    grid: npt.NDArray[np.float32]
    extent: npt.NDArray[np.float32]


def crop(
    example: Example,
    wanted: int | None,
    side: int,
    rng: np.random.Generator,
    scales: tuple[float, float] = (0.5, 2.0),
    turn: float = 0.0,
    tint: float = 0.0,
) -> Crop:
    """Cut a square out of an example, with the wanted class in it where there is one; a turn may push it out again.

    Parameters
    ----------
    wanted : int or None
        Id of the class that the crop should show, or None for anywhere.
    side : int
        Side of the square, in pixels.
    scales : pair of float
        The photo is magnified by a factor between these, evenly on a logarithmic scale.
    turn : float
        Every other crop is turned by up to so many degrees; if there are any, all are stretched by up to a fourth.
    tint : float
        Every other crop has each of its colours made stronger or weaker by up to this share.
    """
    height, width = example.image.shape[:2]
    scale = float(np.exp(rng.uniform(*np.log(scales))))
    shape = draw_shape(turn, rng) / scale
    steps = np.linalg.norm(shape, axis=0)
    focus = pick_position(example, wanted, rng)
    places = zip(focus, side * steps, (width, height), strict=True)
    middle = np.array([place_crop(at, span, length, rng) for at, span, length in places]) + (side - 1) / 2 * steps
    to_image = np.column_stack([shape, middle - shape @ np.full(2, (side - 1) / 2)])
    image = cv2.warpAffine(
        example.image,
        to_image,
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(127, 127, 127),
    )
    if example.labels is None:
        labels = np.full((side, side), UNKNOWN, np.uint8)
    else:
        labels = cv2.warpAffine(
            example.labels,
            to_image,
            (side, side),
            flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=VOID,
        ).astype(np.uint8, copy=False)
    nodes = 1 / (PITCH * max(height, width))
    extent = np.array([width, height], np.float32) * nodes
    seen = wear_down(tint_light(change_light(image.astype(np.uint8, copy=False), rng), tint, rng), rng)
    return Crop(seen, labels, (to_image * nodes).astype(np.float32), extent)


def draw_shape(turn: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """A turn, a stretch and, every other time, a mirror image: (2, 2), from steps in a crop to steps in a photo."""
    angle = np.radians(rng.uniform(-turn, turn)) if turn and rng.random() < 0.5 else 0.0
    wider = np.exp(rng.uniform(-STRETCH, STRETCH)) if turn else 1.0
    mirror = -1 if rng.random() < 0.5 else 1
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape: npt.NDArray[np.float64] = turned @ np.diag([mirror * wider, 1 / wider])
    return shape


def pick_position(example: Example, wanted: int | None, rng: np.random.Generator) -> tuple[float, float]:
    """A pixel (x, y) of the wanted class, or any pixel."""
    height, width = example.image.shape[:2]
    if wanted is not None and example.labels is not None:
        places = np.flatnonzero(example.labels == wanted)
        if places.size:
            place = int(places[rng.integers(places.size)])
            return place % width, place // width
    elif wanted is not None and example.teacher is not None:
        cells = np.flatnonzero(example.teacher.argmax(axis=0) == wanted)
        if cells.size:
            cell = int(cells[rng.integers(cells.size)])
            pixels = PITCH * max(height, width)
            return min(cell % GRID * pixels, width - 1), min(cell // GRID * pixels, height - 1)
    return rng.uniform(0, width), rng.uniform(0, height)


def place_crop(focus: float, span: float, length: int, rng: np.random.Generator) -> float:
    """Where a crop of ``span`` pixels begins so that it holds ``focus`` and as much photo as it can."""
    if span >= length:
        return float(rng.uniform(length - span, 0))
    return float(np.clip(focus - span * rng.uniform(0.15, 0.85), 0, length - span))


def change_light(image: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Other brightness, contrast and saturation, each by up to half; one picture in ten becomes grey."""
    contrast, brightness = rng.uniform(0.55, 1.45), rng.uniform(-45, 45)
    saturation = 0.0 if rng.random() < 0.1 else rng.uniform(0.5, 1.5)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    shift = brightness + 127 * (1 - contrast)
    relit: npt.NDArray[np.uint8] = cv2.addWeighted(
        image, contrast * saturation, grey, contrast * (1 - saturation), shift
    ).astype(np.uint8, copy=False)
    return relit


def tint_light(image: npt.NDArray[np.uint8], tint: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Every other time another light: each colour stronger or weaker by up to a share."""
    if not tint or rng.random() < 0.5:
        return image
    return np.clip(image * rng.uniform(1 - tint, 1 + tint, 3), 0, 255).astype(np.uint8)


def wear_down(image: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """One time in five out of focus, one in ten with a camera's noise."""
    if rng.random() < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.5)).astype(np.uint8, copy=False)
    if rng.random() < 0.1:
        image = np.clip(image + rng.normal(0, rng.uniform(3, 12), image.shape), 0, 255).astype(np.uint8)
    return image
