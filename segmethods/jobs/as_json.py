"""Results of a job as JSON has them, and the areas of its maps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from segmethods.jobs.doubts import find_nothing
from segmethods.jobs.frame import Job, Task
from segmethods.jobs.running import PipelineResult, SubsetResult, judge_groups, list_notes

Areas = Sequence[Mapping[str, object]]


def list_areas(result: SubsetResult, metres: float) -> Mapping[str, Areas]:
    """The hectares of each class on all maps of a sub-set, by pipeline.

    They are set right by the mistakes on those images whose truth is known; without any, by those on real images that
    no network has seen.

    Parameters
    ----------
    result : SubsetResult
    metres : float
        How wide a pixel is.
    """
    if result.task.areas is None:
        return {}
    found = {}
    for judged in result.pipelines:
        own = [r for r in result.cases if r.pipeline == judged.pipeline.id and r.description is not None]
        if own:
            told = add_areas([r.description for r in own if r.description is not None])
            known = [r.tally for r in own if r.tally is not None]
            found[judged.pipeline.id] = result.task.areas(told, known, metres, judged.pipeline.id)
    return found


def add_areas(told: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """What several maps are told by, as if they were one."""
    total = sum(each["pixels"] for each in told)
    names = [name for name in told[0] if name.startswith("share_")]
    return {name: sum(e[name] * e["pixels"] for e in told) / total for name in names} | {"pixels": total}


def to_json(job: Job, subsets: Mapping[str, SubsetResult], metres: float | None = None) -> dict[str, Any]:
    """All results as JSON has them; undefined figures are null. Where pixels have a width, maps have hectares."""
    return {"job": job.id, "subsets": {name: _subset_json(result, metres) for name, result in subsets.items()}}


def _subset_json(result: SubsetResult, metres: float | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "pictures": result.images,
        "judged": result.judged,
        "pipelines": [_pipeline_json(r, result.task) for r in result.pipelines],
        "best": result.best,
        "verdict": str(result.verdict),
        "failures": list_failures(result),
    }
    if answers := list_answers(result):
        told["answers"] = answers
    if notes := list_notes(result.cases):
        told["notes"] = [{"picture": name, "note": str(note)} for name, each in notes.items() for note in each]
    if metres is not None:
        told["hectares"] = dict(list_areas(result, metres))
    if groups := judge_groups(result):
        told["groups"] = {
            name: {"pictures": count, "pipelines": [_pipeline_json(r, result.task) for r in each]}
            for name, (count, each) in groups.items()
        }
    return told


def list_failures(result: SubsetResult) -> list[dict[str, str]]:
    """The images that a pipeline has no answer to, and why."""
    return [
        {"picture": r.case, "pipeline": r.pipeline, "reason": str(r.error)} for r in result.cases if r.error is not None
    ]


def list_answers(result: SubsetResult) -> list[dict[str, Any]]:
    """What is said of images without truth: counts and areas, undefined ones null, and whether nothing was found."""
    found: list[dict[str, Any]] = []
    for case in result.cases:
        if case.tally is None and case.description is not None:
            says = {name: _number(value) for name, value in case.description.items()}
            nothing = find_nothing(result.task, case.description)
            note = {} if nothing is None else {"note": str(nothing)}
            found.append({"picture": case.case, "pipeline": case.pipeline, "says": says, **note})
    return found


def _pipeline_json(result: PipelineResult, task: Task) -> dict[str, Any]:
    return {
        "id": result.pipeline.id,
        "title": str(result.pipeline.title),
        "figures": {f.id: _number(result.figures.get(f.id, math.nan)) for f in task.figures},
        "interval": None if result.interval is None else list(result.interval),
        "seconds_median": _number(result.seconds_median),
        "failed": result.failed,
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
