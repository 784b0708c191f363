"""Wrong items: a shelf against its planogram, which says what belongs where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message, MethodError
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.io.images import load_image
from segmethods.jobs._boxes import draw_boxes, f1, match_boxes
from segmethods.jobs._masks import BLUE, BOX_LEGEND, RED, list_images, match_folder, sum_counts, to_grey
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.shelf.generated import move_box
from segmethods.jobs.tables import BOX, list_boxes, match_lines, read_boxes, read_table

FIGURES = (
    Figure(
        "wrong_f1",
        Message("F1 of wrong items"),
        Message("Harmonic mean of precision and recall of wrong items; a hit has an IoU of at least 0.3."),
        "this project",
    ),
)
ALIKE = 0.55
"""Correlation with the plan from which on a facing shows what belongs there."""
EMPTY = 70
"""A facing darker than this on average is a gap, which is another job."""
INSIDE, SHIFT = 0.12, 5
"""Share of a facing left out at each side, and pixels by which it may be away from its place."""
Matrix = NDArray[np.float64]


def find_wrong(shelf: Image, plan: Image, facings: Sequence[Box]) -> list[Box]:
    """The facings, in the plan's coordinates, that hold something else than the plan says."""
    wrong = []
    for box in facings:
        across, down = round(INSIDE * box.w), round(INSIDE * box.h)
        top, left = round(box.y) + down, round(box.x) + across
        bottom, right = round(box.y + box.h) - down, round(box.x + box.w) - across
        wanted = cv2.GaussianBlur(plan[top:bottom, left:right], (0, 0), 1.5)
        around = shelf[max(0, top - SHIFT) : bottom + SHIFT, max(0, left - SHIFT) : right + SHIFT]
        seen = cv2.GaussianBlur(around, (0, 0), 1.5)
        if seen.mean() < EMPTY:
            continue
        likeness = float(cv2.matchTemplate(seen, wanted, cv2.TM_CCOEFF_NORMED).max())
        if likeness < ALIKE:
            wrong.append(Box(box.x, box.y, box.w, box.h, 1 - likeness))
    return wrong


def register(shelf: Image, plan: Image) -> Matrix:
    """How the plan lies in a photo of its shelf, by corners that both have (ORB, Rublee 2011; RANSAC)."""
    finder = cv2.ORB.create(1500)
    there, what = finder.detectAndCompute(to_grey(plan), None)
    here, seen = finder.detectAndCompute(to_grey(shelf), None)
    if what is not None and seen is not None:
        pairs = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(what, seen)
        if len(pairs) >= 12:
            start = np.array([there[m.queryIdx].pt for m in pairs], np.float32)
            end = np.array([here[m.trainIdx].pt for m in pairs], np.float32)
            matrix, kept = cv2.findHomography(start, end, cv2.RANSAC, 4.0)
            if matrix is not None and int(kept.sum()) >= 12:
                return np.asarray(matrix, np.float64)
    raise MethodError("The plan can't be found in this photo. Take one of the whole shelf, from the front.")


def run_as_it_lies(case: JobSample) -> Answer:
    """Each facing compared where the plan says it is."""
    plan, facings = plan_of(case)
    shelf = cv2.resize(case.image, plan.shape[1::-1], interpolation=cv2.INTER_AREA)
    scale = np.diag([case.image.shape[1] / plan.shape[1], case.image.shape[0] / plan.shape[0], 1.0])
    return _answer(case, find_wrong(np.asarray(shelf, np.uint8), plan, facings), scale, ())


