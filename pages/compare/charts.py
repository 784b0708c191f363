"""Why the cells look as they do: one chart at a time, large."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.compare.agreement import measure_agreement
from pages.compare.board import CHARTS, Board
from pages.compare.comparison import Comparison, Result, name_deciding, score_nothing
from pages.compare.objects import draw_objects
from pages.compare.thresholds import draw_thresholds
from pages.state.fields import compare_fields
from pages.state.navigation import publish_address
from pages.state.session import Chart, session
from pages.state.widgets import bind_fold
from pages.ui import cells, numbers
from pages.ui.actions import draw_switch
from pages.ui.agreement_map import DESK, agreement_map
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.chart_context import chart_context
from pages.ui.charts import CONFIG, Row, class_shares, score_against_time, timing_bars
from pages.ui.histograms import gather_panels, histogram_chart
from pages.ui.language import class_name, join_sentences, t, translate
from pages.ui.ready_html import ReadyHtml
from pages.ui.svg import draw_svg
from pages.ui.tables import fit_columns
from segmethods.core.messages import Message
from segmethods.core.types import Segmentation
from segmethods.metrics import METRICS, POLICY, Kind, list_scores
from segmethods.metrics.registry import SLOW
from segmethods.reporting.svg import Bar, bar_chart

CHART_NAMES = {
    "scores": Message("Scores"),
    "agreement": Message("Agreement"),
    "histogram": Message("Histogram"),
    "objects": Message("Objects"),
    "timing": Message("Timing"),
    "shares": Message("Shares"),
    "tradeoff": Message("Score against time"),
    "thresholds": Message("All thresholds"),
}


@st.fragment(key=CHARTS)
def draw_charts(board: Board) -> None:
    """The chart that the user chose, or the first that there is something to draw in."""
    choices, comparison = session().compare, board.compared
    draw = available_charts(comparison)
    if not draw:
        return
    publish_address(compare_fields())
    chosen = choices.chart if choices.chart in draw else next(iter(draw))
    draw_switch(t("Chart"), list(draw), CHART_NAMES, choices, "chart", chosen)
    with st.container(key=f"chart-{chosen}"):
        draw[chosen](comparison)


GREY = Message(
    "Grey: no rank. Either the truth of this very picture named the segments, so that the score is an upper bound, or "
    "a blank answer does as well."
)

ALIKE = 0.2
"""Adjusted Rand index below which two methods aren't said to agree."""

BOUNDARIES = "all-scores.lines"
"""The key of the switch for boundaries."""

AT_ONCE = 500_000
"""Pixels up to which boundaries are scored unasked."""


def available_charts(comparison: Comparison) -> dict[Chart, Callable[[Comparison], None]]:
    """Those for which there is something to draw, the most telling one first."""
    results = list(comparison.results.values())
    drawable: dict[Chart, tuple[bool, Callable[[Comparison], None]]] = {
        "scores": (bool(comparison.scores), _draw_scores),
        "agreement": (len(list_answers(comparison)) > 1, _draw_agreement),
        "histogram": (bool(gather_panels(results)), _draw_histogram),
        "objects": (bool(results), draw_objects),
        "timing": (bool(results), _draw_timing),
        "shares": (bool(results), _draw_shares),
        "tradeoff": (bool(comparison.scores), _draw_tradeoff),
        "thresholds": ("threshold" in comparison.outcomes, draw_thresholds),
    }
    return {chart: draw for chart, (possible, draw) in drawable.items() if possible}


def _draw_scores(comparison: Comparison) -> None:
    metric, ranked = comparison.ranked
    name, title = name_deciding(metric, comparison.truth), _finding(comparison)
    blank = comparison.judgement.blank[metric] if comparison.judgement else math.nan
    rows = sorted(_rows(comparison), key=lambda r: (not r.is_placed, -r.score if math.isfinite(r.score) else 1))
    bars = [Bar(row.title, row.score, row.colour(chart_context()), note=row.note) for row in rows]
    word = t("blank answer")
    draw_svg(lambda width: bar_chart(bars, "", name, numbers.score, 1, blank, word, width), title)
    grey = translate(GREY) if ranked.bounds or ranked.below else ""
    told = join_sentences([t(METRICS[metric].explanation), t(METRICS[metric].undefined), grey])
    st.caption(f"**{name}** – {told}")
    table = st.expander(t("All scores"), **bind_fold("all-scores"))
    if table.open:  # the browser loads what draws tables only for those who look
        with table:
            _draw_score_table(comparison)


def _finding(comparison: Comparison) -> str:
    """Who is ahead in the digits that are shown, as the verdict has it."""
    metric, ranked = comparison.ranked
    if not ranked.placed:
        return t("No method has a rank here")
    scores = comparison.scores
    best = numbers.score(getattr(scores[ranked.placed[0]], metric))
    level = [method_id for method_id in ranked.placed if numbers.score(getattr(scores[method_id], metric)) == best]
    if len(level) > 1:
        return t("{count} methods come equally close to the truth", count=len(level))
    return t("{method} comes closest to the truth", method=comparison.title(level[0]))


def wants_boundaries(comparison: Comparison) -> bool:
    """Whether boundaries are scored: as the visitor has switched it, or else where the picture is small."""
    return bool(st.session_state.get(BOUNDARIES, comparison.image.pixels.size <= 3 * AT_ONCE))


