"""Vectors of counts that add up over images, and scores as formulas of their sums, float64 (..., D) -> (...).

A formula takes one sum or thousands of resampled ones at once. 0/0 is NaN, and every mean leaves NaN out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmethods.metrics.confusion import mean
from segmethods.metrics.counts import Counted, Values

Count = Callable[[Counted], Values]
Formula = Callable[[Values], Values]
NOTHING = np.empty(0)


def class_areas(counts: Counted) -> Values:
    """Hits, true pixels and predicted pixels of every class."""
    found = counts.classes
    return NOTHING if found is None else np.concatenate([found.hits, found.true, found.predicted]).astype(float)


def right_pixels(counts: Counted) -> Values:
    """Pixels that are right, and all."""
    found = counts.classes
    return NOTHING if found is None else np.array([found.hits.sum(), found.true.sum()], float)


def covered_pixels(counts: Counted) -> Values:
    """Pixels of the regions times their best IoU, and as they are."""
    return np.array([counts.regions.covered, counts.regions.area])


def rand_sum(counts: Counted) -> Values:
    """Rand index and images."""
    return np.array([counts.regions.rand, counts.regions.images])


def adjusted_sum(counts: Counted) -> Values:
    """Adjusted Rand index and images."""
    return np.array([counts.regions.adjusted, counts.regions.images])


def bits_sum(counts: Counted) -> Values:
    """Variation of information and images."""
    return np.array([counts.regions.bits, counts.regions.images])


def boundary_pixels(counts: Counted) -> Values:
    """Boundary pixels of the truth with a partner, and all; of the answer with a partner, and all."""
    found = counts.boundaries
    return NOTHING if found is None else np.array([found.recalled, found.true, found.right, found.found], float)


def outline_distances(counts: Counted) -> Values:
    """Pixels within the tolerance, pixels, Hausdorff distance without the worst 5 % and with them, and outlines."""
    found = counts.outlines
    if found is None:
        return NOTHING
    return np.array([found.within, found.surface, found.most, found.largest, found.compared], float)


def object_sums(counts: Counted) -> Values:
    """Summed IoU, objects true and found, pixels common and joined, pairs for each of ten thresholds."""
    found = counts.objects
    if found is None:
        return NOTHING
    return np.array([found.iou, found.true, found.found, found.common, found.joined, *found.pairs], float)


def share(part: int = 0, whole: int = 1) -> Formula:
    """One of the sums divided by another one."""
    return lambda sums: ratio(sums[..., part], sums[..., whole])


def mean_of_classes(measure: Callable[[Values, Values, Values], Values]) -> Formula:
    """The mean over classes of what follows from hits, true and predicted pixels of each."""
    return lambda sums: _mean(measure(*np.split(sums, 3, axis=-1)))


def class_iou(hits: Values, true: Values, predicted: Values) -> Values:
    """Intersection over union: hits among the pixels that are the class in the truth or in the answer."""
    return ratio(hits, true + predicted - hits)


def foreground_iou(sums: Values) -> Values:
    """The IoU of the only class beside the first one that the truth has; NaN where it has none or several."""
    hits, true, predicted = np.split(sums, 3, axis=-1)
    there = true[..., 1:] > 0
    if not there.shape[-1]:
        return np.full(there.shape[:-1], np.nan)
    iou = class_iou(hits, true, predicted)[..., 1:]
    own = np.take_along_axis(iou, there.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    return np.where(there.sum(axis=-1) == 1, own, np.nan)


def class_dice(hits: Values, true: Values, predicted: Values) -> Values:
    """Dice: twice the hits, divided by the sum of true and predicted pixels."""
    return ratio(2 * hits, true + predicted)


def class_recall(hits: Values, true: Values, _predicted: Values) -> Values:
    """The share of true pixels that was found."""
    return ratio(hits, true)


def class_precision(hits: Values, _true: Values, predicted: Values) -> Values:
    """The share of predicted pixels that is true."""
    return ratio(hits, predicted)


def frequency_weighted_iou(sums: Values) -> Values:
    """The IoU of the classes, each weighted by its true pixels."""
    hits, true, predicted = np.split(sums, 3, axis=-1)
    weighted = np.nansum(true * class_iou(hits, true, predicted), axis=-1)
    return ratio(weighted, true.sum(axis=-1))


def boundary_share(part: int) -> Formula:
    """Recall (0) or precision (2): NaN if neither side has a boundary, 0 if just one has."""

    def formula(sums: Values) -> Values:
        blank = (sums[..., 1] == 0) & (sums[..., 3] == 0)
        return np.where(blank, np.nan, np.nan_to_num(ratio(sums[..., part], sums[..., part + 1])))

    return formula


def boundary_f(sums: Values) -> Values:
    """Harmonic mean of recall and precision, 0 if both are."""
    recall, precision = boundary_share(0)(sums), boundary_share(2)(sums)
    f = np.nan_to_num(ratio(2 * precision * recall, precision + recall))
    return np.where(np.isnan(recall), np.nan, f)


def panoptic_quality(sums: Values) -> Values:
    """Twice the summed IoU of the pairs, divided by the number of true and found objects."""
    return ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def average_precision(sums: Values) -> Values:
    """Pairs divided by pairs, misses and false finds, the mean over the thresholds of IoU."""
    pairs = sums[..., 5:]
    precision = ratio(pairs, (sums[..., 1] + sums[..., 2])[..., None] - pairs)
    return np.asarray(precision.mean(axis=-1))


def ratio(part: Values, whole: Values | NDArray[np.int64]) -> Values:
    """The quotient, NaN where `whole` is 0."""
    whole = np.asarray(whole, float)
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole != 0))


def _mean(values: Values) -> Values:
    if values.ndim == 1:
        return np.asarray(mean(values))
    there = ~np.isnan(values)
    return ratio(np.where(there, values, 0).sum(axis=-1), there.sum(axis=-1))
