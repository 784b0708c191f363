"""Drivable area: where a vehicle may go, seen from its own camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import VOID, Image
from segmethods.jobs import forest
from segmethods.jobs._masks import (
    BLUE,
    MASK_LEGEND,
    RED,
    Mask,
    fill_holes,
    grey_image,
    keep_large,
    list_labelled_cases,
    paint,
    ratio,
    sum_counts,
)
from segmethods.jobs.driving.generated import KNOBS, generate
from segmethods.jobs.frame import Answer, Counts, Figure, Job, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.learned import predict

DRIVABLE, LIVING, VEHICLE = 0, 2, 3
CORRIDOR = (0.42, 0.58)
"""Columns in front of the vehicle, as shares of the width."""

FIGURES = (
    Figure(
        "iou",
        Message("IoU of drivable area"),
        Message("Shared area over joint area of what is drivable, all judged pixels of all images together."),
        "Varma 2019",
    ),
    Figure(
        "living_called_drivable",
        Message("Living things and vehicles called drivable"),
        Message("Share of the pixels of people, animals and vehicles that are called drivable."),
        "this project",
        higher_is_better=False,
    ),
    Figure(
        "free_distance_error",
        Message("Error of free distance"),
        Message(
            "Rows by which the free way ahead is off, mean over images: rows above the lower edge, in the middle, "
            "that are drivable without a break."
        ),
        "this project",
        higher_is_better=False,
    ),
)


def road_colours(image: Image) -> NDArray[np.float32]:
    """How far each pixel's colour is from that of the ground just ahead, in standard deviations."""
    lab = cv2.cvtColor(cv2.GaussianBlur(image, (0, 0), 2), cv2.COLOR_RGB2LAB).astype(np.float32)
    height, width = lab.shape[:2]
    ahead = lab[round(0.72 * height) : round(0.95 * height), round(0.35 * width) : round(0.65 * width)].reshape(-1, 3)
    middle, spread = np.median(ahead, axis=0), np.std(ahead, axis=0) + np.array([12, 4, 4], np.float32)
    return np.asarray(np.sqrt((((lab - middle) / spread) ** 2).mean(axis=2)), np.float32)


