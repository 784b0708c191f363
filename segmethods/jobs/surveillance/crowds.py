"""Who is where in a blob of several: known looks are laid over it, the one that fits best before the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image

Numbers = NDArray[np.float32]

UNLIKE = 50
"""How far what is seen of a look may be off, in grey values; what isn't seen of it costs as much."""
SHOWN = 0.3
"""The share of a look that must be seen."""


@dataclass(frozen=True, eq=False)
class Look:
    """What somebody looked like, and where the left upper corner of that may be.

    Parameters
    ----------
    patch, inside : ndarray
        Uint8 (h, w, 3), and which of it belongs to them, uint8 (h, w).
    left, right, top, bottom : int
        The first and the last column and row of the corner.
    """

    patch: Image
    inside: NDArray[np.uint8]
    left: int
    right: int
    top: int
    bottom: int


def find_looks(image: Image, inside: NDArray[np.uint8], looks: Mapping[int, Look]) -> dict[int, tuple[int, int]]:
    """The left upper corner of each look that is found in a blob.

    The best one is in front: its pixels are taken away before the next one is looked for, so that it may be covered in
    part.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        What is in the blob's box.
    inside : ndarray of uint8, shape (H, W)
        Which of it belongs to the blob.
    looks : mapping
        Number -> look, with places in the blob's box.

    Examples
    --------
    >>> image, ones = np.zeros((4, 9, 3), np.uint8), np.ones((4, 9), np.uint8)
    >>> image[:, 5:] = 200
    >>> dark, light = (Look(np.full((4, 4, 3), v, np.uint8), ones[:, :4], 0, 5, 0, 0) for v in (0, 200))
    >>> find_looks(image, ones, {1: dark, 2: light})
    {1: (0, 0), 2: (5, 0)}
    """
    free = inside.astype(np.float32)
    left, found = dict(looks), {}
    while left:
        places = {number: _find_look(image, free, look) for number, look in left.items()}
        number = min(places, key=lambda n: places[n][0])
        cost, x, y = places[number]
        if not np.isfinite(cost):
            break
        found[number] = (x, y)
        _take_away(free, left.pop(number).inside, x, y)
    return found


def _find_look(image: Image, free: Numbers, look: Look) -> tuple[float, int, int]:
    """What the best place of a look costs, and where it is; infinite where too little is seen or it is too unlike."""
    high, wide = look.inside.shape
    above, before = max(0, -look.top), max(0, -look.left)
    below = max(0, look.bottom + high - free.shape[0])
    behind = max(0, look.right + wide - free.shape[1])
    rows = slice(look.top + above, look.bottom + above + high)
    columns = slice(look.left + before, look.right + before + wide)

    def widen(values: Numbers) -> Numbers:
        padded = np.pad(values, [(above, below), (before, behind), *[(0, 0)] * (values.ndim - 2)])
        return np.ascontiguousarray(padded[rows, columns], np.float32)

    window, pixels = widen(free), widen(image.astype(np.float32) * free[:, :, None])
    weight = look.inside.astype(np.float32)
    own = look.patch.astype(np.float32)
    error = _slide(window, (own**2).sum(axis=2) * weight) + _slide((pixels**2).sum(axis=2), weight)
    for colour in range(3):
        error -= 2 * _slide(pixels[:, :, colour], own[:, :, colour] * weight)
    error = np.maximum(error, 0) / 3
    seen, total = _slide(window, weight), weight.sum()
    cost = error + (total - seen) * UNLIKE**2
    down, across = np.unravel_index(int(cost.argmin()), cost.shape)
    far, shown = error[down, across], seen[down, across]
    fits = shown >= SHOWN * total and far <= shown * UNLIKE**2
    return float(cost[down, across] / total) if fits else np.inf, look.left + int(across), look.top + int(down)


def _slide(values: Numbers, weights: Numbers) -> Numbers:
    """The sum of values times weights, for each place of the weights."""
    return np.asarray(
        cv2.matchTemplate(np.ascontiguousarray(values), np.ascontiguousarray(weights), cv2.TM_CCORR), np.float32
    )


def _take_away(free: Numbers, inside: NDArray[np.uint8], x: int, y: int) -> None:
    high, wide = inside.shape
    top, left = max(0, y), max(0, x)
    bottom, right = min(free.shape[0], y + high), min(free.shape[1], x + wide)
    if top < bottom and left < right:
        free[top:bottom, left:right][inside[top - y : bottom - y, left - x : right - x] > 0] = 0
