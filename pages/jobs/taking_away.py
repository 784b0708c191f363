"""What a visitor takes away of a job's page: the report in one file."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from pages.jobs.answers import hardest
from pages.jobs.work import Answered, Asked
from pages.state.session import session
from pages.ui.actions import offer_file
from pages.ui.language import t, translate
from segmethods.core.types import Image
from segmethods.io.images import load_image
from segmethods.jobs.frame import Job, Task
from segmethods.jobs.report import report_job
from segmethods.jobs.running import SubsetResult
from segmethods.reporting.layers import encode_image
from segmethods.reporting.report import ImageRow, Shown, write_report

IMAGES = 3
"""So many of the hardest images are in a report."""


def draw_report(
    job: Job, task: Task, answers: Sequence[Sequence[Answered]], result: SubsetResult, asked: Asked
) -> None:
    """A button that hands out the report."""
    offer_file(
        t("Report"),
        lambda: make_report(job, task, answers, result, asked).encode(),
        f"{job.id}-{task.id}.html",
        f"jobs.{job.id}.report",
        icon=":material/description:",
    )


def make_report(job: Job, task: Task, answers: Sequence[Sequence[Answered]], result: SubsetResult, asked: Asked) -> str:
    """The report's HTML."""
    rows = [show_answers(task, answers[index]) for index in hardest(task, answers, result)[:IMAGES]]
    return write_report(
        report_job(job, result, rows, command_of(asked), translate), say=translate, language=session().language
    )


def show_answers(task: Task, each: Sequence[Answered]) -> ImageRow:
    """An image and what every pipeline made of it."""
    image = data_of(each[0].image)
    height, width = image_of(image).shape[:2]
    shown = [
        Shown(title_of(task, answered), (), {"labels": encode_image(image_of(data_of(answered.steps[-1].url)))})
        for answered in each
        if answered.steps
    ]
    return ImageRow(each[0].result.case, image, shown, width / height)


def title_of(task: Task, answered: Answered) -> str:
    """What the pipeline of an answer is called."""
    return next(translate(p.title) for p in task.pipelines if p.id == answered.result.pipeline)


def data_of(url: str) -> bytes:
    """The file that an address holds."""
    return base64.b64decode(url.partition(",")[2])


def image_of(data: bytes) -> Image:
    """A JPEG as an image."""
    return load_image(data)


def command_of(asked: Asked) -> str:
    """The command that draws the same images and judges the same pipelines."""
    knobs = " ".join(f"--{name} {value:g}" for name, value in asked.knobs)
    return f"segmethods job {asked.job} --subset {asked.task} --generate {asked.count} --seed {asked.seed} {knobs}"
