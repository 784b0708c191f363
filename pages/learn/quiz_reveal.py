"""The contest of the quiz: who was guessed to win, who won, and by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext
from pages.learn.network_views import answer_view
from pages.learn.views import show_views
from pages.ui import numbers
from pages.ui.chart_context import chart_context
from pages.ui.charts import Row, score_bars
from pages.ui.language import escape_markdown, t
from pages.ui.plotting import label_axis, style_figure, top_down_bars
from segmethods.classroom import judge
from segmethods.core.types import GroundTruth, Segmentation
from segmethods.methods import get_method, list_methods, method_colour

METHODS = tuple(m.id for m in list_methods())


def method_title(method_id: str) -> str:
    return t(get_method(method_id).title) if method_id in METHODS else escape_markdown(method_id)


def tally_title(counts: Mapping[str, int]) -> str:
    """Who is in front, among guesses counted by method."""
    total, most = sum(counts.values()), max(counts.values())
    leaders = [method_title(method_id) for method_id in counts if counts[method_id] == most]
    if total == 1:
        return t("One guess, for {method}", method=leaders[0])
    if len(leaders) == 1:
        return t("{count} guesses; most for {method}", count=total, method=leaders[0])
    return t("{count} guesses; a tie of {methods}", count=total, methods=t(" and ").join(leaders))


def tally_bars(counts: Mapping[str, int], title: str) -> go.Figure:
    """Guesses by method, the most first."""
    ranked = sorted(counts, key=lambda method_id: -counts[method_id])
    context, names = chart_context(), [method_title(method_id) for method_id in ranked]
    bars = go.Bar(
        x=[counts[method_id] for method_id in ranked],
        y=names,
        orientation="h",
        text=[str(counts[method_id]) for method_id in ranked],
        marker={
            "color": [method_colour(method_id) for method_id in ranked],
            "line": context.outline,
            "cornerradius": 3,
        },
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = style_figure(go.Figure(bars), title, context, height=70 + 42 * len(ranked))
    most = max(counts.values())
    figure.update_xaxes(title_text=label_axis(t("Guesses")), range=[0, 1.15 * most], dtick=math.ceil(most / 5))
    return top_down_bars(figure, names)


def reveal(ctx: LessonContext, contest: Sequence[str], truth: GroundTruth, guess: str = "") -> None:
    """Run the methods of a contest, say which agrees best with the truth, and what that makes of a guess."""
    outcomes = ctx.ask_each([(method_id, {}) for method_id in contest])
    results = {o.method: o for o in outcomes if isinstance(o, Segmentation)}
    scores = {method_id: judge(result, truth) for method_id, result in results.items()}
    reached = {method_id: s.mean_iou for method_id, s in scores.items() if not math.isnan(s.mean_iou)}
    if not reached:
        st.info(t("No method has an answer for this picture. Choose another one."), icon=":material/info:")
        return
    best = max(reached.values())
    winners = [method_id for method_id, value in reached.items() if numbers.score(value) == numbers.score(best)]
    names = t(" and ").join(t(get_method(method_id).title) for method_id in winners)
    verdict = t("{methods}: mean IoU {value}", methods=names, value=numbers.score(best))
    st.header(verdict, anchor=False)
    if guess in reached:
        _judge_guess(guess, winners, reached)
    rows = [
        Row(
            method_id,
            t(get_method(method_id).title),
            reached.get(method_id, math.nan),
            t("with the truth’s help") if method_id in scores and scores[method_id].is_helped else "",
        )
        for method_id in contest
    ]
    chart = score_bars(rows, title=t("Every method on this picture"), score_name=t("Mean IoU"), context=chart_context())
    ctx.chart(chart, verdict, key="quiz.bars")
    show_views(
        [answer_view(ctx, method_title(method_id), r.labels, r.classes) for method_id, r in results.items()], columns=3
    )


def _judge_guess(guess: str, winners: Sequence[str], reached: Mapping[str, float]) -> None:
    place = 1 + sum(numbers.score(v) > numbers.score(reached[guess]) for v in reached.values())
    values = {"method": t(get_method(guess).title), "value": numbers.score(reached[guess]), "place": place}
    if guess in winners:
        st.success(t("You were right: {method} wins.", **values), icon=":material/check:")
    else:
        st.info(
            t("You guessed {method}: place {place} of {all}, mean IoU {value}.", all=len(reached), **values),
            icon=":material/info:",
        )
