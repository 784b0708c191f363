"""Object scores: were single objects found, each as one piece?

Maps of objects have 0 where there is none and another label for each object, connected or not. For average precision
two objects are a pair if their IoU reaches a threshold (as in COCO, StarDist and Cellpose), for panoptic quality if it
lies above one half (Kirillov et al. 2019), which no object can do with two others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.metrics.contingency import Contingency, Counts

PERCENT = np.arange(50, 100, 5)
"""The IoU that a pair must reach, in percent: 50, 55, ... 95."""

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class ObjectCounts:
    """Objects, pairs and their overlaps. For a data set, add those of its images, then score.

    Parameters
    ----------
    true, found : int
        Objects in the truth and in the prediction.
    pairs : ndarray, int64, shape (10,)
        Pairs with an IoU of at least 0.50, 0.55, ... 0.95, one to one.
    iou : float
        IoU of the pairs above 0.50, summed.
    common, joined : int
        Pixels for the aggregated Jaccard index: what each true object shares with the object that fits it best, and
        what both cover together; objects that fit none are added to `joined`.
    matched : int
        Pairs with an IoU above 0.50.
    """

    true: int
    found: int
    pairs: Counts
    iou: float
    common: int
    joined: int
    matched: int

    def __add__(self, other: ObjectCounts) -> ObjectCounts:
        return ObjectCounts(
            self.true + other.true,
            self.found + other.found,
            self.pairs + other.pairs,
            self.iou + other.iou,
            self.common + other.common,
            self.joined + other.joined,
            self.matched + other.matched,
        )

    @property
    def precision_at(self) -> NDArray[np.float64]:
        """Pairs divided by pairs, misses and false finds, for each IoU, shape (10,); NaN if there is no object."""
        every = self.true + self.found - self.pairs
        shares: NDArray[np.float64] = np.divide(self.pairs, every, out=np.full(self.pairs.shape, NAN), where=every > 0)
        return shares

    @property
    def average_precision(self) -> float:
        """Mean of `precision_at` over IoU 0.50 to 0.95; NaN if there is no object."""
        return float(self.precision_at.mean())

    @property
    def panoptic_quality(self) -> float:
        """Summed IoU of pairs, divided by pairs and half the objects without one; NaN if there is no object."""
        return 2 * self.iou / (self.true + self.found) if self.true + self.found else NAN

    @property
    def recognition_quality(self) -> float:
        """F1 of finding objects; NaN if there is no object."""
        return 2 * self.matched / (self.true + self.found) if self.true + self.found else NAN

    @property
    def segmentation_quality(self) -> float:
        """Mean IoU of pairs; NaN if there is none."""
        return self.iou / self.matched if self.matched else NAN

    @property
    def aggregated_jaccard(self) -> float:
        """`common` divided by `joined` (Kumar et al. 2017); NaN if there is no object."""
        return self.common / self.joined if self.joined else NAN


def count_objects(table: Contingency, void: int | None = None) -> ObjectCounts:
    """The object counts of one image.

    Parameters
    ----------
    table : Contingency
        Truth by rows, prediction by columns; 0 is no object in both.
    void : int, optional
        The truth's label where it isn't judged. These pixels count for no object, and a find without a partner that
        lies mostly in them is no false find (Kirillov et al. 2019, section 4.3).

    Examples
    --------
    >>> from segmethods.metrics.contingency import tabulate
    >>> truth, found = np.array([[1, 1, 1, 0, 2, 2]], np.uint8), np.array([[4, 4, 0, 0, 7, 7]], np.uint8)
    >>> counts = count_objects(tabulate(truth, found))
    >>> round(counts.panoptic_quality, 3), round(counts.average_precision, 3), counts.aggregated_jaccard
    (0.833, 0.6, 0.8)
    """
    whole = table.column_sizes()
    table = table if void is None else table.without_row(void)
    true, found = table.row_sizes(), table.column_sizes()
    true[:1] = found[:1] = 0
    both = (table.rows > 0) & (table.columns > 0)
    rows, columns, common = table.rows[both], table.columns[both], table.counts[both]
    joined = true[rows] + found[columns] - common
    paired = 2 * common > joined
    excused = 2 * found < whole[: found.size]
    excused[columns[paired]] = False
    found[excused] = 0
    best = _best_fits(rows, columns, common / joined)
    alone = np.setdiff1d(np.flatnonzero(true), rows[best])
    unused = np.setdiff1d(np.flatnonzero(found), columns[best])
    return ObjectCounts(
        true=int(np.count_nonzero(true)),
        found=int(np.count_nonzero(found)),
        pairs=_count_pairs(rows, columns, common, joined),
        iou=float((common / joined)[paired].sum()),
        common=int(common[best].sum()),
        joined=int(joined[best].sum() + true[alone].sum() + found[unused].sum()),
        matched=int(np.count_nonzero(paired)),
    )


def _count_pairs(rows: Counts, columns: Counts, common: Counts, joined: Counts) -> Counts:
    """Pairs that reach each IoU. At one half exactly an object may have two others in it, and takes one of them."""
    pairs = (100 * common[:, None] >= PERCENT * joined[:, None]).sum(axis=0, dtype=np.int64)
    half = 2 * common == joined
    pairs[0] -= 2 * np.count_nonzero(half) - np.unique(rows[half]).size - np.unique(columns[half]).size
    return np.asarray(pairs)


def _best_fits(rows: Counts, columns: Counts, iou: NDArray[np.float64]) -> NDArray[np.intp]:
    """For each row that overlaps anything, the place of its largest IoU, ties to the lowest column."""
    order = np.lexsort((columns, -iou, rows))
    return np.asarray(order[np.unique(rows[order], return_index=True)[1]])
