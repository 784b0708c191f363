"""A run on its way: how far it is, how long it will take, the leaderboard so far, and a stop button."""

from __future__ import annotations

import streamlit as st

from pages.benchmark.background_runs import find_dataset, is_going, read_run, stop, touch_run
from pages.benchmark.leaderboard import draw_leaderboard
from pages.benchmark.run_view import open_results
from pages.benchmark.start_button import resume_run
from pages.benchmark.takeaway import leave_run
from pages.state.benchmark import BenchmarkState
from pages.state.session import session
from pages.ui import numbers
from pages.ui.actions import draw_bar
from pages.ui.announce import announce
from pages.ui.language import escape_markdown, join_sentences, t, translate
from segmethods.benchmark import Progress, Run
from segmethods.core.settings import settings

TICK = 1.0
PAUSED_TICK = 3.0


@st.fragment(run_every=TICK)
def draw_progress(name: str) -> None:
    """Drawn anew every second until the run is over; then the whole page is."""
    going, run = touch_run(name), read_run(name)
    if going is None or going.job.is_over:
        st.rerun()
    st.title(_title(going.job.progress), anchor=False)
    progress = going.job.progress
    share = progress.done / max(progress.total, 1) if progress else 0.0
    draw_bar(share, _text(progress), "benchmark", stop, name)
    st.caption(
        t("You can close or reload this page: what is done is kept. After ten minutes without a look the run pauses.")
    )
    view = open_results(name, run, session().benchmark.metric) if run else None
    if view is not None:
        draw_leaderboard(view)


@st.fragment(run_every=PAUSED_TICK)
def draw_paused(chosen: BenchmarkState, run: Run) -> None:
    """A run that ended early: why, and the way on. Another tab may go that way; then the whole page is drawn anew."""
    now = read_run(chosen.run)
    if is_going(chosen.run) or now is None or now.finished is not None:
        st.rerun()
    can_go_on = find_dataset(chosen.run, run) is not None
    done = t("{done} of {images:picture|pictures} are done.", done=run.done, images=run.images)
    advice = "" if can_go_on else t("Its pictures are deleted; to have the rest, start a new run with the zip file.")
    with st.container(key="benchmark-paused", border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(join_sentences([f"**{t('Paused.')}**", _why(chosen.run), done, advice]), width="stretch")
        announce("run", join_sentences([t("Paused."), done]))
        if can_go_on:
            st.button(
                t("Go on"),
                key="benchmark.resume",
                type="primary",
                icon=":material/play_arrow:",
                on_click=resume_run,
                args=(chosen,),
            )


def draw_no_run(chosen: BenchmarkState) -> None:
    """In place of a run that was deleted, never was, or couldn't begin."""
    with st.container(border=True, key="benchmark-none"):
        st.title(t("There is no such run"), anchor=False)
        st.markdown(
            _why(chosen.run)
            or t(
                "It was deleted, or the link is damaged. Runs are kept {days} days.",
                days=settings().keep_runs // 86_400,
            )
        )
        st.button(t("New run"), key="benchmark.new", type="primary", on_click=leave_run, args=(chosen,))


def _why(name: str) -> str:
    """Why a run ended early, where its visitor didn't end it."""
    going = touch_run(name)
    message = going.job.problem if going else None
    return escape_markdown(translate(message)) if message else ""


def _title(progress: Progress | None) -> str:
    if progress is None:
        return t("Looking through the pictures …")
    return t("Benchmark: {done} of {total} pictures", done=progress.done, total=progress.total)


def _text(progress: Progress | None) -> str:
    if progress is None or progress.seconds_left is None:
        return t("Computing the next picture …") if progress and progress.done else t("Computing the first picture …")
    return t("about {time} left", time=numbers.duration(progress.seconds_left))
