"""Answers to clips on a job's page: they play, and are taken away."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

import streamlit as st

from pages.jobs.answers import strip, tell_all
from pages.jobs.state import JobChoices, bind
from pages.jobs.work import Asked, Film, play_generated, play_upload
from pages.state.presence import Bell, client_id, wait_for
from pages.ui import numbers
from pages.ui.clips import show_film
from pages.ui.language import escape_markdown, t, translate
from segmethods.core.messages import SegmethodsError
from segmethods.core.settings import settings
from segmethods.execution.pool import pool
from segmethods.execution.process import Listener
from segmethods.io.video import tell_limits
from segmethods.jobs.doubts import find_nothing
from segmethods.jobs.frame import Job, Task
from segmethods.jobs.running import SubsetResult

PATIENCE = 8
"""A clip may take so many times the deadline of a method."""
KEPT = 6


def draw_film(job: Job, task: Task, chosen: JobChoices, asked: Asked, result: SubsetResult) -> None:
    """One pipeline's answer to the clip that is looked at."""
    st.header(t("Watch it"), anchor=False)
    names = {p.id: translate(p.title) for p in task.pipelines}
    if chosen.played not in names:
        chosen.played = result.best or task.pipelines[0].id
    st.segmented_control(
        t("Pipeline"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        **bind(job, "played", chosen.played, "default"),
    )
    key = (asked, chosen.shown, chosen.played)
    film = _compute(key, lambda told: pool().call(client_id(), play_generated, *key, deadline=_deadline(), told=told))
    if film is not None:
        _show(job, task, film)


def draw_own_film(job: Job, task: Task) -> None:
    """A clip of the visitor's own: pipeline by pipeline, with time left and a stop."""
    limits = settings()
    st.caption(escape_markdown(translate(tell_limits())))
    file = st.file_uploader(
        t("A clip"), key=f"jobs.{job.id}.clip", max_upload_size=max(1, limits.max_video_bytes // 1_000_000)
    )
    if file is None:
        st.info(
            t(
                "Choose a clip of a camera that stands still. With truth masks, give a folder to the command line: "
                "{command}",
                command=f"`python -m segmethods job {job.id} --data FOLDER`",
            )
        )
        st.caption(escape_markdown(t("The folder holds {layout}.", layout=translate(job.layout))))
        return
    data = file.getvalue()
    for pipeline in task.pipelines:
        key = (file.file_id, pipeline.id)
        film = _compute(
            key,
            partial(_ask_own, job, task, file.name, data, pipeline.id),
        )
        if film is None:
            return
        st.subheader(escape_markdown(translate(pipeline.title)), anchor=False)
        _show(job, task, film, pipeline.id)
    st.caption(t("Nothing is known of these images, so nothing is ranked."))


def _ask_own(job: Job, task: Task, name: str, data: bytes, pipeline: str, told: Listener) -> Future[Film]:
    return pool().call(client_id(), play_upload, job.id, task.id, name, data, pipeline, deadline=_deadline(), told=told)


def _deadline() -> float:
    return PATIENCE * settings().deadline


def _compute(key: object, call: Callable[[Listener], Future[Film]]) -> Film | None:
    """A film from a worker; what is known is not computed again. What a file is at fault for is told in its place."""
    kept: dict[object, Film] = st.session_state.setdefault("jobs.films", {})
    if key in kept:
        return kept[key]
    place, bell = st.empty(), Bell()
    far: deque[tuple[int, int]] = deque(maxlen=1)
    future = call(far.append)
    future.add_done_callback(bell.ring)
    began = time.monotonic()
    try:
        with place.container(horizontal=True, vertical_alignment="center"):
            shown = st.empty()
            st.button(t("Stop"), key=f"film.stop.{hash(key)}", icon=":material/stop:")
        while not future.done():
            shown.caption(tell_progress(time.monotonic() - began, *(far[0] if far else (0, 0))))
            bell.wait(0.5)
        film = wait_for(future, bell)
    except SegmethodsError as error:
        place.empty()
        st.warning(escape_markdown(translate(error.message)))
        return None
    finally:
        future.cancel()
    place.empty()
    while len(kept) >= KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = film
    return film


def tell_progress(spent: float, done: int, count: int) -> str:
    """How far a clip is, and how long the rest will take; drawing the film comes after its frames."""
    if not done:
        return t("Pipelines at work, {seconds} s", seconds=round(spent))
    if done >= count:
        return t("Writing the clip")
    says = t("{done} of {count:frame|frames}", done=done, count=count)
    return f"{says} · {t('{time} left', time=numbers.duration(spent / done * (count - done)))}"


def _show(job: Job, task: Task, film: Film, name: str = "") -> None:
    if film.result.error is not None:
        st.info(escape_markdown(translate(film.result.error)), icon=":material/info:")
        return
    show_film(film.webm, film.poster, film.table, name=f"{job.id}-{name or film.result.pipeline}")
    told = film.result.description or {}
    nothing = find_nothing(task, told)
    st.caption(tell_all(told) if nothing is None else escape_markdown(translate(nothing)))
    if name:
        st.html(strip([(translate(step.title), step.url) for step in film.steps]))
