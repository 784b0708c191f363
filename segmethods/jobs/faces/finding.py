"""Faces found in an image: by skin, by a cascade, by a network; and how that is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import cv2
import numpy as np

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs._boxes import draw_boxes
from segmethods.jobs._masks import BLUE, GREEN, RED, grey_image, ratio, to_grey
from segmethods.jobs.faces.blazeface import find_faces
from segmethods.jobs.faces.face import Face
from segmethods.jobs.faces.skin import find_by_cascade, find_by_skin, valley_eyes, valley_map
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, Pipeline, Step, Task

Faces = tuple[Face, ...]


def by_valleys(case: JobSample) -> Answer:
    """Pairs of grey valleys, step by step, in every window that a cascade of patterns lets through."""
    faces, _ = find_by_cascade(case.image)
    seen = tuple(f for f in faces if f.eyes is not None)
    steps = [Step(Message("Grey values"), grey_image(to_grey(case.image)))]
    if faces:
        steps += valley_steps(case.image, max(faces, key=lambda f: f.box.w).box)
    return _answer(case, seen, tuple(steps))


def valley_steps(image: Image, box: Box) -> list[Step]:
    """A face's grey valleys as images: the face, the sums of its rows, its valleys, and the pair that was chosen."""
    left, top = max(0, round(box.x)), max(0, round(box.y))
    part = image[top : round(box.y + box.h), left : round(box.x + box.w)]
    if min(part.shape[:2]) < 16:
        return []
    size = (96, max(32, round(part.shape[0] * 96 / part.shape[1])))
    grey = np.asarray(cv2.resize(to_grey(part), size), np.uint8)
    profile = cv2.GaussianBlur(grey.mean(axis=1).astype(np.float32), (1, 5), 0).ravel()
    chart = np.repeat(grey[:, :, None], 3, axis=2)
    low, high = float(profile.min()), float(profile.max())
    points = [(round(92 * (v - low) / max(high - low, 1)), y) for y, v in enumerate(profile)]
    cv2.polylines(chart, [np.array(points, np.int32)], False, RED, 1)
    chosen = np.array(part)
    for x, y in valley_eyes(image, box) or ():
        cv2.circle(chosen, (round(x - left), round(y - top)), max(2, part.shape[1] // 16), GREEN, 2)
    return [
        Step(Message("Mean of each row: the eyes are a valley"), chart),
        Step(Message("Depth of valleys: closing less the image"), grey_image(valley_map(grey, 19))),
        Step(Message("The best pair of valleys"), chosen),
    ]


def by_skin(case: JobSample) -> Answer:
    """Pieces of skin."""
    faces, steps = find_by_skin(case.image)
    return _answer(case, tuple(faces), steps)


def by_cascade(case: JobSample) -> Answer:
    """The cascade's windows, each with enough skin if the image has colours."""
    faces, steps = find_by_cascade(case.image)
    return _answer(case, tuple(faces), steps)


def by_network(case: JobSample, whole: bool) -> Answer:
    """BlazeFace and the face mesh."""
    faces = tuple(find_faces(case.image, whole))
    step = Step(Message("Faces by a network"), draw_boxes(case.image, [f.box for f in faces], GREEN))
    return _answer(case, faces, (step,))


def _answer(case: JobSample, faces: Faces, steps: tuple[Step, ...]) -> Answer:
    """An answer in the manner of the labels: some sets count pixels from 1."""
    off = float(case.extra.get("labels_count_from", 0))
    moved = tuple(
        Face(f.box, f.eyes and ((f.eyes[0][0] + off, f.eyes[0][1] + off), (f.eyes[1][0] + off, f.eyes[1][1] + off)))
        for f in faces
    )
    return Answer(moved, steps)


PIPELINES = (
    Pipeline(
        "valleys",
        Message("Grey valleys of the eyes"),
        Message("In a grey face the eyes are valleys; the deepest pair side by side is them."),
        by_valleys,
        Message("It sees only faces that the cascade passes, and brows or glasses are valleys, too."),
    ),
    Pipeline(
        "skin",
        Message("Colour of skin"),
        Message("Pieces of the colour of skin with a face’s proportions."),
        by_skin,
        Message("Wood and walls have that colour, necks and hands join faces, and many skins lie outside the box."),
    ),
    Pipeline(
        "cascade",
        Message("Cascade of local binary patterns"),
        Message("Windows that pass one simple test after another (scikit-image’s cascade)."),
        by_cascade,
        Message("It learned upright frontal faces; turned, small and shaded ones fail one of its many tests."),
    ),
    Pipeline(
        "network_whole",
        Message("BlazeFace, one look"),
        Message("A small network looks at the whole image; a face mesh places the eyes."),
        partial(by_network, whole=True),
        Message("It learned faces of all kinds; small ones shrink to a few pixels before it sees them."),
    ),
    Pipeline(
        "network",
        Message("BlazeFace, many looks"),
        Message("The same network on overlapping squares of the image, too, for small faces."),
        partial(by_network, whole=False),
        Message(
            "Each square shows small faces large enough, and looks that agree are one face. It takes about ten times "
            "as long as one look, and the more squares it looks at, the more often a pattern is taken for a face."
        ),
    ),
)
FIGURES = (
    Figure(
        "found",
        Message("Faces found"),
        Message(
            "Share of labelled faces with a box whose middle lies in the label and which is 0.5 to 2.5 times as wide."
        ),
        "README of the data",
    ),
    Figure(
        "false_per_picture",
        Message("False faces per image"),
        Message("Boxes that belong to no face; counted only where all faces are labelled or nobody is in the image."),
        "README of the data",
        False,
    ),
    Figure(
        "eye_25",
        Message("Eyes within 0.25"),
        Message("Share of found faces of which neither eye is off by more than a quarter of their distance."),
        "Jesorsky 2001",
    ),
    Figure(
        "eye_10",
        Message("Eyes within 0.10"),
        Message("The same with a tenth of the distance."),
        "Jesorsky 2001",
    ),
)


def covers(found: Box, label: Box) -> bool:
    """Whether a box finds a labelled face: its middle lies in the label, and its width fits.

    Examples
    --------
    >>> covers(Box(0, 0, 20, 20), Box(5, 5, 10, 10)), covers(Box(0, 0, 40, 40), Box(5, 5, 10, 10))
    (True, False)
    """
    x, y = found.x + found.w / 2, found.y + found.h / 2
    inside = label.x <= x <= label.x + label.w and label.y <= y <= label.y + label.h
    return inside and 0.5 * label.w <= found.w <= 2.5 * label.w


def eye_error(found: Face, label: Face) -> float:
    """The larger distance of both eyes from their labels over the distance of the eyes; infinite without eyes."""
    if found.eyes is None or label.eyes is None:
        return float("inf")
    ours, theirs = (np.array(sorted(face.eyes or ())) for face in (found, label))
    return float(np.hypot(*(ours - theirs).T).max() / max(float(np.hypot(*(theirs[0] - theirs[1]))), 1e-6))


def count(case: JobSample, value: Faces | None) -> Counts:
    """Faces found, false ones where they can be counted, and errors of the eyes of those found."""
    faces, labels = value or (), case.truth
    errors = []
    for label in labels:
        fitting = [f for f in faces if covers(f.box, label.box)]
        if fitting:
            errors.append(eye_error(max(fitting, key=lambda f: f.box.score), label))
    counted = bool(case.extra.get("all_labelled")) or not labels
    false = sum(not any(covers(f.box, label.box) for label in labels) for f in faces)
    return {"labels": len(labels), "errors": tuple(errors), "false": false if counted else 0, "counted": int(counted)}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Shares over all faces, false ones over images in which they can be counted."""
    errors = np.array([e for t in tallies for e in t["errors"]])
    return {
        "found": ratio(len(errors), sum(t["labels"] for t in tallies)),
        "false_per_picture": ratio(sum(t["false"] for t in tallies), sum(t["counted"] for t in tallies)),
        "eye_25": ratio(float((errors <= 0.25).sum()), len(errors)),
        "eye_10": ratio(float((errors <= 0.10).sum()), len(errors)),
    }


def draw(case: JobSample, value: Faces) -> Image:
    """Boxes and eyes; where the truth is known, missed faces in blue."""
    image = draw_boxes(case.image, [f.box for f in value], GREEN)
    if case.truth is not None:
        missed = [label.box for label in case.truth if not any(covers(f.box, label.box) for f in value)]
        image = draw_boxes(image, missed, BLUE)
    for face in value:
        for x, y in face.eyes or ():
            cv2.circle(image, (round(x), round(y)), max(2, round(face.box.w / 24)), RED, -1)
    return image


TASK = Task(
    "find",
    Message("Find faces and eyes"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    lambda value: {"faces": len(value)},
    nothing={"faces": Message("No face was found in this image.")},
    folders=("afw",),
)
