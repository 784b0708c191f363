"""A job's pipelines over its cases: answers, figures with their intervals, and the verdict."""

from __future__ import annotations

import logging
import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segmethods.core.messages import Message, SegmethodsError
from segmethods.jobs.frame import Answer, Case, CaseFile, Job, JobError, Pipeline, Tally, Task

log = logging.getLogger(__name__)

DRAWS, LEVEL = 400, 0.95
FEWEST = 6
"""With fewer cases no pipeline is said to beat another one."""


@dataclass(frozen=True, eq=False)
class CaseResult:
    """One pipeline's answer to one case, counted.

    Parameters
    ----------
    tally : Tally or None
        None where the case has no truth.
    error : Message or None
        Why there is no answer.
    """

    case: str
    pipeline: str
    tally: Tally | None
    seconds: float
    error: Message | None = None
    description: Mapping[str, float] | None = None


@dataclass(frozen=True)
class PipelineResult:
    """How good a pipeline is on a sub-set."""

    pipeline: Pipeline
    figures: Mapping[str, float]
    interval: tuple[float, float] | None
    seconds_median: float
    failed: int


@dataclass(frozen=True, eq=False)
class SubsetResult:
    """All pipelines of a task on the cases of a sub-set."""

    task: Task
    images: int
    pipelines: tuple[PipelineResult, ...]
    best: str | None
    verdict: Message
    cases: tuple[CaseResult, ...]


def run_subset(
    task: Task,
    cases: Sequence[CaseFile],
    pipelines: Iterable[str] | None = None,
    told: Callable[[CaseResult], None] = lambda _result: None,
) -> SubsetResult:
    """Run pipelines over cases and judge them.

    Parameters
    ----------
    task : Task
    cases : sequence of CaseFile
    pipelines : iterable of str, optional
        Ids; all of the task's if left out.
    told : callable
        Gets each case's result as it is there.
    """
    chosen = choose_pipelines(task, pipelines)
    results = []
    for result in answer_each(task, cases, chosen):
        told(result)
        results.append(result)
    return judge(task, chosen, results)


def choose_pipelines(task: Task, ids: Iterable[str] | None) -> tuple[Pipeline, ...]:
    """The pipelines with these ids, or all."""
    if ids is None:
        return task.pipelines
    known = {p.id: p for p in task.pipelines}
    wanted = list(ids)
    for name in wanted:
        if name not in known:
            raise JobError(
                "There is no pipeline {name} for {task}. Choose from {choices}.",
                name=name,
                task=task.id,
                choices=", ".join(known),
            )
    return tuple(known[name] for name in wanted)


def answer_each(task: Task, cases: Sequence[CaseFile], pipelines: Sequence[Pipeline]) -> Iterator[CaseResult]:
    """The counted answers, case by case."""
    for file in cases:
        case = file.load()
        for pipeline in pipelines:
            yield answer_case(task, case, pipeline)[0]


def answer_case(task: Task, case: Case, pipeline: Pipeline) -> tuple[CaseResult, Answer | None]:
    """One pipeline's answer to one case, counted. What goes wrong comes back as the result's error."""
    began = time.perf_counter()
    answer, error = None, None
    try:
        answer = pipeline.run(Case(case.name, case.image, None, case.extra))
    except SegmethodsError as failure:
        error = failure.message
    except Exception as failure:
        log.exception("%s failed on %s", pipeline.id, case.name)
        error = Message(
            "An error inside the pipeline: {error}. The log has the details.", {"error": repr(failure)[:120]}
        )
    seconds = time.perf_counter() - began
    value = None if answer is None else answer.value
    tally = None if case.truth is None else task.count(case, value)
    told = None if answer is None else dict(task.describe(value))
    return CaseResult(case.name, pipeline.id, tally, seconds, error, told), answer


def judge(task: Task, pipelines: Sequence[Pipeline], results: Sequence[CaseResult]) -> SubsetResult:
    """Figures, intervals and the verdict of counted answers."""
    by_pipeline = {p.id: [r for r in results if r.pipeline == p.id] for p in pipelines}
    judged = tuple(judge_pipeline(task, p, by_pipeline[p.id]) for p in pipelines)
    names = {r.case for r in results}
    best = find_best(task, judged)
    return SubsetResult(task, len(names), judged, best, tell_verdict(task, judged, by_pipeline, best), tuple(results))


