"""The form in which a teacher writes an exercise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import streamlit as st

from pages.learn.lesson import LessonContext
from pages.learn.views import View, show_views
from pages.state.images import KnownTruth
from pages.state.session import session
from pages.state.widgets import bind_draft
from pages.ui.controls import parameter_form
from pages.ui.language import class_name, escape_markdown, localized, t, translate
from pages.ui.layers import image_layer, mask_layer
from pages.ui.truth import choose_truth
from segmethods.classroom import Exercise, Shelf, dump_exercise, make_exercise
from segmethods.classroom.exercise_files import MOST_LETTERS
from segmethods.core.messages import SegmethodsError
from segmethods.io.samples import get_sample
from segmethods.methods import get_method, list_methods

DEFAULT_METHODS = ("threshold", "kmeans")


def draw_writing(ctx: LessonContext, shelf: Shelf) -> None:
    """Picture, truth, methods, locked parameters and a question; below them the file and the link."""
    image = ctx.whole or ctx.image
    st.caption(t("The picture is the one in the sidebar: a sample, or one of your own with a mask that you add here."))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        truth = choose_truth(image, session())
        _draw_image(ctx, truth)
    with right:
        title = st.text_input(t("Title"), **bind_draft("exercise.title", ""))
        question = st.text_area(
            t("Question"), placeholder=t("Why does one level not do here?"), **bind_draft("exercise.question", "")
        )
        fits = fits_in(title, MOST_LETTERS["title"]) and fits_in(question, MOST_LETTERS["question"])
    methods, locked = _choose_methods()
    if truth is None:
        st.info(
            t("An exercise needs a truth, to score what students make. Choose a sample, or add a mask."),
            icon=":material/info:",
        )
        return
    if not methods:
        st.info(t("Choose one method at least."), icon=":material/info:")
        return
    if not fits:
        return
    is_own_truth = not image.sample or session().truth == "file"
    try:
        exercise = make_exercise(
            None if image.sample else image.pixels,
            truth=truth.truth if is_own_truth else None,
            sample=image.sample,
            name="" if image.sample else image.name,
            title=title,
            question=question,
            methods=methods,
            locked=locked,
        )
    except SegmethodsError as error:
        st.warning(escape_markdown(translate(error.message)))
        return
    _give_out(exercise, shelf)


def fits_in(text: str, most: int) -> bool:
    """Whether a text has at most so many letters; if not, the page says so."""
    if len(text) <= most:
        return True
    st.warning(t("{count:letter|letters} too many: there is room for {most}.", count=len(text) - most, most=most))
    return False


def _draw_image(ctx: LessonContext, truth: KnownTruth | None) -> None:
    image = ctx.whole or ctx.image
    name = localized(get_sample(image.sample).title) if image.sample else image.name
    layers = [mask_layer(truth.truth.labels, truth.truth.classes)] if truth else []
    told = t(", ").join(class_name(truth.truth.classes, class_id) for class_id in truth.shares) if truth else ""
    show_views(
        [View(name, f"{name}: {told}" if told else name, base=image_layer(image.pixels), over=layers, note=told)]
    )


def _choose_methods() -> tuple[tuple[str, ...], dict[str, dict[str, Any]]]:
    """The allowed methods, and the locked parameters of each with their values."""
    titles = {m.id: t(m.title) for m in list_methods()}
    methods = st.pills(
        t("Methods that may be used"),
        list(titles),
        selection_mode="multi",
        format_func=titles.__getitem__,
        **bind_draft("exercise.methods", list(DEFAULT_METHODS), "default"),
    )
    locked: dict[str, dict[str, Any]] = {}
    for method_id in titles:
        if method_id in methods:
            with st.expander(
                t("{method}: lock parameters", method=titles[method_id]), key=f"exercise.lock.{method_id}"
            ):
                locked[method_id] = _choose_locked(method_id)
    return tuple(methods), {method_id: values for method_id, values in locked.items() if values}


def _choose_locked(method_id: str) -> dict[str, Any]:
    method = get_method(method_id)
    labels = {p.name: t(p.about.label) for p in method.parameters}
    names = st.pills(
        t("Locked for students"),
        list(labels),
        selection_mode="multi",
        format_func=labels.__getitem__,
        **bind_draft(f"exercise.locked.{method_id}", [], "default"),
    )
    parameter_form(method, session())
    values: Mapping[str, Any] = method.validate(session().params.get(method_id, {}))
    return {name: values[name] for name in names}


def _give_out(exercise: Exercise, shelf: Shelf) -> None:
    """The file and the link, each made by a button: what is still being typed comes to the server with its click."""
    with st.container(horizontal=True):
        as_file = st.button(t("Make the file"), key="exercise.pack", icon=":material/description:", type="primary")
        as_link = st.button(t("Make a link"), key="exercise.link", icon=":material/link:")
    if as_file:
        _draw_file(exercise)
    if as_link:
        _draw_link(exercise, shelf)


def _draw_file(exercise: Exercise) -> None:
    stem = PurePath(exercise.name).stem or "exercise"
    with st.container(border=True, key="exercise-ready"):
        st.markdown(t("The file is ready. Students open it on this page."))
        if not exercise.question:
            st.markdown(t("It holds no question."))
        st.download_button(
            t("Save the file"),
            dump_exercise(exercise),
            f"exercise-{stem}-{exercise.digest[:8]}.json",
            "application/json",
            key="exercise.download",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(
            t("Keep the file: `python -m segmethods verify *.zip --exercise FILE` checks what the class hands in.")
        )


def _draw_link(exercise: Exercise, shelf: Shelf) -> None:
    try:
        key = shelf.put(exercise)
    except SegmethodsError as error:
        st.warning(escape_markdown(translate(error.message)))
        return
    with st.container(border=True, key="exercise-ready"):
        st.markdown(t("Whoever opens this address on your network gets the exercise. It is kept on this server."))
        st.code(f"{st.context.url}?open={key}", language=None, wrap_lines=True)
        st.caption(t("Make the file as well, and keep it: what the class hands in is checked against it."))
