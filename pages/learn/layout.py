"""What stands around every lesson: its title, the way to share and to present it, and the lessons beside it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.learn.address import lesson_fields
from pages.learn.presenting import draw_presenting
from pages.learn.spec import Lesson
from pages.state.images import LoadedImage
from pages.state.session import session
from pages.ui.language import t, translate
from pages.ui.menu import PageSpec, list_lessons
from pages.ui.notices import draw_notices
from pages.ui.share import draw_link
from segmethods.models.architectures import NETWORKS

_STYLE = (Path(__file__).parent / "learn.css").read_text(encoding="utf-8")
_PRESENTING = (Path(__file__).parent / "presenting.css").read_text(encoding="utf-8")


def apply_style() -> None:
    """The style of the lessons; give it once a run."""
    st.html(f"<style>{_STYLE}{_PRESENTING if session().presenting else ''}</style>")


def draw_head(lesson: Lesson, image: LoadedImage) -> None:
    """The title of a lesson, and beside it the buttons of a teacher."""
    spec, _ = _find(lesson.id)
    apply_style()
    draw_notices(session())
    with st.container(horizontal=True, key="lesson-head", vertical_alignment="center"):
        st.title(translate(spec.title), anchor=False, width="stretch")
        with st.container(key="lesson-tools", horizontal=True, width="content", vertical_alignment="center"):
            with st.container(width="content"):
                _draw_share(lesson, own_image=not image.sample)
            draw_presenting()


def draw_differences(lesson: Lesson) -> None:
    """A box: what a network does otherwise than its paper; nothing in lessons on something else."""
    if lesson.id not in NETWORKS:
        return
    with st.container(border=True, key="lesson-differs", gap="xsmall"):
        st.markdown(f"**{t('Differs from the paper in')}**")
        st.markdown("\n".join(f"- {translate(what)}" for what in NETWORKS[lesson.id].differs))


def draw_foot(lesson: Lesson) -> None:
    """Links to the lesson before, to all of them and to the next one."""
    lessons = list_lessons()
    _, number = _find(lesson.id)
    with st.container(horizontal=True, horizontal_alignment="distribute", key="lesson-foot"):
        if number > 0:
            link(lessons[number - 1], icon=":material/arrow_back:")
        st.page_link("pages/learn/page.py", label=t("All lessons"))
        if number + 1 < len(lessons):
            link(lessons[number + 1], icon=":material/arrow_forward:", icon_position="right")


def link(spec: PageSpec, **icon: str) -> None:
    """A link to a lesson, without a change of picture or language."""
    st.page_link(spec.file, label=translate(spec.title), **icon)  # type: ignore[arg-type]


@st.fragment
def _draw_share(lesson: Lesson, own_image: bool) -> None:
    with st.popover(t("Share"), icon=":material/link:", key="share", on_change="rerun"):
        if own_image:
            st.markdown(
                t("This link opens the lesson with your settings. Your picture stays with you; others add their own.")
            )
        else:
            st.markdown(t("This link opens the lesson as you see it."))
        draw_link(lesson_fields(lesson, is_shared=True))


def _find(lesson_id: str) -> tuple[PageSpec, int]:
    return next((spec, number) for number, spec in enumerate(list_lessons()) if spec.address == lesson_id)
