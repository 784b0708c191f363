"""K-means: groups of like colours, found by two steps that are repeated until nothing moves."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.learn.colour_cloud import show_cloud
from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.spec import Lesson, of_method
from pages.learn.views import View, show_views
from pages.state.images import HASHES, LoadedImage
from pages.state.presence import wait_for
from pages.ui.chart_context import chart_context
from pages.ui.language import t
from pages.ui.layers import kinds_layer
from pages.ui.plotting import label_axis, style_figure
from segmethods.core.registry import About, Parameter, Range
from segmethods.core.types import Failure, Segmentation, trace_of
from segmethods.execution.pool import pool
from segmethods.execution.process import WorkerDied
from segmethods.methods import method_colour
from segmethods.methods._colours import SPACES, Space
from segmethods.methods.kmeans import KMeansTrace, final_inertias

log = logging.getLogger(__name__)

_ROUND = Parameter(
    "round", "int", 0, About("Round", "0 is the start; each round moves the centroids once more."), Range(0, 100)
)

LESSON = Lesson("kmeans", sample="coffee", controls=(*of_method("kmeans", "space", "seed", k=8), _ROUND))

SEEDS = 4
"""How many seeds are compared."""


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("kmeans", k=5)
    return _flat(result) if result else None


def draw(ctx: LessonContext) -> None:
    ctx.text("idea")
    _explore(ctx)
    ctx.questions("spaces")


@st.fragment
def _explore(ctx: LessonContext) -> None:
    wish = _choose(ctx)
    both = ctx.run_each([("kmeans", wish), ("kmeans", {**wish, "rounds": ctx.value("round")})])  # side by side
    if both is None:
        return
    whole = both[0]
    elbow = _ask_elbow(ctx.image, wish["space"], wish["seed"])
    _draw_rounds(ctx, wish, whole)
    ctx.text("inertia", rounds=str(trace_of(whole, KMeansTrace).rounds))
    ctx.questions("idea")
    _draw_elbow(ctx, wish["k"], elbow)
    _draw_seeds(ctx, wish)
    _draw_spaces(ctx, wish)


def _choose(ctx: LessonContext) -> dict[str, Any]:
    wish = {}
    for name, column in zip(("k", "space", "seed"), st.columns(3), strict=True):
        with column:
            wish[name] = ctx.control(name)
    return wish


@st.fragment
def _draw_rounds(ctx: LessonContext, wish: dict[str, Any], whole: Segmentation) -> None:
    trace = trace_of(whole, KMeansTrace)
    inertia, last = trace.inertia, trace.rounds
    with st.container(horizontal=True, vertical_alignment="bottom"):
        now = int(ctx.control("round", most=max(last, 1)))
        at_end = now >= last
        st.button(
            t("From the start") if at_end else t("One more round"),
            key="round.next",
            type="primary",
            on_click=ctx.set,
            args=("round", 0 if at_end else now + 1),
        )
    then = whole if at_end else ctx.run("kmeans", **wish, rounds=now)
    if then is None:
        return
    left, right = st.columns(2, gap="medium")
    title = t("Round {round} of {last}: every pixel wears the colour of its centroid", round=now, last=last)
    with left:
        show_cloud(ctx, wish["space"], whole, then, title)
    with right:
        show_views([View(t("Round {round} of {last}", round=now, last=last), title, _flat(then))])
    falls = t("The inertia falls from {first} to {last}", first=_small(inertia[0]), last=_small(inertia[-1]))
    ctx.chart(_curve(list(range(last + 1)), inertia, now, falls, t("Round")), falls)


def _draw_elbow(ctx: LessonContext, k: int, elbow: Future[list[float]]) -> None:
    ctx.text("elbow")
    ks = _counts()
    try:
        inertia = wait_for(elbow)
    except WorkerDied as error:
        log.warning("the elbow: %s", error)
        _ask_elbow.clear()
        st.info(t("The worker process died, perhaps for lack of memory. Try again, or with a smaller picture."))
        return
    title = t("More groups lower the inertia, but less and less")
    ctx.chart(_curve(ks, np.array(inertia), k, title, t("Colour groups (k)")), title)
    ctx.questions("elbow")


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=HASHES)
def _ask_elbow(image: LoadedImage, space: Space, seed: int) -> Future[list[float]]:
    return pool().call("elbow", final_inertias, image.pixels, _counts(), space, seed)


def _counts() -> range:
    """All numbers of groups that may be asked for."""
    counts = of_method("kmeans", "k")[0].range
    assert counts is not None  # it is a number
    return range(int(counts.low), int(counts.high) + 1)


def _draw_seeds(ctx: LessonContext, wish: dict[str, Any]) -> None:
    ctx.text("seeds")
    seeds = [wish["seed"] + i for i in range(SEEDS) if wish["seed"] + i <= 9999]
    results = _results(ctx, [{**wish, "seed": seed} for seed in seeds])
    ends = {_small(_inertia(r)) for r in results if r}
    least = min(ends, key=float, default="") if len(ends) > 1 else ""
    views = []
    for seed, result in zip(seeds, results, strict=True):
        if result:
            value = _small(_inertia(result))
            note = t("inertia {value}", value=value)
            note = t("{note}, the smallest", note=note) if value == least else note
            views.append(View(t("Seed {seed}", seed=seed), note, _flat(result), note=note))
    show_views(views)
    ctx.questions("seeds")


def _draw_spaces(ctx: LessonContext, wish: dict[str, Any]) -> None:
    ctx.text("spaces")
    results = _results(ctx, [{**wish, "space": space} for space in SPACES])
    views = []
    for space, result in zip(SPACES, results, strict=True):
        if result:
            groups = t("{count:group|groups}", count=len(result.classes))
            views.append(View(t(SPACES[space]), groups, _flat(result), note=groups))
    show_views(views)


def _results(ctx: LessonContext, plans: Sequence[dict[str, Any]]) -> list[Segmentation | None]:
    outcomes = ctx.ask_each([("kmeans", plan) for plan in plans])
    return [None if isinstance(outcome, Failure) else outcome for outcome in outcomes]


def _inertia(result: Segmentation) -> float:
    return float(trace_of(result, KMeansTrace).inertia[-1])


def _small(value: float) -> str:
    return f"{value:.2g}" if value < 0.001 else f"{value:.4f}"


def _flat(result: Segmentation) -> bytes:
    """The picture in the colours of its groups."""
    return kinds_layer(result.labels.astype(np.uint8), trace_of(result, KMeansTrace).colours[-1].tolist())


def _curve(xs: Sequence[int], values: NDArray[np.float64], here: int, title: str, name: str) -> go.Figure:
    """Inertia against rounds or groups, with the student's place marked."""
    context = chart_context()
    figure = go.Figure(
        go.Scatter(
            x=list(xs),
            y=values,
            mode="lines+markers",
            line={"color": method_colour("kmeans"), "width": 3},
            marker={"size": 8},
            showlegend=False,
            hovertemplate="%{x}: %{y:.4f}<extra></extra>",
        )
    )
    if here in xs:
        figure.add_scatter(
            x=[here],
            y=[values[list(xs).index(here)]],
            mode="markers",
            showlegend=False,
            hoverinfo="skip",
            marker={"size": 16, "color": context.colours.accent, "line": {"color": context.colours.text, "width": 1}},
            cliponaxis=False,
        )
    style_figure(figure, title, context, height=260)
    figure.update_xaxes(title_text=name, range=[xs[0] - 0.4, xs[-1] + 0.4], dtick=1 if len(xs) < 16 else 5)
    figure.update_yaxes(title_text=label_axis(t("Inertia")), rangemode="tozero", nticks=5)
    return figure


if __name__ == "__main__":
    show_lesson(LESSON, draw)
