"""The page of a job: images, pipelines side by side with their steps, the leaderboard, and where each breaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, wait
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from pages.jobs.charts import break_curve
from pages.jobs.state import MOST, JobChoices, bind, choices_of, job_fields
from pages.jobs.work import Answered, Asked, answer_generated, answer_upload, results_of
from pages.state.navigation import publish_address, take_address
from pages.state.session import session
from pages.ui.language import escape_markdown, t, translate
from pages.ui.notices import draw_notices
from pages.ui.plotting import CONFIG
from segmethods.core.messages import ImageError, Message
from segmethods.core.settings import settings
from segmethods.execution.pool import pool
from segmethods.io.images import load_image
from segmethods.jobs import get_job
from segmethods.jobs.frame import Job, Task
from segmethods.jobs.running import SubsetResult, judge

STYLE = (Path(__file__).parent / "jobs.css").read_text(encoding="utf-8")
PATIENCE = 4
"""One image and all pipelines may take this many times the deadline of a method."""
CURVE_POINTS, CURVE_IMAGES = 5, 5


def show_job(job_id: str) -> None:
    """Draw a job's page."""
    st.html(f"<style>{STYLE}</style>")
    job = get_job(job_id)
    take_address(job_fields(job))
    chosen = choices_of(job)
    draw_notices(session())
    st.title(translate(job.title), anchor=False)
    st.markdown(escape_markdown(translate(job.about)))
    task = choose_task(job, chosen)
    own = choose_source(job, chosen)
    if own:
        draw_own(job, task)
    else:
        draw_generated(job, task, chosen)
    publish_address(job_fields(job))


