"""One method at many thresholds: the best fixed one (ODS), the best of each image (OIS), the area under the curve (AP).

As the Berkeley benchmark reckons them (Arbelaez et al. 2011), from the counts of every image at every threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segmethods.metrics.boundaries import BoundaryCounts, f_measure
from segmethods.metrics.regions import RegionCounts

STEPS = np.linspace(0, 1, 100)
"""Where the span between two thresholds is looked at."""


class Point(NamedTuple):
    """A place on a curve of recall and precision."""

    threshold: float
    recall: float
    precision: float
    f: float


@dataclass(frozen=True)
class BoundarySummary:
    """Boundary scores over all thresholds.

    Parameters
    ----------
    ods : Point
        The best F with one threshold for all images.
    ois : BoundaryCounts
        The counts of every image at its own best threshold, summed.
    ap : float
        Area under the curve of precision over recall; NaN with one threshold, which makes no curve.
    """

    ods: Point
    ois: BoundaryCounts
    ap: float


@dataclass(frozen=True)
class RegionSummary:
    """Region scores over all thresholds, each at its best fixed threshold (``ods``) and at each image's own (``ois``).

    Parameters
    ----------
    covering_at, pri_at, vi_at : float
        The threshold of each ``ods``.
    """

    covering_at: float
    covering_ods: float
    covering_ois: float
    pri_at: float
    pri_ods: float
    pri_ois: float
    vi_at: float
    vi_ods: float
    vi_ois: float


def best_point(counts: Sequence[BoundaryCounts], thresholds: Sequence[float] | NDArray[np.float64]) -> Point:
    """The best F along the curve through the counts, which is straight between neighbouring thresholds.

    Examples
    --------
    >>> best_point([BoundaryCounts(4, 4, 4, 8), BoundaryCounts(3, 4, 3, 3)], [0.2, 0.4]).f
    0.8571428571428571
    """
    t = np.asarray(thresholds, float)
    recall, precision = np.array([(c.recall, c.precision) for c in counts]).T
    if len(counts) > 1:
        t, recall, precision = (_between(values) for values in (t, recall, precision))
    f = [f_measure(r, p) for r, p in zip(recall.tolist(), precision.tolist(), strict=True)]
    best = int(np.argmax(np.nan_to_num(f)))
    return Point(float(t[best]), float(recall[best]), float(precision[best]), f[best])


def summarise_boundaries(
    images: Sequence[Sequence[BoundaryCounts]], thresholds: Sequence[float] | NDArray[np.float64]
) -> BoundarySummary:
    """ODS, OIS and AP of boundaries.

    Parameters
    ----------
    images : sequence of sequence of BoundaryCounts
        For each image, its counts at each threshold.
    thresholds : sequence of float
        From the lowest up.
    """
    totals = [sum(counts, BoundaryCounts()) for counts in zip(*images, strict=True)]
    own = (max(counts, key=lambda c: 1.0 if c.is_blank else c.f) for counts in images)  # blank and blank agree
    return BoundarySummary(best_point(totals, thresholds), sum(own, BoundaryCounts()), _area(totals))


def summarise_regions(
    images: Sequence[Sequence[RegionCounts]], thresholds: Sequence[float] | NDArray[np.float64]
) -> RegionSummary:
    """ODS and OIS of covering, PRI and VI; images in which nothing is judged are left out.

    Parameters
    ----------
    images : sequence of sequence of RegionCounts
        For each image, its counts at each threshold.
    thresholds : sequence of float
        From the lowest up.
    """
    images = [counts for counts in images if counts[0].images]
    if not images:
        return RegionSummary(*[math.nan] * 9)
    totals = [sum(counts, RegionCounts()) for counts in zip(*images, strict=True)]
    covering = [c.covering for c in totals]
    pri, vi = [c.pri for c in totals], [c.vi for c in totals]
    own = (max(reversed(counts), key=lambda c: c.covering) for counts in images)
    return RegionSummary(
        covering_at=float(thresholds[int(np.argmax(covering))]),
        covering_ods=max(covering),
        covering_ois=sum(own, RegionCounts()).covering,
        pri_at=float(thresholds[int(np.argmax(pri))]),
        pri_ods=max(pri),
        pri_ois=float(np.mean([max(c.pri for c in counts) for counts in images])),
        vi_at=float(thresholds[int(np.argmin(vi))]),
        vi_ods=min(vi),
        vi_ois=float(np.mean([min(c.vi for c in counts) for counts in images])),
    )


def _between(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (values[:-1, None] * (1 - STEPS) + values[1:, None] * STEPS).ravel()


def _area(totals: Sequence[BoundaryCounts]) -> float:
    """Precision at recall 0, 0.01, ... 1, times 0.01; nothing outside the recalls that were measured."""
    if len(totals) < 2:
        return math.nan
    recall, place = np.unique([c.recall for c in totals], return_index=True)
    precision = np.array([c.precision for c in totals])[place]
    if recall.size < 2:
        return 0.0
    return float(np.interp(np.linspace(0, 1, 101), recall, precision, left=0, right=0).sum() * 0.01)
