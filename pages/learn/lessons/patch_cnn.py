"""Patch-CNN: one window and what it is taken for, and what sliding costs against one dense pass."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import answer_view, choose_weights, chosen_weights
from pages.learn.point_picker import choose_point, point, show_clickable
from pages.learn.spec import Lesson, of_function
from pages.learn.svg_overlays import square, svg_overlay
from pages.learn.views import View, encode, show_views
from pages.ui import numbers
from pages.ui.chart_context import chart_context
from pages.ui.language import class_name, t
from pages.ui.layers import image_layer
from pages.ui.plotting import label_axis, style_figure, top_down_bars
from segmethods.core.palette import class_colour
from segmethods.core.types import Vocabulary
from segmethods.introspection.loaded_model import preload_streets
from segmethods.introspection.patch_cnn import SlidingCost, inspect_window, time_sliding
from segmethods.methods import method_colour
from segmethods.models.architectures.patch_cnn.windows import STRIDE

LESSON = Lesson("patch_cnn", sample="chelsea", controls=(*of_function(inspect_window, "weights"), *point(160, 170)))
BEST = 5
"""Classes in the chart of scores."""


def thumbnail(ctx: LessonContext) -> bytes | None:
    seen = ctx.inspect(inspect_window, x=ctx.value("x"), y=ctx.value("y"))
    return encode(seen.window) if seen else None


def draw(ctx: LessonContext) -> None:
    choose_weights(ctx)
    _draw_window(ctx)
    _draw_cost(ctx)


@st.fragment
def _draw_window(ctx: LessonContext) -> None:
    ctx.text("window")
    x, y = choose_point(ctx)
    seen = ctx.inspect(inspect_window, **chosen_weights(ctx), x=x, y=y)
    if seen is None:
        return
    scores = seen.alone
    best = int(scores.argmax())
    finding = t(
        "This window: {name} {share}", name=class_name(seen.classes, best), share=numbers.share(float(scores[best]))
    )
    frame = square(*seen.square)
    left, middle, right = st.columns([4, 3, 4])
    with left:
        layers = [image_layer(ctx.pixels), svg_overlay(ctx.pixels.shape, frame)]
        show_clickable(ctx, layers, t("Click a pixel"), t("The square is what the network sees of it."))
    with middle:
        show_views([View(t("The window"), finding, encode(seen.window), note=t("147 × 147 pixels"))])
    with right:
        ctx.chart(_score_bars(seen.classes, scores, finding), finding, key="scores")
    ctx.questions("window")


@st.fragment
def _draw_cost(ctx: LessonContext) -> None:
    ctx.text("cost")
    known = chosen_weights(ctx)
    again = st.session_state.setdefault("patch_cnn.again", 0)
    st.button(t("Take the times again"), icon=":material/timer:", on_click=_count, args=(again + 1,))
    cost = ctx.inspect(time_sliding, **known, again=again)
    answer = ctx.inspect(inspect_window, **known, x=0, y=0)
    if cost is None or answer is None:
        return
    places = cost.windows[STRIDE]
    ratio = numbers.times(cost.window_multiplications * places / cost.dense_multiplications).rstrip("×")
    finding = t("Windows at the same places multiply {times} times as often as one dense pass", times=ratio)
    left, right = st.columns(2)
    with left:
        ctx.chart(_cost_bars(cost, finding), finding, key="cost")
        st.caption(
            t(
                "Timed on this machine just now: the dense pass {dense}, its {count} windows one by one {sliding}, "
                "{times} times as long ({sampled} of them were timed).",
                dense=numbers.seconds(cost.dense),
                count=places,
                sliding=numbers.seconds(cost.window * places),
                times=numbers.times(cost.window * places / cost.dense).rstrip("×"),
                sampled=cost.sampled,
            )
        )
    with right:
        note = t("a window every {step} pixels", step=STRIDE)
        show_views([answer_view(ctx, t("One dense pass"), answer.labels, answer.classes, note)])
    difference = float(np.abs(answer.alone - answer.dense).max())
    ctx.questions(
        "cost",
        windows=f"{cost.windows[1]:,}",
        sharing=f"{cost.sharing:.0f}",
        difference=_power_of_ten(difference),
        ratio=ratio,
    )


def _power_of_ten(value: float) -> str:
    """A tiny number as a formula."""
    digits, exponent = f"{value:.1e}".split("e")
    return rf"${digits} \times 10^{{{int(exponent)}}}$" if value else "0"


def _count(again: int) -> None:
    st.session_state["patch_cnn.again"] = again % 10_000


def _score_bars(classes: Vocabulary, scores: np.ndarray, title: str) -> go.Figure:
    """The best classes of one window."""
    context = chart_context()
    best = np.argsort(-scores)[:BEST]
    names = [class_name(classes, int(class_id)) for class_id in best]
    bars = go.Bar(
        x=scores[best],
        y=names,
        orientation="h",
        marker={
            "color": [class_colour(int(class_id), classes) for class_id in best],
            "line": context.outline,
            "cornerradius": 3,
        },
        text=[numbers.share(float(s)) for s in scores[best]],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = style_figure(go.Figure(bars), title, context, height=60 + 42 * len(best))
    figure.update_xaxes(title_text=label_axis(t("Class score, all of them sum to 1")), range=[0, 1.2], nticks=4)
    return top_down_bars(figure, names)


def _cost_bars(cost: SlidingCost, title: str) -> go.Figure:
    """Multiplications of sliding at several steps and of the dense pass, on a logarithmic axis."""
    context = chart_context()
    rows = [
        (t("Sliding, every {step} pixels", step=s) if s > 1 else t("Sliding, every pixel"), n)
        for s, n in cost.windows.items()
    ]
    billions = [n * cost.window_multiplications / 1e9 for _, n in rows] + [cost.dense_multiplications / 1e9]
    names = [*(name for name, _ in rows), t("Dense pass, every {step} pixels", step=STRIDE)]
    bars = go.Bar(
        x=billions,
        y=names,
        orientation="h",
        marker={
            "color": method_colour("patch_cnn"),
            "line": context.outline,
            "cornerradius": 3,
            "pattern": {"shape": ["/"] * len(rows) + [""], "solidity": 0.35},
        },
        text=[f"{n:,.0f}" if n >= 10 else f"{n:.1f}" for n in billions],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = style_figure(go.Figure(bars), title, context, height=80 + 42 * len(names))
    ends = [np.log10(min(billions)) - 0.6, np.log10(max(billions)) + 0.9]
    figure.update_xaxes(
        title_text=label_axis(t("Multiplications (billions), logarithmic")),
        type="log",
        range=ends,
        dtick=1,
        tickangle=0,
        exponentformat="none",
    )
    return top_down_bars(figure, names)


if __name__ == "__main__":
    show_lesson(LESSON, draw, preload=partial(preload_streets, "patch_cnn"))
