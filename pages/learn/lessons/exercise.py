"""A teacher's own exercise: write it, give it to a class, work on it, hand in."""

from __future__ import annotations

import streamlit as st

from pages.learn.exercise_student import draw_exercise
from pages.learn.exercise_teacher import draw_writing
from pages.learn.lesson import LessonContext, choose_own_or_sample, show_lesson
from pages.learn.spec import Lesson
from pages.learn.views import plane_image
from pages.state.images import HASHES, LoadedImage, Upload
from pages.state.session import session
from pages.ui.image_picker import make_upload, sample_image
from pages.ui.language import escape_markdown, t, translate
from segmethods.classroom import Exercise, Shelf, load_exercise
from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.registry import About, Parameter
from segmethods.core.settings import settings

_PARTS = About("Your part", "", {"work": "work on an exercise", "write": "write an exercise"})

LESSON = Lesson(
    "exercise",
    sample="coins",
    controls=(Parameter("part", "choice", "work", _PARTS, listed=("work", "write")),),
    tokens=("open",),
)


def thumbnail(ctx: LessonContext) -> bytes | None:
    truth = ctx.truth()
    return plane_image(truth.labels == 1, long_side=320) if truth else None


def shelf() -> Shelf:
    """The exercises that teachers left on this server."""
    return Shelf(settings().data_dir / "classroom" / "exercises")


def draw(ctx: LessonContext) -> None:
    """A student who has an exercise sees nothing else; others choose their part."""
    exercise = current_exercise()
    if isinstance(exercise, Exercise) and ctx.value("part") == "work":
        ctx.text("work")
        draw_exercise(ctx, exercise)
        ctx.questions("work")
        st.button(t("Close this exercise"), key="exercise.close", type="tertiary", on_click=_close, args=(ctx,))
        return
    ctx.text("idea")
    if ctx.control("part") == "write":
        ctx.text("write")
        draw_writing(ctx, shelf())
        ctx.questions("write")
        return
    ctx.text("work")
    st.file_uploader(t("Exercise (JSON)"), type=["json"], key="exercise.file", on_change=_take_file, args=(ctx,))
    if isinstance(exercise, Message):
        st.warning(escape_markdown(translate(exercise)))
    else:
        st.info(t("Open the link that your teacher gave you, or choose the file."), icon=":material/info:")
    ctx.questions("work")


def _close(ctx: LessonContext) -> None:
    st.session_state["exercise.upload"] = None
    ctx.set_token("open", "")


def _take_file(ctx: LessonContext) -> None:
    file = st.session_state["exercise.file"]
    if file is not None:
        st.session_state["exercise.upload"] = make_upload(file)
        ctx.set_token("open", "")


def current_exercise() -> Exercise | Message | None:
    """The exercise of the link, or else of the file that was chosen last, or what is wrong with it."""
    key, upload = session().lessons.get(LESSON.id, {}).get("open"), st.session_state.get("exercise.upload")
    if key:
        try:
            return shelf().get(key)
        except SegmethodsError as error:
            return error.message
    return _load(upload) if upload else None


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=HASHES)
def _load(upload: Upload) -> Exercise | Message:
    try:
        return load_exercise(upload.data, upload.name)
    except SegmethodsError as error:
        return error.message


def choose() -> LoadedImage:
    """The picture in the sidebar, unless a student has an exercise before them, which brings its own."""
    part = session().lessons.get(LESSON.id, {}).get("part", "work")
    if part == "work" and isinstance(current_exercise(), Exercise):
        st.subheader(t("Picture"))
        st.caption(t("The exercise brings its own picture."))
        return sample_image(LESSON.sample)
    return choose_own_or_sample()


if __name__ == "__main__":
    show_lesson(LESSON, draw, choose)
