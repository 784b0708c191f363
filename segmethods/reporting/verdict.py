"""The comparison of one image in sentences: what was found, how well, at what price, and what to doubt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from segmethods.core.machine import describe_machine
from segmethods.core.messages import Message
from segmethods.core.types import VOID, GroundTruth, Outcome, Segmentation, Vocabulary
from segmethods.metrics import METRICS, Scores, one_region, score
from segmethods.reporting.cost import NOTICEABLE, round_times, tell_price, tell_terms
from segmethods.reporting.findings import Finds, list_finds, tell_finds
from segmethods.reporting.ranking import Candidate, Ranking, clears_blank, leading_metric, rank
from segmethods.reporting.titles import name_method


@dataclass(frozen=True)
class Row:
    """What a verdict needs to know of one method.

    Parameters
    ----------
    method : str
        Its id.
    seconds : float or None
        Total time; None if the method failed.
    scores : mapping or None
        Metric of classes -> value, NaN if undefined; None without a truth.
    alignment : str
        How its labels became classes of the truth.
    segments : int
        How many labels that were.
    finds : Finds or None
        What it found and named; None for methods that can't name anything.
    memory : int
        Bytes of its working memory; 0 if unknown.
    params : mapping
        Its parameters.
    """

    method: str
    seconds: float | None
    scores: Mapping[str, float] | None = None
    alignment: str = "by name"
    segments: int = 0
    finds: Finds | None = None
    memory: int = 0
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def title(self) -> Message:
        """The method's name, so that it is translated with the sentence."""
        return name_method(self.method, self.params)


@dataclass(frozen=True)
class Judgement:
    """What is known of a truth: its classes, those that are in it, and what a blank answer reaches."""

    classes: Vocabulary
    present: tuple[int, ...]
    blank: Mapping[str, float]


def make_row(outcome: Outcome, scores: Scores | None = None) -> Row:
    """The row of an outcome, with its scores against the truth where there is one."""
    if not isinstance(outcome, Segmentation):
        return Row(outcome.method, None)
    row = Row(
        outcome.method,
        outcome.timings.total,
        finds=list_finds(outcome),
        memory=outcome.memory,
        params=outcome.params,
    )
    if scores is None:
        return row
    return Row(
        **{**vars(row), "scores": class_scores(scores), "alignment": scores.alignment, "segments": scores.segments}
    )


def class_scores(scores: Scores) -> dict[str, float]:
    """The scores that may decide about methods which name classes, and what a blank answer is measured by."""
    return {metric: getattr(scores, metric) for metric in ("foreground_iou", "mean_iou")}


def score_blank(truth: GroundTruth) -> Scores:
    """What the commonest class everywhere would get."""
    return score(one_region((truth.labels.shape[0], truth.labels.shape[1])), truth, "majority")


def judge_blank(truth: GroundTruth) -> Judgement:
    """What a verdict needs to know of a truth."""
    blank = score_blank(truth)
    present = tuple(np.unique(truth.labels[truth.labels != VOID]).tolist())
    return Judgement(truth.classes, present, class_scores(blank))


def rank_rows(rows: Sequence[Row], judgement: Judgement | None) -> tuple[str, Ranking]:
    """The metric that decides, and the methods in its order; nobody is ranked without a truth."""
    scored = [row for row in rows if row.scores is not None]
    metric = leading_metric([row.scores for row in scored if row.scores is not None])
    if judgement is None or metric not in ("foreground_iou", "mean_iou"):
        return "mean_iou", Ranking()
    candidates = [Candidate(row.method, row.scores or {}, row.alignment) for row in scored]
    return metric, rank(candidates, judgement.blank, metric)


def verdict(rows: Sequence[Row], judgement: Judgement | None = None, is_shared: bool = False) -> list[Message]:
    """Sum up a comparison.

    Parameters
    ----------
    rows : sequence of Row
        One for each method of the comparison that has finished.
    judgement : Judgement, optional
        Of the truth, where there is one.
    is_shared : bool
        Whether other work may have shared the processor while they were timed, as on pages.

    Returns
    -------
    list of Message
        First one plain sentence. With a truth: who comes closest to it by itself, or that nobody finds what it shows.
        Without: what was found; nothing is ranked then.

    Examples
    --------
    >>> from segmethods.core.types import VOC
    >>> judgement = Judgement(VOC, (0, 8), {"foreground_iou": 0.0, "mean_iou": 0.35})
    >>> rows = [Row("deeplab", 0.2, {"foreground_iou": 0.9, "mean_iou": 0.9}),
    ...         Row("fcn", 0.1, {"foreground_iou": 0.8, "mean_iou": 0.8})]
    >>> print(*verdict(rows, judgement)[:2])
    DeepLab finds cat best. IoU of cat 0.90, FCN 0.80; one picture proves little.
    """
    done = [row for row in rows if row.seconds is not None]
    if not rows:
        return [Message("Choose at least one method.")]
    if not done:
        return [Message("No method gave a result; the cells say why.")]
    if judgement is None:
        sentences = tell_finds({row.method: row.finds for row in done})
    else:
        sentences = _against_truth(done, judgement, is_shared)
    failed = len(rows) - len(done)
    if failed:
        values = {"failed": failed, "all": len(rows)}
        sentences.append(Message("{failed} of {all} methods failed; their cells say why.", values))
    return sentences


