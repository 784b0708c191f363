"""Which differences between methods are real, which methods are worth their time, and which setting is best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmethods.benchmark.results import Results, Summary, leaderboard
from segmethods.core.messages import Message, ParameterError
from segmethods.methods import get_method
from segmethods.metrics.counts import Values
from segmethods.metrics.registry import METRICS, get_metric

DRAWS = 2000
BLOCK = 200


FEWEST, SIGNIFICANT = 6, 0.05
"""Nobody beats anybody on fewer images, or with a larger p: on few images the interval alone leaves out zero far too
often."""


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
        95 % interval of it: pictures are drawn with replacement, the same ones for both methods, and both scores are
        computed anew from the summed counts (paired bootstrap, percentiles; Efron & Tibshirani 1993).
    better, worse, ties : int
        Pictures on which the first one is better or worse by itself, or neither.
    images : int
        Pictures on which both have a score.
    p : float
        Of a two-sided Wilcoxon signed-rank test of the pictures' own scores; 1 if they are all equal, NaN without any.
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

    @property
    def margin(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def is_sure(self) -> bool:
        """Whether one may be said to beat the other: enough images, an interval without zero, and a small p."""
        return self.is_clear and self.images >= FEWEST and self.p < SIGNIFICANT


@dataclass(frozen=True)
class Sweep:
    """One method over one parameter.

    Parameters
    ----------
    method, parameter, metric : str
        What was swept, and by which score it is judged.
    values, scores : tuple
        The parameter's values, and the score of the whole data set with each.
    ods, ods_score
        The best single value for the whole data set (optimal data set scale), and its score.
    ois_score : float
        The score if every picture had its own best value (optimal image scale), from summed counts.
    best_of_image : mapping
        Picture -> its best value; pictures without a score are left out.
    """

    method: str
    parameter: str
    metric: str
    values: tuple[Any, ...]
    scores: tuple[float, ...]
    ods: Any
    ods_score: float
    ois_score: float
    best_of_image: Mapping[str, Any]


def compare_pair(
    results: Results, first: str, second: str, metric: str = "mean_iou", draws: int = DRAWS, seed: int = 0
) -> Difference:
    """Compare two lines of the leaderboard picture by picture.

    Parameters
    ----------
    results : Results
        Of a run.
    first, second : str
        Labels.
    metric : str
        One of `METRICS`.
    draws, seed : int
        Of the bootstrap.

    Raises
    ------
    ParameterError
        If there is no such label or score.
    """
    known = get_metric(metric)
    counts = [results.counts(label, metric) for label in (first, second)]
    drawn = [_resample(c, known.formula, draws, seed) for c in counts]
    differences = drawn[0] - drawn[1]
    differences = differences[~np.isnan(differences)]
    low, high = np.percentile(differences, [2.5, 97.5]).tolist() if differences.size else (math.nan, math.nan)
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


def verdict(results: Results, metric: str = "mean_iou") -> Message:
    """One sentence on who is best, by how much, and how sure that is.

    The best two methods are compared; where the score is about classes, those that name classes freely take
    precedence over those whose segments the truth had to name.
    """
    ranked = ranking(results, metric)
    if not ranked:
        return Message("No method has this score on these pictures.")
    best = ranked[0]
    values: dict[str, object] = {
        "first": _title(results, best.label),
        "metric": _name(metric),
        "images": best.images,
        "score": f"{best.scores[metric]:.2f}",
    }
    if len(ranked) == 1:
        return Message("{first} reaches {score} ({metric}) on {images:image|images}.", values)
    found = compare_pair(results, best.label, ranked[1].label, metric)
    values |= {
        "second": _title(results, ranked[1].label),
        "gap": _text(abs(found.estimate), metric),
        "margin": _text(found.margin, metric),
        "unit": unit_of_difference(metric)[1],
        "better": found.better,
        "images": found.images,
        "p": "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}",
    }
    helped = get_metric(metric).of_classes and (best.is_helped or ranked[1].is_helped)
    if not found.is_sure:
        return Message(
            "{first} and {second} can't be told apart on these {images} images: "
            "they differ by {gap} ± {margin} {unit} ({metric}, {p}).",
            values,
        )
    if helped:
        return Message(
            "With the truth's help {first} fits better than {second}, by {gap} ± {margin} {unit}, on {better} of "
            "{images} images ({metric}, {p}); neither says by itself what its segments are.",
            values,
        )
    return Message(
        "{first} beats {second} by {gap} ± {margin} {unit}, on {better} of {images} images ({metric}, {p}).", values
    )


def pareto(results: Results, metric: str = "mean_iou") -> tuple[str, ...]:
    """Labels of the methods that no other one beats in both score and median time, the fastest first."""
    sign = 1 if get_metric(metric).higher_is_better else -1
    rows = [row for row in leaderboard(results) if row.kind == "method"]
    points = [(row.seconds_median, -sign * row.scores[metric], row.label) for row in rows]
    front, best = [], math.inf
    for _, cost, label in sorted(p for p in points if not (math.isnan(p[0]) or math.isnan(p[1]))):
        if cost < best:
            front.append(label)
            best = cost
    return tuple(front)


def find_sweep(results: Results) -> tuple[str, str] | None:
    """The method and the parameter, if the run's lines differ in one parameter of one method."""
    entries = results.run.entries
    if len(entries) < 2 or len({entry.method for entry in entries}) > 1:
        return None
    varied = [name for name in entries[0].params if len({repr(e.params.get(name)) for e in entries}) > 1]
    return (entries[0].method, varied[0]) if len(varied) == 1 else None


