"""Cracks in roads: dark lines two or three pixels wide on rough ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from segmethods.core.messages import Message
from segmethods.jobs._boxes import f1
from segmethods.jobs._masks import (
    MASK_LEGEND,
    Mask,
    draw_mask,
    grey_image,
    keep_large,
    list_labelled_cases,
    paint,
    sum_counts,
    to_grey,
)
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.learned import predict

TOLERANCE = 2
LEVEL = 0.35
FIGURES = (
    Figure(
        "f1_2px",
        Message("F1 within 2 pixels"),
        Message("Harmonic mean of the share of found pixels near a crack and of crack pixels near a find."),
        "Shi 2016 (CrackForest)",
    ),
    Figure("precision", Message("Precision"), Message("Share of found pixels within 2 pixels of a crack."), "Shi 2016"),
    Figure("recall", Message("Recall"), Message("Share of crack pixels within 2 pixels of a find."), "Shi 2016"),
)


def run_local(case: JobSample) -> Answer:
    """Darker than the ground around, in pieces that are long."""
    grey = cv2.GaussianBlur(to_grey(case.image).astype(np.float32), (0, 0), 1.2)
    around = cv2.GaussianBlur(grey, (0, 0), 12)
    spread = np.sqrt(cv2.GaussianBlur((grey - around) ** 2, (0, 0), 30))
    dark = grey < around - 1.5 * spread
    mask = keep_large(dark, 120)
    steps = (
        Step(Message("Darker than around"), grey_image(dark)),
        Step(Message("Long pieces"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def run_difference(case: JobSample) -> Answer:
    """Difference of Gaussians at the width of a crack, traced with two levels."""
    from skimage.filters import apply_hysteresis_threshold

    grey = to_grey(case.image).astype(np.float32)
    band = cv2.GaussianBlur(grey, (0, 0), 5) - cv2.GaussianBlur(grey, (0, 0), 1.5)
    band = band / (np.std(band) + 1e-3)
    traced = apply_hysteresis_threshold(band, 1.2, 2.6)
    mask = keep_large(traced, 150)
    steps = (
        Step(Message("Difference of two blurs"), grey_image(np.clip(band, -1, 4))),
        Step(Message("Strong lines and what is connected to them"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def run_network(case: JobSample) -> Answer:
    """A small U-Net that learned from roads of one city."""
    likely = predict("crack", case.image)[1]
    mask = keep_large(likely > LEVEL, 30)
    steps = (
        Step(Message("How likely crack"), grey_image(likely)),
        Step(Message("Above the level"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


PIPELINES = (
    Pipeline(
        "local",
        Message("Local threshold"),
        Message("Long pieces darker than around."),
        run_local,
        why=Message(
            "It keeps what is darker than the ground nearby and long. Oil stains and the edges of shadows are "
            "that, too, and where a crack is pale it falls into pieces too short to keep."
        ),
    ),
    Pipeline(
        "difference",
        Message("Difference of Gaussians"),
        Message("Lines as wide as a crack."),
        run_difference,
        why=Message(
            "It answers to lines of one width, and strong pieces pull weak ones with them. Rough ground is full "
            "of short lines of this width: that is where its false alarms come from."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from roads."),
        run_network,
        why=Message(
            "It sees how a line goes on over a large part of the image, so a crack may fade and come back, and "
            "grain isn’t one. It knows the pavement of one city: joints between slabs can look like cracks."
        ),
    ),
)


def near(mask: Mask) -> Mask:
    """Pixels within the tolerance of a mask."""
    side = 2 * TOLERANCE + 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), brush) > 0)


def count(case: JobSample, value: Mask | None) -> Counts:
    """Found pixels near a crack or not, crack pixels near a find or not."""
    truth = np.asarray(case.truth)
    found = np.zeros_like(truth) if value is None else value
    return {
        "right": int((found & near(truth)).sum()),
        "false": int((found & ~near(truth)).sum()),
        "recalled": int((truth & near(found)).sum()),
        "missed": int((truth & ~near(found)).sum()),
    }


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Pixels of all photos together."""
    right, false, recalled, missed = sum_counts(tallies, "right", "false", "recalled", "missed")
    precision = right / (right + false) if right + false else 0.0
    recall = recalled / (recalled + missed) if recalled + missed else float("nan")
    both = precision + recall
    return {
        "f1_2px": 2 * precision * recall / both if both else 0.0 if recall == 0 else f1(0, 0, 0),
        "precision": precision,
        "recall": recall,
    }


def describe(value: Mask) -> Mapping[str, float]:
    """How much of the image is crack."""
    return {"share": float(value.mean())}


TASK = Task(
    "crack",
    Message("Cracks in roads"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw_mask,
    describe,
    legend=MASK_LEGEND,
    familiar="defects/crack",
    nothing={"share": Message("No crack was found.")},
)


def read(folder: Path) -> list[JobSampleFile]:
    """``images/`` and ``labels/NAME.png``, 1 = crack."""
    return list_labelled_cases(folder, lambda values: values > 0)
