"""Where people are compared: both errors at every threshold, and the errors of each group."""

from __future__ import annotations

import math

import streamlit as st

from pages.jobs.answers import word
from pages.jobs.charts import roc_curves
from pages.ui.language import escape_markdown, t, translate
from pages.ui.plotting import CONFIG
from pages.ui.tables import show_rows
from segmethods.jobs._matching import roc
from segmethods.jobs.running import SubsetResult, judge_groups


def draw_errors(result: SubsetResult) -> None:
    """The curve of both errors, and a table of the groups; nothing where nobody is compared."""
    if result.task.pairs is None:
        return
    curves = {}
    for judged in result.pipelines:
        tallies = [r.tally for r in result.cases if r.pipeline == judged.pipeline.id and r.tally is not None]
        genuine, impostor = result.task.pairs(tallies)
        if len(genuine) and len(impostor):
            curves[translate(judged.pipeline.title)] = roc(genuine, impostor)
    if not curves:
        return
    st.header(t("Both errors at every threshold"), anchor=False)
    st.plotly_chart(roc_curves(curves), config=CONFIG, theme=None, alt=t("Both errors at every threshold"))
    st.caption(
        t(
            "A lower threshold accepts more right pairs, two images of one person or eye, and more wrong ones. Each "
            "point of a curve is one threshold; the dotted line is where both errors are equal."
        )
    )
    draw_groups(result)


def draw_groups(result: SubsetResult) -> None:
    """The figure that decides for each group by itself."""
    groups = judge_groups(result)
    if not groups:
        return
    figure = result.task.main_figure
    rows = []
    for name, (count, each) in groups.items():
        row = {t("Group"): word(name), t("Images"): str(count)}
        for judged in each:
            value = judged.figures.get(figure.id, math.nan)
            between = (
                "" if judged.interval is None else f" ({judged.interval[0]:.2f}\u00a0…\u00a0{judged.interval[1]:.2f})"
            )
            row[translate(judged.pipeline.title)] = "–" if math.isnan(value) else f"{value:.3f}{between}"
        rows.append(row)
    st.subheader(t("Whom it fails"), anchor=False)
    show_rows(rows, t("Whom it fails"))
    st.caption(
        escape_markdown(
            t(
                "{figure} of each group, with the interval of 95%. Where intervals overlap, so few images show no "
                "difference, and no equality either.",
                figure=translate(figure.title),
            )
        )
    )
