"""A stored run, read: counts by picture and method, and the leaderboard that follows from their sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.benchmark.evaluation import BASELINES, BLANK, HUMAN, Tally
from segmethods.benchmark.metrics import count_for, list_metrics
from segmethods.benchmark.plans import Entry
from segmethods.benchmark.store import Run, Store
from segmethods.core.messages import ParameterError
from segmethods.core.types import BINARY, VOID, segments
from segmethods.metrics.alignment import ALIGNMENTS, Alignment, Meaning, align, rename
from segmethods.metrics.confusion import Confusion, count_classes
from segmethods.metrics.contingency import Contingency
from segmethods.metrics.counts import Values
from segmethods.metrics.registry import get_metric

Kind = Literal["method", "baseline", "ceiling"]
CHOICES = ("auto", "majority", "hungarian", "fitted")
"""How labels without names may get classes; ``"auto"`` is what `segmethods.score` does."""


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
    """

    run: Run
    images: tuple[str, ...]
    labels: tuple[str, ...]
    tallies: Mapping[str, Sequence[Tally]]
    confusions: Mapping[str, Sequence[Confusion | None]]
    alignments: Mapping[str, str]

    def entry(self, label: str) -> Entry | None:
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
        As of the `Entry`; a baseline's method is its label.
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

    @property
    def is_helped(self) -> bool:
        """Whether the truth itself told what labels mean: not comparable with names given freely."""
        return self.alignment not in ("", "by name")

    def __getattr__(self, name: str) -> float:
        """Each of `scores` as an attribute."""
        if name != "scores" and name in self.scores:
            return self.scores[name]
        raise AttributeError(name)

    def as_json(self) -> dict[str, object]:
        """As the command line prints it; null where a score is undefined."""
        values: dict[str, object] = {"method": self.label}
        values |= {name: _number(score) for name, score in self.scores.items()}
        values |= {"class_iou": list(self.class_iou) or None, "alignment": self.alignment or None}
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
        How labels without names get classes: ``"auto"`` (background and object by the better polarity, else by
        majority), ``"majority"``, ``"hungarian"`` or ``"fitted"``. Names given freely stay as they are.

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
    run = store.run(number)
    every = store.tallies(number)
    places = {name: np.array(ids) for name, ids in store.class_ids(number).items()}
    images = tuple(dict.fromkeys(tally.image for tally in every))
    found = {tally.label for tally in every}
    labels = [label for label in (*(e.label for e in run.entries), *BASELINES, HUMAN) if label in found]
    tallies = {label: [t for t in every if t.label == label] for label in labels}
    confusions, alignments = {}, {}
    for label in labels:
        used = [_choose(tally, alignment) for tally in tallies[label]]
        confusions[label] = _confusions(tallies[label], used, places, len(run.classes))
        alignments[label] = ", ".join(a for a in ALIGNMENTS if a in used)
    return Results(run, images, tuple(labels), tallies, confusions, alignments)


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
    )


def _choose(tally: Tally, wanted: str) -> str:
    """How this tally's labels get classes: ``""`` without classes or without an answer."""
    keeps = wanted == "auto" or tally.alignment in ("", "by name") or tally.label == BLANK
    return tally.alignment if keeps else wanted


def _confusions(
    tallies: Sequence[Tally], used: Sequence[str], places: Mapping[str, NDArray[np.int64]], classes: int
) -> list[Confusion | None]:
    tables = [_in_all_classes(t.table, places.get(t.image)) for t in tallies]
    fitted = _fit([table for table, alignment in zip(tables, used, strict=True) if alignment == "fitted" and table])
    found: list[Confusion | None] = []
    for tally, table, alignment in zip(tallies, tables, used, strict=True):
        if table is None or tally.table is None:
            found.append(None)
            continue
        if alignment:
            meaning = fitted if alignment == "fitted" else _meaning(tally.table, alignment, places.get(tally.image))
            table = rename(table, meaning)
        found.append(count_classes(table, classes))
    return found


def _in_all_classes(table: Contingency | None, places: NDArray[np.int64] | None) -> Contingency | None:
    """The table with a picture's own class ids replaced by the run's."""
    if table is None or places is None:
        return table
    return Contingency(places[table.rows], table.columns, table.counts)


def _fit(tables: Sequence[Contingency]) -> Meaning:
    """One meaning of every label for all pictures."""
    if not tables:
        return np.empty(0, np.int64)
    return align(sum(tables[1:], tables[0]), segments(0), segments(0), "fitted")


def _meaning(table: Contingency, alignment: str, places: NDArray[np.int64] | None) -> Meaning:
    """The class, in the run's ids, of every label of one picture."""
    if alignment == "by name":
        meaning: Meaning = np.arange(int(table.columns.max(initial=0)) + 1)
    else:
        known: Alignment = next(a for a in ALIGNMENTS if a == alignment)
        meaning = align(table, BINARY, BINARY, known)
    if places is None:
        return meaning
    inside = (meaning < len(places)) & (meaning != VOID)
    return np.where(inside, places[np.where(inside, meaning, 0)], VOID)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
