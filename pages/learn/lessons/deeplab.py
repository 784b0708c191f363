"""DeepLab: how far an atrous filter sees, and what each branch of the pyramid adds."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import answer_view, choose_weights, chosen_weights, truth_view
from pages.learn.point_picker import choose_point, point, show_clickable
from pages.learn.spec import Lesson, of_function
from pages.learn.svg_overlays import cell, grid, square, svg_overlay
from pages.learn.views import View, plane_image, show_views
from pages.ui import numbers
from pages.ui.chart_context import chart_context
from pages.ui.language import class_name, t
from pages.ui.layers import image_layer
from pages.ui.plotting import label_axis, style_figure, top_down_bars
from pages.ui.theme import LIGHT
from segmethods.core.registry import About, Parameter
from segmethods.core.types import Segmentation
from segmethods.introspection.deeplab import (
    BRANCHES,
    BranchComparison,
    ablate_branches,
    compare_branches,
)
from segmethods.introspection.loaded_model import preload_streets
from segmethods.introspection.receptive_field import ReceptiveField, measure_receptive_field
from segmethods.methods import method_colour

LESSON = Lesson(
    "deeplab",
    sample="chelsea",
    controls=(
        *of_function(measure_receptive_field, "weights", "rate"),
        *point(190, 130),
        Parameter("point", "bool", True, About("Point (1 × 1)")),
        Parameter("rate_3", "bool", True, About("Rate 3")),
        Parameter("rate_6", "bool", True, About("Rate 6")),
        Parameter("rate_9", "bool", True, About("Rate 9")),
        Parameter("image_pooling", "bool", True, About("Image pooling")),
    ),
)

CONTROLS = dict(zip(BRANCHES, ("point", "rate_3", "rate_6", "rate_9", "image_pooling"), strict=True))
"""A branch, and the control that switches it."""


def thumbnail(ctx: LessonContext) -> bytes | None:
    seen = ctx.inspect(measure_receptive_field, x=ctx.value("x"), y=ctx.value("y"))
    return _gradient_image(seen, 320) if seen else None


def draw(ctx: LessonContext) -> None:
    choose_weights(ctx)
    _draw_field(ctx)
    _draw_pyramid(ctx)


@st.fragment
def _draw_field(ctx: LessonContext) -> None:
    ctx.text("field")
    rate = ctx.control("rate")
    x, y = choose_point(ctx)
    seen = ctx.inspect(measure_receptive_field, **chosen_weights(ctx), rate=rate, x=x, y=y)
    if seen is None:
        return
    left, right = st.columns(2)
    with left:
        note = t(
            "Click to move it. A square of the grid is one cell, {cell} pixels wide; the filter spans {span} pixels. "
            "Its weights were trained at rate {trained}.",
            cell=seen.cell,
            span=seen.filter_theory,
            trained=seen.trained,
        )
        title = t("{count} of nine taps lie in the picture", count=len(seen.taps))
        show_clickable(ctx, [image_layer(ctx.pixels), _taps(seen)], title, note)
    half, most = seen.measured[0.5], seen.measured[0.9]
    with right:
        note = t(
            "By arithmetic it sees {theory} × {theory} pixels. Measured, half of the influence lies in {half} × {half} "
            "(solid) and nine tenths in {most} × {most} (dashed).",
            theory=seen.theory,
            half=half,
            most=most,
        )
        view = View(
            t("Pixels that influence the output"),
            note,
            _gradient_image(seen),
            [_squares(seen)],
            strength=1,
            note=note,
        )
        show_views([view])
    width = seen.working_size[1]
    ctx.questions(
        "field",
        theory=str(seen.theory),
        half=str(half),
        most=str(most),
        width=str(width),
        span=str(seen.filter_theory),
        inside=str(len(seen.taps)),
    )


def _taps(seen: ReceptiveField) -> bytes:
    """The grid of cells, and those that the filter reads, the stronger the less clear."""
    side, strength = seen.cell, seen.strength
    parts = [
        cell(column * side, row * side, side, LIGHT.accent, 0.35 + 0.6 * float(weight / strength.max()))
        for (row, column), weight in zip(seen.taps, strength, strict=True)
    ]
    return svg_overlay(seen.working_size, grid(seen.working_size, side), *parts)


def _gradient_image(seen: ReceptiveField, long_side: int = 640) -> bytes:
    """The gradient's size; its square root, so that the weak parts are seen, too."""
    return plane_image(np.sqrt(seen.gradient.astype(np.float32)), 0, 0.6, colours="viridis", long_side=long_side)


