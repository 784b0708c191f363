"""Histogram: hills and valleys of brightness, and where to cut between them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.spec import Lesson, of_method
from pages.learn.views import View, plane_image, show_views
from pages.ui import numbers
from pages.ui.cells import legend
from pages.ui.chart_context import chart_context
from pages.ui.histograms import gather_panels, histogram_chart
from pages.ui.language import class_name, t
from pages.ui.layers import image_layer, mask_layer
from segmethods.core.types import Segmentation, trace_of
from segmethods.methods.histogram import HistogramTrace, PeaksTrace

LESSON = Lesson(
    "histogram",
    sample="coins",
    controls=of_method("histogram", "channel", "smoothing", "prominence", "levels"),
)


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("histogram", algorithm="multi_otsu", levels=4)
    return plane_image(result.labels, long_side=320) if result else image_layer(ctx.pixels, 320)


def draw(ctx: LessonContext) -> None:
    ctx.text("landscape")
    _draw_peaks(ctx)
    ctx.questions("landscape")
    ctx.text("levels")
    _draw_levels(ctx)
    ctx.questions("levels")


@st.fragment
def _draw_peaks(ctx: LessonContext) -> None:
    channel = ctx.control("channel")
    smoothing, prominence = _side_by_side(ctx, "smoothing", "prominence")
    result = ctx.run("histogram", channel=channel, smoothing=smoothing, prominence=prominence)
    if result is None:
        return
    trace = trace_of(result, PeaksTrace)
    peaks = trace.peaks.tolist()
    found = {"background": peaks[0], "object": peaks[1], "cut": f"{trace.cuts[0]:.0f}"}
    title = t("{count} peaks: background at {background}, object at {object}, cut at {cut}", count=len(peaks), **found)
    figure = _chart(result, title)
    for level, word in zip(peaks, (t("background"), t("object")), strict=False):
        height = trace.smoothed[level] / trace.smoothed.sum() * 100
        figure.add_annotation(x=level, y=height, text=f"<b>{word}</b>", showarrow=True, arrowhead=0, ay=-34, ax=0)
    ctx.chart(figure, title)
    shares = result.shares()
    finding = t("{share} of the pixels are object", share=numbers.share(shares.get(1, 0.0)))
    show_views(
        [
            View(t("Picture"), t("Picture")),
            View(t("Mask"), finding, None, [mask_layer(result.labels, result.classes)], note=finding),
        ]
    )


@st.fragment
def _draw_levels(ctx: LessonContext) -> None:
    levels = ctx.control("levels")
    result = ctx.run("histogram", algorithm="multi_otsu", channel=ctx.value("channel"), levels=levels)
    if result is None:
        return
    cuts = t(", ").join(f"{cut:.0f}" for cut in trace_of(result, HistogramTrace).cuts)
    title = t("{count} groups, cut at {cuts}", count=levels, cuts=cuts)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with left:
        ctx.chart(_chart(result, title), title)
    with right:
        chips, _ = legend(
            result.shares(), result.classes, lambda class_id: class_name(result.classes, class_id), most=5
        )
        layer = mask_layer(result.labels, result.classes)
        show_views([View(t("{count} groups of brightness", count=levels), title, None, [layer], chips=chips)])


def _side_by_side(ctx: LessonContext, *names: str) -> list[Any]:
    values = []
    for name, column in zip(names, st.columns(len(names)), strict=True):
        with column:
            values.append(ctx.control(name))
    return values


def _chart(result: Segmentation, title: str) -> go.Figure:
    return histogram_chart(
        gather_panels([result]), title=title, titles={"histogram": t("Histogram")}, context=chart_context()
    )


if __name__ == "__main__":
    show_lesson(LESSON, draw)