def usual_place(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """How likely ground is drivable by where it lies in the image: below the horizon, widening towards the camera."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    down = np.clip((rows / shape[0] - 0.45) / 0.3, 0, 1)
    aside = np.abs(columns / shape[1] - 0.5)
    return np.asarray(down * np.clip(1.3 - aside / (0.12 + 0.5 * np.clip(rows / shape[0] - 0.4, 0, 1)) * 0.5, 0, 1))


def run_colour(case: JobSample) -> Answer:
    """What looks like the ground just ahead and lies where roads lie."""
    away, place = road_colours(case.image), usual_place(case.image.shape)
    likely = np.exp(-away / 2.5) * place
    mask = fill_holes(keep_large(likely > 0.3, case.image.shape[0] * case.image.shape[1] // 200, 1))
    steps = (
        Step(Message("Unlike the ground just ahead"), grey_image(np.minimum(away, 6))),
        Step(Message("Where roads usually lie"), grey_image(place)),
        Step(Message("Both together"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def _likely(case: JobSample, likely: NDArray[np.float32]) -> Answer:
    mask = likely > 0.5
    steps = (
        Step(Message("How likely drivable"), grey_image(likely)),
        Step(Message("More likely than not"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def run_forest(case: JobSample) -> Answer:
    """Superpixels, and trees that vote on each."""
    return _likely(case, forest.predict("driving", case.image)[1])


def run_network(case: JobSample) -> Answer:
    """A small U-Net that learned from roads in India; its answers to the image and its mirror image are averaged."""
    mirrored = np.ascontiguousarray(case.image[:, ::-1])
    likely = predict("driving", case.image)[1] + predict("driving", mirrored)[1][:, ::-1]
    return _likely(case, np.asarray(likely / 2, np.float32))


def run_camvid(case: JobSample) -> Answer:
    """DeepLab as it comes, which learned from the streets of Cambridge: its class Road."""
    from segmethods.execution.compare import segment

    result = segment(case.image, "deeplab", weights="camvid")
    mask = np.asarray(result.labels == result.classes.names.index("Road"), bool)
    return Answer(mask, (Step(Message("The class Road of DeepLab"), paint(case.image, mask)),))


PIPELINES = (
    Pipeline(
        "colour_model",
        Message("Colour of the road"),
        Message("Ground that looks like the ground ahead."),
        run_colour,
        why=Message(
            "It takes the ground just ahead for road and looks for more of that colour. On an even, well lit road "
            "nothing is quicker. Shadows cut its road short, and grey pavements and grey cars are road to it."
        ),
    ),
    Pipeline(
        "forest",
        Message("Superpixels + forest"),
        Message("Trees vote on each superpixel."),
        run_forest,
        why=Message(
            "Each superpixel is judged by colour, texture and place, so low and grey is likely road. It judges "
            "every piece alone: the shape of a road, and a vehicle as a whole, it can’t see."
        ),
    ),
    Pipeline(
        "camvid",
        Message("DeepLab for streets"),
        Message("Weights that know other streets, as they come."),
        run_camvid,
        why=Message(
            "It knows roads, but those of Cambridge: asphalt, kerbs, white lines. Unpaved shoulders and unmarked "
            "lanes of India look like pavement to it."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from photos of roads in India."),
        run_network,
        why=Message(
            "It learned from roads like these where a road ends without a kerb, and sees enough of the image to "
            "know a vehicle as a whole. On drawings, which it never saw, the simple colour model can beat it."
        ),
    ),
)


def free_distance(mask: Mask) -> int:
    """Rows above the lower edge that are drivable in the corridor ahead without a break."""
    height, width = mask.shape
    free = mask[:, round(CORRIDOR[0] * width) : round(CORRIDOR[1] * width)].mean(axis=1) > 0.5
    blocked = np.flatnonzero(~free[::-1])
    return int(blocked[0]) if blocked.size else height


def count(case: JobSample, value: Mask | None) -> Counts:
    """Pixels of drivable ground, of living things and vehicles, and the free distance."""
    truth = np.asarray(case.truth)
    answer = np.zeros(truth.shape, bool) if value is None else value
    judged, drivable = truth != VOID, truth == DRIVABLE
    others = (truth == LIVING) | (truth == VEHICLE)
    return {
        "both": int((answer & drivable).sum()),
        "either": int((judged & (answer | drivable)).sum()),
        "others": int(others.sum()),
        "called": int((others & answer).sum()),
        "rows": abs(free_distance(answer) - free_distance(drivable)),
    }


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Counts of all images together."""
    both, either, others, called, rows = sum_counts(tallies, "both", "either", "others", "called", "rows")
    return {
        "iou": ratio(both, either),
        "living_called_drivable": ratio(called, others),
        "free_distance_error": ratio(rows, len(tallies)),
    }


def draw(case: JobSample, value: Mask) -> Image:
    """Drivable ground in green; where there is a truth, what is missed in blue and what is too much in orange."""
    if case.truth is None:
        return paint(case.image, value)
    truth = np.asarray(case.truth)
    painted = paint(case.image, value & (truth == DRIVABLE))
    painted = paint(painted, (truth == DRIVABLE) & ~value, BLUE)
    return paint(painted, (truth != DRIVABLE) & (truth != VOID) & value, RED)


def describe(value: Mask) -> Mapping[str, float]:
    """How much is drivable, and how far the way ahead is free."""
    return {"share": float(value.mean()), "free_rows": float(free_distance(value))}


TASK = Task(
    "all",
    Message("Photos from a vehicle"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    legend=MASK_LEGEND,
    familiar="driving",
    nothing={"share": Message("No drivable ground was found.")},
)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """``images/`` and ``labels/``: 0 drivable, 1 other ground, 2 living, 3 vehicle, 4 to 6 the rest, 255 not judged."""
    return {"all": list_labelled_cases(folder, lambda values: values, 6)}


JOB = Job(
    "driving",
    Message("Drivable area"),
    Message(
        "A vehicle wants to know where it may go. What counts is how much of the free ground is found, and that no "
        "person and no other vehicle is called free. This is a demonstration: do not drive by it."
    ),
    (TASK,),
    read,
    generate,
    KNOBS,
    Message(
        "images/, labels/NAME.png (0 drivable, 1 other ground, 2 living thing, 3 vehicle, 4 to 6 the rest, "
        "255 not judged)"
    ),
)
