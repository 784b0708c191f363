"""What a worker does for a job's page: one image, all pipelines, and small pictures of what each of them did."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs import get_job
from segmethods.jobs.frame import Case, CaseFile
from segmethods.jobs.running import CaseResult, answer_case

SIDE = 420
"""Long side of the pictures that a page shows."""


@dataclass(frozen=True)
class Shown:
    """A small picture, as an address that a browser reads."""

    title: Message
    url: str


@dataclass(frozen=True, eq=False)
class Answered:
    """One pipeline's answer to one image: what was counted, the steps, and the answer drawn over the image."""

    result: CaseResult
    steps: tuple[Shown, ...]
    drawn: str


@dataclass(frozen=True)
class Asked:
    """Generated images of a job: everything that they depend on."""

    job: str
    task: str
    count: int
    seed: int
    knobs: tuple[tuple[str, float], ...]


def small(image: Image) -> str:
    """An image as JPEG, no larger than the page shows it."""
    scale = min(1.0, SIDE / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    shown = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(shown[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"


@lru_cache(maxsize=4)
def generated(asked: Asked) -> tuple[CaseFile, ...]:
    """The cases of what was asked for."""
    job = get_job(asked.job)
    assert job.generate is not None  # every job draws images
    return tuple(job.generate(asked.count, asked.seed, dict(asked.knobs))[asked.task])


def answer_generated(asked: Asked, index: int, pictures: bool) -> tuple[Answered, ...]:
    """All pipelines' answers to one generated image."""
    return _answer(asked.job, asked.task, generated(asked)[index].load(), pictures)


def answer_upload(job: str, task: str, name: str, image: Image) -> tuple[Answered, ...]:
    """All pipelines' answers to an image of the user's own, of which nothing is known."""
    extra: Mapping[str, object] = {}
    if job == "bottles":
        from segmethods.jobs.bottles.line import REAL_LINE

        extra = {"line": REAL_LINE}
    return _answer(job, task, Case(name, image, None, extra), True)


def _answer(job: str, task_id: str, case: Case, pictures: bool) -> tuple[Answered, ...]:
    task = get_job(job).task(task_id)
    found = []
    for pipeline in task.pipelines:
        result, answer = answer_case(task, case, pipeline)
        if answer is None or not pictures:
            found.append(Answered(result, (), ""))
            continue
        steps = tuple(Shown(step.title, small(step.image)) for step in answer.steps)
        found.append(Answered(result, steps, small(task.draw(case, answer.value))))
    return tuple(found)


def thumbnail(asked: Asked) -> str:
    """A picture of the first generated image."""
    return small(generated(asked)[0].load().image)


def results_of(answers: Sequence[Sequence[Answered]]) -> list[CaseResult]:
    """All counted answers, image by image."""
    return [answered.result for each in answers for answered in each]
