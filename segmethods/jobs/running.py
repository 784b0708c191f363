"""A job's pipelines over its cases: answers, figures with their intervals, and the verdict."""

from __future__ import annotations

import logging
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from segmethods.core.faults import describe_fault
from segmethods.core.machine import own_seconds, seconds_since
from segmethods.core.messages import Message, SegmethodsError
from segmethods.jobs.doubts import find_doubt
from segmethods.jobs.frame import Answer, Counts, Figure, JobError, JobSample, JobSampleFile, Pipeline, Task
from segmethods.jobs.intervals import bounds, draw_again, widen

log = logging.getLogger(__name__)

FEWEST = 6
"""With fewer cases no pipeline is said to beat another one."""


@dataclass(frozen=True, eq=False)
class CaseResult:
    """One pipeline's answer to one case, counted.

    Parameters
    ----------
    tally : Counts or None
        None where the case has no truth.
    seconds : float
        For each image.
    error : Message or None
        Why there is no answer.
    images : int
        How many images the case has: the frames of a clip.
    group : str
        The group that it belongs to, where error rates are told by group.
    notes : tuple of Message
        What was assumed as the case's truth was read.
    """

    case: str
    pipeline: str
    tally: Counts | None
    seconds: float
    error: Message | None = None
    description: Mapping[str, float] | None = None
    images: int = 1
    group: str = ""
    notes: tuple[Message, ...] = ()


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
    """All pipelines of a task on the cases of a sub-set.

    Parameters
    ----------
    task : Task
        Its figures are in such an order that the first one has a value, see `order_figures`.
    pipelines : tuple of PipelineResult
        In the task's order; `ranked` has the best first.
    """

    task: Task
    images: int
    pipelines: tuple[PipelineResult, ...]
    verdict: Message
    cases: tuple[CaseResult, ...]

    @property
    def judged(self) -> int:
        """How many of the images have a truth that answers were compared with; of a clip, how many frames."""
        known = {r.case: int(r.tally.get("frames", r.images)) for r in self.cases if r.tally is not None}
        return sum(known.values())

    @cached_property
    def ranked(self) -> tuple[PipelineResult, ...]:
        """The pipelines, the best first: in this order everything tells them."""
        return rank_pipelines(self.task, self.pipelines)

    @property
    def leaders(self) -> tuple[PipelineResult, ...]:
        """The best one, and all that are level with it; none where nothing is ranked."""
        return find_leaders(self.task, self.ranked)

    @property
    def best(self) -> str | None:
        """The id of the first of `leaders`."""
        return self.leaders[0].pipeline.id if self.leaders else None


def name_reasons(result: SubsetResult) -> Message:
    """The title over what the pipelines can and can't do: a lead that isn't sure is no win."""
    if len(result.leaders) == 1:
        return Message("What leads, and why")
    return Message("Why these lead") if result.leaders else Message("What they can and can’t do")


def run_subset(
    task: Task,
    cases: Sequence[JobSampleFile],
    pipelines: Iterable[str] | None = None,
    told: Callable[[CaseResult], None] = lambda _result: None,
) -> SubsetResult:
    """Run pipelines over cases and judge them.

    Parameters
    ----------
    task : Task
    cases : sequence of JobSampleFile
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


def answer_each(task: Task, cases: Sequence[JobSampleFile], pipelines: Sequence[Pipeline]) -> Iterator[CaseResult]:
    """The counted answers, case by case; of an image that can't be read the reason."""
    for file in cases:
        try:
            case = file.load()
        except SegmethodsError as error:
            for pipeline in pipelines:
                yield CaseResult(file.name, pipeline.id, None, math.nan, error.message, notes=file.notes)
            continue
        doubt, case = find_doubt(task, case), replace(case, notes=(*file.notes, *case.notes))
        for pipeline in pipelines:
            yield answer_case(task, case, pipeline, doubt)[0]


