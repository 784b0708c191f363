"""The metrics of a benchmark: those of the registry whose counts are stored with a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from segmethods.benchmark.evaluation import ImageCounts
from segmethods.metrics.boundaries import BoundaryCounts
from segmethods.metrics.confusion import Confusion
from segmethods.metrics.counts import Values
from segmethods.metrics.instances import ObjectCounts
from segmethods.metrics.regions import RegionCounts
from segmethods.metrics.registry import METRICS, Metric
from segmethods.metrics.surface_distance import SurfaceCounts


@dataclass(frozen=True, eq=False)
class TallyCounts:
    """What metrics count from: a stored tally, and its classes as the reader wants them aligned."""

    tally: ImageCounts = field(repr=False)
    classes: Confusion | None

    outlines: SurfaceCounts | None = None

    @property
    def regions(self) -> RegionCounts:
        """Sums that region scores are made of, whatever the classes."""
        return self.tally.regions

    @property
    def boundaries(self) -> BoundaryCounts | None:
        """Counts of boundary pixels: all, and those with a partner."""
        return self.tally.boundaries

    @property
    def objects(self) -> ObjectCounts | None:
        """Counts of matched objects; None where the truth doesn't tell them apart."""
        return self.tally.objects

    @property
    def more(self) -> Mapping[str, Values]:
        """Metric's id -> what that metric counted by its own function."""
        return self.tally.more


def count_for(metric: Metric, tally: ImageCounts, confusion: Confusion | None) -> Values:
    """What one tally adds to the metric's sums; empty where there is nothing to count."""
    if metric.measure is not None and metric.id not in tally.more:
        return np.empty(0)
    return metric.count(TallyCounts(tally, confusion))


def list_metrics() -> tuple[str, ...]:
    """Ids of the metrics, in the registry's order; distances of outlines are not counted in a benchmark."""
    return tuple(metric.id for metric in METRICS.values() if metric.kind != "outline" or metric.measure is not None)
