"""One table of counts, from which every class, region and object score follows. Tables add up over images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError
from segmethods.core.types import Labels

Counts = NDArray[np.int64]

LARGEST = 65_535
"""The largest label that a map may have, as in a 16-bit picture."""

EXACT = 2**24
"""Pixels up to which OpenCV, whose counts are float32, counts them exactly."""

DENSE_CELLS = 4_000_000
"""Tables with more possible cells than this (32 MB) are counted by sorting."""


@dataclass(frozen=True, eq=False)
class Contingency:
    """How many pixels have which label in one map and which in the other; only pairs that occur.

    Parameters
    ----------
    rows, columns : ndarray, int64, shape (K,)
        The label in the first and in the second map.
    counts : ndarray, int64, shape (K,)
        Pixels with this pair of labels, all above zero.
    """

    rows: Counts
    columns: Counts
    counts: Counts

    def __add__(self, other: Contingency) -> Contingency:
        rows, columns = np.append(self.rows, other.rows), np.append(self.columns, other.columns)
        width = int(columns.max(initial=0)) + 1
        cells, place = np.unique(rows * width + columns, return_inverse=True)
        counts = np.bincount(place, np.append(self.counts, other.counts)).astype(np.int64)
        return Contingency(cells // width, cells % width, counts)

    @property
    def pixels(self) -> int:
        """Number of pixels counted."""
        return int(self.counts.sum())

    def row_sizes(self) -> Counts:
        """Pixels of each label of the first map, by label."""
        return np.bincount(self.rows, self.counts).astype(np.int64)

    def column_sizes(self) -> Counts:
        """Pixels of each label of the second map, by label."""
        return np.bincount(self.columns, self.counts).astype(np.int64)

    def without_row(self, label: int) -> Contingency:
        """The table of the pixels that don't have this label in the first map."""
        kept = self.rows != label
        return Contingency(self.rows[kept], self.columns[kept], self.counts[kept])


def tabulate(first: Labels, second: Labels) -> Contingency:
    """Count the pairs of labels of two maps.

    Parameters
    ----------
    first, second : ndarray, uint8 or uint16, shape (H, W)
        Label maps of one size.

    Raises
    ------
    ImageError
        If the maps differ in size, or hold labels that are negative, no whole numbers, or above 65,535.

    Examples
    --------
    >>> table = tabulate(np.array([[0, 0, 1]], np.uint8), np.array([[5, 5, 2]], np.uint8))
    >>> table.rows.tolist(), table.columns.tolist(), table.counts.tolist()
    ([0, 1], [5, 2], [2, 1])
    """
    if first.shape != second.shape:
        raise ImageError(
            "The two label maps differ in size: {first} and {second}. Compare maps of one picture.",
            first=_size(first),
            second=_size(second),
        )
    for labels in (first, second):
        _check(labels)
    if first.size == 0:
        return Contingency(*np.zeros((3, 0), np.int64))
    width = int(second.max()) + 1
    if first.dtype == second.dtype == np.uint8 and first.size <= EXACT:
        every = _count_bytes(first, second, int(first.max()) + 1, width)
        cells = np.flatnonzero(every)
        return Contingency(cells // width, cells % width, every[cells])
    pairs = first.ravel().astype(np.uint32) * np.uint32(width) + second.ravel()
    if (int(first.max()) + 1) * width <= DENSE_CELLS:
        every = np.bincount(pairs)
        cells = np.flatnonzero(every)
        counts = every[cells]
    else:
        cells, counts = np.unique(pairs, return_counts=True)
    cells = cells.astype(np.int64, copy=False)
    return Contingency(cells // width, cells % width, counts)


def _count_bytes(first: Labels, second: Labels, rows: int, columns: int) -> Counts:
    """How many pixels have each pair of labels: four times as fast as numpy, and other threads go on meanwhile."""
    import cv2

    maps: list[NDArray[np.uint8]] = [
        np.ascontiguousarray(labels, np.uint8).reshape(1, -1) for labels in (first, second)
    ]
    counted = cv2.calcHist(maps, [0, 1], None, [rows, columns], [0, rows, 0, columns])
    return counted.ravel().astype(np.int64)


def _check(labels: Labels) -> None:
    if labels.dtype.kind not in "bui":
        raise ImageError("Labels must be whole numbers; these are {type}. Round them first.", type=str(labels.dtype))
    if labels.size and (int(labels.min()) < 0 or int(labels.max()) > LARGEST):
        raise ImageError(
            "Labels must lie between 0 and {largest}; these go from {low} to {high}. Number them anew from 0.",
            largest=LARGEST,
            low=int(labels.min()),
            high=int(labels.max()),
        )


def _size(labels: Labels) -> str:
    return " × ".join(str(side) for side in reversed(labels.shape))
