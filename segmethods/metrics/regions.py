"""Region scores: do two maps cut the picture alike, whatever their labels are called?

Every label is one region, connected or not. All scores come from one table of counts (see `tabulate`). Sums of
fractions are exact before they are rounded (`math.fsum`), so that a partition scores the same whatever its numbers are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.metrics.contingency import Contingency

NAN = float("nan")


@dataclass(frozen=True)
class RegionCounts:
    """What one segmentation's region scores are made of. For a data set, add those of its images, then score.

    Covering sums pixels over all images; the others are means over images (Arbelaez et al. 2011). With several
    annotators, each image's own value is the mean over them.

    Parameters
    ----------
    covered, area : float
        Pixels of the regions of all annotators: each region times its best IoU with a segment, and as they are.
    covered_back, area_back : float
        The same for the segments, each with the best of all regions of all annotators.
    rand, adjusted, bits : float
        Rand index, adjusted Rand index and variation of information, summed over images.
    images : int
        Images in which at least two pixels are judged; the others count for nothing.
    """

    covered: float = 0.0
    area: float = 0.0
    covered_back: float = 0.0
    area_back: float = 0.0
    rand: float = 0.0
    adjusted: float = 0.0
    bits: float = 0.0
    images: int = 0

    def __add__(self, other: RegionCounts) -> RegionCounts:
        return RegionCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def covering(self) -> float:
        """How well the segments cover the regions of the truth, 0 to 1; NaN if nothing is judged."""
        return _share(self.covered, self.area)

    @property
    def reverse_covering(self) -> float:
        """How well the regions of the truth cover the segments, 0 to 1; NaN if nothing is judged."""
        return _share(self.covered_back, self.area_back)

    @property
    def pri(self) -> float:
        """Probabilistic Rand index, 0 to 1: the mean Rand index over annotators; NaN if nothing is judged."""
        return _share(self.rand, self.images)

    @property
    def adjusted_rand(self) -> float:
        """Adjusted Rand index, -1 to 1; NaN if nothing is judged."""
        return _share(self.adjusted, self.images)

    @property
    def vi(self) -> float:
        """Variation of information in bits; lower is better, NaN if nothing is judged."""
        return _share(self.bits, self.images)


def count_regions(tables: Sequence[Contingency]) -> RegionCounts:
    """The region counts of one segmentation of one image.

    Parameters
    ----------
    tables : sequence of Contingency
        One for each annotator: truth by rows (without what is not judged), segmentation by columns.

    Examples
    --------
    >>> from segmethods.metrics.contingency import tabulate
    >>> segments = np.array([[0, 0, 1, 1]], np.uint8)
    >>> annotators = [np.array([[5, 5, 5, 5]], np.uint8), np.array([[7, 7, 9, 9]], np.uint8)]
    >>> counts = count_regions([tabulate(annotator, segments) for annotator in annotators])
    >>> counts.covering, counts.vi
    (0.75, 0.5)
    """
    tables = [table for table in tables if table.pixels > 1]
    if not tables:
        return RegionCounts()
    parts = [_best_overlaps(table) for table in tables]
    back = [_best_overlaps(Contingency(t.columns, t.rows, t.counts)) for t in tables]
    segments = max(areas.size for areas, _ in back)
    areas_back, best_back = (
        np.max([np.pad(values, (0, segments - values.size)) for values in which], axis=0)
        for which in zip(*back, strict=True)
    )
    return RegionCounts(
        covered=sum(_sum(areas * best) for areas, best in parts),
        area=float(sum(areas.sum() for areas, _ in parts)),
        covered_back=_sum(areas_back * best_back),
        area_back=float(areas_back.sum()),
        rand=float(np.mean([rand_index(table) for table in tables])),
        adjusted=float(np.mean([adjusted_rand_index(table) for table in tables])),
        bits=float(np.mean([variation_of_information(table) for table in tables])),
        images=1,
    )


def best_of_several(cuts: Sequence[Sequence[Contingency]]) -> tuple[float, float]:
    """The covering of an image when every region of the truth may choose its segmentation: covered pixels, and all.

    Parameters
    ----------
    cuts : sequence of sequence of Contingency
        For each segmentation of the image, its tables as :func:`count_regions` takes them.
    """
    covered = area = 0.0
    for tables in zip(*cuts, strict=True):
        parts = [_best_overlaps(table) for table in tables]
        areas = parts[0][0]
        covered += _sum(areas * np.max([best for _, best in parts], axis=0))
        area += float(areas.sum())
    return covered, area


def rand_index(table: Contingency) -> float:
    """Share of pixel pairs that both maps put together or both keep apart (Rand 1971); NaN below two pixels.

    Against several annotators its mean is the probabilistic Rand index.
    """
    both, first, second, pairs = _pairs(table)
    return 1 - (first + second - 2 * both) / pairs if pairs else NAN


def adjusted_rand_index(table: Contingency) -> float:
    """Rand index corrected for chance (Hubert & Arabie 1985): 1 for equal partitions, about 0 for unrelated ones.

    Negative if the maps agree less than chance would let them; 1 if both have one region only; NaN below two pixels.
    """
    both, first, second, pairs = _pairs(table)
    if not pairs:
        return NAN
    span = (first + second) * pairs - 2 * first * second
    return 2 * (both * pairs - first * second) / span if span else 1.0


def variation_of_information(table: Contingency) -> float:
    """Bits that each map tells beyond the other: H(a|b) + H(b|a) (Meila 2007). Lower is better; NaN without pixels."""
    if not table.pixels:
        return NAN
    joint, first, second = (_entropy(n) for n in (table.counts, table.row_sizes(), table.column_sizes()))
    return max(0.0, 2 * joint - first - second)


def covering(table: Contingency) -> float:
    """How well the second map covers the regions of the first (Arbelaez et al. 2011); NaN without pixels.

    For every region of the first map the best IoU with a region of the second, averaged by area.
    """
    if not table.pixels:
        return NAN
    areas, best = _best_overlaps(table)
    return _sum(areas * best) / int(areas.sum())


def _best_overlaps(table: Contingency) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pixels of each label of the first map, and its best IoU with a label of the second."""
    areas, others = table.row_sizes(), table.column_sizes()
    iou = table.counts / (areas[table.rows] + others[table.columns] - table.counts)
    best = np.zeros(areas.size)
    np.maximum.at(best, table.rows, iou)
    return areas, best


def _pairs(table: Contingency) -> tuple[int, int, int, int]:
    """Pairs of pixels together in both maps, in the first, in the second, and all; exact whole numbers."""
    both, first, second = (
        int((n * (n - 1) // 2).sum()) for n in (table.counts, table.row_sizes(), table.column_sizes())
    )
    return both, first, second, table.pixels * (table.pixels - 1) // 2


def _entropy(counts: NDArray[np.int64]) -> float:
    shares = counts[counts > 0] / counts.sum()
    return -_sum(shares * np.log2(shares))


def _sum(values: NDArray[np.float64]) -> float:
    """The sum of the values, rounded once: their order doesn't matter."""
    return math.fsum(values.tolist())


def _share(part: float, whole: float) -> float:
    return part / whole if whole else NAN
