"""A stored run, read: counts by picture and method, and the leaderboard that follows from their sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.benchmark.class_names import Places, choose_alignment, count_all, use_learned
from segmethods.benchmark.evaluation import BASELINES, BLANK, HUMAN, ImageCounts
from segmethods.benchmark.metrics import TallyCounts, count_for, list_metrics
from segmethods.benchmark.plans import RunConfig
from segmethods.benchmark.store import Run, Store
from segmethods.core.messages import ParameterError
from segmethods.metrics.alignment import ALIGNMENTS
from segmethods.metrics.confusion import Confusion
from segmethods.metrics.counts import Values
from segmethods.metrics.formulas import class_areas
from segmethods.metrics.registry import get_metric
from segmethods.reporting.ranking import LEARNED, is_helped

Kind = Literal["method", "baseline", "ceiling"]
CHOICES = ("auto", "majority", "hungarian", "fitted")
"""How labels without names may get classes; all but ``"auto"`` take the truth's help."""


@dataclass(frozen=True, eq=False)
class Results:
    """All that was counted in a run.

    Parameters
    ----------
    run : Run
        Its description.
    images : tuple of str
        Pictures that are finished, in the data set's order.
    labels : tuple of str
        Lines of the leaderboard: entries, baselines, and people where several annotators are.
    tallies, confusions : mapping
        Label -> one for each picture; confusions are None where there are no classes.
    alignments : mapping
        Label -> how its labels became classes, such as ``"by name"``; empty without classes.
    bounds : mapping
        Label -> confusions with the truth's help, for lines whose labels a learned rule names.
    """

    run: Run
    images: tuple[str, ...]
    labels: tuple[str, ...]
    tallies: Mapping[str, Sequence[ImageCounts]]
    confusions: Mapping[str, Sequence[Confusion | None]]
    alignments: Mapping[str, str]
    bounds: Mapping[str, Sequence[Confusion | None]] = field(default_factory=dict)

    def entry(self, label: str) -> RunConfig | None:
        """The method behind a label; None for baselines and people."""
        return next((entry for entry in self.run.entries if entry.label == label), None)

    def counts(self, label: str, metric: str) -> Values:
        """What each picture adds to a score's sums, float64 (images, D).

        Raises
        ------
        ParameterError
            If there is no such label or score.
        """
        if label not in self.labels:
            raise ParameterError(
                "There is no line {name} in this run. Choose from {choices}.",
                name=label,
                choices=", ".join(self.labels),
            )
        known = get_metric(metric)
        both = zip(self.tallies[label], self.confusions[label], strict=True)
        return np.array([count_for(known, tally, confusion) for tally, confusion in both], float).reshape(
            len(self.images), -1
        )

    def score(self, label: str, metric: str) -> float:
        """A score of the whole data set, from summed counts; NaN where it is undefined."""
        counts = self.counts(label, metric)
        return float(get_metric(metric).formula(counts.sum(axis=0, keepdims=True))[0]) if counts.size else math.nan

    def upper_bound(self, label: str, metric: str) -> float:
        """What the line reaches if the truth itself names its labels; NaN where it needs no help, or has had it.

        Each label's commonest class is the best name for the pixels, but not for every score: where the names that
        were learned reach more, they are what a truth that knew all would choose.
        """
        known = get_metric(metric)
        if label not in self.bounds or not known.of_classes:
            return math.nan
        both = zip(self.tallies[label], self.bounds[label], strict=True)
        counts = np.array([count_for(known, tally, confusion) for tally, confusion in both], float)
        named = float(known.formula(counts.sum(axis=0))) if counts.size else math.nan
        return (max if known.higher_is_better else min)(named, self.score(label, metric))

    @cached_property
    def true_pixels(self) -> NDArray[np.int64]:
        """Judged pixels of each class in each picture, int64 (images, classes); empty without classes."""
        rows = [self.confusions[label] for label in self.labels if label != HUMAN][:1]
        counted = [confusion.true for confusion in rows[0] if confusion is not None] if rows else []
        return np.array(counted) if counted else np.zeros((0, 0), np.int64)

    @cached_property
    def blank_scores(self) -> Mapping[str, float]:
        """Metric -> what a blank answer reaches: one region, with the commonest class."""
        if BLANK in self.labels:
            return {metric: self.score(BLANK, metric) for metric in list_metrics()}
        true = self.true_pixels.sum(axis=0)
        if not true.size:
            return {}
        counts = np.zeros((true.size, true.size + 1), np.int64)
        counts[:, true.argmax()] = true
        areas = class_areas(TallyCounts(ImageCounts("", BLANK), Confusion(counts)))
        metrics = [get_metric(metric) for metric in list_metrics()]
        return {m.id: float(m.formula(areas)) for m in metrics if m.count is class_areas}

    def by_image(self, label: str, metric: str) -> Values:
        """A score of each picture by itself, float64 (images,); NaN where it is undefined."""
        counts = self.counts(label, metric)
        return get_metric(metric).formula(counts) if counts.size else np.full(len(self.images), math.nan)

    def seconds(self, label: str) -> Values:
        """Seconds that each picture took, float64 (images,); NaN without an answer."""
        return np.array([math.nan if t.timings is None else t.timings.total for t in self.tallies[label]], float)


