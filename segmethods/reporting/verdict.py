"""The comparison in a sentence or two: who did best, at what price, and whether the comparison is fair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from segmethods.core.messages import Message
from segmethods.core.types import Outcome, Segmentation
from segmethods.methods import get_method
from segmethods.metrics import Scores

NOTICEABLE = 1.2
"""A method that isn't faster by this factor isn't called faster: two runs of one method differ as much."""


@dataclass(frozen=True)
class Row:
    """What a verdict needs to know of one method.

    Parameters
    ----------
    title : str
        The method's English name; the sentence holds it as a `Message`, so that it is translated as well.
    seconds : float or None
        Total time; None if the method failed.
    iou : float or None
        Mean IoU, NaN if undefined; None without a truth.
    alignment : str
        How its labels became classes of the truth.
    segments : int
        How many labels that were.
    agreement : float
        Mean adjusted Rand index with the other methods; NaN if undefined.
    """

    title: str
    seconds: float | None
    iou: float | None = None
    alignment: str = "by name"
    segments: int = 0
    agreement: float = math.nan

    @property
    def time(self) -> float:
        """Seconds that it took, 0 if it failed."""
        return self.seconds or 0.0

    @property
    def score(self) -> float:
        """Mean IoU, NaN without a truth."""
        return math.nan if self.iou is None else self.iou

    @property
    def is_helped(self) -> bool:
        """Whether the truth was used to give the labels their classes."""
        return self.alignment != "by name"


def make_row(outcome: Outcome, scores: Scores | None = None, agreement: float = math.nan) -> Row:
    """The row of an outcome, with its scores against the truth where there is one."""
    title = get_method(outcome.method).title
    if not isinstance(outcome, Segmentation):
        return Row(title, None)
    if scores is None:
        return Row(title, outcome.timings.total, agreement=agreement)
    return Row(title, outcome.timings.total, scores.mean_iou, scores.alignment, scores.segments, agreement)


def verdict(rows: Sequence[Row]) -> list[Message]:
    """Sum up a comparison.

    Parameters
    ----------
    rows : sequence of Row
        One for each method of the comparison that has finished.

    Returns
    -------
    list of Message
        One to three sentences. With a truth: who agrees best with it, who is faster, and, where the truth itself told
        a method what its segments mean, who is best without such help. Without: who agrees most with the others.

    Examples
    --------
    >>> rows = [Row("DeepLab", 0.2, 0.91), Row("Threshold", 0.005, 0.62, "majority")]
    >>> print(*verdict(rows), sep=" ")
    DeepLab agrees best with the truth: IoU 0.91. Threshold is 40 times faster and reaches 0.62.
    """
    done = [row for row in rows if row.seconds is not None]
    if not rows:
        return [Message("Choose at least one method.")]
    if not done:
        return [Message("No method gave a result; the cells say why.")]
    sentences = _against_truth(done) if any(row.iou is not None for row in done) else _among_themselves(done)
    failed = len(rows) - len(done)
    if failed:
        values = {"failed": failed, "all": len(rows)}
        sentences.append(Message("{failed} of {all} methods failed; their cells say why.", values))
    return sentences


def _against_truth(rows: list[Row]) -> list[Message]:
    scored = sorted((row for row in rows if not math.isnan(row.score)), key=lambda row: -row.score)
    if not scored:
        return [Message("The truth judges no pixel, so there are no scores.")]
    leaders = [row for row in scored if _text(row.score) == _text(scored[0].score)]
    fastest = min(scored, key=lambda row: row.time)
    return [_ranking(scored, leaders, fastest), *_fairness(scored, leaders)]


def _ranking(scored: list[Row], leaders: list[Row], fastest: Row) -> Message:
    best = leaders[0]
    values: dict[str, object] = {"best": Message(best.title), "iou": _text(best.score)}
    if len(scored) == 1:
        return Message("{best} agrees with the truth with an IoU of {iou}.", values)
    if len(leaders) > 1:
        return _tie(leaders)
    values |= {"fast": Message(fastest.title), "other": _text(fastest.score)}
    if fastest is best:
        return Message("{best} agrees best with the truth (IoU {iou}) and is the fastest, too.", values)
    if _is_faster(fastest, best):
        values["times"] = _times(best.time / fastest.time)
        return Message(
            "{best} agrees best with the truth: IoU {iou}. {fast} is {times} times faster and reaches {other}.", values
        )
    values |= {"second": Message(scored[1].title), "other": _text(scored[1].score)}
    return Message("{best} agrees best with the truth: IoU {iou}. {second} follows with {other}.", values)


def _tie(leaders: list[Row]) -> Message:
    fast, *slower = sorted(leaders, key=lambda row: row.time)
    values: dict[str, object] = {"fast": Message(fast.title), "count": len(leaders), "iou": _text(fast.score)}
    if len(slower) > 1:
        return Message(
            "{count} methods agree equally well with the truth: IoU {iou}. {fast} is the fastest of them.", values
        )
    values["slow"] = Message(slower[0].title)
    if not _is_faster(fast, slower[0]):
        return Message("{fast} and {slow} agree equally well with the truth: IoU {iou}.", values)
    values["times"] = _times(slower[0].time / fast.time)
    return Message(
        "{fast} and {slow} agree equally well with the truth: IoU {iou}. {fast} is {times} times faster.", values
    )


def _fairness(scored: list[Row], leaders: list[Row]) -> list[Message]:
    """Methods that the truth told what their segments mean can't be ranked with those that know by themselves."""
    named = next((row for row in scored if not row.is_helped), None)
    values: dict[str, object] = {"best": Message(leaders[0].title), "segments": leaders[0].segments}
    if not any(row.is_helped for row in leaders):
        return []
    if named in leaders and named is not None:
        return [Message("{named} names its classes without the truth's help.", {"named": Message(named.title)})]
    if named is not None:
        values |= {"named": Message(named.title), "iou": _text(named.score)}
        return [
            Message(
                "The truth told {best} what its {segments} segments mean; of the methods that name classes themselves, "
                "{named} is best: IoU {iou}.",
                values,
            )
        ]
    if len(scored) == 1:
        return [Message("The truth told it what its {segments} segments mean.", values)]
    if len({row.alignment for row in scored}) == 1:
        return [Message("The truth told every method what its segments mean; {best} has {segments} of them.", values)]
    return [
        Message(
            "The truth told the methods what their segments mean, and not all in the same way; "
            "{best} has {segments} of them.",
            values,
        )
    ]


