"""Threshold: one level separates object from background, and many levels do where the light is uneven."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.level_slider import drag_level
from pages.learn.spec import Lesson, of_method
from pages.learn.views import View, plane_image, show_views
from pages.ui import numbers
from pages.ui.chart_context import ChartContext, chart_context
from pages.ui.language import t
from pages.ui.layers import mask_layer
from pages.ui.plotting import label_axis, style_figure
from segmethods.core.registry import About, Parameter
from segmethods.core.types import Segmentation, trace_of
from segmethods.methods import method_colour
from segmethods.methods._channels import CHANNELS, extract_channel
from segmethods.methods.threshold import LOCAL, NAMES, ThresholdTrace
from segmethods.metrics import score

_LOCAL = Parameter(
    "algorithm",
    "choice",
    "adaptive_gaussian",
    About("Local algorithm", "How the level of a pixel is found from the window around it.", NAMES),
    listed=LOCAL,
)

LESSON = Lesson(
    "threshold",
    sample="coins",
    controls=(
        *of_method("threshold", "channel", "level"),
        _LOCAL,
        *of_method("threshold", "k", block=101, offset=-10),
    ),
)


SEEN_WELL: dict[str, dict[str, Any]] = {
    "coins": {"algorithm": "adaptive_gaussian", "block": 101, "offset": -10},
    "page": {"algorithm": "adaptive_gaussian", "block": 51, "offset": 10},
    "text": {"algorithm": "sauvola", "block": 101, "k": 0.3},
}
"""The samples on which one level fails, with settings that do well."""


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("threshold", algorithm="adaptive_gaussian", block=101, offset=-10)
    return plane_image(result.labels, long_side=320) if result else None


def draw(ctx: LessonContext) -> None:
    ctx.text("level")
    _draw_level(ctx)
    ctx.questions("otsu")
    ctx.text("local")
    ctx.draw_sample_buttons(SEEN_WELL)
    _draw_local(ctx)
    ctx.questions("local")


@st.fragment
def _draw_level(ctx: LessonContext) -> None:
    channel = ctx.control("channel")
    fixed = ctx.run("threshold", algorithm="fixed", channel=channel, level=ctx.value("level"))
    if fixed is None:
        return
    histogram = trace_of(fixed, ThresholdTrace).histogram
    level = drag_level(ctx, "level", histogram, t("Level"))
    share = numbers.share(fixed.shares().get(1, 0.0))
    brightness = plane_image(extract_channel(ctx.pixels, channel), 0, 255)
    finding = t("{share} of the pixels lie above {level}", share=share, level=level)
    left, right = st.columns(2, gap="medium")
    with left:
        seen = t("The picture’s channel: {channel}", channel=t(CHANNELS[channel]))
        show_views([View(t(CHANNELS[channel]), seen, brightness)])
    with right:
        show_views([View(t("Mask"), finding, None, [mask_layer(fixed.labels, fixed.classes)], note=finding)])
    ctx.questions("level")
    _draw_otsu(ctx, channel, level)


def _draw_otsu(ctx: LessonContext, channel: str, level: int) -> None:
    result = ctx.run("threshold", algorithm="otsu", channel=channel)
    if result is None:
        return
    variance = trace_of(result, ThresholdTrace).between_class_variance
    assert variance is not None  # Otsu keeps it
    best = int(variance.argmax())
    ctx.text("otsu", best=str(best), level=str(level), reached=numbers.share(float(variance[level] / variance[best])))
    title = t("Otsu’s level is {level}: there the two groups differ most", level=best)
    share = numbers.share(result.shares().get(1, 0.0))
    note = t("{share} of the pixels lie above {level}", share=share, level=best)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with left:
        ctx.chart(variance_chart(variance, level, title=title, context=chart_context()), title)
    with right:
        show_views([View(t("Otsu’s mask"), note, None, [mask_layer(result.labels, result.classes)], note=note)])


@st.fragment
def _draw_local(ctx: LessonContext) -> None:
    channel, algorithm = ctx.value("channel"), ctx.control("algorithm")
    with st.container(horizontal=True):
        block = ctx.control("block")
        if algorithm in ("adaptive_mean", "adaptive_gaussian"):
            bend = {"offset": ctx.control("offset")}
        else:
            bend = {"k": ctx.control("k")}
    whole = ctx.run("threshold", algorithm="otsu", channel=channel)
    local = ctx.run("threshold", algorithm=algorithm, channel=channel, block=block, **bend)
    if whole is None or local is None:
        return
    level, levels = trace_of(whole, ThresholdTrace).level, trace_of(local, ThresholdTrace).level_map
    assert level is not None  # Otsu's is global
    assert levels is not None  # the others are local
    spread = t("from {low} to {high}", low=f"{levels.min():.0f}", high=f"{levels.max():.0f}")
    show_views(
        [
            _judged(ctx, t("One level: {level}", level=f"{level:.0f}"), whole),
            View(t("A level for every pixel"), spread, plane_image(levels, 0, 255, colours="cividis"), note=spread),
            _judged(ctx, t(NAMES[algorithm]), local),
        ]
    )


def _judged(ctx: LessonContext, title: str, result: Segmentation) -> View:
    """A mask, and how well it fits where the picture has a truth."""
    share = numbers.share(result.shares().get(1, 0.0))
    note = t("{share} object", share=share)
    truth = ctx.truth()
    if truth is not None:
        note = f"{note} · {t('Mean IoU {value}', value=numbers.score(score(result, truth).mean_iou))}"
    return View(title, note, plane_image(result.labels, 0, 1), note=note)


def variance_chart(variance: np.ndarray, level: int, *, title: str, context: ChartContext) -> go.Figure:
    """Otsu's criterion over all levels, with its maximum and the student's own level."""
    best = int(variance.argmax())
    figure = go.Figure()
    figure.add_scatter(
        x=np.arange(256),
        y=variance,
        mode="lines",
        line={"color": method_colour("threshold"), "width": 3},
        hovertemplate="%{x}: %{y:.0f}<extra></extra>",
        showlegend=False,
    )
    svg_overlay = (
        (best, t("Otsu: {level}", level=best), "diamond", context.colours.text, "top center"),
        (level, t("yours: {level}", level=level), "circle", context.colours.accent, _beside(level, best)),
    )
    for x, text, symbol, colour, place in svg_overlay:
        figure.add_scatter(
            x=[x],
            y=[variance[x]],
            mode="markers+text",
            text=[text],
            textposition=place,
            cliponaxis=False,
            marker={"size": 15, "symbol": symbol, "color": colour},
            hoverinfo="skip",
            showlegend=False,
        )
    style_figure(figure, title, context, height=300)
    figure.update_xaxes(title_text=t("Level, 0 to 255"), range=[-4, 259], tickvals=[0, 64, 128, 192, 255])
    top = float(variance.max()) or 1.0
    figure.update_yaxes(
        title_text=label_axis(t("Variance between the groups")), range=[-0.16 * top, 1.16 * top], nticks=5
    )
    return figure


def _beside(level: int, best: int) -> str:
    """Where the curve, which falls away from its top, leaves room for the name of a mark."""
    if level >= best:
        return "middle right" if level < 200 else "top left"
    return "middle left" if level > 55 else "top right"


if __name__ == "__main__":
    show_lesson(LESSON, draw)
