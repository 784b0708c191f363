"""The page of a job: images, pipelines side by side with their steps, the leaderboard, and where each breaks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.jobs.answers import draw_answers, draw_areas, draw_case
from pages.jobs.computing import PATIENCE, compute
from pages.jobs.curve import draw_curve
from pages.jobs.errors import draw_errors
from pages.jobs.films import draw_film, draw_own_film
from pages.jobs.leaderboard import draw_leaderboard, draw_verdict, draw_why
from pages.jobs.state import MOST, JobChoices, bind, choices_of, job_fields
from pages.jobs.taking_away import draw_report
from pages.jobs.work import Asked, answer_own, results_of
from pages.state.navigation import publish_address, take_address
from pages.state.presence import client_id, wait_for
from pages.state.session import session
from pages.ui.language import escape_markdown, t, translate, translate_all
from pages.ui.notices import draw_notices
from segmethods.core.messages import ImageError, SegmethodsError
from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.execution.pool import pool
from segmethods.io.images import read_image
from segmethods.jobs import get_job
from segmethods.jobs.as_json import add_areas
from segmethods.jobs.frame import Job, Task
from segmethods.jobs.running import CaseResult, judge

STYLE = (Path(__file__).parent / "jobs.css").read_text(encoding="utf-8")


def show_job(job_id: str) -> None:
    """Draw a job's page."""
    st.html(f"<style>{STYLE}</style>")
    job = get_job(job_id)
    take_address(job_fields(job))
    chosen = choices_of(job)
    draw_notices(session())
    st.title(translate(job.title), anchor=False)
    st.markdown(escape_markdown(translate(job.about)))
    if job.privacy is not None:
        st.info(escape_markdown(translate(job.privacy)), icon=":material/shield_person:")
    task = choose_task(job, chosen)
    own = choose_source(job, chosen)
    if own and task.film is not None:
        draw_own_film(job, task)
    elif own:
        draw_own(job, task)
    else:
        draw_generated(job, task, chosen)
    publish_address(job_fields(job))


def choose_task(job: Job, chosen: JobChoices) -> Task:
    """The sub-set that is looked at."""
    if len(job.tasks) == 1 or is_of_clips(job):  # the sub-sets of clips are other people's scenes
        return job.tasks[0]
    drawn = [task for task in job.tasks if task.id in generated_tasks(job.id)] or list(job.tasks)
    names = {task.id: translate(task.title) for task in job.tasks}
    order = [t.id for t in drawn] + [t.id for t in job.tasks if t not in drawn]
    st.segmented_control(
        t("What is judged"),
        order,
        format_func=names.__getitem__,
        required=True,
        **bind(job, "task", chosen.task, "default"),
    )
    return job.task(chosen.task)


def is_of_clips(job: Job) -> bool:
    """Whether the job looks at clips, not at single images."""
    return job.tasks[0].film is not None


def images_word(job: Job) -> str:
    """What the job looks at."""
    return t("Clips") if is_of_clips(job) else t("Images")


@st.cache_data(max_entries=32, show_spinner=False)
def generated_tasks(job_id: str) -> tuple[str, ...]:
    """The sub-sets of which images can be drawn."""
    job = get_job(job_id)
    return tuple(job.generate(1, 0, {k.id: k.default for k in job.knobs})) if job.generate else ()


def choose_source(job: Job, chosen: JobChoices) -> bool:
    """Whether the visitor looks at images of their own."""
    can_draw = chosen.task in generated_tasks(job.id)
    if not can_draw:
        st.caption(
            t("Of this kind no images are drawn: bring your own, or use the command line with a folder of data.")
        )
        return True
    own = t("My own clip") if is_of_clips(job) else t("My own images")
    names = {"generated": t("Drawn, with known truth"), "own": own}
    st.segmented_control(
        images_word(job),
        list(names),
        format_func=names.__getitem__,
        required=True,
        **bind(job, "source", chosen.source, "default"),
    )
    return chosen.source == "own"


def choose_knobs(job: Job, chosen: JobChoices) -> Asked:
    """How many images are drawn and how hard they are."""
    with st.container(key="job-knobs", horizontal=True, gap="medium"):
        st.slider(images_word(job), 1, MOST, width=180, **bind(job, "count", chosen.count))
        for knob in job.knobs:
            value = float(chosen.knobs.get(knob.id, knob.default))
            st.slider(
                translate(knob.title),
                float(knob.low),
                float(knob.high),
                step=(knob.high - knob.low) / 20,
                width=180,
                **bind(job, knob.id, value, knob=True),
            )
    values = {knob.id: chosen.knobs.get(knob.id, knob.default) for knob in job.knobs}
    return Asked(job.id, chosen.task, chosen.count, chosen.seed, tuple(sorted(values.items())))


