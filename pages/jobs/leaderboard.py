"""Who leads, by how much, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from pages.jobs.answers import legend_of, strip
from pages.jobs.work import Answered
from pages.ui import numbers
from pages.ui.announce import announce
from pages.ui.language import escape_markdown, t, translate
from pages.ui.tables import show_rows
from segmethods.jobs.frame import Figure, Task
from segmethods.jobs.running import PipelineResult, SubsetResult, find_reasons, name_reasons

SHOWN = 4
"""So many figures have room in the leaderboard."""


def draw_verdict(result: SubsetResult) -> None:
    """One sentence on top."""
    with st.container(key="job-verdict"):
        st.header(escape_markdown(translate(result.verdict)), anchor=False)
    announce("verdict", translate(result.verdict))


def draw_leaderboard(result: SubsetResult) -> None:
    """Pipelines by the job's figure, with its interval, time and failures."""
    figures = known_figures(result)
    rows = []
    for judged in result.ranked:
        row = {t("Pipeline"): translate(judged.pipeline.title)}
        for figure in figures[:SHOWN]:
            row[f"{translate(figure.title)} {'↑' if figure.higher_is_better else '↓'}"] = tell_figure(judged, figure)
        if any(r.interval for r in result.ranked):
            row[t("95% interval")] = (
                "–" if judged.interval is None else f"{judged.interval[0]:.2f} … {judged.interval[1]:.2f}"
            )
        row[t("Time")] = numbers.seconds(judged.seconds_median)
        if any(r.failed for r in result.ranked):
            row[t("No answer")] = str(judged.failed)
        rows.append(row)
    show_rows(rows, translate(result.verdict))
    for says in tell_failures(result):
        st.caption(says)
    with st.expander(t("What the figures are")):
        for figure in result.task.figures:
            title, definition = escape_markdown(translate(figure.title)), escape_markdown(translate(figure.definition))
            st.markdown(t("**{title}**: {text}", title=title, text=f"{definition} ({figure.source})"))
        if len(result.task.figures) > SHOWN:
            draw_breakdown(result)


def tell_figure(judged: PipelineResult, figure: Figure) -> str:
    """A pipeline's figure as its table says it."""
    value = judged.figures.get(figure.id, math.nan)
    return f"{value:z.3f}" if math.isfinite(value) else "–"


def known_figures(result: SubsetResult) -> list[Figure]:
    """The figures that have a value; a column of nothing says nothing."""
    return [f for f in result.task.figures if any(math.isfinite(r.figures.get(f.id, math.nan)) for r in result.ranked)]


def tell_failures(result: SubsetResult) -> list[str]:
    """Why there are images without an answer: each pipeline's commonest reason, or the one that all share."""
    reasons = find_reasons(result.cases)
    if len(reasons) > 1 and len({str(reason) for reason in reasons.values()}) == 1:
        shared = translate(next(iter(reasons.values())))
        return [escape_markdown(t("No answer: {reason}", reason=shared))]
    titles = {r.pipeline.id: translate(r.pipeline.title) for r in result.pipelines}
    return [
        escape_markdown(t("No answer by {pipeline}: {reason}", pipeline=titles[name], reason=translate(reason)))
        for name, reason in reasons.items()
    ]


def draw_breakdown(result: SubsetResult) -> None:
    """The figures that the leaderboard has no room for, one a line."""
    rows = [
        {
            t("Figure"): translate(figure.title),
            **{translate(judged.pipeline.title): tell_figure(judged, figure) for judged in result.ranked},
        }
        for figure in result.task.figures[SHOWN:]
    ]
    show_rows(rows, t("Figures of each class"))


def draw_why(task: Task, answers: Sequence[Sequence[Answered]], result: SubsetResult) -> None:
    """Why the first one leads: what it and the next can and can't do, on the image that tells them apart most.

    Where some are level, all of them are explained.
    """
    if result.best is None or not all(str(p.why) for p in task.pipelines):
        return
    first, *others = result.ranked
    level = len(result.leaders)
    st.header(escape_markdown(translate(name_reasons(result))), anchor=False)
    explained = max(level, 2)
    for one in result.ranked[:explained]:
        draw_reason(one)
    telling = find_telling(task, answers, first, others[0]) if others else None
    if telling is not None:
        index, values = telling
        pair = [next(a for a in answers[index] if a.result.pipeline == r.pipeline.id) for r in (first, others[0])]
        st.markdown(
            t(
                "On {image} the difference is largest. {figure}: {value} against {other}.",
                image=f"**{escape_markdown(pair[0].result.case)}**",
                figure=escape_markdown(translate(task.main_figure.title)),
                value=f"{values[0]:.3g}",
                other=f"{values[1]:.3g}",
            )
        )
        titles = [translate(r.pipeline.title) for r in (first, others[0])]
        answers_shown = [(title, a.steps[-1].url) for title, a in zip(titles, pair, strict=True)]
        st.html(strip([(t("The image"), pair[0].image), *answers_shown]))
        legend_of(task)
    if rest := result.ranked[explained:]:
        with st.expander(t("What the others can and can't do")):
            for one in rest:
                draw_reason(one)


def draw_reason(result: PipelineResult) -> None:
    """What a pipeline is good at, and what it can't do."""
    title, why = (escape_markdown(translate(text)) for text in (result.pipeline.title, result.pipeline.why))
    st.markdown(t("**{title}**: {text}", title=title, text=why))


def find_telling(
    task: Task, answers: Sequence[Sequence[Answered]], first: PipelineResult, second: PipelineResult
) -> tuple[int, tuple[float, float]] | None:
    """The image on which the first is farthest ahead of the second, and both figures there."""
    found = []
    for index, each in enumerate(answers):
        pair = [next(a for a in each if a.result.pipeline == r.pipeline.id) for r in (first, second)]
        if any(a.result.tally is None or not a.steps for a in pair):
            continue
        one, other = (
            task.score([a.result.tally]).get(task.main_figure.id, math.nan) for a in pair if a.result.tally is not None
        )
        ahead = (one - other) * (1 if task.main_figure.higher_is_better else -1)
        if math.isfinite(ahead) and ahead > 0:
            found.append((ahead, index, (one, other)))
    return max(found)[1:] if found else None
