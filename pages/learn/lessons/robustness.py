"""Break the method: spoil the picture more and more, and see who holds out."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import answer_view
from pages.learn.robustness_jobs import Point, ScoringJob, known_points
from pages.learn.spec import Lesson
from pages.learn.views import View, encode, show_views
from pages.state.presence import client_id, when_gone
from pages.ui import numbers
from pages.ui.actions import draw_bar
from pages.ui.chart_context import chart_context
from pages.ui.language import t, translate
from pages.ui.layers import image_layer
from pages.ui.plotting import label_axis, legend_above, style_figure
from segmethods.classroom.corruptions import CORRUPTIONS, corrupt
from segmethods.classroom.robustness import STRENGTHS, score_blank
from segmethods.core.registry import About, Parameter, Range
from segmethods.core.types import Failure, GroundTruth
from segmethods.execution.compare import try_segment
from segmethods.methods import get_method, list_methods, method_colour

TICK = 0.5
"""Seconds between two looks at points that are computed."""

FOUND = 0.05
"""By how much a score must lie above that of a blank answer, for its method to have found something."""

SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star", "pentagon", "x", "hexagon")

_KINDS = About("Kind of damage", "", {kind: c.title.template for kind, c in CORRUPTIONS.items()})
_METHODS = About("Methods shown", "", {m.id: m.title for m in list_methods()})
_ALL = tuple(m.id for m in list_methods())

LESSON = Lesson(
    "robustness",
    sample="coins",
    controls=(
        Parameter("kind", "choice", "noise", _KINDS, listed=tuple(CORRUPTIONS)),
        Parameter("strength", "float", 0.25, About("Strength", "0 leaves it as it is."), Range(0, 1, 0.05)),
        Parameter("seed", "int", 0, About("Seed", "Another number, another noise."), Range(0, 99)),
        Parameter("shown", "choices", _ALL, _METHODS, listed=_ALL),
    ),
)


def thumbnail(ctx: LessonContext) -> bytes | None:
    height, width = ctx.pixels.shape[:2]
    return encode(corrupt(ctx.pixels, "noise", 0.8)[height // 6 : -height // 6, width // 6 : -width // 6])


def draw(ctx: LessonContext) -> None:
    ctx.text("idea")
    ctx.draw_sample_buttons({"coins": {}, "camera": {}, "chelsea": {}, "page": {}})
    _draw_spoilt(ctx)


@st.fragment
def _draw_spoilt(ctx: LessonContext) -> None:
    kind, strength, seed = _choose(ctx)
    spoilt = corrupt(ctx.pixels, kind, strength, seed)
    amount = translate(CORRUPTIONS[kind].amount(strength))
    what = translate(CORRUPTIONS[kind].title)
    name = t("{what}: {value}", what=what, value=amount) if strength else t("As it was")
    views = [View(t("Picture"), name, base=image_layer(spoilt), note=name)]
    outcome = try_segment(spoilt, "threshold", {})
    if not isinstance(outcome, Failure):
        title = t("What the threshold makes of it")
        views.append(replace(answer_view(ctx, title, outcome.labels, outcome.classes), base=image_layer(spoilt)))
    show_views(views, columns=2)
    st.caption(translate(CORRUPTIONS[kind].explanation))
    ctx.questions("idea")
    ctx.text("curves")
    truth = ctx.truth()
    if truth is None:
        st.info(t("Curves need a truth to score against. Choose a sample that has one."), icon=":material/info:")
    else:
        _draw_curves(ctx, truth, kind, seed)
    ctx.questions("curves")


def _choose(ctx: LessonContext) -> tuple[str, float, int]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind, strength = str(ctx.control("kind")), float(ctx.control("strength"))
        seed = int(ctx.control("seed")) if kind == "noise" else 0
    return kind, strength, seed


def _draw_curves(ctx: LessonContext, truth: GroundTruth, kind: str, seed: int) -> None:
    methods = tuple(ctx.control("shown"))
    wanted: list[Point] = [(ctx.image.digest, kind, seed, method_id, s) for s in STRENGTHS for method_id in methods]
    computing = _computing()
    if computing and not computing.points <= set(wanted):
        computing.stop()  # for something that nobody looks at any more
        computing = None
    st.fragment(_draw_progress, run_every=TICK if computing else None)(ctx, truth, wanted, computing is not None)


def _draw_progress(ctx: LessonContext, truth: GroundTruth, wanted: Sequence[Point], was_computing: bool) -> None:
    """The curves so far; they fill in by themselves while points are computed."""
    computing, known = _computing(), known_points()
    found = {point: known[point] for point in wanted if point in known}
    if was_computing != (computing is not None):
        st.rerun()
    missing = [point for point in wanted if point not in found]
    _show(ctx, found, score_blank(truth))
    if computing:
        done, all_ = computing.progress, len(computing.points)
        draw_bar(done / all_, t("{done} of {all} runs", done=done, all=all_), "robustness", computing.stop)
    elif missing:
        before: ScoringJob | None = st.session_state.get("robustness")
        lost = len(before.points.intersection(missing)) if before and not before.is_stopped else 0
        if lost:
            st.info(t("The machine is too busy. Stopped: {count:run|runs}.", count=lost), icon=":material/info:")
        label = t("Run the rest") if lost else t("Run {count} times and draw the curves", count=len(missing))
        st.button(label, key="robustness.run", type="primary", on_click=_compute, args=(ctx, truth, missing))


def _compute(ctx: LessonContext, truth: GroundTruth, points: Sequence[Point]) -> None:
    """Callback."""
    queue = f"{client_id()}.robustness.{secrets.token_hex(4)}"
    st.session_state["robustness"] = job = ScoringJob(queue, ctx.pixels, truth, points)
    when_gone("curves", job.stop)


def _computing() -> ScoringJob | None:
    """The points that are computed for this visitor."""
    computing: ScoringJob | None = st.session_state.get("robustness")
    return computing if computing is not None and computing.is_active else None


def _show(ctx: LessonContext, found: Mapping[Point, float], blank: float) -> None:
    curves: dict[str, dict[float, float]] = {}
    for (_, _, _, method, strength), value in found.items():
        if not math.isnan(value):
            curves.setdefault(method, {})[strength] = value
    if not curves:
        return
    kind = next(iter(found))[1]
    title = describe_curves(curves, kind, blank)
    ctx.chart(_figure(curves, kind, title, blank), title, key="robustness.curves")


def describe_curves(curves: Mapping[str, Mapping[float, float]], kind: str, blank: float) -> str:
    """Who loses least and who most, from no damage to the strongest, of those that found something at first.

    Parameters
    ----------
    curves : mapping
        Method -> strength -> mean IoU.
    kind : str
        What spoils the picture.
    blank : float
        Mean IoU of an answer that finds nothing.
    """
    whole = {method_id: curve for method_id, curve in curves.items() if {0.0, 1.0} <= set(curve)}
    losses = {m: curve[0.0] - curve[1.0] for m, curve in whole.items() if curve[0.0] >= blank + FOUND}
    name = translate(CORRUPTIONS[kind].title)
    if not losses:
        return t("{kind}: no method finds much here", kind=name) if whole else t("{kind}: the scores", kind=name)
    best, worst = min(losses, key=losses.__getitem__), max(losses, key=losses.__getitem__)
    values = {"kind": name, "worst": t(get_method(worst).title), "best": t(get_method(best).title)}
    values |= {"before": numbers.score(whole[worst][0.0]), "after": numbers.score(whole[worst][1.0])}
    if len(losses) == 1 or best == worst:
        return t("{kind}: {worst} goes from {before} to {after}", **values)
    values |= {"kept": numbers.score(whole[best][0.0]), "left": numbers.score(whole[best][1.0])}
    return t(
        "{kind}: {worst} loses most, from {before} to {after}; {best} loses least, from {kept} to {left}", **values
    )


def _figure(curves: Mapping[str, Mapping[float, float]], kind: str, title: str, blank: float) -> go.Figure:
    context, figure = chart_context(), go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[blank, blank],
        mode="lines",
        name=t("nothing found"),
        line={"color": context.colours.muted, "width": 2, "dash": "dot"},
        hovertemplate=f"%{{y:.2f}}<extra>{t('nothing found')}</extra>",
    )
    order = [m.id for m in list_methods()]
    for method_id in sorted(curves, key=order.index):
        points = sorted(curves[method_id].items())
        figure.add_scatter(
            x=[s for s, _ in points],
            y=[v for _, v in points],
            mode="lines+markers",
            name=t(get_method(method_id).title),
            line={"color": method_colour(method_id), "width": 2.5},
            marker={"size": 9, "symbol": SYMBOLS[order.index(method_id) % len(SYMBOLS)], "line": context.outline},
            hovertemplate=f"%{{x}}: %{{y:.2f}}<extra>{t(get_method(method_id).title)}</extra>",
        )
    style_figure(figure, title, context, height=420)
    figure.update_layout(legend=legend_above(), margin_t=figure.layout.margin.t + 60)
    most = translate(CORRUPTIONS[kind].amount(1.0))
    figure.update_xaxes(title_text=label_axis(t("Strength; 1 is {amount}", amount=most)), range=[-0.03, 1.03])
    figure.update_yaxes(title_text=t("Mean IoU"), range=[0, 1.03])
    return figure


if __name__ == "__main__":
    show_lesson(LESSON, draw)