def _draw_score_table(comparison: Comparison) -> None:
    """Every metric of every method, then of a blank answer; then the IoU of each class."""
    cost = t("On large pictures they take seconds for each method.")
    lines = st.toggle(t("Boundaries and outlines"), wants_boundaries(comparison), key=BOUNDARIES, help=cost)
    kinds: tuple[Kind, ...] = ("class", "region", *(SLOW if lines else ()))
    scored = {comparison.title(method_id): scores for method_id, scores in comparison.scores.items()}
    if comparison.truth:
        scored[t("Blank answer")] = score_nothing(comparison.truth)
    table = {name: {t(s.title): getattr(scores, s.id) for s in list_scores(*kinds)} for name, scores in scored.items()}
    config = {
        t(s.title): st.column_config.NumberColumn(format="%.2f", help=t(s.explanation)) for s in list_scores(*kinds)
    }
    every = pd.DataFrame.from_dict(table, orient="index").dropna(axis=1, how="all")
    st.dataframe(every, column_config=fit_columns(every, config))
    if comparison.truth:
        st.markdown(f"**{t('IoU by class')}**")
        names = [class_name(comparison.truth.truth.classes, i) for i in range(len(comparison.truth.truth.classes))]
        classes = {name: dict(zip(names, scores.class_iou, strict=False)) for name, scores in scored.items()}
        frame = pd.DataFrame.from_dict(classes, orient="index").astype(float).dropna(axis=1, how="all")
        columns = {name: st.column_config.NumberColumn(format="%.2f") for name in names}
        st.dataframe(frame, column_config=fit_columns(frame, columns))
    st.caption(translate(POLICY))


def _draw_timing(comparison: Comparison) -> None:
    rows = _rows(comparison)
    fastest = min(rows, key=lambda r: r.timings.total)
    title = t("{method} is the fastest", method=fastest.title) if len(rows) > 1 else t("Where the time goes")
    _draw(timing_bars(rows, title=title, context=chart_context()), title)


def _draw_tradeoff(comparison: Comparison) -> None:
    title = t("Up is closer to the truth, left is faster")
    metric, ranked = comparison.ranked
    name = name_deciding(metric, comparison.truth)
    _draw(score_against_time(_rows(comparison), title=title, score_name=name, context=chart_context()), title)
    if ranked.bounds or ranked.below:
        st.caption(translate(GREY))


def _draw_histogram(comparison: Comparison) -> None:
    results = list(comparison.results.values())
    title = t("Where the methods cut the histogram")
    titles = {method_id: comparison.title(method_id) for method_id in comparison.results}
    _draw(histogram_chart(gather_panels(results), title=title, titles=titles, context=chart_context()), title)


def _draw_shares(comparison: Comparison) -> None:
    title = t("How much of the picture each class covers")
    rows = [(comparison.title(method_id), _class_shares(result)) for method_id, result in comparison.results.items()]
    if comparison.truth:
        truth = comparison.truth.truth
        rows.insert(0, (t("Truth"), _class_shares(Segmentation(truth.labels, truth.classes))))
    _draw(class_shares(rows, title=title, context=chart_context()), title)


def _class_shares(result: Segmentation) -> list[tuple[cells.Chip, float]]:
    shares = dict(sorted(result.shares().items()))
    chips, _ = cells.legend(
        shares, result.classes, lambda class_id: class_name(result.classes, class_id), most=len(shares)
    )
    return list(zip(chips, shares.values(), strict=True))


def _draw_agreement(comparison: Comparison) -> None:
    results = list_answers(comparison)
    titles = [comparison.title(r.method) for r in results]
    matrix, layer = measure_agreement([Result(comparison.image, result) for result in results])
    title = _name_closest(titles, matrix)
    if len(results) < len(comparison.results):
        st.caption(t("Empty answers are left out: they would agree with each other."))
    left, right = st.columns([3, 2], gap="large")
    with left:
        draw_svg(lambda width: agreement_map(titles, matrix, context=chart_context(), width=min(width, DESK)), title)
    meaning = t("The stronger the colour, the more methods disagree there.")
    drawn = cells.image(t("Where the methods disagree"), meaning, {"disagreement": layer}, note=meaning)
    right.html(ReadyHtml(drawn))


def list_answers(comparison: Comparison) -> list[Segmentation]:
    """The results that say anything: who leaves the whole picture as one agrees with everybody else who does."""
    return [result for result in comparison.results.values() if len(result.shares()) > 1]


def _name_closest(titles: Sequence[str], matrix: np.ndarray) -> str:
    pairs = [p for p in combinations(range(len(titles)), 2) if math.isfinite(matrix[p])]
    if not pairs or max(matrix[pair] for pair in pairs) < ALIKE:
        return t("How alike the methods are")
    first, second = max(pairs, key=lambda p: matrix[p])
    return t("{first} and {second} agree most", first=titles[first], second=titles[second])


def _rows(comparison: Comparison) -> list[Row]:
    metric, ranked = comparison.ranked
    rows = []
    for method_id, result in comparison.results.items():
        row = Row(method_id, comparison.title(method_id), timings=result.timings)
        if scores := comparison.scores.get(method_id):
            note, placed = translate(ALIGNMENT_NOTES[scores.alignment]), method_id in ranked.placed
            row = replace(row, score=getattr(scores, metric), note=note, is_placed=placed)
        rows.append(row)
    return rows


def _draw(figure: go.Figure, title: str) -> None:
    st.plotly_chart(figure, config=CONFIG, theme=None, alt=title)
