"""FCN: its maps, layer by layer, and what the skips and a look at the whole picture are good for."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import answer_view, choose_weights, chosen_weights, judge, truth_view
from pages.learn.spec import Lesson, of_function
from pages.learn.views import View, plane_image, show_views
from pages.ui import numbers
from pages.ui.language import class_name, t
from pages.ui.layers import kinds_layer
from segmethods.core.palette import FALSE
from segmethods.core.registry import About, Parameter, Range
from segmethods.introspection.fcn import FCNInspection, inspect_fcn
from segmethods.introspection.loaded_model import preload_streets

NAMED = 4
"""Classes whose chance to be in the picture is told."""

LESSON = Lesson(
    "fcn",
    sample="chelsea",
    controls=(
        *of_function(inspect_fcn, "weights"),
        Parameter(
            "layer",
            "int",
            2,
            About("Layer", "From the first, which sees edges, to the last, which sees things."),
            Range(1, 8),
        ),
        Parameter("stride_16", "bool", False, About("Skip from stride 16", "Adds the scores of a map twice as fine.")),
        Parameter(
            "stride_8", "bool", True, About("Skip from stride 8", "Adds the scores of a map four times as fine.")
        ),
    ),
)


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.inspect(inspect_fcn)
    return plane_image(result.layers[1].maps[0], colours="viridis", long_side=320) if result else None


def draw(ctx: LessonContext) -> None:
    choose_weights(ctx)
    _draw_maps(ctx)
    _draw_skips(ctx)
    _draw_whole(ctx)
    _draw_training(ctx)


@st.fragment
def _draw_maps(ctx: LessonContext) -> None:
    ctx.text("maps")
    layer = ctx.control("layer")
    result = ctx.inspect(inspect_fcn, **chosen_weights(ctx))
    if result is None:
        return
    known = result.layers[layer - 1]
    maps = known.maps
    st.caption(
        t(
            "Layer {layer} holds {channels} maps of {width} × {height} values, one for every {stride} pixels of the "
            "picture that the network sees. These are the {count} that vary most; bright is high.",
            layer=layer,
            channels=known.channels,
            width=maps.shape[2],
            height=maps.shape[1],
            stride=known.stride,
            count=len(maps),
        )
    )
    views = [
        View(
            t("Map {number}", number=int(channel) + 1),
            t("Map {number} of layer {layer}", number=int(channel) + 1, layer=layer),
            plane_image(plane, colours="viridis", long_side=320),
        )
        for channel, plane in zip(known.chosen, maps, strict=True)
    ]
    show_views(views, columns=6)
    ctx.questions("maps")


@st.fragment
def _draw_skips(ctx: LessonContext) -> None:
    ctx.text("skips")
    result = ctx.inspect(inspect_fcn, **chosen_weights(ctx))
    if result is None:
        return
    skips = result.skips
    named = {"none": "FCN-32s", "16": "FCN-16s", "both": "FCN-8s"}
    show_views([answer_view(ctx, title, skips[name], result.classes) for name, title in named.items()])
    with st.container(horizontal=True):
        at16, at8 = ctx.control("stride_16"), ctx.control("stride_8")
    chosen = {(False, False): "none", (True, False): "16", (False, True): "8", (True, True): "both"}[at16, at8]
    _draw_sum(ctx, result, chosen)
    changed = {name: numbers.share(float(np.mean(skips[name] != skips["both"]))) for name in ("none", "16", "8")}
    ctx.questions("skips", none=changed["none"], at16=changed["16"], at8=changed["8"])


def _draw_sum(ctx: LessonContext, result: FCNInspection, chosen: str) -> None:
    """The answer with the chosen skips, and where it differs from the one with both."""
    skips = result.skips
    title = {
        "none": t("No skip added"),
        "16": t("Skip from stride 16 added"),
        "8": t("Skip from stride 8 added"),
        "both": t("Both skips added"),
    }[chosen]
    differs = skips[chosen] != skips["both"]
    views = [
        answer_view(ctx, title, skips[chosen], result.classes),
        _difference(t("Where it differs from FCN-8s"), differs),
    ]
    truth = truth_view(ctx)
    show_views([*views, truth] if truth else views)


@st.fragment
def _draw_whole(ctx: LessonContext) -> None:
    ctx.text("whole")
    result = ctx.inspect(inspect_fcn, **chosen_weights(ctx))
    if result is None:
        return
    if not result.chances:
        st.caption(t("These weights do without it."))
        return
    ranked = sorted(enumerate(result.chances, start=1), key=lambda pair: -pair[1])[:NAMED]
    named = t(", ").join(
        f"{class_name(result.classes, class_id)} {numbers.share(chance)}" for class_id, chance in ranked
    )
    st.caption(t("Most likely in this picture: {classes}.", classes=named))
    parts = result.without_image_head
    differs = parts != result.labels
    show_views(
        [
            answer_view(ctx, t("Part by part"), parts, result.classes),
            answer_view(ctx, t("With the picture as a whole"), result.labels, result.classes),
            _difference(t("Where they differ"), differs),
        ]
    )
    ctx.questions("whole", changed=numbers.share(float(differs.mean())), verdict=_verdict(ctx, result))


def _verdict(ctx: LessonContext, result: FCNInspection) -> str:
    """What the whole picture's part does to the score, in a sentence."""
    scores = [judge(ctx, labels, result.classes) for labels in (result.without_image_head, result.labels)]
    if None in scores:
        return t("This picture has no ground truth to judge it by.")
    before, after = (numbers.score(one.mean_iou) for one in scores if one)
    told = {"before": before, "after": after}
    if before == after:
        return t("The mean IoU stays at {after}.", after=after)
    if after > before:
        return t("The mean IoU rises from {before} to {after}.", **told)
    return t("The mean IoU falls from {before} to {after}.", **told)


def _draw_training(ctx: LessonContext) -> None:
    ctx.text("training")
    ctx.questions("training")


def _difference(title: str, differs: NDArray[np.bool_]) -> View:
    share = t("{share} of the pixels", share=numbers.share(float(differs.mean())))
    layer = kinds_layer(differs.astype(np.uint8), [(0, 0, 0), FALSE], {0})
    return View(title, share, over=[layer], fade=0.55, strength=1, note=share)


if __name__ == "__main__":
    show_lesson(LESSON, draw, preload=partial(preload_streets, "fcn"))
