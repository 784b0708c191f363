"""Masks become outlines and outlines become masks, pixel for pixel.

Coordinates are x to the right and y down, in pixels; 0, 0 is the upper left corner of the first pixel, whose centre is
at 0.5, 0.5. A pixel is inside where its centre is, by the even-odd rule: a ring inside of a ring is a hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]
"""``float64 (n, 2)``: the corners of a closed line, x and y; the last one is joined to the first."""

Mask = NDArray[np.bool_]


def fill_rings(rings: Sequence[Ring], size: tuple[int, int]) -> Mask:
    """The pixels inside of rings, by the even-odd rule.

    Parameters
    ----------
    rings : sequence of ndarray, float64, shape (n, 2)
        x and y of their corners; what lies outside of the image is cut off.
    size : (int, int)
        Height and width.

    Returns
    -------
    ndarray of bool, shape (H, W)

    Examples
    --------
    >>> fill_rings([np.array([[1, 0], [3, 0], [3, 2], [1, 2]], float)], (3, 4)).astype(int).tolist()
    [[0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    """
    height, width = size
    crossings = np.zeros((height, width + 1), np.int32)
    for ring in rings:
        start, end = ring, np.roll(ring, -1, axis=0)
        downward = start[:, 1] <= end[:, 1]
        top, bottom = np.where(downward[:, None], start, end), np.where(downward[:, None], end, start)
        first = np.clip(np.ceil(top[:, 1] - 0.5), 0, height).astype(np.int64)
        count = np.clip(np.ceil(bottom[:, 1] - 0.5), 0, height).astype(np.int64) - first
        edge = np.repeat(np.arange(len(ring)), count)
        row = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
        (x0, y0), (x1, y1) = top[edge].T, bottom[edge].T
        x = x0 + (row + 0.5 - y0) * ((x1 - x0) / np.where(y1 > y0, y1 - y0, 1))
        column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
        np.add.at(crossings, (row, column), 1)
    return (np.cumsum(crossings[:, :width], axis=1) % 2).astype(bool)


def trace_rings(mask: Mask) -> list[Ring]:
    """The lines around the parts of a mask and around their holes, along the borders of pixels.

    Parts that touch at a corner alone are apart. `fill_rings` gives the mask back, bit for bit.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W)

    Returns
    -------
    list of ndarray, float64, shape (n, 2)
        Those around a part have a positive `ring_area`, those around a hole a negative one.

    Examples
    --------
    >>> [ring.astype(int).tolist() for ring in trace_rings(np.array([[False, True, True]]))]
    [[[1, 0], [3, 0], [3, 1], [1, 1]]]
    """
    ways = _border_steps(mask)
    rings = []
    while ways:
        start = place = next(iter(ways))
        step = ways[place][0]
        ring: list[tuple[int, int]] = []
        while True:
            choices = ways[place]
            right = (-step[1], step[0])
            turn = right if right in choices and len(choices) > 1 else choices[0]
            choices.remove(turn)
            if not choices:
                del ways[place]
            if turn != step or not ring:
                ring.append(place)
            step = turn
            place = (place[0] + step[0], place[1] + step[1])
            if place == start and (place not in ways or (-step[1], step[0]) not in ways[place]):
                break
        rings.append(np.array(_without_straight(ring), np.float64))
    return rings


def ring_area(ring: Ring) -> float:
    """The area that a ring encloses: positive if its line runs clockwise on the screen, else negative."""
    x, y = ring.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def join_rings(rings: Sequence[Ring]) -> Ring:
    """One line through several rings, which fills the same pixels: the ways between them are gone to and fro.

    Examples
    --------
    >>> ring = np.array([[0, 0], [3, 0], [3, 3], [0, 3]], float)
    >>> fill_rings([join_rings([ring, ring / 3 + 1])], (3, 3)).sum().tolist()
    8
    """
    first = rings[0]
    line = [first, first[:1]]
    for ring in rings[1:]:
        line += [ring, ring[:1], first[:1]]
    return np.concatenate(line if len(rings) > 1 else line[:1])


def _border_steps(mask: Mask) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Corner -> the steps from it, by which one walks around the mask with its pixels to the right."""
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    sides: list[tuple[Any, tuple[int, int], tuple[int, int]]] = [
        (padded[:-2, 1:-1], (0, 0), (1, 0)),
        (padded[1:-1, 2:], (1, 0), (0, 1)),
        (padded[2:, 1:-1], (1, 1), (-1, 0)),
        (padded[1:-1, :-2], (0, 1), (0, -1)),
    ]
    steps: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for neighbour, (right, down), step in sides:
        rows, columns = np.nonzero(inside & ~neighbour)
        for corner in zip((columns + right).tolist(), (rows + down).tolist(), strict=True):
            steps.setdefault(corner, []).append(step)
    return steps


def _without_straight(ring: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The corners of a ring at which it turns; the first one may lie on a straight line."""
    (x0, y0), (x1, y1), (x2, y2) = ring[-1], ring[0], ring[1]
    return ring[1:] if (x0 == x1 == x2) or (y0 == y1 == y2) else ring
