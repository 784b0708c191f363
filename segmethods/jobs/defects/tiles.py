"""Magnetic tiles: grey parts, most of them good, some with a flaw of some kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs._masks import (
    MASK_LEGEND,
    Mask,
    draw_mask,
    grey_image,
    keep_large,
    list_labelled_cases,
    paint,
    ratio,
    sum_counts,
    to_grey,
)
from segmethods.jobs.defects import normality
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.learned import predict

FIGURES = (
    Figure(
        "auroc",
        Message("AUROC"),
        Message("How often a faulty part is found more suspicious than a good one; 0.5 is chance."),
        "MVTec AD's convention",
    ),
    Figure(
        "iou",
        Message("IoU of flaws"),
        Message("Shared over joint area of flaws, all faulty parts together."),
        "Huang 2018",
    ),
)


class Suspicion(NamedTuple):
    """Where a flaw is, and how suspicious the part is as a whole: the largest value of its map."""

    mask: Mask
    score: float


def _conclude(case: JobSample, odd: NDArray[np.float32], level: float, named: Message) -> Answer:
    mask = keep_large(odd > level, 20)
    steps = (Step(named, grey_image(odd)), Step(Message("Above the level"), paint(case.image, mask)))
    return Answer(Suspicion(mask, float(odd.max())), steps)


def run_difference(case: JobSample) -> Answer:
    """Difference of Gaussians: spots and lines of a certain size, dark or bright."""
    grey = to_grey(case.image).astype(np.float32)
    band = np.abs(cv2.GaussianBlur(grey, (0, 0), 2) - cv2.GaussianBlur(grey, (0, 0), 8))
    odd = cv2.GaussianBlur(band, (0, 0), 2) / (np.median(band) + 1)
    return _conclude(case, np.asarray(odd, np.float32), 6.0, Message("Difference of two blurs"))


def run_local(case: JobSample) -> Answer:
    """Darker than the surroundings by so many standard deviations."""
    grey = cv2.GaussianBlur(to_grey(case.image).astype(np.float32), (0, 0), 2)
    around = cv2.GaussianBlur(grey, (0, 0), 25)
    spread = float(np.std(grey - around)) + 1
    odd = np.maximum(around - grey, 0) / spread
    return _conclude(case, np.asarray(odd, np.float32), 2.5, Message("Darker than around"))


def run_normality(case: JobSample) -> Answer:
    """How far each patch is from every patch of good parts (PatchCore, Roth 2022)."""
    odd = normality.oddness(case.image)
    return _conclude(case, odd, normality.LEVEL, Message("Unlike every good patch"))


def run_network(case: JobSample) -> Answer:
    """A small U-Net that has seen flaws of the five kinds."""
    likely = predict("tile", case.image)[1]
    return _conclude(case, likely, 0.5, Message("How likely a flaw"))


def run_both(case: JobSample) -> Answer:
    """How suspicious a part is say the good parts, which know flaws of any kind; where the flaw is says the network."""
    likely, odd = predict("tile", case.image)[1], normality.oddness(case.image)
    mask = keep_large(likely > 0.5, 20)
    steps = (
        Step(Message("Unlike every good patch"), grey_image(odd)),
        Step(Message("How likely a flaw"), grey_image(likely)),
        Step(Message("Where a flaw is likely"), paint(case.image, mask)),
    )
    return Answer(Suspicion(mask, float(odd.max())), steps)


PIPELINES = (
    Pipeline(
        "difference",
        Message("Difference of Gaussians"),
        Message("Spots of a certain size."),
        run_difference,
        why=Message(
            "It finds spots of one size at once and needs no examples. Real tiles have harmless spots and stripes of "
            "this size, too, and then a good one looks as suspicious as a bad one."
        ),
    ),
    Pipeline(
        "local",
        Message("Local threshold"),
        Message("Places darker than around."),
        run_local,
        why=Message(
            "Pores and cracks are darker than their surroundings, and that is all it knows. It misses flaws that "
            "are bright or only rough, and takes shaded corners for flaws."
        ),
    ),
    Pipeline(
        "good_parts",
        Message("Statistics of good parts"),
        Message("Patches unlike any patch of good parts."),
        run_normality,
        why=Message(
            "It was shown good parts only, so a flaw of a kind that nobody has seen yet is odd to it as well. It "
            "works on coarse patches: a thin crack hardly changes a patch, and a good part of another surface is "
            "odd, too."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that has seen flaws."),
        run_network,
        why=Message(
            "It learned what flaws look like, and so ignores odd but harmless ground. A kind of flaw that it was "
            "never shown it may pass over."
        ),
    ),
    Pipeline(
        "both",
        Message("Network and good parts"),
        Message("Good parts say whether, the network says where."),
        run_both,
        why=Message(
            "The distance from good parts tells faulty parts best, but only roughly where: its patches are coarse. The "
            "network draws the flaw sharply. If good parts find a flaw that the network doesn’t know, the part is "
            "suspicious and nothing is drawn."
        ),
    ),
)


def count(case: JobSample, value: Suspicion | None) -> Counts:
    """How suspicious a part is and whether it is faulty; pixels of flaws on faulty parts."""
    truth = np.asarray(case.truth)
    mask = np.zeros_like(truth) if value is None else value.mask
    faulty = bool(truth.any())
    return {
        "score": -np.inf if value is None else value.score,
        "faulty": faulty,
        "both": int((truth & mask).sum()) if faulty else 0,
        "either": int((truth | mask).sum()) if faulty else 0,
    }


def area_under_curve(scores: NDArray[np.float64], faulty: NDArray[np.bool_]) -> float:
    """Share of pairs of a faulty and a good part in which the faulty one has the higher score; ties count half.

    Examples
    --------
    >>> area_under_curve(np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
    1.0
    """
    if faulty.all() or not faulty.any():
        return float("nan")
    high, low = scores[faulty][:, None], scores[~faulty][None]
    return float((high > low).mean() + (high == low).mean() / 2)


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """AUROC of parts, and IoU of the flaws of all parts together."""
    both, either = sum_counts(tallies, "both", "either")
    scores = np.array([t["score"] for t in tallies], float)
    return {
        "auroc": area_under_curve(scores, np.array([t["faulty"] for t in tallies], bool)),
        "iou": ratio(both, either),
    }


def draw(case: JobSample, value: Suspicion) -> Image:
    """The flaw over its part."""
    return draw_mask(case, value.mask)


def describe(value: Suspicion) -> Mapping[str, float]:
    """How suspicious, and how much is called a flaw."""
    return {"suspicion": value.score, "share": float(value.mask.mean())}


TASK = Task(
    "tile",
    Message("Magnetic tiles"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    legend=MASK_LEGEND,
    familiar="defects/tile",
    nothing={"share": Message("No flaw was found.")},
)


def read(folder: Path) -> list[JobSampleFile]:
    """``images/`` and ``labels/NAME.png``, 1 = flaw; a part without a 1 is good."""
    return list_labelled_cases(folder, lambda values: values > 0)