def choose_task(job: Job, chosen: JobChoices) -> Task:
    """The sub-set that is looked at."""
    if len(job.tasks) == 1:
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
    names = {"generated": t("Drawn images, whose truth is known"), "own": t("My own images")}
    st.segmented_control(
        t("Images"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        **bind(job, "source", chosen.source, "default"),
    )
    return chosen.source == "own"


def choose_knobs(job: Job, chosen: JobChoices) -> Asked:
    """How many images are drawn and how hard they are."""
    with st.container(key="job-knobs", horizontal=True, gap="medium"):
        st.slider(t("Images"), 1, MOST, width=180, **bind(job, "count", chosen.count))
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
    st.caption(t("These images are drawn, so their truth is exact. What leads here need not lead on photographs."))
    draw_case(job, task, chosen, answers, result)
    draw_curve(job, task, chosen, asked)


def compute(
    asked: Asked, place: st.delta_generator.DeltaGenerator, pictures: bool = True
) -> list[tuple[Answered, ...]] | None:
    """All pipelines' answers to all images, from the workers; what is known is not computed again."""
    kept: dict[Asked, list[tuple[Answered, ...]]] = st.session_state.setdefault("jobs.answers", {})
    if asked in kept:
        return kept[asked]
    owner = f"job-{id(kept)}"
    deadline = PATIENCE * settings().deadline
    futures = [
        pool().call(owner, answer_generated, asked, i, pictures, deadline=deadline, group=str(hash(asked)))
        for i in range(asked.count)
    ]
    try:
        answers = _wait_for(futures, place)
    finally:
        pool().cancel(owner)
    while len(kept) >= 6:
        kept.pop(next(iter(kept)))
    kept[asked] = answers
    return answers


def _wait_for(
    futures: Sequence[Future[tuple[Answered, ...]]], place: st.delta_generator.DeltaGenerator
) -> list[tuple[Answered, ...]]:
    bar = place.progress(0.0, text=t("Pipelines at work"))
    open_ones = set(futures)
    while open_ones:
        _, open_ones = wait(open_ones, timeout=0.2, return_when="FIRST_COMPLETED")
        bar.progress((len(futures) - len(open_ones)) / len(futures), text=t("Pipelines at work"))
    return [future.result() for future in futures]


def draw_verdict(result: SubsetResult) -> None:
    """One sentence on top."""
    with st.container(key="job-verdict"):
        st.subheader(escape_markdown(translate(result.verdict)), anchor=False)


def draw_leaderboard(result: SubsetResult) -> None:
    """Pipelines by the job's figure, with its interval, time and failures."""
    rows = []
    for judged in result.pipelines:
        row: dict[str, object] = {t("Pipeline"): translate(judged.pipeline.title)}
        for figure in result.task.figures[:6]:
            value = judged.figures.get(figure.id, math.nan)
            row[f"{translate(figure.title)} {'↑' if figure.higher_is_better else '↓'}"] = (
                None if math.isnan(value) else value
            )
        row[t("95 % interval")] = (
            "–" if judged.interval is None else f"{judged.interval[0]:.2f} … {judged.interval[1]:.2f}"
        )
        row[t("Time")] = None if math.isnan(judged.seconds_median) else round(1000 * judged.seconds_median)
        row[t("No answer")] = judged.failed
        rows.append(row)
    table = pd.DataFrame(rows)
    numbers = {
        name: st.column_config.NumberColumn(format="%.3f") for name in table.columns if table[name].dtype == float
    }
    numbers[t("Time")] = st.column_config.NumberColumn(format="%d ms")
    deciding = result.task.deciding
    order = np.argsort(
        [_rank(r.figures.get(deciding.id, math.nan), deciding.higher_is_better) for r in result.pipelines],
        kind="stable",
    )
    st.dataframe(table.iloc[order], hide_index=True, column_config=numbers, alt=translate(result.verdict))
    with st.expander(t("What the figures are")):
        for figure in result.task.figures[:6]:
            title, definition = escape_markdown(translate(figure.title)), escape_markdown(translate(figure.definition))
            st.markdown(f"**{title}**: {definition} ({figure.source})")


def _rank(value: float, higher: bool) -> float:
    return math.inf if math.isnan(value) else -value if higher else value


def draw_case(
    job: Job, task: Task, chosen: JobChoices, answers: Sequence[Sequence[Answered]], result: SubsetResult
) -> None:
    """One image, pipeline by pipeline, step by step; the hardest ones are offered first."""
    order = hardest(task, answers, result)
    names = {i: answers[i][0].result.case for i in order}
    if chosen.shown not in names:
        chosen.shown = order[0]
    st.header(t("Step by step"), anchor=False)
    st.selectbox(
        t("Image, the hardest first"),
        order,
        format_func=names.__getitem__,
        width=260,
        **bind(job, "shown", chosen.shown, among=order),
    )
    draw_answers(task, answers[chosen.shown])


def hardest(task: Task, answers: Sequence[Sequence[Answered]], result: SubsetResult) -> list[int]:
    """Numbers of the images, those first on which the best pipeline does worst."""
    names = [p.id for p in task.pipelines]
    best = names.index(result.best) if result.best else 0
    sign = 1 if task.deciding.higher_is_better else -1
    values = []
    for each in answers:
        tally = each[best].result.tally
        value = math.nan if tally is None else task.score([tally]).get(task.deciding.id, math.nan)
        values.append(math.inf if math.isnan(value) else sign * value)
    return [int(i) for i in np.argsort(values, kind="stable")]


def draw_answers(task: Task, each: Sequence[Answered]) -> None:
    """The pipelines' answers to one image, each with its steps."""
    for pipeline, answered in zip(task.pipelines, each, strict=True):
        with st.container(key=f"job-pipeline-{pipeline.id}", gap="xsmall"):
            title, about = translate(pipeline.title), translate(pipeline.about)
            st.markdown(f"**{escape_markdown(title)}** · {escape_markdown(about)}")
            if answered.result.error is not None:
                st.info(escape_markdown(translate(answered.result.error)), icon=":material/info:")
                continue
            shown = [*answered.steps]
            cards = [(translate(step.title), step.url) for step in shown]
            if not shown or shown[-1].url != answered.drawn:
                cards.append((t("The answer"), answered.drawn))
            st.html(strip(cards))
            told = answered.result.description or {}
            known = " · ".join(f"{word(name)} {value:.3g}" for name, value in told.items() if math.isfinite(value))
            st.caption(escape_markdown(known) if known else " ")


WORDS = {
    "count": Message("objects"),
    "median_area": Message("median area in pixels"),
    "share": Message("share of the image"),
    "free_rows": Message("free rows ahead"),
    "gaps": Message("gaps"),
    "passes": Message("passes"),
    "surface_row": Message("row of the surface"),
    "millilitres": Message("millilitres"),
    "suspicion": Message("suspicion"),
    "share_built-up": Message("built-up"),
    "share_road": Message("road"),
    "share_green": Message("green"),
    "share_passable": Message("passable"),
}
"""What the numbers of an answer are called."""


def word(name: str) -> str:
    """A number's name in the visitor's language."""
    return translate(WORDS[name]) if name in WORDS else name.replace("_", " ")


def strip(cards: Sequence[tuple[str, str]]) -> str:
    """Pictures side by side with a line below each."""
    figures = "".join(
        f'<figure><img src="{url}" alt="{escape(title)}"><figcaption>{escape(title)}</figcaption></figure>'
        for title, url in cards
    )
    return f'<div class="sm-steps">{figures}</div>'


def draw_curve(job: Job, task: Task, chosen: JobChoices, asked: Asked) -> None:
    """How each pipeline's figure falls as one knob is turned."""
    st.header(t("Where it breaks"), anchor=False)
    names = {"": t("Choose what gets harder"), **{knob.id: translate(knob.title) for knob in job.knobs}}
    st.selectbox(
        t("What gets harder"),
        list(names),
        format_func=names.__getitem__,
        width=260,
        **bind(job, "curve", chosen.curve, among=names),
    )
    if not chosen.curve:
        return
    knob = next(k for k in job.knobs if k.id == chosen.curve)
    values = [float(v) for v in np.linspace(knob.low, knob.high, CURVE_POINTS)]
    place = st.empty()
    lines: dict[str, list[float]] = {p.id: [] for p in task.pipelines}
    for value in values:
        knobs = tuple(sorted((dict(asked.knobs) | {knob.id: value}).items()))
        answers = compute(Asked(job.id, asked.task, CURVE_IMAGES, asked.seed, knobs), place, pictures=False)
        judged = judge(task, task.pipelines, results_of(answers or []))
        for one in judged.pipelines:
            lines[one.pipeline.id].append(one.figures.get(task.deciding.id, math.nan))
    place.empty()
    titles = {p.id: translate(p.title) for p in task.pipelines}
    figure = break_curve(values, lines, titles, translate(knob.title), translate(task.deciding.title))
    st.plotly_chart(figure, config=CONFIG, theme=None, alt=t("Where it breaks"))
    st.caption(t("{count} drawn images at each of {points} settings.", count=CURVE_IMAGES, points=CURVE_POINTS))


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
            t("Choose images of this job. With truth masks, give a folder to the command line: {command}",
              command=f"`python -m segmethods job {job.id} --data FOLDER`")
        )  # fmt: skip
        st.caption(t("The folder holds {layout}.", layout=translate(job.layout)))
        return
    rows: list[dict[str, object]] = []
    for file in files[:MOST]:
        st.subheader(escape_markdown(file.name), anchor=False)
        try:
            image = load_image(file.getvalue(), name=file.name)
        except ImageError as error:
            st.warning(escape_markdown(translate(error.message)))
            continue
        owner = f"job-own-{file.file_id}"
        future = pool().call(
            owner, answer_upload, job.id, task.id, file.name, image, deadline=PATIENCE * limits.deadline
        )
        with st.spinner(t("Pipelines at work")):
            answers = future.result()
        draw_answers(task, answers)
        rows += [
            {"image": file.name, "pipeline": a.result.pipeline, **(a.result.description or {})}
            for a in answers
            if a.result.error is None
        ]
    if rows:
        data = pd.DataFrame(rows).to_csv(index=False).encode()
        st.download_button(t("Counts and areas as CSV"), data, f"{job.id}.csv", "text/csv", icon=":material/download:")
    st.caption(t("Nothing is known of these images, so nothing is ranked."))
