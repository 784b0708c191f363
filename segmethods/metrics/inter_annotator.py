"""How well people agree with each other: the ceiling for methods, where several people marked the same picture."""

from __future__ import annotations

from collections.abc import Sequence

from segmethods.core.types import Labels
from segmethods.metrics.boundaries import TOLERANCE, Boundaries, BoundaryCounts, count_boundaries
from segmethods.metrics.contingency import tabulate
from segmethods.metrics.regions import RegionCounts, count_regions


def count_regions_of_people(annotators: Sequence[Labels]) -> RegionCounts:
    """Region counts of one image: the mean over all ordered pairs of annotators.

    Parameters
    ----------
    annotators : sequence of ndarray, uint8 or uint16, shape (H, W)
        One label map a person; below two there is nothing to compare, and the counts are empty.

    Examples
    --------
    >>> import numpy as np
    >>> halves, whole = np.array([[0, 0, 1, 1]], np.uint8), np.array([[3, 3, 3, 3]], np.uint8)
    >>> count_regions_of_people([halves, whole]).vi
    1.0
    """
    people = len(annotators)
    if people < 2:
        return RegionCounts()
    turns = (
        count_regions([tabulate(other, one) for j, other in enumerate(annotators) if j != i])
        for i, one in enumerate(annotators)
    )
    each = sum(turns, RegionCounts())
    pairs = people * (people - 1)
    return RegionCounts(
        covered=each.covered / pairs,
        area=each.area / pairs,
        covered_back=each.covered_back / people,
        area_back=each.area_back / people,
        rand=each.rand / people,
        adjusted=each.adjusted / people,
        bits=each.bits / people,
        images=1,
    )


def count_boundaries_of_people(annotators: Sequence[Boundaries], tolerance: float = TOLERANCE) -> BoundaryCounts:
    """Boundary counts of one image: each annotator in turn against all the others, summed.

    Parameters
    ----------
    annotators : sequence of ndarray, bool, shape (H, W)
        Thin boundaries, one map a person.
    tolerance : float
        Largest distance of a pair, as a fraction of the diagonal.
    """
    if len(annotators) < 2:
        return BoundaryCounts()
    turns = (
        count_boundaries(one, [*annotators[:i], *annotators[i + 1 :]], tolerance) for i, one in enumerate(annotators)
    )
    return sum(turns, BoundaryCounts())