def judge_pipeline(task: Task, pipeline: Pipeline, results: Sequence[CaseResult]) -> PipelineResult:
    """One pipeline's figures over its cases."""
    tallies = [r.tally for r in results if r.tally is not None]
    seconds = [r.seconds for r in results if r.error is None]
    figures = dict(task.score(tallies)) if tallies else {f.id: math.nan for f in task.figures}
    draws = draw_again(task, [tallies]) if len(tallies) > 1 else None
    interval = None if draws is None else bounds(draws[0])
    failed = sum(r.error is not None for r in results)
    return PipelineResult(pipeline, figures, interval, statistics.median(seconds) if seconds else math.nan, failed)


def draw_again(task: Task, several: Sequence[Sequence[Tally]], seed: int = 0) -> np.ndarray[Any, Any]:
    """The deciding figure of cases drawn again with repetition, shape (pipelines, draws); the same draws for all."""
    rng = np.random.default_rng(seed)
    count = len(several[0])
    found = np.full((len(several), DRAWS), np.nan)
    for draw in range(DRAWS):
        chosen = rng.integers(count, size=count)
        for row, tallies in enumerate(several):
            found[row, draw] = task.score([tallies[i] for i in chosen])[task.deciding.id]
    return found


def bounds(values: np.ndarray[Any, Any]) -> tuple[float, float] | None:
    """The middle 95 % of values, None if all are undefined."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def find_best(task: Task, judged: Sequence[PipelineResult]) -> str | None:
    """The pipeline with the best deciding figure; ties are broken by the other figures, then by time."""

    def rank(result: PipelineResult) -> tuple[float, ...]:
        signed = [result.figures.get(f.id, math.nan) * (1 if f.higher_is_better else -1) for f in task.figures]
        return (*(-math.inf if math.isnan(v) else v for v in signed), -result.seconds_median)

    known = [r for r in judged if math.isfinite(r.figures.get(task.deciding.id, math.nan))]
    return max(known, key=rank).pipeline.id if known else None


def tell_verdict(
    task: Task, judged: Sequence[PipelineResult], results: Mapping[str, Sequence[CaseResult]], best: str | None
) -> Message:
    """One sentence: who leads, by which figure, and whether that is sure."""
    if best is None:
        return Message("Nothing is known about these images, so nothing is ranked.")
    lead = next(r for r in judged if r.pipeline.id == best)
    figure = task.deciding
    told = {"best": lead.pipeline.title, "figure": figure.title, "value": f"{lead.figures[figure.id]:.3g}"}
    others = [r for r in judged if r.pipeline.id != best and math.isfinite(r.figures.get(figure.id, math.nan))]
    if not others:
        return Message("{best}: {figure} {value}.", told)
    rest = [find_best(task, others)]
    second = next(r for r in others if r.pipeline.id == rest[0])
    told |= {"second": second.pipeline.title, "other": f"{second.figures[figure.id]:.3g}"}
    if lead.figures[figure.id] == second.figures[figure.id]:
        return Message("{best} and {second} are level: {figure} {value}.", told)
    if is_ahead(task, results[best], results[second.pipeline.id], figure.higher_is_better):
        return Message("{best} is best: {figure} {value}, {second} has {other}.", told)
    return Message(
        "{best} leads with {figure} {value}, but {second} with {other} may be as good: too few images to tell.", told
    )


def is_ahead(task: Task, first: Sequence[CaseResult], second: Sequence[CaseResult], higher: bool) -> bool:
    """Whether the first is better beyond doubt: enough cases, and 95 % of the draws on its side."""
    tallies = [[r.tally for r in results if r.tally is not None] for results in (first, second)]
    if len(tallies[0]) < FEWEST or len(tallies[0]) != len(tallies[1]):
        return False
    draws = draw_again(task, tallies)
    interval = bounds((draws[0] - draws[1]) * (1 if higher else -1))
    return interval is not None and interval[0] > 0


def to_json(job: Job, subsets: Mapping[str, SubsetResult]) -> dict[str, Any]:
    """All results as JSON has them; undefined figures are null."""
    return {"job": job.id, "subsets": {name: _subset_json(result) for name, result in subsets.items()}}


def _subset_json(result: SubsetResult) -> dict[str, Any]:
    return {
        "pictures": result.images,
        "pipelines": [
            {
                "id": r.pipeline.id,
                "title": str(r.pipeline.title),
                "figures": {f.id: _number(r.figures.get(f.id, math.nan)) for f in result.task.figures},
                "interval": None if r.interval is None else list(r.interval),
                "seconds_median": _number(r.seconds_median),
                "failed": r.failed,
            }
            for r in result.pipelines
        ],
        "best": result.best,
        "verdict": str(result.verdict),
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
