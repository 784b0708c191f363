"""Which methods of a run may be ranked, which are worth their time, and which setting is best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmethods.benchmark.results import Results, leaderboard
from segmethods.core.messages import Message, ParameterError
from segmethods.metrics.registry import get_metric
from segmethods.reporting.ranking import Candidate, Ranking, leading_metric, rank


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


def pareto(results: Results, metric: str = "mean_iou") -> tuple[str, ...]:
    """Labels of the ranked methods that no other one beats in both score and median time, the fastest first."""
    sign = 1 if get_metric(metric).higher_is_better else -1
    placed = ranking(results, metric).placed
    rows = [row for row in leaderboard(results) if row.label in placed]
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


def ranking(results: Results, metric: str | None = None) -> Ranking:
    """The methods of a run in order, by the rule of :mod:`segmethods.reporting.ranking`.

    Parameters
    ----------
    results : Results
        Of a run.
    metric : str, optional
        What decides; see `leading_metric` if left out.
    """
    rows = [row for row in leaderboard(results) if row.kind == "method"]
    candidates = [Candidate(row.label, row.scores, row.alignment) for row in rows]
    return rank(candidates, results.blank_scores, metric or find_metric(results))


def find_metric(results: Results) -> str:
    """The metric that decides about a run where nobody has chosen one."""
    return leading_metric([row.scores for row in leaderboard(results)])


def unit_of_difference(metric: str) -> tuple[float, Message]:
    """What a difference of two scores is multiplied by to be told, and in which unit: a point is a hundredth."""
    return (1.0, Message("bits")) if metric == "vi" else (100.0, Message("points"))
