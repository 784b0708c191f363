"""Edges: Canny's detector stage by stage, and the way from lines to regions."""

from __future__ import annotations

import cv2
import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.spec import Lesson, of_function
from pages.learn.svg_overlays import square, svg_overlay
from pages.learn.views import View, plane_image, show_views
from pages.ui import numbers
from pages.ui.cells import Chip
from pages.ui.chart_context import chart_context
from pages.ui.language import t
from pages.ui.layers import kinds_layer, mask_layer
from pages.ui.plotting import SIZE, legend_above, style_figure
from segmethods.core.palette import FALSE, to_hex
from segmethods.core.registry import About, Parameter, Range
from segmethods.core.types import Vocabulary, segments
from segmethods.introspection.edges import EdgeStages, inspect_edges
from segmethods.methods import method_colour

_ROW = Parameter(
    "row",
    "int",
    42,
    About("Cut through at (%)", "Where the picture is cut through, from 0 at the top to 100 at the bottom."),
    Range(0, 100),
)

LESSON = Lesson(
    "edges",
    sample="coins",
    controls=(_ROW, *of_function(inspect_edges, "sigma", "high", "low", "gap", "min_area")),
)

STRONG, WEAK = (255, 255, 255), FALSE


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("edges")
    if result is None or result.boundaries is None:
        return None
    return plane_image(result.boundaries, long_side=384)


def draw(ctx: LessonContext) -> None:
    ctx.text("jump")
    _draw_profile(ctx)
    ctx.questions("jump")
    ctx.text("stages")
    _draw_stages(ctx)
    ctx.questions("regions")


@st.fragment
def _draw_profile(ctx: LessonContext) -> None:
    row = ctx.control("row")
    result = _run(ctx)
    if result is None:
        return
    place = round(row / 100 * (ctx.pixels.shape[0] - 1))
    title = t("Along row {row}: where brightness jumps, the gradient has a peak", row=place)
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with left:
        line = svg_overlay(ctx.pixels.shape, square(0, place, ctx.pixels.shape[1], place + 1))
        alt = t("The picture with row {row} marked", row=place)
        show_views([View(t("Row {row}", row=place), alt, None, [line], strength=1)])
    with right:
        ctx.chart(_profile(result, place, title), title)


@st.fragment
def _draw_stages(ctx: LessonContext) -> None:
    for name, column in zip(("sigma", "high", "low"), st.columns(3), strict=True):
        with column:
            ctx.control(name)
    seen = _run(ctx)
    if seen is None:
        return
    counted = (seen.ridges, seen.weak, seen.strong, seen.lines, seen.lines & seen.weak)
    ridges, weak, strong, lines, kept = (f"{np.count_nonzero(mask):,}" for mask in counted)
    sigma = ctx.value("sigma")
    show_views(
        [
            _stage(1, t("Grey"), t("Brightness alone"), plane_image(seen.grey, 0, 255)),
            _stage(
                2,
                t("Gaussian"),
                t("Blurred with σ = {sigma} px", sigma=f"{sigma:g}"),
                plane_image(seen.blurred, 0, 255),
            ),
            _stage(
                3,
                t("Gradient"),
                t("Up to {most} levels a pixel", most=f"{seen.gradient.max():.0f}"),
                plane_image(seen.gradient, 0, float(np.quantile(seen.gradient, 0.995))),
            ),
            _stage(4, t("Non-maximum suppression"), t("{count} pixels on ridges", count=ridges), _thin(seen.ridges)),
            View(
                t("5. Two thresholds"),
                t("Strong and weak ridges"),
                _two(seen.strong, seen.weak),
                chips=(
                    Chip(to_hex(STRONG), t("strong, above {level}", level=f"{seen.high:.1f}"), strong),
                    Chip(to_hex(WEAK), t("weak, above {level}", level=f"{seen.low:.1f}"), weak),
                ),
            ),
            _stage(
                6,
                t("Hysteresis"),
                t("{lines} pixels: all strong ones, {kept} of the weak", lines=lines, kept=kept),
                _thin(seen.lines),
            ),
        ],
        columns=3,
    )
    ctx.text("explained")
    ctx.questions("explained")
    _draw_regions(ctx)


