"""The report of a job: the verdict, the hardest images with every answer, the figures, why, and how to repeat it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from segmethods.core.machine import describe_machine
from segmethods.core.messages import Message
from segmethods.jobs.frame import Job
from segmethods.jobs.learned import NETWORKS
from segmethods.jobs.running import PipelineResult, SubsetResult, name_reasons
from segmethods.reporting.cost import tell_machine
from segmethods.reporting.report import HEADINGS, Chart, Code, ImageRow, Part, Report, Say, Section, Table
from segmethods.reporting.svg import Bar, bar_chart
from segmethods.reporting.versions import list_versions

COLOUR = "#0d7d73"


def report_job(job: Job, result: SubsetResult, rows: Sequence[ImageRow], command: str, say: Say = str) -> Report:
    """The report on a sub-set.

    Parameters
    ----------
    job : Job
    result : SubsetResult
    rows : sequence of ImageRow
        Images with every pipeline's answer.
    command : str
        What computes the same again.
    say : callable
        Translates a message.
    """
    ranked = result.ranked
    parts: dict[str, Sequence[Part]] = {
        "pictures": [*rows, say(result.task.legend)] if str(result.task.legend) else rows,
        "table": [_figures(ranked, result, say), Chart(_chart(ranked, result, say)), *_definitions(result, say)],
        "sure": [
            say(
                Message(
                    "Bars and intervals: 95% of the values when the {count} images are drawn again; where all are "
                    "right, or all wrong, Wilson’s interval.",
                    {"count": str(result.judged)},
                )
            )
        ],
        "cost": [
            _cost(ranked, say),
            say(Message("Measured on {machine}, picture by picture.", {"machine": tell_machine(describe_machine())})),
        ],
        "terms": _terms(job, result, say) or [say(Message("No network with terms of its own takes part."))],
        "settings": [Code(command), ", ".join(f"{name} {number}" for name, number in list_versions().items())],
    }
    why = [f"{say(r.pipeline.title)}: {say(r.pipeline.why)}" for r in ranked if str(r.pipeline.why)]
    sections = [Section(say(HEADINGS[key]), part) for key, part in parts.items()]
    sections.insert(2, Section(say(name_reasons(result)), why))
    return Report(say(job.title) + " · " + say(result.task.title), [say(result.verdict), say(job.about)], sections)


def _figures(ranked: Sequence[PipelineResult], result: SubsetResult, say: Say) -> Table:
    figures = result.task.figures
    head = [say(Message("Pipeline")), *(say(f.title) for f in figures), say(Message("95% interval"))]
    rows = [
        [
            say(r.pipeline.title),
            *(_number(r.figures.get(f.id, math.nan)) for f in figures),
            "–" if r.interval is None else f"{r.interval[0]:.3g} … {r.interval[1]:.3g}",
        ]
        for r in ranked
    ]
    return Table(head, rows)


def _chart(ranked: Sequence[PipelineResult], result: SubsetResult, say: Say) -> str:
    main_figure = result.task.main_figure
    bars = [
        Bar(
            say(r.pipeline.title),
            r.figures.get(main_figure.id, math.nan),
            COLOUR,
            *(r.interval or (math.nan, math.nan)),
        )
        for r in ranked
    ]
    way = Message("more is better") if main_figure.higher_is_better else Message("less is better")
    return bar_chart(bars, say(main_figure.title), say(way))


def _definitions(result: SubsetResult, say: Say) -> list[str]:
    return [f"{say(f.title)}: {say(f.definition)} ({f.source})" for f in result.task.figures]


def _cost(ranked: Sequence[PipelineResult], say: Say) -> Table:
    rows = [[say(r.pipeline.title), f"{1000 * r.seconds_median:.3g} ms"] for r in ranked if r.seconds_median >= 0]
    return Table([say(Message("Pipeline")), say(Message("Median time"))], rows)


def _terms(job: Job, result: SubsetResult, say: Say) -> list[str]:
    network = NETWORKS.get(result.task.id) or NETWORKS.get(job.id)
    if network is None:
        return []
    told = Message(
        "The network learned from {data}; terms: {terms}.",
        {"data": Message(network.data), "terms": Message(network.terms)},
    )
    return [say(told)]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
