"""What a network gets to see: crops around a class that is wanted, at any size, mirrored, in changing light."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from segmethods.training.data import UNKNOWN, VOID, Example

GRID = 33
PITCH = 16 / 513


@dataclass(frozen=True)
class Crop:
    """A square of a photo.

    Attributes
    ----------
    image : uint8 (side, side, 3), RGB.
    labels : uint8 (side, side), void where the square leaves the photo, unknown where the photo has no mask.
    grid : float32 (2, 3), takes a crop's (x, y, 1) to a position (x, y) on the teacher's grid.
    extent : float32 (2,), the last grid position (x, y) that lies on the photo.
    """

    image: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]
    grid: npt.NDArray[np.float32]
    extent: npt.NDArray[np.float32]


def crop(
    example: Example, wanted: int | None, side: int, rng: np.random.Generator, scales: tuple[float, float] = (0.5, 2.0)
) -> Crop:
    """Cuts a square out of an example, with the wanted class in it where there is one.

    Parameters
    ----------
    wanted : id of the class that the crop should show, or None for anywhere.
    side : of the square, in pixels.
    scales : the photo is magnified by a factor between these, evenly on a logarithmic scale.
    """
    height, width = example.image.shape[:2]
    scale = float(np.exp(rng.uniform(*np.log(scales))))
    span = side / scale
    focus = position(example, wanted, rng)
    left, top = (start(at, span, length, rng) for at, length in zip(focus, (width, height), strict=True))
    mirror = rng.random() < 0.5
    step = -1 / scale if mirror else 1 / scale
    first = left + span - 1 / scale if mirror else left
    to_photo = np.array([[step, 0, first], [0, 1 / scale, top]])
    image = cv2.warpAffine(
        example.image,
        to_photo,
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
            to_photo,
            (side, side),
            flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=VOID,
        ).astype(np.uint8, copy=False)
    nodes = 1 / (PITCH * max(height, width))
    extent = np.array([width, height], np.float32) * nodes
    return Crop(relit(image.astype(np.uint8, copy=False), rng), labels, (to_photo * nodes).astype(np.float32), extent)


def position(example: Example, wanted: int | None, rng: np.random.Generator) -> tuple[float, float]:
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


def start(focus: float, span: float, length: int, rng: np.random.Generator) -> float:
    """Where a crop of ``span`` pixels begins so that it holds ``focus`` and as much photo as it can."""
    if span >= length:
        return float(rng.uniform(length - span, 0))
    return float(np.clip(focus - span * rng.uniform(0.15, 0.85), 0, length - span))


def relit(image: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Other brightness, contrast and saturation, each by up to half; one picture in ten becomes grey."""
    contrast, brightness = rng.uniform(0.55, 1.45), rng.uniform(-45, 45)
    saturation = 0.0 if rng.random() < 0.1 else rng.uniform(0.5, 1.5)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    shift = brightness + 127 * (1 - contrast)
    relit: npt.NDArray[np.uint8] = cv2.addWeighted(
        image, contrast * saturation, grey, contrast * (1 - saturation), shift
    ).astype(np.uint8, copy=False)
    return relit
