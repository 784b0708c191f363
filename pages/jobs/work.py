"""What a worker does for a job's page: one image, all pipelines, and small pictures of what each of them did."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import pandas as pd

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.execution.child import tell
from segmethods.jobs import get_job
from segmethods.jobs.doubts import find_doubt
from segmethods.jobs.frame import JobSample, JobSampleFile
from segmethods.jobs.running import CaseResult, answer_case, choose_pipelines

SIDE = 420
"""Long side of the pictures that a page shows."""
ANSWER, COMPARED = Message("The answer"), Message("The answer beside the truth")


@dataclass(frozen=True)
class Shown:
    """A small picture, as an address that a browser reads."""

    title: Message
    url: str


@dataclass(frozen=True, eq=False)
class Answered:
    """One pipeline's answer to one image.

    Parameters
    ----------
    result : CaseResult
        What was counted.
    image : str
        The image itself.
    steps : tuple of Shown
        How the answer came about; the last one is the answer.
    table : tuple
        What people take away.
    """

    result: CaseResult
    image: str = ""
    steps: tuple[Shown, ...] = ()
    table: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, eq=False)
class Film:
    """One pipeline's answer to a clip: WebM, its poster, a table as CSV, and the steps."""

    result: CaseResult
    webm: bytes
    poster: str
    table: bytes
    steps: tuple[Shown, ...]


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
def generated(asked: Asked) -> tuple[JobSampleFile, ...]:
    """The cases of what was asked for."""
    job = get_job(asked.job)
    assert job.generate is not None  # every job draws images
    return tuple(job.generate(asked.count, asked.seed, dict(asked.knobs))[asked.task])


def answer_generated(asked: Asked, index: int, with_images: bool) -> tuple[Answered, ...]:
    """All pipelines' answers to one generated image."""
    return _answer(asked.job, asked.task, generated(asked)[index].load(), with_images)


def answer_own(job: str, task: str, images: Sequence[tuple[str, Image]], index: int) -> tuple[Answered, ...]:
    """All pipelines' answers to one of the user's own images, of which nothing is known."""
    return _answer(job, task, get_job(job).own(images)[index], True)


def play_generated(asked: Asked, index: int, pipeline: str) -> Film:
    """One pipeline's answer to a drawn clip, to be played."""
    return _play(asked.job, asked.task, generated(asked)[index].load(), pipeline)


def play_upload(job: str, task: str, name: str, data: bytes, pipeline: str) -> Film:
    """One pipeline's answer to a clip of the user's own, to be played."""
    film = get_job(job).task(task).film
    assert film is not None  # only pages of clips ask
    return _play(job, task, film(name, data), pipeline)


def _play(job: str, task_id: str, case: JobSample, pipeline: str) -> Film:
    task = get_job(job).task(task_id)
    (chosen,) = choose_pipelines(task, [pipeline])
    case = replace(case, extra={**case.extra, "tell": tell})
    result, answer = answer_case(task, case, chosen, find_doubt(task, case))
    if answer is None or task.play is None:
        return Film(result, b"", "", b"", ())
    steps = tuple(Shown(step.title, small(step.image)) for step in answer.steps)
    table = pd.DataFrame(list(task.table(answer.value))).to_csv(index=False).encode()
    return Film(result, task.play(case, answer.value), small(task.draw(case, answer.value)), table, steps)


def _answer(job: str, task_id: str, case: JobSample, with_images: bool) -> tuple[Answered, ...]:
    task, image = get_job(job).task(task_id), small(case.image) if with_images else ""
    doubt = find_doubt(task, case)
    found = []
    for pipeline in task.pipelines:
        result, answer = answer_case(task, case, pipeline, doubt)
        if answer is None or not with_images:
            found.append(Answered(result, image))
            continue
        steps = tuple(Shown(step.title, small(step.image)) for step in answer.steps)
        drawn = small(task.draw(case, answer.value))
        plain = small(task.draw(replace(case, truth=None), answer.value))
        title = ANSWER if drawn == plain else COMPARED
        if steps and steps[-1].url == plain:
            steps, title = steps[:-1], steps[-1].title
        table = () if task.film is not None else tuple(task.table(answer.value))  # a film brings its own
        found.append(Answered(result, image, (*steps, Shown(title, drawn)), table))
    return tuple(found)


def thumbnail(asked: Asked) -> str:
    """A picture of the first generated image."""
    return small(generated(asked)[0].load().image)


def results_of(answers: Sequence[Sequence[Answered]]) -> list[CaseResult]:
    """All counted answers, image by image."""
    return [answered.result for each in answers for answered in each]
