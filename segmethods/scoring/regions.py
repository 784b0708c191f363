"""Region scores: do two maps cut the picture alike, whatever their labels are called?

Every label is one region, connected or not. All scores come from one table of counts (see `contingency`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmethods.scoring.contingency import Contingency

NAN = float("nan")


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
    areas, others = table.row_sizes(), table.column_sizes()
    iou = table.counts / (areas[table.rows] + others[table.columns] - table.counts)
    best = np.zeros(areas.size)
    np.maximum.at(best, table.rows, iou)
    return float((areas * best).sum() / areas.sum())


def _pairs(table: Contingency) -> tuple[int, int, int, int]:
    """Pairs of pixels together in both maps, in the first, in the second, and all; exact whole numbers."""
    both, first, second = (
        int((n * (n - 1) // 2).sum()) for n in (table.counts, table.row_sizes(), table.column_sizes())
    )
    return both, first, second, table.pixels * (table.pixels - 1) // 2


def _entropy(counts: NDArray[np.int64]) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())
