"""Pictures at the size at which they are shown: photos as JPEG, what lies over them as index PNG with clear pixels."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence, Set
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from segmethods.core.geometry import fit_long_side
from segmethods.core.palette import Rgb, has_background, palette, palette_index
from segmethods.core.types import VOID, Image, Labels, Vocabulary

LONG_SIDE = 640
"""Pixels of the longer side of a picture that is shown."""

OPACITY = 0.6
"""How strongly classes cover a photo."""


def display_size(shape: Sequence[int], long_side: int = LONG_SIDE) -> tuple[int, int]:
    """Height and width at which an image of this shape is shown: larger ones shrink, small ones grow by whole steps.

    Examples
    --------
    >>> display_size((3000, 4000, 3))
    (480, 640)
    >>> display_size((32, 48))
    (416, 624)
    """
    height, width = shape[:2]
    longest = max(height, width)
    if longest <= long_side:
        step = long_side // longest
        return height * step, width * step
    return fit_long_side(height, width, long_side)


def image_layer(image: Image, long_side: int = LONG_SIDE) -> bytes:
    """The image itself, as a JPEG; never larger than it is."""
    height, width = display_size(image.shape, long_side)
    if height < image.shape[0] or width < image.shape[1]:
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return encode_image(image, "JPEG", quality=86)


def mask_layer(labels: Labels, classes: Vocabulary, long_side: int = LONG_SIDE) -> bytes:
    """Every class in its colour, as a PNG; background and void are clear."""
    shown = palette_indices(nearest(labels, display_size(labels.shape, long_side)), classes)
    return index_png(shown, palette(classes), _clear(classes))


def colour_labels(labels: Labels, classes: Vocabulary) -> Image:
    """Every class in its colour, background too, ``uint8 (H, W, 3)``.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> colour_labels(np.array([[0, 1]], np.uint8), BINARY)[0].tolist()
    [[124, 132, 142], [211, 54, 130]]
    """
    table = np.array(palette(classes), np.uint8).reshape(-1, 3)
    return table[palette_indices(labels, classes)]


def overlay(image: Image, labels: Labels, classes: Vocabulary, opacity: float = OPACITY) -> Image:
    """The image with its classes laid over it; background and void stay as they are."""
    mixed = cv2.addWeighted(image, 1 - opacity, colour_labels(labels, classes), opacity, 0)
    clear = np.isin(palette_indices(labels, classes), list(_clear(classes)))
    return np.where(clear[..., None], image, np.asarray(mixed, np.uint8))


def encode_image(image: Image, file_format: str = "PNG", **options: Any) -> bytes:
    """An RGB image as a file."""
    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, file_format, **options)
    return buffer.getvalue()


def data_url(data: bytes, kind: str) -> str:
    """A picture as an address that holds it; `kind` is ``"png"`` or ``"jpeg"``."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def palette_indices(labels: Labels, classes: Vocabulary) -> NDArray[np.uint8]:
    """Where in the palette the colour of every pixel is."""
    if labels.dtype == np.uint8:
        return labels.astype(np.uint8, copy=False)
    table = np.array([palette_index(i, classes) for i in range(int(labels.max(initial=0)) + 1)], np.uint8)
    return table[labels]


def _clear(classes: Vocabulary) -> set[int]:
    """Palette entries that lie over nothing."""
    return ({0} if has_background(classes) else set()) | ({VOID} if len(classes) <= VOID else set())


def index_png(indices: NDArray[np.uint8], colours: list[int], clear: Set[int] | bytes) -> bytes:
    """A map of palette entries as a PNG; `clear` are the entries that are, or the opacity of each."""
    alpha = clear if isinstance(clear, bytes) else bytes(0 if i in clear else 255 for i in range(256))
    image = Pillow.fromarray(indices)
    image.putpalette(colours)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=alpha, compress_level=4)
    return buffer.getvalue()


def nearest(values: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Values at the centres of the display's pixels."""
    height, width = values.shape
    if (height, width) == size:
        return values
    rows = ((np.arange(size[0]) + 0.5) * height / size[0]).astype(np.intp)
    columns = ((np.arange(size[1]) + 0.5) * width / size[1]).astype(np.intp)
    picked: NDArray[Any] = values[rows[:, None], columns]
    return picked


def flat(colours: Sequence[Rgb]) -> list[int]:
    """Colours as the colour table of an index PNG."""
    return [channel for colour in colours for channel in colour]
