"""Colours as points: those of an image counted on a grid, and spaces in which their distances mean something."""

from __future__ import annotations

from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import strips
from segmethods.core.types import Image

Space = Literal["rgb", "lab", "hsv"]
Points = NDArray[np.float64]
Colours = NDArray[np.uint8]
Value = TypeVar("Value", bound=np.generic)

SPACES = {"rgb": "RGB", "lab": "L*a*b*", "hsv": "HSV"}
BITS = 6
EXACT_BELOW = 4096


def count_colours(image: Image) -> tuple[Points, NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """The colours of an image, counted on a grid of 64 steps a channel; exactly, where there are few.

    Returns
    -------
    colours : ndarray, float64, shape (N, 3)
        Mean RGB of the pixels in each occupied cell.
    counts : ndarray, int64, shape (N,)
        Its number of pixels.
    index : ndarray, int32, shape (M,)
        The place of each cell's colour among these, 0 for cells that are empty.
    cells : ndarray, int32, shape (H * W,)
        The cell of every pixel: ``colours[index[cells]]`` are the pixels' colours.
    """
    import cv2

    pixels, rest = np.ascontiguousarray(image).reshape(-1, 3), 8 - BITS  # bits of a channel that the grid leaves out
    fine = (1 << rest) - 1
    places = np.array([[1 << 3 * BITS - 8, 1 << 2 * BITS - 8, 1 / (fine + 1)]], np.float32)
    cells, sums = np.empty(len(pixels), np.int32), np.zeros((2, 1 << 3 * BITS), np.int64)
    for strip in strips(len(pixels)):
        part = pixels[strip][None]
        numbers = cv2.transform((part & 255 - fine).astype(np.float32), places).ravel().astype(np.intp)
        cells[strip] = numbers
        values = (cv2.cvtColor(part, cv2.COLOR_RGB2RGBA)[0] & fine).astype(np.int32)  # alpha, always the same, counts
        for total, pair in zip(sums, values.view(np.int64).T, strict=True):  # two small numbers in one: half the passes
            np.add.at(total, numbers, pair)
    occupied = np.flatnonzero(sums[1])
    index = _places_of(occupied)
    steps = np.stack(np.unravel_index(occupied, [1 << BITS] * 3), axis=1) << rest
    if len(occupied) < EXACT_BELOW:
        cells = look_up(index, cells) << 3 * rest | _pack(pixels & fine, rest)
        counts = np.bincount(cells)
        occupied = np.flatnonzero(counts)
        within = np.unravel_index(occupied & (1 << 3 * rest) - 1, [1 << rest] * 3)
        colours = steps[occupied >> 3 * rest] + np.stack(within, axis=1)
        order = np.lexsort(colours.T[::-1])
        occupied = occupied[order]
        return colours[order].astype(np.float64), counts[occupied], _places_of(occupied), cells
    red_green, blue_alpha = sums.take(occupied, axis=1).view(np.int32).reshape(2, -1, 2).astype(np.int64)
    counts = blue_alpha[:, 1] // fine
    totals = steps * counts[:, None] + np.column_stack([red_green, blue_alpha[:, 0]])
    return totals / counts[:, None], counts, index, cells


def look_up(values: NDArray[Value], places: NDArray[np.integer]) -> NDArray[Value]:
    """``values[places]`` of a long row of places."""
    found = np.empty(len(places), values.dtype)
    for strip in strips(len(places)):
        found[strip] = values.take(places[strip])
    return found


def _places_of(numbers: NDArray[np.int64]) -> NDArray[np.int32]:
    """At every one of these numbers its place among them; 0 at other numbers."""
    places = np.zeros(int(numbers.max()) + 1, np.int32)
    places[numbers] = np.arange(len(numbers))
    return places


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


def _pack(colours: NDArray[np.integer], bits: int) -> NDArray[np.int32]:
    """Each colour as one number."""
    packed = np.zeros(len(colours), np.int32)
    for channel in colours.T:
        packed = packed << bits | channel
    return packed
