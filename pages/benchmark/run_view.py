"""The run that is open: its description, its results, and the names of its lines in the visitor's language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import streamlit as st
from babel.dates import format_datetime

from pages.benchmark.background_runs import open_store
from pages.benchmark.plans import entry_title
from pages.state.session import session
from pages.ui import numbers
from pages.ui.language import class_name, t
from segmethods.benchmark import (
    Results,
    Run,
    ShapeSettings,
    Summary,
    find_metric,
    find_sweep,
    get_metric,
    leaderboard,
    list_metrics,
    parse_shapes,
    ranking,
    read_results,
)
from segmethods.core.messages import Message, ParameterError
from segmethods.core.registry import Parameter
from segmethods.methods import get_method
from segmethods.metrics import METRICS
from segmethods.reporting.ranking import Ranking

USUAL = ShapeSettings()
LINES = {"blank": Message("Blank answer"), "random": Message("Random classes"), "human": Message("People")}


@dataclass(frozen=True, eq=False)
class RunView:
    """A run and what was found in it so far.

    Parameters
    ----------
    name : str
        Of the run.
    metric, metrics : str, tuple of str
        The score that decides, and those that the run's truths allow.
    """

    name: str
    run: Run
    results: Results
    metric: str
    metrics: tuple[str, ...]

    @cached_property
    def lines(self) -> list[Summary]:
        """The leaderboard: those that have a place, best first, then all others."""
        sign = -1 if get_metric(self.metric).higher_is_better else 1
        every = sorted(_leaderboard(self.name, self.run.done), key=lambda s: _sort_key(sign, self.score(s)))
        return sorted(every, key=lambda line: line.label not in self.ranked.placed)

    @cached_property
    def ranked(self) -> Ranking:
        """Who may lead, who does no better than a blank answer, and who had the truth's help."""
        return ranking(self.results, self.metric)

    @property
    def methods(self) -> list[Summary]:
        """The lines that are methods."""
        return [line for line in self.lines if line.kind == "method"]

    @cached_property
    def swept(self) -> tuple[str, str] | None:
        """The method and the parameter, if the run tunes one."""
        return find_sweep(self.results)

    @cached_property
    def parameter(self) -> Parameter | None:
        """What a run that tunes a parameter tunes."""
        if self.swept is None:
            return None
        return next(p for p in get_method(self.swept[0]).parameters if p.name == self.swept[1])

    @property
    def titles(self) -> dict[str, str]:
        """What each line is called in the visitor's language."""
        return {line.label: self.title(line.label) for line in self.lines}

    def score(self, line: Summary) -> float:
        """What decides."""
        return line.scores[self.metric]

    def name_metric(self, metric: str) -> str:
        """What a score is called; with one class of interest its IoU has that class's name."""
        wanted = [i for i in np.flatnonzero(self.results.true_pixels.sum(axis=0)).tolist() if i]
        if metric == "foreground_iou" and len(wanted) == 1:
            return t("IoU of {name}", name=class_name(self.run.classes, wanted[0]))
        return metric_name(metric)

    def title(self, label: str) -> str:
        """A line of the leaderboard as the visitor reads it."""
        entry = self.results.entry(label)
        if entry is None:
            return t(LINES[label].template)
        return entry_title(entry, self.swept[1] if self.swept else "")


def open_results(name: str, run: Run, metric: str) -> RunView | None:
    """The results of a run so far, judged by a metric or the one that fits it; None before the first picture."""
    results = _read(name, run.done)
    if results is None:
        return None
    known = _scores_of(_leaderboard(name, run.done))
    chosen = metric if metric in known else find_metric(results)
    return RunView(name, run, results, chosen if chosen in known else known[0], known)


def _scores_of(lines: list[Summary]) -> tuple[str, ...]:
    """The scores that the run's truths allow."""
    metrics = list_metrics()
    return tuple(m for m in metrics if any(math.isfinite(line.scores[m]) for line in lines)) or metrics[:1]


def metric_name(metric: str) -> str:
    """The name of a score."""
    return t(METRICS[metric].title)


def score_text(value: float, metric: str) -> str:
    """A score with its unit."""
    unit = METRICS[metric].unit
    return f"{numbers.score(value)} {t(unit)}" if unit else numbers.score(value)


def date_text(when: datetime) -> str:
    """When something was, by the visitor's clock."""
    try:
        zone: Any = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, TypeError):
        zone = ZoneInfo("UTC")
    return format_datetime(when, "d MMM, HH:mm" if session().language == "en" else "M月d日 HH:mm", zone, "en")


def data_name(run: Run) -> str:
    """What the run's data set is called."""
    if run.source == "samples":
        return t("Samples")
    return _shapes_name(run.source) if run.source.partition(":")[0] == "shapes" else run.dataset


def lines_of(run: Run) -> str:
    """How many methods or values were run."""
    one = len({entry.method for entry in run.entries}) == 1 < len(run.entries)
    count = len(run.entries)
    return t("{count:value|values}", count=count) if one else t("{count:method|methods}", count=count)


def _shapes_name(source: str) -> str:
    """Shapes, and what makes them other than shapes usually are."""
    try:
        look = parse_shapes(source)
    except ParameterError:  # the name of somebody's own zip file
        return source
    words = {"noise": t("Noise"), "contrast": t("Contrast"), "overlap": t("Overlap")}
    changed = [f"{word} {getattr(look, n):g}" for n, word in words.items() if getattr(look, n) != getattr(USUAL, n)]
    return t("Shapes") + (f" ({t(', ').join(changed)})" if changed else "")


@st.cache_resource(max_entries=16, show_spinner=False)
def _read(name: str, done: int) -> Results | None:
    store = open_store(name)
    if store is None or not done:
        return None
    results = read_results(store, store.runs()[0].id)
    return results if results.images else None


@st.cache_resource(max_entries=16, show_spinner=False)
def _leaderboard(name: str, done: int) -> list[Summary]:
    results = _read(name, done)
    return leaderboard(results) if results else []


def _sort_key(sign: int, score: float) -> float:
    return sign * score if math.isfinite(score) else math.inf