def answer_case(
    task: Task, case: JobSample, pipeline: Pipeline, doubt: Message | None = None
) -> tuple[CaseResult, Answer | None]:
    """One pipeline's answer to one case, counted. What goes wrong, or a doubt, comes back as the result's error."""
    if doubt is not None:
        return CaseResult(case.name, pipeline.id, None, math.nan, doubt, notes=case.notes), None
    began = own_seconds()
    answer, error = None, None
    try:
        answer = pipeline.run(JobSample(case.name, case.image, None, case.extra))
    except SegmethodsError as failure:
        error = failure.message
    except Exception as failure:
        log.exception("%s failed on %s", pipeline.id, case.name)
        error = describe_fault(failure) or Message(
            "An error inside the pipeline: {error}. The log has the details.", {"error": repr(failure)[:120]}
        )
    images = 1 if answer is None else answer.images
    seconds = seconds_since(began) / images
    value = None if answer is None else answer.value
    tally = None
    try:
        tally = None if case.truth is None else task.count(case, value)
    except SegmethodsError as failure:  # such as a query whose object the gallery lacks
        error = error or failure.message
    told = None if answer is None else dict(task.describe(value))
    group = str(case.extra.get("group", ""))
    return CaseResult(case.name, pipeline.id, tally, seconds, error, told, images, group, case.notes), answer


def judge(task: Task, pipelines: Sequence[Pipeline], results: Sequence[CaseResult]) -> SubsetResult:
    """Figures, intervals and the verdict of counted answers."""
    by_pipeline = {p.id: [r for r in results if r.pipeline == p.id] for p in pipelines}
    first, task = task.main_figure, order_figures(task, results)
    judged = tuple(judge_pipeline(task, p, by_pipeline[p.id]) for p in pipelines)
    sizes = {name: max(r.images for r in results if r.case == name) for name in {r.case for r in results}}
    ranked = rank_pipelines(task, judged)
    verdict, leaders = tell_verdict(task, ranked, by_pipeline), find_leaders(task, ranked)
    if leaders and task.main_figure != first:
        verdict = tell_stand_in(task, leaders[0], first, verdict)
    return SubsetResult(task, sum(sizes.values()), judged, verdict, tuple(results))


def order_figures(task: Task, results: Sequence[CaseResult]) -> Task:
    """The task with the figures first that have a value on these cases: the first of them decides.

    Where no plate's text is known, none is read whole, and which plates are found decides.
    """
    tallies = [r.tally for r in results if r.tally is not None]
    known = task.score(tallies) if tallies else {}
    return replace(task, figures=tuple(sorted(task.figures, key=lambda f: math.isnan(known.get(f.id, math.nan)))))


def judge_pipeline(task: Task, pipeline: Pipeline, results: Sequence[CaseResult]) -> PipelineResult:
    """One pipeline's figures over its cases."""
    tallies = [r.tally for r in results if r.tally is not None]
    seconds = [r.seconds for r in results if r.error is None]
    figures = dict(task.score(tallies)) if tallies else {f.id: math.nan for f in task.figures}
    draws = draw_again(task, [tallies]) if len(tallies) > 1 else None
    interval = None if draws is None else widen(bounds(draws[0]), len(tallies))
    failed = sum(r.error is not None for r in results)
    return PipelineResult(pipeline, figures, interval, statistics.median(seconds) if seconds else math.nan, failed)


def list_notes(cases: Sequence[CaseResult]) -> dict[str, tuple[Message, ...]]:
    """What was assumed as truths were read, by case."""
    return {case.case: case.notes for case in cases if case.notes}


def find_reasons(cases: Sequence[CaseResult]) -> dict[str, Message]:
    """The commonest reason for which each pipeline failed, by its id; empty where none did."""
    found = {}
    for pipeline in dict.fromkeys(case.pipeline for case in cases if case.error is not None):
        errors = {str(c.error): c.error for c in cases if c.pipeline == pipeline and c.error is not None}
        counts = Counter(str(c.error) for c in cases if c.pipeline == pipeline and c.error is not None)
        found[pipeline] = errors[counts.most_common(1)[0][0]]
    return found


def judge_groups(result: SubsetResult) -> dict[str, tuple[int, tuple[PipelineResult, ...]]]:
    """The figures of each group of cases by itself, and how many cases that are; empty where there are no groups."""
    found = {}
    for group in sorted({r.group for r in result.cases if r.group}):
        own = [r for r in result.cases if r.group == group]
        each = [
            judge_pipeline(result.task, one.pipeline, [r for r in own if r.pipeline == one.pipeline.id])
            for one in result.pipelines
        ]
        found[group] = len({r.case for r in own}), tuple(each)
    return found


def rank_pipelines(task: Task, judged: Sequence[PipelineResult]) -> tuple[PipelineResult, ...]:
    """The best first, by the deciding figure; ties are broken by the other figures, then by the task's own order."""

    def rank(result: PipelineResult) -> tuple[float, ...]:
        signed = [_value(result, f) * (-1 if f.higher_is_better else 1) for f in task.figures]
        return tuple(math.inf if math.isnan(v) else v for v in signed)

    return tuple(sorted(judged, key=rank))


