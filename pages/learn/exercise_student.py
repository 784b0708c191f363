"""What a student sees of an exercise: the question, the methods that may be used, the score, and the hand-in."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from pages.learn.exercise_teacher import fits_in
from pages.learn.lesson import LessonContext
from pages.learn.views import View, apply_image, show_views
from pages.state.images import LoadedImage
from pages.state.widgets import bind_draft
from pages.ui import numbers
from pages.ui.cells import error_legend, legend
from pages.ui.controls import draw_control, has_effect, value_text
from pages.ui.language import class_name, escape_markdown, t, translate_all
from pages.ui.layers import error_layer, mask_layer
from segmethods.classroom import Exercise, judge, pack_hand_in
from segmethods.classroom.handin import MOST_LETTERS
from segmethods.core.messages import Message
from segmethods.core.registry import Method
from segmethods.core.types import Segmentation, Vocabulary
from segmethods.io.images import digest
from segmethods.methods import get_method
from segmethods.metrics import METRICS, Scores, explain_alignment

Chosen = dict[str, dict[str, Any]]
"""Method id -> those of its parameters that the student moved."""


def draw_exercise(ctx: LessonContext, exercise: Exercise) -> None:
    """The exercise, from the question to the button that hands in."""
    ctx = LessonContext(ctx.lesson, _image(exercise))
    apply_image(ctx.image)
    st.subheader(escape_markdown(exercise.title) or t("Exercise"), anchor=False)
    if exercise.question:
        st.text(exercise.question)
    _work(ctx, exercise)


@st.fragment
def _work(ctx: LessonContext, exercise: Exercise) -> None:
    left, right = st.columns([2, 3], gap="medium")
    with left:
        method, params = _choose(exercise)
    result = ctx.run(method.id, **params)
    if result is None:
        return
    scores = judge(result, exercise.truth)
    with right:
        _draw_result(exercise, result, scores)
    _draw_hand_in(exercise, result, scores)


def _image(exercise: Exercise) -> LoadedImage:
    return LoadedImage(exercise.name, exercise.image, digest(exercise.image), exercise.sample)


def _choose(exercise: Exercise) -> tuple[Method, dict[str, Any]]:
    """The method and all its parameters, the locked ones as the teacher locked them."""
    titles = {method_id: t(get_method(method_id).title) for method_id in exercise.methods}
    method_id = st.radio(
        t("Method"),
        list(titles),
        format_func=titles.__getitem__,
        horizontal=True,
        **bind_draft(f"exercise.method.{exercise.digest[:8]}", exercise.methods[0], among=titles),
    )
    method, locked = get_method(method_id), exercise.locked.get(method_id, {})
    st.caption(t(method.summary))
    moved: Chosen = st.session_state.setdefault(f"exercise.params.{exercise.digest}", {})
    values = exercise.settle(method_id, moved.get(method_id, {}))
    for parameter in method.parameters:
        if has_effect(parameter, values) and parameter.name not in locked:
            take = partial(_take, moved, method_id)
            draw_control(f"exercise.{exercise.digest[:8]}.{method_id}", parameter, values[parameter.name], take)
    told = [
        t("{what}: {value}", what=t(p.about.label), value=value_text(p, values[p.name]))
        for p in method.parameters
        if p.name in locked and has_effect(p, values)
    ]
    if told:
        st.caption(t("Locked by your teacher: {parameters}", parameters=escape_markdown(t(", ").join(told))))
    return method, exercise.settle(method_id, moved.get(method_id, {}))


def _take(moved: Chosen, method_id: str, name: str, value: Any) -> None:
    moved[method_id] = {**moved.get(method_id, {}), name: value}


def _draw_result(exercise: Exercise, result: Segmentation, scores: Scores) -> None:
    iou = t("Mean IoU {value}", value=numbers.score(scores.mean_iou))
    shares = {class_id: part for class_id, part in result.shares().items() if class_id < len(result.classes)}
    chips, _ = legend(shares, result.classes, partial(_name, result.classes))
    told = t(", ").join(f"{chip.name} {chip.share}" for chip in chips)
    errors = error_layer(scores.aligned, exercise.truth)
    show_views(
        [
            View(
                t("Your result"),
                f"{iou}. {told}",
                over=[mask_layer(result.labels, result.classes)],
                note=iou,
                chips=chips,
            ),
            View(
                t("Error map"),
                iou,
                over=[errors],
                fade=0.55,
                strength=1,
                chips=error_legend(t("missed"), t("false"), t("not judged")),
            ),
        ]
    )
    alignment = explain_alignment(scores.alignment, scores.segments, scores.other_names)
    st.caption(translate_all([Message(METRICS["mean_iou"].explanation), alignment]))


def _name(classes: Vocabulary, class_id: int) -> str:
    return class_name(classes, class_id)


def _draw_hand_in(exercise: Exercise, result: Segmentation, scores: Scores) -> None:
    """What the student says, and the file. A button makes it: what is still being typed comes to the server with the
    click on a button, but after the click on a download.
    """
    answer = st.text_area(t("Your answer"), **bind_draft(f"exercise.answer.{exercise.digest[:8]}", ""))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        student = st.text_input(t("Your name (you may leave it out)"), width=320, **bind_draft("exercise.student", ""))
        wanted = st.button(t("Hand in"), key="exercise.handin", icon=":material/assignment_turned_in:", type="primary")
    fits = fits_in(answer, MOST_LETTERS["answer"]) and fits_in(student, MOST_LETTERS["student"])
    if not (wanted and fits):
        st.caption(t("You get one small file with your mask, your settings and your answer. Give it to your teacher."))
        return
    with st.container(border=True, key="exercise-ready"):
        if answer:
            st.markdown(t("Your file is ready: your mask, your settings, the score, and this answer."))
            st.text(answer)
        else:
            st.markdown(t("Your file is ready: your mask, your settings and the score. It holds no answer."))
        st.download_button(
            t("Save the file"),
            pack_hand_in(exercise, result, scores, student, answer),
            f"hand-in-{_stem(student)}.zip",
            "application/zip",
            key="exercise.save",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(t("Give it to your teacher. To change something, just do so and hand in again."))


def _stem(student: str) -> str:
    """A name as part of a file's name."""
    return "-".join("".join(c if c.isalnum() else " " for c in student).split()) or "anonymous"
