"""What is counted of one answer: the only thing that a metric may look at, and the same for every program part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import VOID, Labels
from segmethods.metrics.boundaries import Boundaries, BoundaryCounts, count_boundaries, fill_void, outline
from segmethods.metrics.confusion import Confusion, count_classes
from segmethods.metrics.contingency import Contingency, tabulate
from segmethods.metrics.instances import ObjectCounts, count_objects
from segmethods.metrics.regions import RegionCounts, count_regions
from segmethods.metrics.surface_distance import SurfaceCounts, count_class_surfaces

Values = NDArray[np.float64]


class Counted(Protocol):
    """Counts of one answer for one image; None for what can't be counted.

    `more` holds the counts that metrics bring with them, by the metric's id.
    """

    @property
    def classes(self) -> Confusion | None:
        """Pixels of each pair of classes."""

    @property
    def regions(self) -> RegionCounts:
        """How the regions of truth and answer overlap."""

    @property
    def boundaries(self) -> BoundaryCounts | None:
        """Boundary pixels matched within the tolerance."""

    @property
    def outlines(self) -> SurfaceCounts | None:
        """How far the classes' outlines lie apart."""

    @property
    def objects(self) -> ObjectCounts | None:
        """Single objects matched with those of the truth."""

    @property
    def more(self) -> Mapping[str, Values]:
        """What metrics count of their own, by id."""


@dataclass(frozen=True, eq=False)
class Maps:
    """One answer beside its truth; all maps are ``uint8`` or ``uint16 (H, W)``.

    Parameters
    ----------
    annotators : tuple of ndarray
        The regions of each person's truth.
    segments : ndarray
        The answer's regions.
    truth, aligned : ndarray or None
        Class ids of truth and answer, in the truth's vocabulary; None without classes.
    classes : int
        Classes in that vocabulary.
    void : int or None
        The truth's label where it isn't judged.
    found : ndarray, bool, or None
        Thin boundaries of the answer; the outline of `segments` if left out.
    outlines : tuple of ndarray, bool, or None
        Thin boundaries of each truth, where they are known already.
    objects : (ndarray, ndarray) or None
        Single objects of truth and answer, 0 where there is none.
    """

    annotators: tuple[Labels, ...]
    segments: Labels
    truth: Labels | None = None
    aligned: Labels | None = None
    classes: int = 0
    void: int | None = VOID
    found: Boundaries | None = None
    outlines: tuple[Boundaries, ...] | None = None
    objects: tuple[Labels, Labels] | None = None

    def filled(self, labels: Labels) -> Labels:
        """A map with what the truth doesn't judge filled from beside it."""
        if self.void is None or len(self.annotators) > 1:
            return labels
        return fill_void(labels, self.annotators[0], self.void)


@dataclass(frozen=True, eq=False)
class MapCounts:
    """The counts of some maps, each made when it is first asked for.

    Examples
    --------
    >>> truth, found = np.array([[0, 0, 1, 1]], np.uint8), np.array([[0, 1, 1, 1]], np.uint8)
    >>> counts = MapCounts(Maps((truth,), found, truth, found, classes=2))
    >>> counts.classes.iou.tolist(), counts.objects is None
    ([0.5, 0.6666666666666666], True)
    """

    maps: Maps = field(repr=False)

    @cached_property
    def classes(self) -> Confusion | None:
        """None without classes."""
        maps = self.maps
        if maps.truth is None or maps.aligned is None:
            return None
        return count_classes(tabulate(maps.truth, maps.aligned), maps.classes)

    @cached_property
    def regions(self) -> RegionCounts:
        """Those of all annotators, without what is not judged."""
        tables = (tabulate(annotator, self.maps.segments) for annotator in self.maps.annotators)
        return count_regions([self._judged(table) for table in tables])

    @cached_property
    def boundaries(self) -> BoundaryCounts | None:
        """None where fewer than two pixels are judged."""
        maps = self.maps
        if not self.regions.images:
            return None
        truths = maps.outlines
        if truths is None:
            truths = tuple(outline(maps.filled(annotator)) for annotator in maps.annotators)
        found = maps.found if maps.found is not None else outline(maps.filled(maps.segments))
        return count_boundaries(found, truths)

    @cached_property
    def outlines(self) -> SurfaceCounts | None:
        """None without classes, or where fewer than two pixels are judged."""
        maps = self.maps
        if maps.truth is None or maps.aligned is None or not self.regions.images:
            return None
        return count_class_surfaces(maps.filled(maps.truth), maps.filled(maps.aligned))

    @cached_property
    def objects(self) -> ObjectCounts | None:
        """None where there are no single objects."""
        return None if self.maps.objects is None else count_objects(tabulate(*self.maps.objects), self.maps.void)

    @cached_property
    def more(self) -> Mapping[str, Values]:
        """What metrics count of their own, by id."""
        from segmethods.metrics.registry import measure_more

        return measure_more(self.maps)

    def _judged(self, table: Contingency) -> Contingency:
        return table if self.maps.void is None else table.without_row(self.maps.void)
