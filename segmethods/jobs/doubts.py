"""Why nothing is said of an image, and what is said where an answer finds nothing: never a confident figure."""

from __future__ import annotations

from collections.abc import Mapping

from segmethods.core.messages import Message
from segmethods.jobs.familiarity import is_familiar
from segmethods.jobs.frame import JobSample, Task

NARROWEST = 16
"""Nothing is said of an image of which nothing is known if a side of it has fewer pixels."""


def find_doubt(task: Task, case: JobSample) -> Message | None:
    """Why an image of which nothing is known is not answered: it doesn't look like those of the task."""
    if case.truth is not None:
        return None
    height, width = case.image.shape[:2]
    if min(height, width) < NARROWEST:
        return Message(
            "It has {width} × {height} pixels, too few to say anything of it. Choose a larger image.",
            {"width": width, "height": height},
        )
    if task.film is None and (case.image == case.image[0, 0]).all():
        return Message("All of its pixels are alike, so nothing can be seen in it.")
    if task.familiar and not is_familiar(task.familiar, case.image):
        return Message(
            "This doesn’t look like the images of this job ({kind}), so nothing is said of it.", {"kind": task.title}
        )
    return None if task.doubt is None else task.doubt(case)


def find_nothing(task: Task, description: Mapping[str, float]) -> Message | None:
    """What is said of an answer that finds nothing; None where it finds something."""
    return next((says for name, says in task.nothing.items() if description.get(name) == 0), None)
