"""All lessons, each with a picture that its method has just made."""

from __future__ import annotations

import importlib

import streamlit as st

from pages.learn.layout import apply_style, link
from pages.learn.lesson import LessonContext, warm_worker
from pages.learn.lesson_text import read_text
from pages.learn.spec import Lesson
from pages.learn.views import data_url, learning_image
from pages.state.session import session
from pages.ui.image_picker import sample_image
from pages.ui.language import t
from pages.ui.menu import PageSpec, list_lessons
from pages.ui.notices import draw_notices


def main() -> None:
    apply_style()
    draw_notices(session())
    st.title(t("Learn"), anchor=False)
    st.markdown(t("See inside every method: each lesson is made of pictures that move when you move something."))
    with st.container(key="lessons"):
        slots = {spec.address: _draw_card(spec) for spec in list_lessons()}
    for lesson_id, slot in slots.items():
        with (notes := st.empty()):  # where a lesson says why it has no picture, which belongs into the lesson
            image = _thumbnail(lesson_id)
        notes.empty()
        slot.html(f'<img class="sm-thumb" alt="" src="{data_url(image)}">' if image else _EMPTY)
    warm_worker()


_EMPTY = '<div class="sm-thumb"></div>'


def _draw_card(spec: PageSpec) -> st.delta_generator.DeltaGenerator:
    with st.container(key=f"lesson-{spec.address}", gap="xsmall"):
        slot = st.html(_EMPTY)
        link(spec)
        st.markdown(read_text(spec.address, session().language).line)
    return slot


@st.cache_data(max_entries=64, show_spinner=False)
def _thumbnail(lesson_id: str) -> bytes | None:
    module = importlib.import_module(f"pages.learn.lessons.{lesson_id}")
    lesson: Lesson = module.LESSON
    made: bytes | None = module.thumbnail(LessonContext(lesson, learning_image(sample_image(lesson.sample))))
    return made


main()