def _among_themselves(rows: list[Row]) -> list[Message]:
    ranked = sorted((row for row in rows if not math.isnan(row.agreement)), key=lambda row: -row.agreement)
    if len(rows) == 1:
        only = {"method": Message(rows[0].title)}
        return [Message("{method} stands alone; choose another method to compare it with.", only)]
    if not ranked:
        return [Message("The picture is too small to say which methods agree.")]
    leaders = [row for row in ranked if _text(row.agreement) == _text(ranked[0].agreement)]
    values: dict[str, object] = {"value": _text(ranked[0].agreement), "count": len(leaders)}
    values |= {name: Message(row.title) for name, row in zip(("first", "second"), leaders, strict=False)}
    if len(ranked) == 2:
        return [Message("{first} and {second} agree with each other to {value} (adjusted Rand index).", values)]
    if len(leaders) == 1:
        return [Message("{first} agrees most with the others (mean adjusted Rand index {value}).", values)]
    if len(leaders) == 2:
        return [Message("{first} and {second} agree most with the others (mean adjusted Rand index {value}).", values)]
    return [Message("{count} methods agree equally with the others (mean adjusted Rand index {value}).", values)]


def _is_faster(fast: Row, slow: Row) -> bool:
    return 0 < fast.time * NOTICEABLE <= slow.time


def _text(score: float) -> str:
    return f"{score:.2f}"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 9.95 else f"{float(f'{ratio:.1e}'):,.0f}"
