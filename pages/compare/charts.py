"""Why the cells look as they do: one chart at a time, large."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.compare.comparison import HASHES, Comparison, Result
from pages.compare.thresholds import draw_thresholds
from pages.state.session import session
from pages.state.widgets import bind_choice
from pages.ui import cells, numbers
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.chart_context import chart_context
from pages.ui.charts import CONFIG, Row, agreement_map, class_shares, score_against_time, score_bars, timing_bars
from pages.ui.histograms import gather_panels, histogram_chart
from pages.ui.language import class_name, t, translate, translate_each
from pages.ui.layers import disagreement_layer
from segmethods.core.messages import Message
from segmethods.core.types import Segmentation
from segmethods.methods import get_method
from segmethods.metrics import POLICY, SCORES, Kind, agreement_matrix, disagreement, list_scores

CHARTS = {
    "scores": Message("Scores"),
    "agreement": Message("Agreement"),
    "histogram": Message("Histogram"),
    "timing": Message("Timing"),
    "shares": Message("Shares"),
    "tradeoff": Message("Score against time"),
    "thresholds": Message("All thresholds"),
}


@st.fragment
def draw_charts(comparison: Comparison) -> None:
    """The chart that the user chose, or the first that there is something to draw in."""
    choices = session().compare
    draw = available_charts(comparison)
    if not draw:
        return
    chosen = choices.chart if choices.chart in draw else next(iter(draw))
    st.segmented_control(
        t("Chart"),
        list(draw),
        format_func=translate_each(CHARTS).__getitem__,
        **bind_choice(choices, "chart", chosen, "default"),
        required=True,
        label_visibility="collapsed",
    )
    with st.container(key=f"chart-{chosen}"):
        draw[chosen](comparison)


AT_ONCE = 500_000
"""Pixels up to which boundaries are scored unasked."""


def available_charts(comparison: Comparison) -> dict[str, Callable[[Comparison], None]]:
    """Those for which there is something to draw, the most telling one first."""
    results = list(comparison.results.values())
    drawable: dict[str, tuple[bool, Callable[[Comparison], None]]] = {
        "scores": (bool(comparison.scores), _draw_scores),
        "agreement": (len(results) > 1, _draw_agreement),
        "histogram": (bool(gather_panels(results)), _draw_histogram),
        "timing": (bool(results), _draw_timing),
        "shares": (bool(results), _draw_shares),
        "tradeoff": (bool(comparison.scores), _draw_tradeoff),
        "thresholds": ("threshold" in comparison.outcomes, draw_thresholds),
    }
    return {chart: draw for chart, (possible, draw) in drawable.items() if possible}


def _draw_scores(comparison: Comparison) -> None:
    rows = _rows(comparison)
    name = t(SCORES["mean_iou"].title)
    title = _finding(rows)
    _draw(score_bars(rows, title=title, score_name=name, context=chart_context()), title)
    st.caption(f"**{name}** – {t(SCORES['mean_iou'].explanation)} {t(SCORES['mean_iou'].undefined)}")
    with st.expander(t("All scores"), key="all-scores"):
        _draw_score_table(comparison)


def _finding(rows: Sequence[Row]) -> str:
    """Who is ahead in the digits that are shown, as the verdict has it."""
    best = max(rows, key=lambda row: row.score if math.isfinite(row.score) else -1)
    level = [row for row in rows if numbers.score(row.score) == numbers.score(best.score)]
    if len(level) > 1:
        return t("{count} methods come equally close to the truth", count=len(level))
    return t("{method} comes closest to the truth", method=best.title)


def _draw_score_table(comparison: Comparison) -> None:
    small = comparison.picture.image.size <= 3 * AT_ONCE
    cost = t("On large pictures they take seconds for each method.")
    lines = st.toggle(t("Boundaries and outlines"), small, key="all-scores.lines", help=cost)
    kinds: tuple[Kind, ...] = ("class", "region", "boundary", "outline") if lines else ("class", "region")
    table = {
        t(get_method(method_id).title): {t(s.title): getattr(scores, s.id) for s in list_scores(*kinds)}
        for method_id, scores in comparison.scores.items()
    }
    config = {
        t(s.title): st.column_config.NumberColumn(format="%.2f", help=t(s.explanation), width="small")
        for s in list_scores(*kinds)
    }
    st.dataframe(pd.DataFrame.from_dict(table, orient="index"), column_config=config)
    st.caption(translate(POLICY))


def _draw_timing(comparison: Comparison) -> None:
    rows = _rows(comparison)
    fastest = min(rows, key=lambda r: r.timings.total)
    title = t("{method} is the fastest", method=fastest.title) if len(rows) > 1 else t("Where the time goes")
    _draw(timing_bars(rows, title=title, context=chart_context()), title)


def _draw_tradeoff(comparison: Comparison) -> None:
    title = t("Up is closer to the truth, left is faster")
    name = t(SCORES["mean_iou"].title)
    _draw(score_against_time(_rows(comparison), title=title, score_name=name, context=chart_context()), title)


def _draw_histogram(comparison: Comparison) -> None:
    results = list(comparison.results.values())
    title = t("Where the methods cut the histogram")
    titles = {r.method: t(get_method(r.method).title) for r in results}
    _draw(histogram_chart(gather_panels(results), title=title, titles=titles, context=chart_context()), title)


def _draw_shares(comparison: Comparison) -> None:
    title = t("How much of the picture each class covers")
    rows = [(t(get_method(method_id).title), _class_shares(result)) for method_id, result in comparison.results.items()]
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
    results = list(comparison.results.values())
    titles = [t(get_method(r.method).title) for r in results]
    matrix, layer = _agreement([Result(comparison.picture, result) for result in results])
    title = _name_closest(titles, matrix)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw(agreement_map(titles, matrix, title=title, context=chart_context()), title)
    meaning = t("The stronger the colour, the more methods disagree there.")
    right.html(cells.picture(t("Where the methods disagree"), meaning, {"disagreement": layer}, note=meaning))


def _name_closest(titles: Sequence[str], matrix: np.ndarray) -> str:
    pairs = [p for p in combinations(range(len(titles)), 2) if math.isfinite(matrix[p])]
    if not pairs:
        return t("How alike the methods are")
    first, second = max(pairs, key=lambda p: matrix[p])
    return t("{first} and {second} agree most", first=titles[first], second=titles[second])


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=HASHES)
def _agreement(results: Sequence[Result]) -> tuple[np.ndarray, bytes]:
    segmentations = [result.segmentation for result in results]
    return agreement_matrix(segmentations), disagreement_layer(disagreement(segmentations))


def _rows(comparison: Comparison) -> list[Row]:
    return [
        Row(method_id, t(get_method(method_id).title), timings=result.timings)
        if method_id not in comparison.scores
        else Row(
            method_id,
            t(get_method(method_id).title),
            comparison.scores[method_id].mean_iou,
            translate(ALIGNMENT_NOTES[comparison.scores[method_id].alignment]),
            result.timings,
        )
        for method_id, result in comparison.results.items()
    ]


def _draw(figure: go.Figure, title: str) -> None:
    st.plotly_chart(figure, config=CONFIG, theme=None, alt=title)