def draw_generated(job: Job, task: Task, chosen: JobChoices) -> None:
    """Drawn images: verdict, leaderboard, one image's steps, and where pipelines break."""
    asked = choose_knobs(job, chosen)
    place = st.empty()
    answers = compute(asked, place)
    if answers is None:
        return
    result = judge(task, task.pipelines, results_of(answers))
    place.empty()
    draw_verdict(result)
    draw_leaderboard(result)
    draw_report(job, task, answers, result, asked)
    st.caption(t("These images are drawn, so their truth is exact. What leads here need not lead on photographs."))
    if job.note is not None:
        st.markdown(f"**{escape_markdown(translate(job.note))}**")
    draw_errors(result)
    draw_why(task, answers, result)
    draw_case(job, task, chosen, answers, result)
    if task.film is not None:
        draw_film(job, task, chosen, asked, result)
    draw_curve(job, task, chosen, asked)


def draw_own(job: Job, task: Task) -> None:
    """Images of the visitor's own: results, counts and areas, and no figure, since nothing is known of them."""
    limits = settings()
    files = st.file_uploader(
        t("Pictures"),
        accept_multiple_files=True,
        key=f"jobs.{job.id}.files",
        max_upload_size=limits.max_bytes // 1_000_000,
    )
    if not files:
        st.info(
            t(
                "Choose images of this job. With truth masks, give a folder to the command line: {command}",
                command=f"`python -m segmethods job {job.id} --data FOLDER`",
            )
        )
        st.caption(t("The folder holds {layout}.", layout=translate(job.layout)))
        return
    if len(files) > MOST:
        st.warning(t("Only the first {most} of {count} pictures are looked at.", most=MOST, count=len(files)))
    images = read_own(files[:MOST])
    rows: list[dict[str, object]] = []
    for i, (name, _) in enumerate(images):
        st.subheader(escape_markdown(name), anchor=False)
        future = pool().call(client_id(), answer_own, job.id, task.id, images, i, deadline=PATIENCE * limits.deadline)
        try:
            with st.spinner(t("Pipelines at work")):
                answers = wait_for(future)
        except SegmethodsError as error:
            st.warning(escape_markdown(translate(error.message)))
            continue
        finally:
            future.cancel()
        draw_answers(job, task, answers)
        rows += [list_told(name, answered.result) for answered in answers]
    known = [row for row in rows if not row.get("error")]
    maps = [row for row in known if row["pipeline"] == task.pipelines[-1].id]
    if task.areas is not None and maps:
        told = [{name: float(v) for name, v in row.items() if isinstance(v, float)} for row in maps]
        draw_areas(job, task, choices_of(job), task.pipelines[-1], add_areas(told), [])
    if known:
        data = pd.DataFrame(rows).to_csv(index=False).encode()
        st.download_button(t("Counts and areas as CSV"), data, f"{job.id}.csv", "text/csv", icon=":material/download:")
    if images:
        st.caption(t("Nothing is known of these images, so nothing is ranked."))


def list_told(name: str, result: CaseResult) -> dict[str, object]:
    """A line of the table that a visitor takes away, in English; an image without an answer has its reason there."""
    told: dict[str, object] = {"image": name, "pipeline": result.pipeline, **(result.description or {})}
    return told if result.error is None else {**told, "error": str(result.error)}


def read_own(files: Sequence[UploadedFile]) -> list[tuple[str, Image]]:
    """The uploaded images, each under a name of its own; what can't be read is said, and what was assumed."""
    images: dict[str, Image] = {}
    for file in files:
        try:
            read = read_image(file.getvalue(), name=file.name)
        except ImageError as error:
            st.warning(escape_markdown(translate(error.message)))
            continue
        name, path, number = file.name, PurePath(file.name), 1
        while name in images:
            name, number = f"{path.stem}-{number + 1}{path.suffix}", number + 1
        images[name] = read.image
        if read.notes:
            st.caption(escape_markdown(f"{name}: {translate_all(read.notes)}"))
    return list(images.items())
