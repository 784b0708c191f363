"""All lessons, each with a picture that its method has just made."""

from __future__ import annotations

import importlib

import streamlit as st

from pages.learn.layout import apply_style, link
from pages.learn.lesson import LessonContext, warm_workers
from pages.learn.lesson_text import read_text
from pages.learn.spec import Lesson
from pages.learn.views import data_url, learning_picture
from pages.state.session import session
from pages.ui.image_picker import sample_picture
from pages.ui.language import t
from pages.ui.menu import PageSpec, pages_within
from pages.ui.notices import draw_notices


def main() -> None:
    apply_style()
    draw_notices(session())
    st.title(t("Learn"), anchor=False)
    st.markdown(t("See inside every method: each lesson is made of pictures that move when you move something."))
    with st.container(key="lessons"):
        slots = {spec.address: _draw_card(spec) for spec in pages_within("learn")}
    for lesson_id, slot in slots.items():
        with (notes := st.empty()):  # where a lesson says why it has no picture, which belongs into the lesson
            picture = _thumbnail(lesson_id)
        notes.empty()
        slot.html(f'<img class="sm-thumb" alt="" src="{data_url(picture)}">' if picture else _EMPTY)
    warm_workers()


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
    made: bytes | None = module.thumbnail(LessonContext(lesson, learning_picture(sample_picture(lesson.sample))))
    return made


main()
