"""What segmentation is: from a word for the picture to a label for every pixel, and from classes to single objects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import cv2
import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import choose_weights, chosen_weights
from pages.learn.spec import Lesson
from pages.learn.views import View, encode, learning_image, show_views
from pages.state.images import LoadedImage, digest_of
from pages.ui import numbers
from pages.ui.cells import Chip, legend
from pages.ui.chart_context import chart_context
from pages.ui.image_picker import sample_image
from pages.ui.language import class_name, t
from pages.ui.layers import LONG_SIDE, mask_layer
from pages.ui.plotting import label_axis, style_figure, top_down_bars
from segmethods.classroom.touching import push_together
from segmethods.core.palette import class_colour, class_colours, has_background
from segmethods.core.registry import About, Parameter
from segmethods.core.settings import settings
from segmethods.core.types import Image, Instances, Segmentation, Vocabulary, trace_of
from segmethods.introspection.loaded_model import preload_street_answers
from segmethods.io.images import digest
from segmethods.methods._instances import find_instances
from segmethods.methods._network import NetworkTrace

_HOW = Parameter(
    "how",
    "choice",
    "connected",
    About(
        "Single objects",
        "Pixels that are connected are one object, or regions are also cut where they are narrow.",
        {"connected": "Connected regions", "watershed": "Cut at waists (watershed)"},
    ),
    listed=("connected", "watershed"),
)
_FAMILY = Parameter(
    "weights",
    "choice",
    "voc",
    About(
        "What the network has learned",
        "A network knows the classes that it was trained on and no others.",
        {"voc": "Everyday photos (VOC)", "camvid": "Street scenes (CamVid)"},
    ),
    listed=("voc", "camvid"),
)

How = Literal["connected", "watershed"]

LESSON = Lesson("segmentation", sample="chelsea", controls=(_FAMILY, _HOW))

SPECK = 1 / 500
"""Share of the picture below which a patch is no object: a network's outline frays."""

BARS = 6
"""Classes in the chart of what is in the picture."""

COINS = {"algorithm": "adaptive_mean", "block": 101, "offset": -10, "fill_holes": True}
"""A threshold that finds all coins of the sample."""

IN_ROW = 6
"""Coins in a row of the sample."""


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("deeplab")
    if result is None:
        return None
    tint = np.where(result.labels[..., None] > 0, np.array(class_colours(result.classes))[result.labels], ctx.pixels)
    return encode(_boxed((0.5 * ctx.pixels + 0.5 * tint).astype(np.uint8), result, find_objects(result, "connected")))


def draw(ctx: LessonContext) -> None:
    ctx.text("levels")
    choose_weights(ctx)
    result = ctx.run("deeplab", **chosen_weights(ctx))
    if result is None:
        return
    _draw_levels(ctx, result)
    _draw_instances(ctx, result)


def _draw_levels(ctx: LessonContext, result: Segmentation) -> None:
    parted = find_objects(result, ctx.value("how"))
    sure = _certainty(result)
    names = [class_name(result.classes, class_id) for class_id, _ in sure]
    likely = [name for name, (_, value) in zip(names, sure, strict=True) if value >= 0.5]
    said = t(", ").join(likely) or t("nothing it knows")
    counted = _counted(parted.class_ids, result.classes) or t("no object")
    chips, _ = legend(result.shares(), result.classes, lambda class_id: class_name(result.classes, class_id), most=4)
    layer = mask_layer(result.labels, result.classes)
    boxes = encode(_boxed(ctx.pixels, result, parted))
    show_views(
        [
            View(t("1. Classification: what is in it?"), said, note=said),
            View(t("2. Detection: where, roughly?"), counted, boxes, note=counted),
            View(t("3. Segmentation: which pixels?"), t("Every pixel has a class"), None, [layer], chips=chips),
        ]
    )
    height, width = ctx.pixels.shape[:2]
    count = len(parted.class_ids)
    ctx.text("answers", objects=str(count), numbers=str(4 * count), pixels=f"{height * width:,}")
    title = t("The network is surest of: {name}", name=names[0]) if names else t("The network sees nothing it knows")
    if names and not likely:
        title = t("Sure of nothing; {name} comes first", name=names[0])
    ctx.chart(_bars(sure, names, result.classes, title), title)
    ctx.questions("answers")


@st.fragment
def _draw_instances(ctx: LessonContext, result: Segmentation) -> None:
    ctx.text("instances")
    how = ctx.value("how")
    coins = LessonContext(ctx.lesson, learning_image(sample_image("coins")))
    found = coins.run("threshold", **COINS)
    if found is None:
        return
    parted = find_objects(result, how)
    _draw_pair(ctx, result, parted)
    _draw_three(ctx, how, parted)
    ctx.text("coins")
    single = find_objects(found, "connected")
    _draw_pair(coins, found, single, own=False)
    ctx.text("touching")
    how = ctx.control("how")
    pixels, mask = push_together(coins.pixels, single, IN_ROW)
    touching = Segmentation(mask.astype(np.uint8), found.classes)
    pushed = LessonContext(ctx.lesson, LoadedImage("touching.png", pixels, digest(pixels)))
    _draw_pair(pushed, touching, find_objects(touching, how), own=False)
    ctx.questions("touching")