def name_metric(metric: str, classes: Vocabulary, present: Sequence[int]) -> Message:
    """What a metric is called; the IoU of the one class of interest has that class's name in it."""
    wanted = [class_id for class_id in present if class_id]
    if metric == "foreground_iou" and len(wanted) == 1:
        return Message("IoU of {name}", {"name": Message(classes.names[wanted[0]])})
    return Message(METRICS[metric].title)


def find_nothing(classes: Vocabulary, present: Sequence[int], metric: str) -> Message:
    """The sentence for methods none of which does better than a blank answer."""
    wanted = [class_id for class_id in present if class_id]
    if not METRICS[metric].of_classes or len(wanted) != 1:
        return Message("None of these does better than a blank answer.")
    if classes.id == "binary":
        return Message("None of these finds the objects.")
    return Message("None of these finds {name}.", {"name": Message(classes.names[wanted[0]])})


def _against_truth(rows: list[Row], judgement: Judgement, is_shared: bool) -> list[Message]:
    metric, ranked = rank_rows(rows, judgement)
    by_method = {row.method: row for row in rows}
    if not (ranked.placed or ranked.below or ranked.bounds):
        return [Message("The truth judges no pixel, so there are no scores.")]
    if ranked.placed:
        said = _say_lead([by_method[method] for method in ranked.placed], bool(ranked.below), metric, judgement)
    elif ranked.below:
        said = _say_none_finds(by_method[ranked.below[0]], metric, judgement)
    else:
        said = [Message("None of these can name what the truth shows, so nothing is ranked.")]
    said += _say_bound(by_method, ranked, metric, judgement)
    if ranked.placed:
        best = by_method[ranked.placed[0]]
        said += tell_price(best.title, best.seconds or math.nan, best.memory, describe_machine(), is_shared)
        said += _say_quicker([by_method[method] for method in ranked.placed])
        said += tell_terms(best.method, best.params)
    return said


def _say_lead(placed: list[Row], some_below: bool, metric: str, judgement: Judgement) -> list[Message]:
    wanted = [class_id for class_id in judgement.present if class_id]
    values: dict[str, object] = {"first": placed[0].title, "metric": _metric(metric, judgement)}
    values |= {"score": _score(placed[0], metric), "blank": _text(judgement.blank[metric])}
    values["count"] = sum(_score(row, metric) == values["score"] for row in placed)
    one = metric == "foreground_iou" and judgement.classes.id != "binary"
    if one:
        values["name"] = Message(judgement.classes.names[wanted[0]])
    if len(placed) == 1:
        first = Message("Only {first} does better than a blank answer.", values)
        if not some_below:
            better = Message("{first} does better than a blank answer.", values)
            first = Message("{first} finds {name}.", values) if one else better
        return [first, Message("{metric} {score}; a blank answer has {blank}.", values)]
    values |= {"second": placed[1].title, "next": _score(placed[1], metric)}
    if values["count"] == 2:
        return [
            Message("{first} and {second} come equally close to the truth.", values),
            Message("{metric} {score}; one picture proves little.", values),
        ]
    if values["count"] != 1:
        return [
            Message("{count} methods come equally close to the truth.", values),
            Message("{metric} {score}; one picture proves little.", values),
        ]
    return [
        Message("{first} finds {name} best.", values)
        if one
        else Message("{first} comes closest to the truth.", values),
        Message("{metric} {score}, {second} {next}; one picture proves little.", values),
    ]


def _say_none_finds(best: Row, metric: str, judgement: Judgement) -> list[Message]:
    scores = best.scores or {}
    missed = metric if not clears_blank({metric: scores[metric]}, judgement.blank, metric) else "mean_iou"
    values = {"first": best.title, "metric": _metric(missed, judgement), "first_score": _score(best, missed)}
    values |= {"blank": _text(judgement.blank[missed])}
    return [
        find_nothing(judgement.classes, judgement.present, metric),
        Message("By itself no method has a higher {metric} than {first_score}; a blank answer has {blank}.", values),
    ]


def _say_bound(by_method: Mapping[str, Row], ranked: Ranking, metric: str, judgement: Judgement) -> list[Message]:
    """What the truth's help would give, if that is more than the best has by itself."""
    if not ranked.bounds:
        return []
    bound = by_method[ranked.bounds[0]]
    if ranked.placed and _value(bound, metric) <= _value(by_method[ranked.placed[0]], metric):
        return []
    values = {
        "first": bound.title,
        "segments": bound.segments,
        "metric": _metric(metric, judgement),
        "score": _score(bound, metric),
    }
    return [
        Message(
            "If the truth named the {segments:segment|segments} of {first}, {metric} could be {score}: an upper bound "
            "that no new picture gives.",
            values,
        )
    ]


def _say_quicker(placed: list[Row]) -> list[Message]:
    """The next one that takes noticeably less, in a ratio that a second measurement would give as well."""
    slow = placed[0].seconds or 0.0
    quicker = [row for row in placed[1:] if row.seconds and slow >= NOTICEABLE * row.seconds]
    if not quicker:
        return []
    values = {"second": quicker[0].title, "times": round_times(slow / (quicker[0].seconds or math.nan))}
    return [Message("{second} is about {times} times faster.", values)]


def _metric(metric: str, judgement: Judgement) -> Message:
    return name_metric(metric, judgement.classes, judgement.present)


def _value(row: Row, metric: str) -> float:
    return math.nan if row.scores is None else row.scores.get(metric, math.nan)


def _score(row: Row, metric: str) -> str:
    return _text(_value(row, metric))


def _text(value: float) -> str:
    return f"{value:.2f}"
