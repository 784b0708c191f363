"""What a network takes the picture for, as pictures side by side; with a truth, judged by it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.learn.lesson import LessonContext
from pages.learn.views import View
from pages.ui import numbers
from pages.ui.cells import legend
from pages.ui.language import class_name, t
from pages.ui.layers import mask_layer
from segmethods import classroom
from segmethods.core.types import Labels, Segmentation, Vocabulary
from segmethods.metrics import Scores

STREET_SIZE = 384
"""Long side in pixels at which lessons show streets to a network: at the one it was trained for it answers too late."""


def choose_weights(ctx: LessonContext) -> None:
    """The control ``weights``, for the whole page: what the network has learned, and a picture for each choice."""
    with st.container(width=320, key="lesson-weights"):
        ctx.control("weights")
    ctx.draw_sample_buttons({"chelsea": {"weights": "voc"}, "street": {"weights": "camvid"}})
    if ctx.value("weights") == "camvid":
        st.caption(
            t(
                "To answer quickly, the network sees the picture {size} pixels long in this lesson, "
                "and larger elsewhere.",
                size=STREET_SIZE,
            )
        )


def chosen_weights(ctx: LessonContext) -> dict[str, str]:
    """The parameters ``weights`` and ``size`` of an inspection, as they were chosen."""
    weights = ctx.value("weights")
    return {"weights": weights} | ({"size": str(STREET_SIZE)} if weights == "camvid" else {})


def judge(ctx: LessonContext, labels: Labels, classes: Vocabulary) -> Scores | None:
    """The scores of labels, if there is a truth; see `segmethods.classroom.judge`."""
    truth = ctx.truth()
    return classroom.judge(Segmentation(labels, classes), truth) if truth else None


def answer_view(ctx: LessonContext, title: str, labels: Labels, classes: Vocabulary, note: str = "") -> View:
    """The picture under the labels of one answer, with its score and its largest classes."""
    scores = judge(ctx, labels, classes)
    iou = t("Mean IoU {value}", value=numbers.score(scores.mean_iou)) if scores else ""
    return labels_view(title, labels, classes, " · ".join(filter(None, (iou, note))))


def truth_view(ctx: LessonContext) -> View | None:
    """The picture under its truth."""
    truth = ctx.truth()
    return labels_view(t("Ground truth"), truth.labels, truth.classes, t("drawn by a person")) if truth else None


def labels_view(
    title: str,
    labels: Labels,
    classes: Vocabulary,
    note: str,
    name: Callable[[int], str] | None = None,
) -> View:
    """The picture under some labels, with the largest classes as its legend; `name` calls them otherwise."""
    shares = {
        class_id: part for class_id, part in Segmentation(labels, classes).shares().items() if class_id < len(classes)
    }
    chips, _ = legend(shares, classes, name or partial(class_name, classes))
    alt = t("{what}: {value}", what=title, value=t(", ").join(f"{chip.name} {chip.share}" for chip in chips))
    return View(title, alt, over=[mask_layer(labels, classes)], note=note, chips=chips)
