"""Who may be ranked: the one rule that every sentence, table, chart, command and report follows.

A method is ranked if what it says could be used on the next image, whose truth nobody knows: it names its classes by
itself, or a rule learned on other images names them. What it reaches when the truth of the very image names its
segments is an upper bound, and never a place. And nobody leads who doesn't do better than a blank answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from segmethods.metrics import METRICS

LEARNED = "learned"
"""The alignment of segments that a rule named which was learned on other images (`segmethods.metrics.naming`)."""

FREE = ("", "by name", LEARNED)
"""Alignments for which the truth of the scored image gave no help."""

VISIBLE = 0.005
"""By how much a score must be better than a blank answer's: a difference that two decimals don't show is none."""

LEADING = ("foreground_iou", "mean_iou", "panoptic_quality", "covering")
"""The first of these that is defined decides: with one class of interest its own IoU, not the mean with background."""

Scores = Mapping[str, float]


@dataclass(frozen=True)
class Candidate:
    """A method that wants a place.

    Parameters
    ----------
    label : str
        Which one it is.
    scores : mapping
        Metric -> value.
    alignment : str
        How its labels became classes; several ways are parted by commas.
    """

    label: str
    scores: Scores
    alignment: str = ""


@dataclass(frozen=True)
class Ranking:
    """Labels, best first; each candidate that has the score is in one of the three.

    Parameters
    ----------
    placed : tuple of str
        Those that may lead.
    below : tuple of str
        Those that don't do better than a blank answer.
    bounds : tuple of str
        Those that the truth helped: what they reach is an upper bound.
    """

    placed: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()


def is_helped(alignment: str) -> bool:
    """Whether the truth of the scored image told what labels mean.

    Examples
    --------
    >>> is_helped("by name"), is_helped("better polarity, majority")
    (False, True)
    """
    return any(way not in FREE for way in alignment.split(", "))


def leading_metric(scores: Iterable[Scores]) -> str:
    """The score that decides, where nobody has chosen one.

    Examples
    --------
    >>> leading_metric([{"foreground_iou": math.nan, "mean_iou": 0.4}])
    'mean_iou'
    """
    rows = list(scores)
    return next((m for m in LEADING if any(math.isfinite(row.get(m, math.nan)) for row in rows)), LEADING[-1])


def rank(candidates: Iterable[Candidate], blank: Scores, metric: str) -> Ranking:
    """Order the candidates by a metric.

    Parameters
    ----------
    candidates : iterable of Candidate
        Methods.
    blank : mapping
        The scores of a blank answer; empty where it has none.
    metric : str
        What decides.

    Examples
    --------
    >>> wanted = [Candidate("a", {"mean_iou": 0.9}, "majority"), Candidate("b", {"mean_iou": 0.6}, "by name")]
    >>> rank(wanted, {"mean_iou": 0.5}, "mean_iou")
    Ranking(placed=('b',), below=(), bounds=('a',))
    """
    known = METRICS[metric]
    sign = -1 if known.higher_is_better else 1
    ordered = sorted(
        (c for c in candidates if math.isfinite(c.scores.get(metric, math.nan))), key=lambda c: sign * c.scores[metric]
    )
    helped = [c.label for c in ordered if known.of_classes and is_helped(c.alignment)]
    free = [c for c in ordered if c.label not in helped]
    placed = [c.label for c in free if clears_blank(c.scores, blank, metric)]
    return Ranking(tuple(placed), tuple(c.label for c in free if c.label not in placed), tuple(helped))


def clears_blank(scores: Scores, blank: Scores, metric: str) -> bool:
    """Whether scores are better than those of a blank answer, in the metric and, if it is of classes, in mean IoU.

    The IoU of a single class alone doesn't do: a blank answer has none of it, and so anybody would be better.

    Examples
    --------
    >>> blank = {"foreground_iou": 0, "mean_iou": 0.5}
    >>> clears_blank({"foreground_iou": 0.02, "mean_iou": 0.3}, blank, "foreground_iou")
    False
    """
    metrics = {metric, "mean_iou"} if METRICS[metric].of_classes else {metric}
    return all(_is_better(scores.get(m, math.nan), blank.get(m, math.nan), m) for m in metrics)


def _is_better(value: float, floor: float, metric: str) -> bool:
    if math.isnan(floor) or math.isnan(value):
        return True
    return (value - floor if METRICS[metric].higher_is_better else floor - value) > VISIBLE
