"""Class scores: what share of each class was found, and what share of the find is right.

Counts first, formulas after. One policy for what is absent, everywhere: pixels that the truth doesn't judge are dropped
first; 0/0 is NaN; every mean leaves NaN out. So the IoU of a class is NaN only if neither truth nor prediction has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmethods.core.messages import ImageError
from segmethods.core.types import VOID
from segmethods.metrics.contingency import Contingency, Counts

Fractions = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Confusion:
    """Judged pixels by true class and predicted class. For a data set, add the tables of its images, then score.

    Parameters
    ----------
    counts : ndarray, int64, shape (n, n + 1)
        Row: true class. Column: predicted class; the last one is "no class of the vocabulary", which lowers the scores
        of the true class and is nobody's false positive.

    Examples
    --------
    >>> Confusion(np.array([[3, 1, 0], [0, 4, 0]])).iou.tolist()
    [0.75, 0.8]
    """

    counts: Counts

    def __add__(self, other: Confusion) -> Confusion:
        return Confusion(self.counts + other.counts)

    @property
    def hits(self) -> Counts:
        """Pixels of each class that were predicted as such, shape (n,)."""
        return np.diagonal(self.counts).astype(np.int64)

    @property
    def true(self) -> Counts:
        """Pixels of each class in the truth, shape (n,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def predicted(self) -> Counts:
        """Judged pixels of each class in the prediction, shape (n,)."""
        return np.asarray(self.counts[:, :-1].sum(axis=0))

    @property
    def iou(self) -> Fractions:
        """Intersection over union of each class, shape (n,), NaN if it is in neither map."""
        return _ratio(self.hits, self.true + self.predicted - self.hits)

    @property
    def dice(self) -> Fractions:
        """Dice coefficient (F1) of each class, shape (n,), NaN if it is in neither map."""
        return _ratio(2 * self.hits, self.true + self.predicted)

    @property
    def precision(self) -> Fractions:
        """Share of the predicted pixels that are right, shape (n,), NaN if the class was never predicted."""
        return _ratio(self.hits, self.predicted)

    @property
    def recall(self) -> Fractions:
        """Share of the true pixels that were found, shape (n,), NaN if the truth hasn't got the class."""
        return _ratio(self.hits, self.true)

    @property
    def pixel_accuracy(self) -> float:
        """Share of the judged pixels that are right; NaN if none is judged."""
        return float(_ratio(self.hits.sum(), self.true.sum()))

    @property
    def mean_iou(self) -> float:
        """Mean of `iou` over the classes that have one; NaN if none has."""
        return mean(self.iou)

    @property
    def class_accuracy(self) -> float:
        """Mean of `recall` over the classes of the truth; NaN if nothing is judged."""
        return mean(self.recall)

    @property
    def frequency_weighted_iou(self) -> float:
        """IoU of the classes, weighted by their pixels in the truth; NaN if none is judged."""
        return float(_ratio(np.nansum(self.true * self.iou), self.true.sum()))


def count_classes(table: Contingency, classes: int) -> Confusion:
    """The confusion counts of a prediction.

    Parameters
    ----------
    table : Contingency
        Truth by rows (255, not judged, is dropped), prediction by columns.
    classes : int
        Classes in the vocabulary, n.

    Raises
    ------
    ImageError
        If the truth has a class that isn't in the vocabulary.
    """
    judged = table.without_row(VOID)
    if judged.rows.size and judged.rows.max() >= classes:
        raise ImageError(
            "The truth has the class {found}, but its classes go from 0 to {last}. Use another mask.",
            found=int(judged.rows.max()),
            last=classes - 1,
        )
    outside = (judged.columns >= classes) | (judged.columns == VOID)
    counts = np.zeros((classes, classes + 1), np.int64)
    np.add.at(counts, (judged.rows, np.where(outside, classes, judged.columns)), judged.counts)
    return Confusion(counts)


def mean(values: Fractions) -> float:
    """Mean of the values that are defined; NaN if none is.

    Examples
    --------
    >>> mean(np.array([0.5, 1.0, np.nan]))
    0.75
    """
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _ratio(part: ArrayLike, whole: ArrayLike) -> Fractions:
    numerator, denominator = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator != 0)