def find_leaders(task: Task, ranked: Sequence[PipelineResult]) -> tuple[PipelineResult, ...]:
    """The first of `rank_pipelines`, and all that are level with it in the deciding figure; none without a value."""
    return tuple(r for r in ranked if _value(r, task.main_figure) == _value(ranked[0], task.main_figure))


def _value(result: PipelineResult, figure: Figure) -> float:
    return result.figures.get(figure.id, math.nan)


def tell_verdict(task: Task, ranked: Sequence[PipelineResult], results: Mapping[str, Sequence[CaseResult]]) -> Message:
    """One sentence: who leads, by which figure, and whether that is sure."""
    figure, leaders = task.main_figure, find_leaders(task, ranked)
    if not leaders:
        if any(r.tally is not None for each in results.values() for r in each):
            return Message(
                "The truth of these images is known, but {figure} has no value on them, so nothing is ranked. More "
                "images may give it one.",
                {"figure": figure.title},
            )
        return Message("Nothing is known about these images, so nothing is ranked.")
    lead, *others = (r for r in ranked if math.isfinite(_value(r, figure)))
    told = {"best": lead.pipeline.title, "figure": figure.title, "value": f"{_value(lead, figure):.3g}"}
    if not others:
        return Message("{best}. {figure}: {value}.", told)
    second = others[0]
    told |= {"second": second.pipeline.title, "other": f"{_value(second, figure):.3g}"}
    if len(leaders) > 2:
        return tell_many_level(task, leaders)
    if len(leaders) == 2:
        return Message("{best} and {second} are level. {figure}: {value}.", told)
    if is_ahead(task, results[lead.pipeline.id], results[second.pipeline.id], figure.higher_is_better):
        return Message("{best} is best. {figure}: {value} against {other} of {second}.", told)
    return Message(
        "{best} leads, but {second} may be as good: too few images to tell. {figure}: {value} against {other}.", told
    )


def tell_many_level(task: Task, leaders: Sequence[PipelineResult]) -> Message:
    """That more than two are level, and the first of the other figures in which one of them is better than the rest."""
    lead, *others = leaders
    told: dict[str, object] = {"figure": task.main_figure.title, "value": f"{_value(lead, task.main_figure):.3g}"}
    told["count"] = str(len(leaders))
    known = (f for f in task.figures[1:] if all(math.isfinite(_value(r, f)) for r in leaders))
    beside = next((f for f in known if len({_value(r, f) for r in leaders}) > 1), None)
    if beside is None or any(_value(r, beside) == _value(lead, beside) for r in others):
        return Message("{count} pipelines are level. {figure}: {value}.", told)
    told |= {"best": lead.pipeline.title, "beside": beside.title, "least": f"{_value(lead, beside):.3g}"}
    if beside.higher_is_better:
        return Message("{count} pipelines are level. {figure}: {value}. {beside} is highest for {best}: {least}.", told)
    return Message("{count} pipelines are level. {figure}: {value}. {beside} is lowest for {best}: {least}.", told)


def tell_stand_in(task: Task, lead: PipelineResult, missing: Figure, verdict: Message) -> Message:
    """A verdict by another figure than the task's own: which one that is, and what the next one says of the best."""
    decides = Message(
        "“{missing}” has no value on these images, so “{figure}” decides. {verdict}",
        {"missing": missing.title, "figure": task.main_figure.title, "verdict": verdict},
    )
    value = lead.figures.get((beside := task.figures[1]).id, math.nan)
    if math.isnan(value):
        return decides
    return Message(
        "{told} {beside} of {best}: {value}.",
        {"told": decides, "beside": beside.title, "best": lead.pipeline.title, "value": f"{value:.3g}"},
    )


def is_ahead(task: Task, first: Sequence[CaseResult], second: Sequence[CaseResult], higher: bool) -> bool:
    """Whether the first is better beyond doubt: enough cases, and 95 % of the draws on its side."""
    tallies = [[r.tally for r in results if r.tally is not None] for results in (first, second)]
    if len(tallies[0]) < FEWEST or len(tallies[0]) != len(tallies[1]):
        return False
    draws = draw_again(task, tallies)
    interval = bounds((draws[0] - draws[1]) * (1 if higher else -1))
    return interval is not None and interval[0] > 0
