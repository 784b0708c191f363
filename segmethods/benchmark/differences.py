"""How far one method is ahead of another on the same images, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from segmethods.benchmark.results import Results
from segmethods.metrics.counts import Values
from segmethods.metrics.registry import get_metric

FEWEST, SIGNIFICANT = 6, 0.05
"""Nobody beats anybody on fewer images, or with a larger p: on few images the interval alone leaves out zero far too
often."""

LEVEL = 0.95
"""Of intervals."""


@dataclass(frozen=True)
class Difference:
    """How far one method is ahead of another on the same pictures.

    Parameters
    ----------
    first, second, metric : str
        What is compared.
    estimate : float
        The first one's score minus the second one's, over all pictures.
    low, high : float
        95% interval of it, see `find_interval`; NaN on one picture.
    better, worse, ties : int
        Pictures on which the first one is better or worse by itself, or neither.
    images : int
        Pictures on which both have a score.
    p : float
        Of a two-sided Wilcoxon signed-rank test of the pictures' own scores; 1 if they are all equal, NaN without any.
    pairs : int
        From how many pairs this one was picked; p is corrected for that.
    """

    first: str
    second: str
    metric: str
    estimate: float
    low: float
    high: float
    better: int
    worse: int
    ties: int
    images: int
    p: float
    pairs: int = 1

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def is_sure(self) -> bool:
        """Whether one may be said to beat the other: enough images, an interval without zero, and a small p."""
        return self.is_clear and self.images >= FEWEST and self.p < SIGNIFICANT


def compare_pair(results: Results, first: str, second: str, metric: str = "mean_iou") -> Difference:
    """Compare two lines of the leaderboard picture by picture.

    Parameters
    ----------
    results : Results
        Of a run.
    first, second : str
        Labels.
    metric : str
        One of `METRICS`.

    Raises
    ------
    ParameterError
        If there is no such label or score.
    """
    known = get_metric(metric)
    counts = [results.counts(label, metric) for label in (first, second)]
    low, high = (math.nan, math.nan)
    if all(c.size for c in counts):
        low, high = (float(end) for end in find_interval(counts[0], counts[1], known.formula))
    gaps = results.by_image(first, metric) - results.by_image(second, metric)
    gaps = gaps[~np.isnan(gaps)]
    ahead = gaps if known.higher_is_better else -gaps
    return Difference(
        first,
        second,
        metric,
        estimate=results.score(first, metric) - results.score(second, metric),
        low=low,
        high=high,
        better=int((ahead > 0).sum()),
        worse=int((ahead < 0).sum()),
        ties=int((ahead == 0).sum()),
        images=gaps.size,
        p=_wilcoxon(gaps),
    )


def compare_all(results: Results, labels: Sequence[str], metric: str = "mean_iou") -> dict[tuple[str, str], Difference]:
    """Every pair of these lines, each p corrected for how many pairs there are (Holm 1979).

    Whoever picks one of many pairs because it looks best needs this; the pair that a verdict compares is known
    beforehand.
    """
    found = {pair: compare_pair(results, *pair, metric) for pair in combinations(labels, 2)}
    corrected = correct_holm([difference.p for difference in found.values()])
    return {
        pair: replace(difference, p=p, pairs=len(found))
        for (pair, difference), p in zip(found.items(), corrected, strict=True)
    }


def find_interval(first: Values, second: Values, formula: Callable[[Values], Values]) -> tuple[Values, Values]:
    """95% interval of the difference of two scores of summed counts, by the jackknife with Student's t (Tukey 1958).

    Each image is left out in turn, for both methods, and both scores are computed anew from what is left.

    Parameters
    ----------
    first, second : ndarray, float64, shape (..., images, counts)
        What each image adds to the sums.
    formula : callable
        The score of sums.

    Returns
    -------
    low, high : ndarray, float64, shape (...)
        NaN for a single image, or where leaving out an image leaves no score.

    Examples
    --------
    >>> right = np.array([[8.0, 10.0], [9.0, 10.0], [7.0, 10.0]])
    >>> low, high = find_interval(right, right - [1.0, 0.0], lambda sums: sums[..., 0] / sums[..., 1])
    >>> round(float(low), 6), round(float(high), 6)
    (0.1, 0.1)
    """
    from scipy.stats import t as student

    images = first.shape[-2]
    if images < 2:
        nothing = np.full(first.shape[:-2], np.nan)
        return nothing, nothing
    whole, parts = [], []
    for counts in (first, second):
        total = counts.sum(axis=-2, keepdims=True)
        whole.append(formula(total)[..., 0])
        parts.append(formula(total - counts))
    estimate, without = whole[0] - whole[1], parts[0] - parts[1]
    spread = (without - without.mean(axis=-1, keepdims=True)) ** 2
    error = np.sqrt((images - 1) / images * spread.sum(axis=-1))
    reach = student.ppf((1 + LEVEL) / 2, images - 1) * error
    return estimate - reach, estimate + reach


def correct_holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for being several (Holm 1979); NaN stays NaN, and counts for nothing.

    Examples
    --------
    >>> [round(p, 3) for p in correct_holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    known = sorted((p, place) for place, p in enumerate(values) if not math.isnan(p))
    corrected, highest = list(values), 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        corrected[place] = highest
    return corrected


def _wilcoxon(gaps: Values) -> float:
    from scipy.stats import wilcoxon

    if not gaps.size:
        return math.nan
    return float(wilcoxon(gaps).pvalue) if gaps.any() else 1.0
