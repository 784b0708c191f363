"""Predict, then reveal: which method will win on this picture? Alone, or with a class whose guesses are counted."""

from __future__ import annotations

import streamlit as st

from pages.learn.address import lesson_fields
from pages.learn.lesson import LessonContext, show_lesson
from pages.learn.network_views import truth_view
from pages.learn.quiz_reveal import METHODS, reveal, tally_bars, tally_title
from pages.learn.spec import Lesson
from pages.learn.views import View, plane_image, show_views
from pages.state.address import share_address
from pages.state.session import session
from pages.ui.language import localized, t, translate
from segmethods.classroom import VoteError, VoteStore, judge
from segmethods.classroom.votes import clean_code, new_voter
from segmethods.core.registry import About, Parameter
from segmethods.core.settings import settings
from segmethods.core.types import VOID, GroundTruth
from segmethods.io.samples import get_sample, list_samples
from segmethods.methods import get_method, list_methods

_CONTEST = About("Methods in the contest", "", {m.id: m.title for m in list_methods()})
EVERY = 2.0
"""Seconds between two looks at the class's guesses."""

LESSON = Lesson(
    "quiz",
    sample="camera",
    controls=(Parameter("contest", "choices", METHODS, _CONTEST, listed=METHODS),),
    tokens=("code",),
    private_tokens=("teacher", "voter"),
)


def thumbnail(ctx: LessonContext) -> bytes | None:
    result = ctx.run("threshold")
    truth = ctx.truth()
    if result is None or truth is None:
        return None
    wrong = (judge(result, truth).aligned != truth.labels) & (truth.labels != VOID)
    return plane_image(wrong, long_side=320)


def board() -> VoteStore:
    """The guesses of all classes of this server."""
    return VoteStore(settings().data_dir / "classroom" / "tally.sqlite3")


def draw(ctx: LessonContext) -> None:
    ctx.text("idea")
    try:
        code = _follow_class(ctx)
    except VoteError as error:
        st.warning(translate(error.message))
        st.button(t("Go on alone"), key="quiz.alone", on_click=_leave, args=(ctx,))
        return
    truth = ctx.truth()
    if truth is None:
        st.info(t("Nobody can win without a truth. Choose a sample that has one."), icon=":material/info:")
    elif code and board().is_teacher(code, ctx.token("teacher")):
        _draw_teacher(ctx, code, truth)
    else:
        _draw_student(ctx, code, truth)
    ctx.questions("idea")
    ctx.text("class")
    if not code:
        _draw_door(ctx)
    ctx.questions("class")


def _follow_class(ctx: LessonContext) -> str:
    """The code of the class that the visitor is in, if any; students get the class's picture."""
    code = clean_code(ctx.token("code"))
    if not code:
        return ""
    image = board().image(code)
    if image in {s.id for s in list_samples()} and not board().is_teacher(code, ctx.token("teacher")):
        if not ctx.token("voter"):
            ctx.set_token("voter", new_voter())
            ctx.publish()
        if ctx.image.sample != image:
            session().source, session().sample = "samples", image
            st.rerun()
    return code


def _draw_student(ctx: LessonContext, code: str, truth: GroundTruth) -> None:
    image = ctx.image.sample
    counted = board().guessed(code, image, ctx.token("voter")) if code else None
    guess = _read_guess(ctx, code, counted)
    if not code and not guess:
        ctx.control("contest")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_views([View(t("Picture"), localized(get_sample(image).title)), *filter(None, [truth_view(ctx)])])
    with right:
        if code:
            st.caption(t("You are in class {code}.", code=code))
        if not guess:
            _draw_ballot(ctx, code)
            if code:
                _follow(ctx, code, counted)
            return
        st.markdown(t("Your guess: **{method}**", method=t(get_method(guess).title)))
        key = _key("revealed", ctx, code)
        _draw_curtain(key)
        st.button(t("Guess again"), key="quiz.again", type="tertiary", on_click=_forget, args=(ctx, code))
        if code:
            _draw_tally(ctx, code, counted)
    if st.session_state.get(key):
        reveal(ctx, _contest(ctx, code), truth, guess)


@st.fragment(run_every=EVERY)
def _follow(ctx: LessonContext, code: str, counted: str | None) -> None:
    """Look at the class now and then, while there is nothing else to look for; see `_keep_up`."""
    _keep_up(ctx, code, counted)


def _keep_up(ctx: LessonContext, code: str, counted: str | None) -> None:
    """Draw a student's page anew when the teacher shows another picture, resets the guesses, or the class is no more.

    Parameters
    ----------
    counted : str, optional
        The visitor's guess on this picture, as the page shows it.
    """
    image = ctx.image.sample
    try:
        shown = board().image(code), board().guessed(code, image, ctx.token("voter"))
    except VoteError:
        shown = "", None
    if shown != (image, counted):
        st.rerun()


def _key(what: str, ctx: LessonContext, code: str) -> str:
    """Where the session keeps something about the guess on this picture, in this class or alone."""
    return f"quiz.{what}.{code}.{ctx.image.sample}"


def _draw_ballot(ctx: LessonContext, code: str) -> None:
    contest = _contest(ctx, code)
    titles = {method_id: t(get_method(method_id).title) for method_id in contest}
    choice = st.radio(
        t("Which method will agree best with the ground truth?"),
        contest,
        format_func=titles.__getitem__,
        index=None,
        key=f"quiz.choice.{ctx.image.sample}",
    )
    if choice is not None:
        st.button(t("Lock in my guess"), key="quiz.lock", type="primary", on_click=_lock, args=(ctx, code, choice))