def _squares(seen: ReceptiveField) -> bytes:
    """The squares that hold half and nine tenths of the gradient, and the one of the arithmetic."""
    row, column = ((n + 0.5) * seen.cell for n in seen.centre)
    around = [
        square(column - side / 2, row - side / 2, column + side / 2, row + side / 2, dash=dash)
        for side, dash in ((seen.measured[0.5], ""), (seen.measured[0.9], "7 6"))
    ]
    return svg_overlay(seen.working_size, *around)


@st.fragment
def _draw_pyramid(ctx: LessonContext) -> None:
    ctx.text("pyramid")
    known = chosen_weights(ctx)
    with st.container(horizontal=True):
        gates = {branch: ctx.control(name) for branch, name in CONTROLS.items()}
    complete = ctx.inspect(compare_branches, **known)
    if complete is None:
        return
    off = sum(not on for on in gates.values())
    ablated = ctx.inspect(ablate_branches, **known, **gates) if off else None
    views = [answer_view(ctx, t("All five branches"), complete.labels, complete.classes)]
    if ablated:
        changed = numbers.share(float(np.mean(ablated.labels != complete.labels)))
        title = t("One branch off") if off == 1 else t("{count} branches off", count=off)
        note = t("{share} of the pixels changed", share=changed)
        views.append(answer_view(ctx, title, ablated.labels, ablated.classes, note))
    elif truth := truth_view(ctx):
        views.append(truth)
    show_views(views, columns=2)
    changes = complete.changed
    best = max(changes, key=lambda name: changes[name])
    finding = t(
        "Without “{branch}” most changes: {share} of the picture",
        branch=_label(best),
        share=numbers.share(changes[best]),
    )
    if not changes[best]:
        finding = t("Without any one branch, the answer stays the same")
    ctx.chart(_branch_bars(complete, finding), finding, key="branches")
    ctx.questions(
        "pyramid",
        best=_label(best),
        most=numbers.share(changes[best]),
        atrous=numbers.share(float(np.mean(complete.without_atrous != complete.labels))),
        whole=numbers.share(changes["whole"]),
        left=_what_is_left(complete),
    )


def _what_is_left(complete: BranchComparison) -> str:
    """What the network says without its pyramid, in a sentence."""
    shares = Segmentation(complete.without_all, complete.classes).shares()
    class_id = max(shares, key=lambda one: shares[one])
    return t(
        "{share} of this picture is called {name} now.",
        share=numbers.share(shares[class_id]),
        name=class_name(complete.classes, class_id),
    )


def _label(branch: str) -> str:
    return t(next(c.about.label for c in LESSON.controls if c.name == CONTROLS[branch]))


def _branch_bars(complete: BranchComparison, title: str) -> go.Figure:
    """What part of the picture changes when one branch is off."""
    context = chart_context()
    changes = complete.changed
    names = [t("{branch}, {count} channels", branch=_label(b), count=f"{complete.channels[b]:,}") for b in changes]
    percent = [share * 100 for share in changes.values()]
    bars = go.Bar(
        x=percent,
        y=names,
        orientation="h",
        marker={"color": method_colour("deeplab"), "line": context.outline, "cornerradius": 3},
        text=[numbers.share(share) for share in changes.values()],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = style_figure(go.Figure(bars), title, context, height=60 + 42 * len(names))
    label = label_axis(t("Changed pixels (%)"))
    figure.update_xaxes(title_text=label, range=[0, max(percent) * 1.25 + 1], nticks=5)
    return top_down_bars(figure, names)


if __name__ == "__main__":
    show_lesson(LESSON, draw, preload=partial(preload_streets, "deeplab"))
