"""SegNet: where max-pooling found its values, and what becomes of the answer when they return to other places."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import answer_view, choose_weights, chosen_weights, judge
from pages.learn.point_picker import choose_point, point, show_clickable
from pages.learn.spec import Lesson, of_function
from pages.learn.svg_overlays import dot, grid, square, svg_overlay
from pages.learn.views import View, plane_image, show_views
from pages.ui import numbers
from pages.ui.language import t
from pages.ui.layers import image_layer
from segmethods.core.palette import FALSE, to_hex
from segmethods.core.registry import About, Parameter, Range
from segmethods.introspection.loaded_model import preload_streets
from segmethods.introspection.segnet import Pooling, SegNetInspection, inspect_segnet

LESSON = Lesson(
    "segnet",
    sample="horse",
    controls=(
        *of_function(inspect_segnet, "weights", "square", "seed"),
        *point(216, 90),
        Parameter(
            "pooling",
            "int",
            1,
            About("Pooling", "The network pools four times, each time to half the size."),
            Range(1, 4),
        ),
    ),
)
PIECE = (8, 12)
"""Rows and columns of the piece of a map that is shown."""


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.inspect(inspect_segnet)
    if result is None:
        return None
    first = result.poolings[0]
    return plane_image(np.where(first.kept, first.before, first.before.min()), long_side=320)


def draw(ctx: LessonContext) -> None:
    choose_weights(ctx)
    _draw_indices(ctx)
    _draw_variants(ctx)


@st.fragment
def _draw_indices(ctx: LessonContext) -> None:
    ctx.text("indices")
    with st.container(width=480):
        number = ctx.control("pooling")
    x, y = choose_point(ctx)
    result = ctx.inspect(inspect_segnet, **chosen_weights(ctx))
    if result is None:
        return
    pooling = result.poolings[number - 1]
    before, kept = pooling.before.astype(np.float32), pooling.kept
    rows, columns = _piece(before.shape, y / ctx.pixels.shape[0], x / ctx.pixels.shape[1])
    left, right = st.columns(2)
    with left:
        down, across = np.array(ctx.pixels.shape[:2]) / before.shape
        frame = square(columns.start * across, rows.start * down, columns.stop * across, rows.stop * down)
        layers = [image_layer(ctx.pixels), svg_overlay(ctx.pixels.shape, frame)]
        show_clickable(ctx, layers, t("Click to move the frame"), t("It holds the piece that is shown enlarged."))
    first, *others = _piece_views(before[rows, columns], kept[rows, columns], pooling)
    with right:
        show_views([first])
    show_views(others)
    ctx.questions("indices")


def _piece_views(before: np.ndarray, kept: np.ndarray, pooling: Pooling) -> list[View]:
    """A piece of a map before pooling, after it, and after un-pooling."""
    low, high = min(0.0, float(before.min())), max(0.0, float(before.max()))
    height, width = (n // 2 for n in before.shape)
    after = before.reshape(height, 2, width, 2).max(axis=(1, 3))
    dots = [dot(c + 0.5, r + 0.5, 0.2, to_hex(FALSE)) for r, c in np.argwhere(kept)]
    squares = svg_overlay(before.shape, grid(before.shape, 2, strength=0.8), *dots)
    images = [plane_image(one, low, high, colours="viridis") for one in (before, after, np.where(kept, before, 0))]
    channel = t("map {number} of {count}", number=pooling.channel + 1, count=pooling.channels)
    return [
        View(
            t("Before pooling"),
            t("The largest of each four is marked"),
            images[0],
            [squares],
            strength=1,
            note=t("{channel}; the largest of each four is marked", channel=channel),
        ),
        View(t("After pooling"), t("A quarter of the values"), images[1], note=t("the largest of each four")),
        View(
            t("After un-pooling"),
            t("Each value at its place, zeros elsewhere"),
            images[2],
            note=t("each value at its place, zeros elsewhere"),
        ),
    ]


@st.fragment
def _draw_variants(ctx: LessonContext) -> None:
    ctx.text("ways")
    with st.container(horizontal=True):
        side, seed = ctx.control("square"), ctx.control("seed")
    result = ctx.inspect(inspect_segnet, **chosen_weights(ctx), square=side, seed=seed)
    if result is None:
        return
    variants = result.variants
    titles = {"indices": t("Right places"), "shuffled": t("Shuffled places"), "bilinear": t("Bilinear upsampling")}
    changed = {name: numbers.share(float(np.mean(labels != variants["indices"]))) for name, labels in variants.items()}
    notes = {name: t("{share} of the pixels changed", share=changed[name]) for name in ("shuffled", "bilinear")}
    show_views(
        [answer_view(ctx, title, variants[name], result.classes, notes.get(name, "")) for name, title in titles.items()]
    )
    ctx.questions("ways", shuffled=changed["shuffled"], verdict=_verdict(ctx, result))


def _verdict(ctx: LessonContext, result: SegNetInspection) -> str:
    """The score of each way on this picture, in a sentence; nothing where there is no truth."""
    scores = {name: judge(ctx, labels, result.classes) for name, labels in result.variants.items()}
    told = {name: numbers.score(one.mean_iou) for name, one in scores.items() if one}
    if not told:
        return ""
    return t("Here the mean IoU is {indices} with the right places, {shuffled} shuffled, {bilinear} bilinear.", **told)


def _piece(shape: tuple[int, ...], down: float, right: float) -> tuple[slice, slice]:
    """Rows and columns of a piece round a place, which is given as parts of the height and the width; both even."""
    pieces = []
    for count, part, size in zip(shape, (down, right), PIECE, strict=True):
        size = min(size, count)
        start = min(max(int(part * count) - size // 2, 0), count - size) // 2 * 2
        pieces.append(slice(start, start + size))
    return pieces[0], pieces[1]


if __name__ == "__main__":
    show_lesson(LESSON, draw, preload=partial(preload_streets, "segnet"))