@st.fragment
def _draw_regions(ctx: LessonContext) -> None:
    ctx.text("regions")
    for name, column in zip(("gap", "min_area"), st.columns(2), strict=True):
        with column:
            ctx.control(name)
    result = _run(ctx)
    if result is None:
        return
    seeds = result.seeds
    count, grown = int(seeds.max()), len(result.classes)
    largest = numbers.share(float(np.mean(result.labels == 0)))
    note = t("{count:region|regions}, the largest {share} of the picture", count=grown, share=largest)
    planted = t("{count:place|places} that no line comes near", count=count)
    layer = mask_layer(np.minimum(seeds, 65_534).astype(np.uint16), _with_nothing(count))
    show_views(
        [
            View(t("Lines"), t("Lines"), _thin(result.lines)),
            View(t("Seeds"), planted, None, [layer], fade=0.35, strength=1.0, note=planted),
            View(t("Regions"), note, None, [mask_layer(result.labels, result.classes)], note=note),
        ]
    )


def _run(ctx: LessonContext) -> EdgeStages | None:
    return ctx.inspect(inspect_edges, **{p.name: ctx.value(p.name) for p in LESSON.controls if p is not _ROW})


def _stage(number: int, title: str, note: str, image: bytes) -> View:
    return View(f"{number}. {title}", f"{title}: {note}", image, note=note)


def _thin(lines: NDArray[np.bool_]) -> bytes:
    """Lines of one pixel on black, drawn two wide so that they are still seen when the picture shrinks."""
    return kinds_layer(_wider(lines), [(0, 0, 0), STRONG])


def _two(strong: NDArray[np.bool_], weak: NDArray[np.bool_]) -> bytes:
    return kinds_layer(np.where(_wider(strong), 2, _wider(weak)).astype(np.uint8), [(0, 0, 0), WEAK, STRONG])


def _wider(lines: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(lines.astype(np.uint8), np.ones((2, 2), np.uint8)))


def _with_nothing(count: int) -> Vocabulary:
    """Names for seeds, of which number 0 is none and stays clear."""
    return Vocabulary("seeds", ("background", *segments(count).names))


def _profile(seen: EdgeStages, row: int, title: str) -> go.Figure:
    """Brightness and gradient along one row."""
    context = chart_context()
    figure = go.Figure()
    lines = (
        (seen.blurred, t("brightness"), context.colours.muted, 2.0, "y"),
        (seen.gradient, t("gradient"), method_colour("threshold"), 3.0, "y2"),
    )
    for plane, label, colour, width, axis in lines:
        figure.add_scatter(
            y=plane[row],
            mode="lines",
            name=label,
            line={"color": colour, "width": width},
            yaxis=axis,
            hovertemplate="%{x}: %{y:.0f}<extra></extra>",
        )
    style_figure(figure, title, context, height=280)
    most = float(seen.gradient.max()) or 1.0
    right = {
        "overlaying": "y",
        "side": "right",
        "range": [0, most * 1.03],
        "tickvals": [0, round(most / 2), round(most)],
        "showgrid": False,
        "tickfont": {"size": SIZE},
        "fixedrange": True,
        "automargin": True,
        "title": {
            "text": t("Gradient (levels a pixel)"),
            "font": {"size": SIZE, "color": context.colours.muted},
            "standoff": 6,
        },
    }
    figure.update_layout(
        legend=legend_above(),
        margin_t=figure.layout.margin.t + 28,
        yaxis={"range": [0, 262], "tickvals": [0, 128, 255], "title_text": t("Brightness, 0 to 255")},
        yaxis2=right,
    )
    figure.update_xaxes(title_text=t("Column"))
    return figure


if __name__ == "__main__":
    show_lesson(LESSON, draw)