def _contest(ctx: LessonContext, code: str) -> tuple[str, ...]:
    """The methods that may be guessed: in a class all of them, whoever opened it by whichever address."""
    return METHODS if code else tuple(ctx.value("contest"))


def _lock(ctx: LessonContext, code: str, choice: str) -> None:
    try:
        if code:
            board().guess(code, ctx.image.sample, ctx.token("voter"), choice)
    except VoteError as error:
        session().notes.append(error.message)
        return
    st.session_state[_key("guess", ctx, code)] = choice
    st.session_state[_key("revealed", ctx, code)] = False


def _forget(ctx: LessonContext, code: str) -> None:
    st.session_state[_key("guess", ctx, code)] = ""
    st.session_state[_key("revealed", ctx, code)] = False


def _read_guess(ctx: LessonContext, code: str, counted: str | None) -> str:
    """What the visitor guessed on this picture: in a class what was counted, unless they want to guess again."""
    guess = st.session_state.get(_key("guess", ctx, code))
    if code and guess != "":
        guess = counted
    return guess if guess in METHODS else ""


def _draw_teacher(ctx: LessonContext, code: str, truth: GroundTruth) -> None:
    key, image = ctx.token("teacher"), ctx.image.sample
    if board().image(code) != image:
        board().show(code, key, image)
    query = share_address(lesson_fields(LESSON, is_shared=True), session())
    left, right = st.columns([2, 3], gap="medium")
    with left:
        with st.container(key="class-code", gap=None):
            st.caption(t("The class’s code"))
            st.title(code, anchor=False)
        st.caption(t("Students open this address, or type the code on this page:"))
        st.code(f"{st.context.url}?{query}", language=None, wrap_lines=True)
        st.caption(t("The picture that you choose in the sidebar is the one that the class guesses on."))
        show_views([View(t("Picture"), localized(get_sample(image).title))])
    with right:
        _draw_tally(ctx, code, None)
        with st.container(horizontal=True):
            _draw_curtain(_key("revealed", ctx, code))
            st.button(t("Next picture"), key="quiz.next", icon=":material/skip_next:", on_click=_show_next, args=(ctx,))
            st.button(t("Reset the guesses"), key="quiz.reset", on_click=_reset, args=(ctx, code))
            st.button(t("Leave the class"), key="quiz.leave", type="tertiary", on_click=_leave, args=(ctx,))
    if st.session_state.get(_key("revealed", ctx, code)):
        reveal(ctx, _contest(ctx, code), truth)


def _show_next(ctx: LessonContext) -> None:
    """The sample after this one that has a truth."""
    ids = [sample.id for sample in list_samples() if sample.mask or sample.id == ctx.image.sample]
    session().source, session().sample = "samples", ids[(ids.index(ctx.image.sample) + 1) % len(ids)]


def _draw_curtain(key: str) -> None:
    """The button that reveals, until it has."""
    if not st.session_state.get(key):
        st.button(
            t("Reveal: run them all"),
            key="quiz.reveal",
            type="primary",
            on_click=st.session_state.__setitem__,
            args=(key, True),
        )


def _reset(ctx: LessonContext, code: str) -> None:
    try:
        board().reset(code, ctx.token("teacher"), ctx.image.sample)
    except VoteError as error:
        session().notes.append(error.message)
    st.session_state[_key("revealed", ctx, code)] = False


def _leave(ctx: LessonContext) -> None:
    for token in (*LESSON.tokens, *LESSON.private_tokens):
        ctx.set_token(token, "")


def _draw_door(ctx: LessonContext) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with (
            st.form("quiz-door", border=False, width="content"),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            st.text_input(t("Code on the board"), key="quiz.code", width=200)
            st.form_submit_button(t("Join"), key="quiz.join", on_click=_join, args=(ctx,))
        st.button(t("I teach: open a class"), key="quiz.open", on_click=_open, args=(ctx,))


def _join(ctx: LessonContext) -> None:
    code = clean_code(st.session_state["quiz.code"])
    try:
        board().image(code)
    except VoteError as error:
        session().notes.append(error.message)
        return
    _leave(ctx)
    ctx.set_token("code", code)


def _open(ctx: LessonContext) -> None:
    try:
        code, key = board().open_class(ctx.image.sample or LESSON.sample)
    except VoteError as error:
        session().notes.append(error.message)
        return
    ctx.set_token("code", code)
    ctx.set_token("teacher", key)
    st.toast(t("Your class is open. Its code is {code}.", code=code), icon=":material/school:")


@st.fragment(run_every=EVERY)
def _draw_tally(ctx: LessonContext, code: str, counted: str | None) -> None:
    """The class's guesses, on a student's screen or, where no guess is counted, on the teacher's."""
    if counted is not None:
        _keep_up(ctx, code, counted)
    try:
        counts = board().count(code, ctx.image.sample)
    except VoteError as error:
        st.warning(translate(error.message))
        return
    if not counts:
        st.info(t("No guesses yet. This chart follows by itself."), icon=":material/how_to_vote:")
        return
    title = tally_title(counts)
    ctx.chart(tally_bars(counts, title), title, key="quiz.tally")


if __name__ == "__main__":
    show_lesson(LESSON, draw)
