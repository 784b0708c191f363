"""Where each pipeline breaks, as one knob is turned."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from pages.jobs.charts import break_curve
from pages.jobs.computing import compute
from pages.jobs.state import JobChoices, bind
from pages.jobs.work import Asked, results_of
from pages.ui.language import t, translate
from pages.ui.plotting import CONFIG
from segmethods.jobs.frame import Job, Task
from segmethods.jobs.running import judge

CURVE_POINTS, CURVE_IMAGES = 5, 5


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
    place, images = st.empty(), min(CURVE_IMAGES, job.images)
    lines: dict[str, list[float]] = {p.id: [] for p in task.pipelines}
    for value in values:
        knobs = tuple(sorted((dict(asked.knobs) | {knob.id: value}).items()))
        answers = compute(Asked(job.id, asked.task, images, asked.seed, knobs), place, with_images=False)
        judged = judge(task, task.pipelines, results_of(answers or []))
        for one in judged.pipelines:
            lines[one.pipeline.id].append(one.figures.get(task.main_figure.id, math.nan))
    place.empty()
    titles = {p.id: translate(p.title) for p in task.pipelines}
    figure = break_curve(values, lines, titles, translate(knob.title), translate(task.main_figure.title))
    st.plotly_chart(figure, config=CONFIG, theme=None, alt=t("Where it breaks"))
    st.caption(t("{count} drawn images at each of {points} settings.", count=images, points=CURVE_POINTS))