@dataclass(frozen=True, eq=False)
class Summary:
    """A line of the leaderboard; every score is NaN where it is undefined.

    Parameters
    ----------
    label, method, params
        As of the `RunConfig`; a baseline's method is its label.
    kind : str
        ``"method"``, ``"baseline"`` (never looked at the picture) or ``"ceiling"`` (people against each other).
    images, failed : int
        Pictures that were scored, and those of them without an answer, which count as one region without a class.
    alignment : str
        How labels became classes; several ways are parted by commas; empty without classes.
    segments : float
        Mean number of labels in a picture: many small segments score high where the truth names them.
    class_iou : tuple of float or None
        By class id of the run's classes; None for a class in neither map; empty without classes.
    scores : mapping
        Id -> value for all of `list_metrics`.
    seconds_median, seconds_p90 : float
        Of the method alone, without reading and scoring.
    bounds : mapping
        Metric -> what would be reached if the truth named the labels, for lines whose labels a learned rule names.
    memory, machine : int, str
        Bytes of the method's working memory on any image, 0 if unknown, and where it ran.
    """

    label: str
    method: str
    params: Mapping[str, Any]
    kind: Kind
    images: int
    failed: int
    alignment: str
    segments: float
    class_iou: tuple[float | None, ...]
    scores: Mapping[str, float]
    seconds_median: float
    seconds_p90: float
    bounds: Mapping[str, float] = field(default_factory=dict)
    memory: int = 0
    machine: str = ""

    @property
    def is_helped(self) -> bool:
        """Whether the truth itself told what labels mean: not comparable with names given freely."""
        return is_helped(self.alignment)

    def __getattr__(self, name: str) -> float:
        """Each of `scores` as an attribute."""
        if name not in ("scores", "bounds") and name in self.scores:
            return self.scores[name]
        raise AttributeError(name)

    def as_json(self) -> dict[str, object]:
        """As the command line prints it; null where a score is undefined."""
        values: dict[str, object] = {"method": self.label}
        values |= {name: _number(score) for name, score in self.scores.items()}
        values |= {"class_iou": list(self.class_iou) or None, "alignment": self.alignment or None}
        values |= {"upper_bound": {name: _number(score) for name, score in self.bounds.items()} or None}
        values |= {"memory": self.memory or None, "machine": self.machine or None}
        values |= {"seconds_median": _number(self.seconds_median), "seconds_p90": _number(self.seconds_p90)}
        return values


def read_results(store: Store, number: int, alignment: str = "auto") -> Results:
    """Read what was counted in a run, finished or not.

    Parameters
    ----------
    store : Store
        Where it is.
    number : int
        The run's number.
    alignment : str
        How labels without names get classes: ``"auto"`` (by a rule learned on the other pictures; with fewer than
        two, with the truth's help), ``"majority"``, ``"hungarian"`` or ``"fitted"``. Names given freely stay as
        they are.

    Raises
    ------
    RunError
        If there is no such run.
    ParameterError
        If there is no such alignment.
    """
    if alignment not in CHOICES:
        raise ParameterError(
            "There is no alignment {name}. Choose from {choices}.", name=alignment, choices=", ".join(CHOICES)
        )
    places = {name: np.array(ids) for name, ids in store.class_ids(number).items()}
    return gather_results(store.run(number), store.tallies(number), places, alignment)


def gather_results(run: Run, every: Sequence[ImageCounts], places: Places, alignment: str = "auto") -> Results:
    """The results of a run whose counts are at hand.

    Parameters
    ----------
    run : Run
        Its description.
    every : sequence of ImageCounts
        All that was counted, by picture in the data set's order.
    places : mapping
        Picture -> the run's class for each class of its own, for pictures whose truth has classes of its own.
    alignment : str
        As of `read_results`.
    """
    images = tuple(dict.fromkeys(tally.image for tally in every))
    found = {tally.label for tally in every}
    labels = [label for label in (*(e.label for e in run.entries), *BASELINES, HUMAN) if label in found]
    tallies = {label: [t for t in every if t.label == label] for label in labels}
    confusions, alignments, bounds = {}, {}, {}
    for label in labels:
        helped = [choose_alignment(tally, alignment) for tally in tallies[label]]
        used = use_learned(tallies[label], helped) if alignment == "auto" else helped
        confusions[label] = count_all(tallies[label], used, places, len(run.classes))
        alignments[label] = ", ".join(a for a in (*ALIGNMENTS, LEARNED) if a in used)
        if used != helped:
            bounds[label] = count_all(tallies[label], helped, places, len(run.classes))
    return Results(run, images, tuple(labels), tallies, confusions, alignments, bounds)


def leaderboard(results: Results) -> list[Summary]:
    """The scores of every line from summed counts: methods in the plan's order, then baselines, then people."""
    return [_summarise(results, label) for label in results.labels]


def _summarise(results: Results, label: str) -> Summary:
    entry, tallies = results.entry(label), results.tallies[label]
    seconds = results.seconds(label)
    seconds = seconds[~np.isnan(seconds)]
    median, p90 = np.percentile(seconds, [50, 90]).tolist() if seconds.size else (math.nan, math.nan)
    confusions = [c for c in results.confusions[label] if c is not None]
    iou = sum(confusions[1:], confusions[0]).iou.tolist() if confusions else []
    return Summary(
        label=label,
        method=entry.method if entry else label,
        params=entry.params if entry else {},
        kind="method" if entry else "ceiling" if label == HUMAN else "baseline",
        images=len(tallies),
        failed=sum(bool(tally.error) for tally in tallies),
        alignment=results.alignments[label],
        segments=float(np.mean([t.segments for t in tallies])) if tallies else math.nan,
        class_iou=tuple(None if math.isnan(value) else value for value in iou),
        scores={metric: results.score(label, metric) for metric in list_metrics()},
        seconds_median=median,
        seconds_p90=p90,
        memory=max((t.memory for t in tallies), default=0),
        machine=", ".join(sorted({t.machine for t in tallies if t.machine})),
        bounds={m: bound for m in list_metrics() if not math.isnan(bound := results.upper_bound(label, m))},
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