def run_registered(case: JobSample) -> Answer:
    """The photo laid over the plan first, then each facing compared."""
    plan, facings = plan_of(case)
    matrix = register(case.image, plan)
    flat = cv2.warpPerspective(case.image, np.linalg.inv(matrix), plan.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    step = Step(Message("The photo laid over the plan"), np.asarray(flat, np.uint8))
    return _answer(case, find_wrong(np.asarray(flat, np.uint8), plan, facings), matrix, (step,))


def plan_of(case: JobSample) -> tuple[Image, Sequence[Box]]:
    """The plan of a shelf, and its facings."""
    if "plan" not in case.extra:
        raise MethodError(
            "It needs the plan of its shelf: plans/ and facings.csv beside the photos, in a folder for the command "
            "line."
        )
    if not case.extra["facings"]:
        raise MethodError("facings.csv has no line for {name}. Add one for each facing of its plan.", name=case.name)
    return case.extra["plan"], case.extra["facings"]


def _answer(case: JobSample, wrong: Sequence[Box], matrix: Matrix, steps: tuple[Step, ...]) -> Answer:
    plan, facings = plan_of(case)
    moved = [move_box(box, matrix, case.image.shape) for box in wrong]
    first = Step(Message("The plan and its facings"), draw_boxes(plan, facings, BLUE, 1))
    return Answer(moved, (first, *steps))


PIPELINES = (
    Pipeline(
        "as_it_lies",
        Message("Compared in place"),
        Message("Each facing against the plan, where the plan says it is."),
        run_as_it_lies,
        Message(
            "It needs no search, and is right as long as the camera stands exactly in front. Turn the camera a little "
            "and facings at the edge are compared with their neighbours."
        ),
    ),
    Pipeline(
        "registered",
        Message("Laid over the plan"),
        Message("The photo is laid over the plan first."),
        run_registered,
        Message(
            "Corners of print that plan and photo share tell how the camera stood, so that each facing is compared "
            "with its own place. Heavy blur or noise takes these corners away, and then it gives no answer."
        ),
    ),
)


def count(case: JobSample, value: Sequence[Box] | None) -> Counts:
    """Wrong items matched one to one."""
    return match_boxes(case.truth, value or [], 0.3)


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """F1 of the wrong items of all photos together."""
    return {"wrong_f1": f1(*sum_counts(tallies, "tp", "fp", "fn"))}


def draw(case: JobSample, value: Sequence[Box]) -> Image:
    """Wrong items found in orange, true ones in blue."""
    return draw_boxes(draw_boxes(case.image, case.truth or (), BLUE, 2), value, RED)


def describe(value: Sequence[Box]) -> Mapping[str, float]:
    """How many wrong items."""
    return {"wrong_items": float(len(value))}


def list_wrong(value: Sequence[Box]) -> list[Mapping[str, object]]:
    """Where to look: the wrong items from above and from the left."""
    return [{"x": round(b.x), "y": round(b.y), "width": round(b.w)} for b in sorted(value, key=lambda b: (b.y, b.x))]


TASK = Task(
    "planogram",
    Message("Wrong items"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    list_wrong,
    Message("Where to look"),
    BOX_LEGEND,
    nothing={"wrong_items": Message("No wrong item was found.")},
)


def read(folder: Path) -> Sequence[JobSampleFile]:
    """``images/``, ``plans/NAME.png``, ``facings.csv`` (boxes in the plan) and ``truth.csv`` (boxes of wrong items)."""
    files = list_images(folder)
    names = [f.name for f in files]
    facings = match_lines(read_table(folder / "facings.csv", "file", *BOX), "file", names).read(list_boxes)
    lines = read_boxes(folder / "truth.csv", "file", names)
    truth = None if lines is None else lines.read(list_boxes)
    plans = match_folder(files, folder / "plans")

    def load(file: Path) -> JobSample:
        plan = plans.get(file, folder / "plans" / f"{file.stem}.png")
        extra = {"plan": load_image(plan), "facings": facings.find(file.name, ())}
        own = None if truth is None else truth.find(file.name, ())
        return JobSample(file.stem, load_image(file), own, extra)

    notes = {} if lines is None else lines.notes
    return [JobSampleFile(file.stem, partial(load, file), notes.get(file.name, ())) for file in files]
