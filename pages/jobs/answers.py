"""The pipelines' answers to one image: their steps as pictures, what is counted, and tables to take away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from pages.jobs.state import JobChoices, bind
from pages.jobs.work import Answered
from pages.ui.language import escape_markdown, t, translate
from pages.ui.tables import fit_columns, show_rows
from segmethods.core.messages import Message
from segmethods.jobs.doubts import find_nothing
from segmethods.jobs.frame import Counts, Job, Pipeline, Task
from segmethods.jobs.running import SubsetResult

WORST = 3
"""So many of the hardest images are shown to be opened."""


def draw_case(
    job: Job, task: Task, chosen: JobChoices, answers: Sequence[Sequence[Answered]], result: SubsetResult
) -> None:
    """One image, pipeline by pipeline, step by step; the hardest ones are offered first."""
    order = hardest(task, answers, result)
    names = {i: answers[i][0].result.case for i in order}
    if chosen.shown not in names:
        chosen.shown = order[0]
    st.header(t("Step by step"), anchor=False)
    draw_worst(job, chosen, order[:WORST], names, answers, result)
    st.selectbox(
        t("Image, the hardest first"),
        order,
        format_func=names.__getitem__,
        width=260,
        **bind(job, "shown", chosen.shown, among=order),
    )
    st.html(strip([(names[chosen.shown], answers[chosen.shown][0].image)]))
    legend_of(task)
    draw_answers(job, task, answers[chosen.shown])
    if task.areas is not None and result.best is not None:
        place = next(i for i, p in enumerate(task.pipelines) if p.id == result.best)
        others = [each[place].result.tally for i, each in enumerate(answers) if i != chosen.shown]
        told = answers[chosen.shown][place].result.description
        if told is not None:
            draw_areas(job, task, chosen, task.pipelines[place], told, [c for c in others if c is not None])


def draw_worst(
    job: Job,
    chosen: JobChoices,
    order: Sequence[int],
    names: Mapping[int, str],
    answers: Sequence[Sequence[Answered]],
    result: SubsetResult,
) -> None:
    """The images on which the best pipeline does worst, each a click away."""
    if result.best is None or len(order) < 2:
        return
    place = next(i for i, p in enumerate(result.pipelines) if p.pipeline.id == result.best)
    with st.container(key="job-worst", horizontal=True, gap="medium"):
        for index in order:
            steps = answers[index][place].steps
            with st.container(key=f"job-worst-{index}", gap="xsmall"):
                if steps:
                    st.html(f'<img class="sm-job" alt="{escape(names[index])}" src="{steps[-1].url}">')
                st.button(names[index], key=f"jobs.{job.id}.open.{index}", on_click=_open, args=(chosen, index))


def _open(chosen: JobChoices, index: int) -> None:
    chosen.shown = index


def hardest(task: Task, answers: Sequence[Sequence[Answered]], result: SubsetResult) -> list[int]:
    """Numbers of the images, those first on which the best pipeline does worst."""
    names = [p.id for p in task.pipelines]
    best = names.index(result.best) if result.best else 0
    sign = 1 if task.main_figure.higher_is_better else -1
    values = []
    for each in answers:
        tally = each[best].result.tally
        value = math.nan if tally is None else task.score([tally]).get(task.main_figure.id, math.nan)
        values.append(math.inf if math.isnan(value) else sign * value)
    return [int(i) for i in np.argsort(values, kind="stable")]


def draw_answers(job: Job, task: Task, each: Sequence[Answered]) -> None:
    """The pipelines' answers to one image, each with its steps; a reason that all share is said once."""
    reasons = {str(answered.result.error): answered.result.error for answered in each}
    (shared, *others) = reasons.values()
    if shared is not None and not others:
        st.info(escape_markdown(translate(shared)), icon=":material/info:")
        return
    for pipeline, answered in zip(task.pipelines, each, strict=True):
        with st.container(gap="xsmall"):
            title, about = translate(pipeline.title), translate(pipeline.about)
            st.markdown(f"**{escape_markdown(title)}** · {escape_markdown(about)}")
            if answered.result.error is not None:
                st.info(escape_markdown(translate(answered.result.error)), icon=":material/info:")
                continue
            st.html(strip([(translate(step.title), step.url) for step in answered.steps]))
            told = answered.result.description or {}
            nothing = find_nothing(task, told)
            st.caption(tell_all(told) if nothing is None else escape_markdown(translate(nothing)))
            if answered.table:
                draw_table(job, task, pipeline.id, answered)