def sweep(results: Results, metric: str = "mean_iou") -> Sweep:
    """The best setting for the data set (ODS), and what the best one of each picture would give (OIS).

    Raises
    ------
    ParameterError
        If the run is no sweep, or the score doesn't exist.
    """
    found = find_sweep(results)
    if found is None:
        raise ParameterError("This run is no sweep: its lines must differ in one parameter of one method.")
    known, (method, parameter) = get_metric(metric), found
    entries = [e for e in results.run.entries if e.label in results.labels]
    sign = 1 if known.higher_is_better else -1
    values = tuple(entry.params[parameter] for entry in entries)
    counts = np.stack([results.counts(entry.label, metric) for entry in entries])
    each = np.stack([results.by_image(entry.label, metric) for entry in entries])
    scores = tuple(results.score(entry.label, metric) for entry in entries)
    ranks = np.where(np.isnan(each), -np.inf, sign * each)
    own = ranks.argmax(axis=0)
    total = np.take_along_axis(counts, own[None, :, None], axis=0)[0].sum(axis=0)
    best = int(np.argmax([-math.inf if math.isnan(s) else sign * s for s in scores]))
    there = np.atleast_1d(np.isfinite(ranks).any(axis=0))
    return Sweep(
        method,
        parameter,
        metric,
        values,
        scores,
        ods=values[best],
        ods_score=scores[best],
        ois_score=float(known.formula(total)) if total.size else math.nan,
        best_of_image={name: values[own[i]] for i, name in enumerate(results.images) if there[i]},
    )


def _resample(counts: Values, formula: Any, draws: int, seed: int) -> Values:
    """The score of `draws` sets of as many pictures, drawn with replacement; the same sets for the same seed."""
    images = len(counts)
    if not counts.size:
        return np.full(draws, math.nan)
    random = np.random.default_rng(seed)
    parts = []
    for start in range(0, draws, BLOCK):
        size = min(BLOCK, draws - start)
        times = random.multinomial(images, np.full(images, 1 / images), size)
        parts.append(formula(times @ counts))
    return np.concatenate(parts)


def _wilcoxon(gaps: Values) -> float:
    from scipy.stats import wilcoxon

    if not gaps.size:
        return math.nan
    return float(wilcoxon(gaps).pvalue) if gaps.any() else 1.0


def ranking(results: Results, metric: str = "mean_iou") -> list[Summary]:
    """The methods, best first, as a verdict compares them.

    Where the score is about classes and some method names them freely, those whose segments the truth had to name are
    left out: they can't be used on an image whose truth nobody knows.
    """
    known = get_metric(metric)
    sign = -1 if known.higher_is_better else 1
    rows = [r for r in leaderboard(results) if r.kind == "method" and not math.isnan(r.scores[metric])]
    rows.sort(key=lambda row: sign * row.scores[metric])
    free = [row for row in rows if not row.is_helped]
    return free if known.of_classes and free else rows


def _title(results: Results, label: str) -> Message | str:
    entry = results.entry(label)
    return Message(get_method(entry.method).title) if entry and entry.label == entry.method else label


def _name(metric: str) -> Message | str:
    return Message(METRICS[metric].title) if metric in METRICS else metric.replace("_", " ")


def unit_of_difference(metric: str) -> tuple[float, Message]:
    """What a difference of two scores is multiplied by to be told, and in which unit: a point is a hundredth."""
    return (1.0, Message("bits")) if metric == "vi" else (100.0, Message("points"))


def _text(value: float, metric: str) -> str:
    scale, _ = unit_of_difference(metric)
    return f"{scale * value:.{1 if scale > 1 else 2}f}"