def _draw_three(ctx: LessonContext, how: How, before: Instances) -> None:
    """What the network makes of three such pictures, where it found `before` in one: one class, three objects."""
    ctx.text("three")
    row = LessonContext(ctx.lesson, learning_image(show_thrice(ctx.image)))
    result = row.run("deeplab", **chosen_weights(ctx))
    if result is None:
        return
    parted = find_objects(result, how)
    _draw_pair(row, result, parted, own=False, columns=1 if row.pixels.shape[1] > row.pixels.shape[0] else 2)
    counts = [_counted(found.class_ids, result.classes) or t("no object") for found in (before, parted)]
    ctx.questions("three", before=counts[0], after=counts[1])


def show_thrice(image: LoadedImage) -> LoadedImage:
    """The picture three times, side by side; a wide one, of which a long strip would leave little, below each other."""
    height, width = image.pixels.shape[:2]
    across = 0 if width > 2 * height else 1
    gap = np.full((height, width, 3), 255, np.uint8)  # what touches the edge of one stays apart from the next
    gap = gap[: max(1, height // 8)] if across == 0 else gap[:, : max(1, width // 8)]
    pixels: Image = np.concatenate([image.pixels, gap, image.pixels, gap, image.pixels], axis=across)
    return LoadedImage(image.name, pixels, digest(pixels))


def _draw_pair(ctx: LessonContext, result: Segmentation, parted: Instances, own: bool = True, columns: int = 2) -> None:
    """The same pixels as classes and as single objects."""
    objects, classes = parted.ids, parted.class_ids
    chips, _ = legend(result.shares(), result.classes, lambda class_id: class_name(result.classes, class_id), most=4)
    single = Vocabulary("objects", ("background", *(f"object {i + 1}" for i in range(len(classes)))))
    counted = _counted(classes, result.classes) or t("no object")
    if len(set(classes)) == 1 < len(classes):
        counted = t("{counted}: one class, {count} objects", counted=counted, count=len(classes))
    each = [
        Chip(
            class_colour(i + 1, single),
            f"{class_name(result.classes, class_id)} {list(classes[: i + 1]).count(class_id)}",
            numbers.share(float(np.count_nonzero(objects == i + 1) / objects.size)),
        )
        for i, class_id in enumerate(classes[:6])
    ]
    base, side = None if own else encode(ctx.pixels), 2 * LONG_SIDE // columns
    semantic = t("Semantic: one colour for each class")
    instance = t("Instance: one colour for each object")
    show_views(
        [
            View(semantic, semantic, base, [mask_layer(result.labels, result.classes, side)], chips=chips),
            View(instance, counted, base, [mask_layer(objects, single, side)], note=counted, chips=each),
        ],
        columns,
    )


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={Segmentation: digest_of})
def find_objects(result: Segmentation, how: How) -> Instances:
    return find_instances(result.labels, result.classes, how, SPECK)


def _certainty(result: Segmentation) -> list[tuple[int, float]]:
    """The classes that the network is surest of, and the highest score that each has at any pixel."""
    most = trace_of(result, NetworkTrace).peaks.astype(float)
    first = 1 if has_background(result.classes) else 0
    order = [class_id for class_id in np.argsort(-most, kind="stable").tolist() if class_id >= first]
    return [(class_id, float(most[class_id])) for class_id in order[:BARS] if most[class_id] >= 0.005]


def _counted(classes: Sequence[int], names: Vocabulary) -> str:
    counts = {class_id: list(classes).count(class_id) for class_id in dict.fromkeys(classes)}
    return t(", ").join(t("{count} × {name}", count=n, name=class_name(names, c)) for c, n in counts.items())


def _boxed(image: Image, result: Segmentation, parted: Instances) -> Image:
    """The image with a box round every object, in the colour of its class."""
    drawn = image.copy()
    thick = max(2, round(max(image.shape[:2]) / 160))
    colours = class_colours(result.classes)
    for number, class_id in enumerate(parted.class_ids, 1):
        own = parted.ids == number
        rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
        corners = (int(columns[0]), int(rows[0])), (int(columns[-1]), int(rows[-1]))
        cv2.rectangle(drawn, *corners, (255, 255, 255), thick + 2)
        cv2.rectangle(drawn, *corners, colours[class_id], thick)
    return drawn


def _bars(sure: Sequence[tuple[int, float]], names: Sequence[str], classes: Vocabulary, title: str) -> go.Figure:
    context = chart_context()
    figure = go.Figure(
        go.Bar(
            x=[value for _, value in sure],
            y=list(names),
            orientation="h",
            cliponaxis=False,
            textposition="outside",
            text=[numbers.score(value) for _, value in sure],
            hoverinfo="skip",
            marker_color=[class_colour(class_id, classes) for class_id, _ in sure],
        )
    )
    style_figure(figure, title, context, height=80 + 36 * max(len(sure), 1))
    figure.update_xaxes(
        title_text=label_axis(t("Highest score at any pixel, 0 to 1")), range=[0, 1.1], tickvals=[0, 0.25, 0.5, 0.75, 1]
    )
    return top_down_bars(figure, names)


if __name__ == "__main__":
    each_worker = [f"streets {number}" for number in range(settings().workers)]  # any of them may be asked
    show_lesson(LESSON, draw, preload=partial(preload_street_answers, "deeplab"), groups=each_worker)