def draw_table(job: Job, task: Task, pipeline: str, answered: Answered) -> None:
    """What people take away of an answer, such as what to restock."""
    table, case = pd.DataFrame(list(answered.table)), answered.result.case
    with st.expander(translate(task.table_title)):
        st.dataframe(table, hide_index=True, column_config=fit_columns(table, {}), alt=translate(task.table_title))
        st.download_button(
            t("Table as CSV"),
            table.to_csv(index=False).encode(),
            f"{job.id}-{case}-{pipeline}.csv",
            "text/csv",
            icon=":material/download:",
            key=f"jobs.{job.id}.table.{case}.{pipeline}",
        )


def draw_areas(
    job: Job, task: Task, chosen: JobChoices, pipeline: Pipeline, told: Mapping[str, float], others: Sequence[Counts]
) -> None:
    """The hectares of each class, as mapped and as they likely are."""
    if task.areas is None:
        return
    st.header(t("Hectares"), anchor=False)
    st.number_input(t("Metres a pixel"), 0.05, 100.0, step=0.05, width=180, **bind(job, "metres", chosen.metres))
    rows = task.areas(told, others, chosen.metres, pipeline.id)
    table = [
        {
            t("Class"): word(f"share_{row['class']}"),
            t("As mapped"): f"{row['mapped']:.2f} ha",
            t("Estimated"): f"{row['estimated']:.2f} ha",
            t("95% interval"): "–" if len(others) == 1 else f"{row['low']:.3g} … {row['high']:.3g} ha",
        }
        for row in rows
    ]
    show_rows(table, t("Hectares"))
    mistakes = (
        t("on the other {count:image|images}, whose truth is known", count=len(others))
        if others
        else t("on real images of one city that it had not seen")
    )
    st.caption(
        t(
            "The map is that of {pipeline}. The estimate sets it right by the mistakes that {pipeline} makes "
            "{mistakes}; the interval comes from drawing those images again, which takes more than one.",
            pipeline=escape_markdown(translate(pipeline.title)),
            mistakes=mistakes,
        )
    )


def tell_all(told: Mapping[str, float]) -> str:
    """The numbers that an answer is told by, in one line."""
    known = " · ".join(tell(name, value) for name, value in told.items() if math.isfinite(value) and name != "pixels")
    return escape_markdown(known) if known else " "


def tell(name: str, value: float) -> str:
    """A number of an answer in words."""
    if name == "passes":
        return t("passes") if value else t("is rejected")
    return f"{word(name)} {value:.1%}" if name.startswith("share") else f"{word(name)} {value:.4g}"


WORDS = {
    "count": Message("objects"),
    "median_area": Message("median area in pixels"),
    "share": Message("share of the image"),
    "share_seen": Message("seen of the iris"),
    "free_rows": Message("free rows ahead"),
    "gaps": Message("gaps"),
    "wrong_items": Message("wrong items"),
    "surface_row": Message("row of the surface"),
    "millilitres": Message("millilitres"),
    "crossed": Message("cross the line"),
    "frames_per_second": Message("frames a second"),
    "suspicion": Message("suspicion"),
    "faces": Message("faces"),
    "plates": Message("plates"),
    "likeness": Message("likeness to the nearest"),
    "nearest": Message("distance of the nearest"),
    "light skin": Message("light skin"),
    "medium skin": Message("medium skin"),
    "dark skin": Message("dark skin"),
    "share_built-up": Message("built-up"),
    "share_road": Message("road"),
    "share_green": Message("green space"),
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
    told = escape(t(", ").join(title for title, _ in cards))
    return f'<div class="sm-steps" role="group" tabindex="0" aria-label="{told}">{figures}</div>'


def legend_of(task: Task) -> None:
    """What the colours of the answers mean."""
    if str(task.legend):
        st.caption(escape_markdown(translate(task.legend)))
