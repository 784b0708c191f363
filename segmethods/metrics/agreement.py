"""How far methods agree with each other when there is no truth to ask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Labels, Outcome, Segmentation
from segmethods.metrics.alignment import majority, same_names
from segmethods.metrics.contingency import tabulate
from segmethods.metrics.regions import adjusted_rand_index

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
    maps = [_sample(o.labels) if isinstance(o, Segmentation) else None for o in outcomes]
    matrix = np.full((len(maps), len(maps)), np.nan)
    for (i, a), (j, b) in combinations(enumerate(maps), 2):
        if a is not None and b is not None:
            matrix[i, j] = matrix[j, i] = agreement(a, b)
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
    shape = results[0].labels.shape
    small = [_sample(r.labels) for r in results]
    total = np.zeros(small[0].shape, np.float32)
    pairs = list(combinations(range(len(results)), 2))
    for i, j in pairs:
        if same_names(results[i].classes, results[j].classes):
            total += small[i] != small[j]
        else:
            total += _contradictions(small[i], small[j])
    total /= max(len(pairs), 1)
    rows, columns = (np.arange(side) // _step(shape) for side in shape)
    return total[np.ix_(rows, columns)]


def _contradictions(first: Labels, second: Labels) -> NDArray[np.float32]:
    surplus = _segments(first) - _segments(second)
    if surplus:
        return (_straddles(first, second) if surplus > 0 else _straddles(second, first)).astype(np.float32)
    both = np.add(_straddles(first, second), _straddles(second, first), dtype=np.float32)
    return np.asarray(both / 2)


def _straddles(fine: Labels, coarse: Labels) -> NDArray[np.bool_]:
    """Pixels of `fine` outside the segment of `coarse` that their own segment covers most."""
    return np.asarray(majority(tabulate(coarse, fine), int(fine.max()) + 1)[fine] != coarse)


def _segments(labels: Labels) -> int:
    return int(np.count_nonzero(np.bincount(labels.ravel())))


def _step(shape: tuple[int, ...]) -> int:
    return max(1, math.ceil(math.sqrt(math.prod(shape) / PIXELS)))


def _sample(labels: Labels) -> Labels:
    step = _step(labels.shape)
    return labels[::step, ::step]
