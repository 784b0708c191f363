"""Break the metric: damage the true mask on purpose, and watch the scores disagree."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import labels_view
from pages.learn.spec import Lesson
from pages.learn.views import View, plane_image, show_views
from pages.state.images import HASHES
from pages.ui import numbers
from pages.ui.cells import error_legend
from pages.ui.chart_context import chart_context
from pages.ui.language import class_name, t
from pages.ui.layers import boundary_layer, error_layer
from pages.ui.plotting import label_axis, style_figure, top_down_bars
from segmethods.classroom.mask_perturbations import count_objects
from segmethods.classroom.metric import CASES, SHOWN, Damaged, Edit, damage
from segmethods.core.registry import About, Parameter, Range
from segmethods.core.types import GroundTruth, Segmentation
from segmethods.metrics import METRICS, fill_void

SHARES = ("mean_iou", "dice", "boundary_f", "pri", "panoptic_quality")
"""From 0 to 1, where 1 is perfect; the others have units, and 0 is perfect."""

_MASKS = About(
    "Mask",
    "What becomes of the true mask.",
    {
        "edited": "as the sliders say",
        "empty": "empty: no object at all",
        "full": "everything is object",
        "stranger": "as the sliders say, with a speck of an absent class",
    },
)


def _number(name: str, about: About, low: int, high: int, start: int = 0) -> Parameter:
    return Parameter(name, "int", start, about, Range(low, high))


LESSON = Lesson(
    "metric",
    sample="coins",
    controls=(
        Parameter("mask", "choice", "edited", _MASKS, listed=CASES),
        _number("right", About("Shift to the right", "Pixels; below 0 to the left."), -60, 60, 6),
        _number("down", About("Shift down", "Pixels; below 0 upwards."), -60, 60),
        _number("grow", About("Grow", "Pixels that objects gain on all sides."), 0, 20),
        _number("shrink", About("Shrink", "Pixels that objects lose on all sides; small ones vanish."), 0, 20),
        _number("lost", About("Objects lost", "The smallest go first."), 0, 60),
        _number("joined", About("Objects found as one", "The largest and its nearest neighbours."), 1, 60, 1),
        _number("pieces", About("Pieces of each object", "Upright strips, each a segment of its own."), 1, 6, 1),
    ),
)


def thumbnail(ctx: LessonContext) -> bytes | None:
    truth = ctx.truth()
    if truth is None:
        return None
    moved = damage(truth, Edit(right=12, down=8)).labels
    return plane_image((truth.labels > 0).astype(np.uint8) + (moved > 0), long_side=320)


def draw(ctx: LessonContext) -> None:
    ctx.text("idea")
    ctx.draw_sample_buttons({"coins": {}, "coffee": {}, "horse": {}})
    truth = ctx.truth()
    if truth is None:
        st.info(t("This picture has no truth that could be damaged. Choose another sample."), icon=":material/info:")
        return
    _draw_damage(ctx, truth)
    ctx.questions("idea")
    _draw_formulas(ctx)
    for section in ("regions", "empty"):
        ctx.text(section)
        ctx.questions(section)


@st.fragment
def _draw_damage(ctx: LessonContext, truth: GroundTruth) -> None:
    edit = _choose(ctx, _count(truth))
    found = _damage(edit, truth)
    views, scores = st.columns([3, 2], gap="medium")
    with views:
        show_views([_damaged_view(found, truth), _error_view(found, truth)])
        st.button(t("Repair the mask"), key="metric.repair", on_click=_repair, args=(ctx,), type="tertiary")
    with scores:
        title = _finding(found.scores)
        ctx.chart(_bars(found.scores, title), title, key="metric.bars")
        _draw_distances(found)


def _choose(ctx: LessonContext, objects: int) -> Edit:
    case = ctx.control("mask")
    if case in ("empty", "full"):
        return Edit(case=case)
    values: dict[str, int] = {}
    for names in (("right", "down", "grow", "shrink"), ("lost", "joined", "pieces")):
        for name, column in zip(names, st.columns(len(names)), strict=True):
            with column:
                values[name] = int(ctx.control(name, most=max(objects, 2) if name in ("lost", "joined") else None))
    values["parts"] = values.pop("pieces")
    return Edit(**values, case=case)


def _draw_formulas(ctx: LessonContext) -> None:
    ctx.text("formulas")
    with st.container(key="formulas"):
        for start in range(0, len(SHOWN), 2):
            for name, column in zip(SHOWN[start : start + 2], st.columns(2, gap="medium"), strict=True):
                with column:
                    st.markdown(f"**{t(METRICS[name].title)}**\n$$\n{METRICS[name].latex}\n$$")


def _repair(ctx: LessonContext) -> None:
    for control in LESSON.controls:
        ctx.set(control.name, 0 if control.name == "right" else control.default)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def _damage(edit: Edit, truth: GroundTruth) -> Damaged:
    return damage(truth, edit)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def _count(truth: GroundTruth) -> int:
    return count_objects(fill_void(truth.labels, truth.labels))


def _damaged_view(found: Damaged, truth: GroundTruth) -> View:
    known = truth.classes

    def name(class_id: int) -> str:
        return class_name(known, class_id) if class_id < len(known) else t("absent class")

    view = labels_view(t("Damaged mask"), found.labels, found.classes, "", name)
    lines = boundary_layer(Segmentation(found.segments, found.classes))
    return View(view.title, view.alt, over=[*view.over, lines], chips=view.chips)


def _error_view(found: Damaged, truth: GroundTruth) -> View:
    wrong = float(((found.labels != truth.labels) & (truth.labels != 255)).mean())
    alt = t("Wrong on {share} of the picture", share=numbers.share(wrong))
    layer = error_layer(found.labels, GroundTruth(truth.labels, found.classes))
    chips = error_legend(t("missed"), t("false"), t("not judged"))
    return View(t("Error map"), alt, over=[layer], fade=0.55, strength=1, note=alt, chips=chips)


def _finding(scores: Mapping[str, float]) -> str:
    known = {name: scores[name] for name in SHARES if not math.isnan(scores[name])}
    if not known:
        return t("No score has a value here")
    high, low = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    if _digits(known[high]) == _digits(known[low]):
        return t("All five say {value}", value=_digits(known[high]))
    return t(
        "One mask: {high} says {most}, {low} says {least}",
        high=t(METRICS[high].title),
        most=_digits(known[high]),
        low=t(METRICS[low].title),
        least=_digits(known[low]),
    )


def _digits(value: float) -> str:
    """Three decimals: with a few coins found as one the Rand index is 0.999, which two would call perfect."""
    return f"{value:z.3f}" if math.isfinite(value) else "–"


def _bars(scores: Mapping[str, float], title: str) -> go.Figure:
    context, names = chart_context(), [t(METRICS[name].title) for name in SHARES]
    bars = go.Bar(
        x=[0 if math.isnan(scores[name]) else scores[name] for name in SHARES],
        y=names,
        orientation="h",
        marker={"color": context.colours.accent, "cornerradius": 3},
        text=[_digits(scores[name]) for name in SHARES],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = style_figure(go.Figure(bars), title, context, height=265)
    figure.update_xaxes(
        title_text=label_axis(t("0 to 1, 1 is perfect")), range=[0, 1.2], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]
    )
    return top_down_bars(figure, names)


def _draw_distances(found: Damaged) -> None:
    pixels, values = t("pixels"), found.scores
    shown = {
        "vi": t("{value} bits", value=numbers.score(values["vi"])),
        "hausdorff": f"{values['hausdorff']:.1f} {pixels}" if not math.isnan(values["hausdorff"]) else t("undefined"),
        "hausdorff95": f"{values['hausdorff95']:.1f} {pixels}"
        if not math.isnan(values["hausdorff95"])
        else t("undefined"),
    }
    for name, value in shown.items():
        about = METRICS[name]
        st.markdown(t("{what}: {value}", what=t(about.title), value=f"**{value}**"), help=t(about.explanation))
    st.caption(t("For these three, 0 is perfect."))
    if found.blank:
        st.caption(
            t("Classes that only one of both masks has, so that the worst distance counts: {count}", count=found.blank)
        )


if __name__ == "__main__":
    show_lesson(LESSON, draw)
