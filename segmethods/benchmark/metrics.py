"""Scores of a data set as formulas of summed counts, for one sum or for thousands of resampled ones at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segmethods.benchmark.evaluation import Tally
from segmethods.core.messages import ParameterError
from segmethods.metrics.confusion import Confusion

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """One score.

    Parameters
    ----------
    id : str
        As in `segmethods.metrics.SCORES`, where it is described.
    count : callable
        What one picture adds to the sums: a vector, empty where there are no classes or objects to count.
    formula : callable
        The score, float64 (...), of sums (..., D); NaN where it is undefined.
    higher_is_better : bool
        Which way to sort.
    """

    id: str
    count: Callable[[Tally, Confusion | None], Values]
    formula: Callable[[Values], Values]
    higher_is_better: bool = True

    @property
    def of_classes(self) -> bool:
        """Whether it is about named classes, so that it depends on the alignment."""
        return self.count in (_class_areas, _pixels)


def _class_areas(tally: Tally, confusion: Confusion | None) -> Values:
    """Hits, true pixels and predicted pixels of every class."""
    if confusion is None:
        return np.empty(0)
    return np.concatenate([confusion.hits, confusion.true, confusion.predicted]).astype(float)


def _pixels(tally: Tally, confusion: Confusion | None) -> Values:
    if confusion is None:
        return np.empty(0)
    return np.array([confusion.hits.sum(), confusion.true.sum()], float)


def _covered(tally: Tally, confusion: Confusion | None) -> Values:
    return np.array([tally.regions.covered, tally.regions.area])


def _rand(tally: Tally, confusion: Confusion | None) -> Values:
    return np.array([tally.regions.rand, tally.regions.images])


def _bits(tally: Tally, confusion: Confusion | None) -> Values:
    return np.array([tally.regions.bits, tally.regions.images])


def _lines(tally: Tally, confusion: Confusion | None) -> Values:
    counts = tally.boundaries
    return np.array([counts.recalled, counts.true, counts.right, counts.found], float)


def _objects(tally: Tally, confusion: Confusion | None) -> Values:
    """Summed IoU, objects true and found, pixels common and joined, pairs for each of ten thresholds."""
    o = tally.objects
    if o is None:
        return np.empty(0)
    return np.array([o.iou, o.true, o.found, o.common, o.joined, *o.pairs], float)


def _share(sums: Values, part: int = 0, whole: int = 1) -> Values:
    return _ratio(sums[..., part], sums[..., whole])


def _mean_iou(sums: Values) -> Values:
    hits, true, predicted = np.split(sums, 3, axis=-1)
    iou = _ratio(hits, true + predicted - hits)
    there = ~np.isnan(iou)
    return _ratio(np.where(there, iou, 0).sum(axis=-1), there.sum(axis=-1))


def _boundary_share(sums: Values, part: int) -> Values:
    """Recall (0) or precision (2): NaN if neither side has a boundary, 0 if just one has."""
    blank = (sums[..., 1] == 0) & (sums[..., 3] == 0)
    return np.where(blank, np.nan, np.nan_to_num(_share(sums, part, part + 1)))


def _boundary_f(sums: Values) -> Values:
    """Harmonic mean of recall and precision, 0 if both are."""
    recall, precision = _boundary_share(sums, 0), _boundary_share(sums, 2)
    blank, both = np.isnan(recall), recall + precision
    return np.where(blank, np.nan, np.nan_to_num(_ratio(2 * recall * precision, both)))


def _panoptic(sums: Values) -> Values:
    return _ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def _average_precision(sums: Values) -> Values:
    pairs = sums[..., 5:]
    precision = _ratio(pairs, (sums[..., 1] + sums[..., 2])[..., None] - pairs)
    return np.asarray(precision.mean(axis=-1))


def _ratio(part: Values, whole: Values | NDArray[np.int64]) -> Values:
    whole = np.asarray(whole, float)
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole != 0))


_ALL = {
    metric.id: metric
    for metric in (
        Metric("mean_iou", _class_areas, _mean_iou),
        Metric("pixel_accuracy", _pixels, _share),
        Metric("covering", _covered, _share),
        Metric("pri", _rand, _share),
        Metric("vi", _bits, _share, higher_is_better=False),
        Metric("boundary_f", _lines, _boundary_f),
        Metric("boundary_precision", _lines, partial(_boundary_share, part=2)),
        Metric("boundary_recall", _lines, partial(_boundary_share, part=0)),
        Metric("average_precision", _objects, _average_precision),
        Metric("panoptic_quality", _objects, _panoptic),
        Metric("aggregated_jaccard", _objects, partial(_share, part=3, whole=4)),
    )
}

METRICS: tuple[str, ...] = tuple(_ALL)
"""Ids of all scores, the main ones first."""


def get_metric(id: str) -> Metric:
    """The score with this id, or `ParameterError` with the ids that exist."""
    if id not in _ALL:
        raise ParameterError("There is no score {name}. Choose from {choices}.", name=id, choices=", ".join(_ALL))
    return _ALL[id]
