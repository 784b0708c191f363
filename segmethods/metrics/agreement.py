"""How far methods agree with each other when there is no truth to ask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Labels, Outcome, Segmentation
from segmethods.metrics.alignment import majority, same_names
from segmethods.metrics.contingency import DENSE_CELLS, Contingency, tabulate
from segmethods.metrics.regions import adjusted_rand_index

Halves = NDArray[np.uint16]
"""In how many directions of how many pairs the maps contradict each other, pixel by pixel."""

PIXELS = 250_000
"""Larger maps are sampled down to about this many pixels: agreement needs no more, and a page must not wait."""


def agreement(first: Labels, second: Labels) -> float:
    """Adjusted Rand index of two label maps of one size, whatever their labels mean.

    Returns
    -------
    float
        1 if both cut the picture alike, about 0 for unrelated cuts, NaN below two pixels.

    Examples
    --------
    >>> agreement(np.array([[0, 0, 1, 1]], np.uint8), np.array([[7, 7, 3, 3]], np.uint8))
    1.0
    """
    return adjusted_rand_index(tabulate(first, second))


@dataclass(frozen=True, eq=False)
class Pair:
    """How two label maps of one image agree.

    Parameters
    ----------
    agreement : float
        As `agreement` measures it.
    halves : ndarray, uint8, shape (h, w)
        In how many of two directions the maps contradict each other, pixel by pixel, in the sampled size.
    """

    agreement: float
    halves: NDArray[np.uint8]


def compare_pair(first: Segmentation, second: Segmentation) -> Pair:
    """How two segmentations of one image agree, and where they don't; `disagreement` tells what counts.

    Large maps are sampled down, since agreement needs no more.
    """
    one, other = _sample(first.labels), _sample(second.labels)
    table = tabulate(one, other)
    index = adjusted_rand_index(table)
    if same_names(first.classes, second.classes):
        return Pair(index, np.multiply(one != other, 2, dtype=np.uint8))
    turned = Contingency(table.columns, table.rows, table.counts)
    surplus = np.count_nonzero(table.row_sizes()) - np.count_nonzero(table.column_sizes())
    halves = np.zeros(table.counts.size, np.uint8)
    if surplus >= 0:
        halves += _straddles(turned)
    if surplus <= 0:
        halves += _straddles(table)
    return Pair(index, _spread(halves * (2 if surplus else 1), table, one, other))


def agreement_matrix(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """`agreement` of every outcome with every other.

    Parameters
    ----------
    outcomes : sequence of Segmentation or Failure
        Of one image.

    Returns
    -------
    ndarray, float64, shape (n, n)
        Symmetric; NaN in the rows and columns of failures, and on the diagonal, which says nothing.
    """
    matrix = np.full((len(outcomes), len(outcomes)), np.nan)
    for (i, a), (j, b) in combinations(enumerate(outcomes), 2):
        if isinstance(a, Segmentation) and isinstance(b, Segmentation):
            matrix[i, j] = matrix[j, i] = compare_pair(a, b).agreement
    return matrix


def mean_agreement(outcomes: Sequence[Outcome]) -> list[float]:
    """Mean `agreement` of each outcome with all the others; NaN for failures and for one alone."""
    rows = (row[~np.isnan(row)] for row in agreement_matrix(outcomes))
    return [float(row.mean()) if row.size else math.nan for row in rows]


def disagreement(outcomes: Sequence[Outcome]) -> NDArray[np.float32]:
    """Where methods contradict each other: the share of their pairs that do, for every pixel.

    Two methods that name their classes alike contradict each other where the names differ. Any other pair is judged
    without names: each segment of the map with more segments is given the segment of the other map that it covers
    most, and the two contradict each other where this differs. So a map that only shows more detail contradicts
    nobody; one whose segments straddle the other's borders does, there. With equally many segments both directions are
    taken and averaged, so that the order of the methods doesn't matter.

    Parameters
    ----------
    outcomes : sequence of Segmentation or Failure
        Of one image; failures are left out.

    Returns
    -------
    ndarray, float32, shape (H, W)
        From 0 (nobody contradicts) to 1 (every pair does); all 0 for a single segmentation.

    Raises
    ------
    ValueError
        If there is no segmentation at all.
    """
    results = [o for o in outcomes if isinstance(o, Segmentation)]
    if not results:
        raise ValueError("disagreement needs at least one segmentation")
    halves = no_halves(results[0].labels)
    for first, second in combinations(results, 2):
        halves += compare_pair(first, second).halves
    return share_halves(halves, len(results), results[0].labels.shape)


def no_halves(labels: Labels) -> Halves:
    """Zeros to which the halves of all pairs can be added, for maps of the size of `labels`."""
    return np.zeros(_sample(labels).shape, np.uint16)


def share_halves(halves: Halves, methods: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The `disagreement` of so many methods, from the sum of the halves of their pairs; `shape` is the image's."""
    rows, columns = (np.arange(side) // _step(shape) for side in shape)
    share = np.asarray(halves / max(methods * (methods - 1), 1), np.float32)
    return share if share.shape == shape else np.asarray(share[np.ix_(rows, columns)])


def _straddles(table: Contingency) -> NDArray[np.bool_]:
    """Which pairs of labels lie outside the row that their column covers most."""
    return np.asarray(majority(table, int(table.columns.max(initial=-1)) + 1)[table.columns] != table.rows)


def _spread(values: NDArray[np.uint8], table: Contingency, rows: Labels, columns: Labels) -> NDArray[np.uint8]:
    """The value of each pixel's pair of labels."""
    width = int(table.columns.max(initial=0)) + 1
    size = (int(table.rows.max(initial=0)) + 1) * width
    cells = table.rows * width + table.columns
    pairs: NDArray[Any] = np.multiply(rows, width, dtype="u2" if size < 2**16 else "u4") + columns
    if size > DENSE_CELLS:
        return values[np.searchsorted(cells, pairs)]
    known = np.zeros(size, np.uint8)
    known[cells] = values
    return known.take(pairs, mode="clip")  # faster than an index, and no pair lies outside


def _step(shape: tuple[int, ...]) -> int:
    return max(1, math.ceil(math.sqrt(math.prod(shape) / PIXELS)))


def _sample(labels: Labels) -> Labels:
    step = _step(labels.shape)
    return labels[::step, ::step]
