"""Colours as points: those of an image counted on a grid, and spaces in which their distances mean something."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image

Space = Literal["rgb", "lab", "hsv"]
Points = NDArray[np.float64]
Colours = NDArray[np.uint8]

SPACES = {"rgb": "RGB", "lab": "L*a*b*", "hsv": "HSV"}
BITS = 6
EXACT_BELOW = 4096


def count_colours(image: Image) -> tuple[Points, NDArray[np.int64], NDArray[np.int64]]:
    """The colours of an image, counted on a grid of 64 steps a channel; exactly, where there are few.

    Returns
    -------
    colours : ndarray, float64, shape (N, 3)
        Mean RGB of the pixels in each occupied cell.
    counts : ndarray, int64, shape (N,)
        Its number of pixels.
    cells : ndarray, int64, shape (H * W,)
        The cell of every pixel: ``colours[cells]`` are the pixels' colours.
    """
    import cv2

    pixels, steps = image.reshape(-1, 3), np.arange(256) >> 8 - BITS
    places = (steps[:, None] << np.array([2 * BITS, BITS, 0])).astype(np.float32)[None]
    parts = cv2.LUT(np.ascontiguousarray(image), places)  # what each channel adds to a cell's number
    cells = cv2.transform(parts, np.ones((1, 3), np.float32)).ravel().astype(np.intp)  # what bincount wants
    size = np.bincount(cells, minlength=1 << 3 * BITS)
    occupied = np.flatnonzero(size)
    if len(occupied) < EXACT_BELOW:
        exact, cells, counts = np.unique(_pack(pixels, 8), return_inverse=True, return_counts=True)
        return np.stack([exact >> 16, exact >> 8 & 255, exact & 255], axis=1).astype(np.float64), counts, cells
    counts = size[occupied]
    sums = [np.bincount(cells, channel.astype(np.float64))[occupied] for channel in pixels.T]
    colours = np.stack(sums, axis=1) / counts[:, None]
    index = np.zeros(len(size), np.int64)
    index[occupied] = np.arange(len(occupied))
    return colours, counts, index[cells]


def join_colours(colours: Points) -> NDArray[np.int64]:
    """The cell of every colour on a grid half as fine as that of `count_colours`; cells are numbered from 0."""
    coarse = _pack(np.right_shift(colours.astype(np.uint8), 9 - BITS), BITS - 1)
    _, cells = np.unique(coarse, return_inverse=True)
    return cells


def to_space(colours: Points, space: Space) -> Points:
    """RGB colours as points whose distances mean something; one unit is the way from black to white.

    L*a*b* is divided by 100. Hue is an angle, so HSV becomes a cone: value upwards, saturation times value outwards,
    hue around; red at 359° lies next to red at 0°, and black is one point.

    Parameters
    ----------
    colours : ndarray, float64, shape (N, 3)
        RGB, 0 to 255.
    space : {"rgb", "lab", "hsv"}
        Which colours count as alike.

    Returns
    -------
    ndarray, float64, shape (N, 3)
    """
    import cv2

    pixels = (colours[:, None] / 255).astype(np.float32)
    if space == "rgb":
        return colours / 255
    if space == "lab":
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[:, 0], np.float64) / 100
    hue, saturation, value = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)[:, 0], np.float64).T
    angle, radius = np.deg2rad(hue), saturation * value
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), value], axis=1)


def to_rgb(points: Points, space: Space) -> Colours:
    """The inverse of `to_space`, rounded to ``uint8``; any number of axes before the last."""
    import cv2

    rgb = points.reshape(-1, 1, 3).astype(np.float32)
    if space == "lab":
        rgb = np.asarray(cv2.cvtColor(rgb * 100, cv2.COLOR_LAB2RGB), np.float32)
    elif space == "hsv":
        x, y, value = rgb[..., 0], rgb[..., 1], rgb[..., 2]
        hsv = np.stack([np.rad2deg(np.arctan2(y, x)) % 360, np.hypot(x, y) / np.maximum(value, 1e-9), value], axis=-1)
        rgb = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.float32)
    return np.clip(rgb * 255, 0, 255).round().astype(np.uint8).reshape(points.shape)


def _pack(colours: NDArray[np.unsignedinteger], bits: int) -> NDArray[np.uint32]:
    """Each colour as one number."""
    packed = np.zeros(len(colours), np.uint32)
    for channel in colours.T:
        packed = packed << np.uint32(bits) | channel
    return packed
