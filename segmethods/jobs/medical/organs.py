"""Lungs in chest X-rays and lesions of the skin: one large shape an image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.jobs._masks import Mask, blur_widely, fill_holes, grey_image, keep_large, paint, to_grey
from segmethods.jobs.frame import Answer, JobSample, Pipeline, Step
from segmethods.jobs.learned import predict

ELLIPSES = ((0.31, 0.47, 0.125, 0.30, 8), (0.69, 0.47, 0.125, 0.30, -8))
"""Where lungs lie in an X-ray: centre, half axes (shares of width and height) and turn in degrees of two ellipses."""


def mean_shape(shape: tuple[int, int]) -> NDArray[np.float32]:
    """How likely each pixel of an X-ray is lung, before looking at it: two soft ellipses."""
    height, width = shape
    drawn = np.zeros(shape, np.float32)
    for x, y, a, b, turn in ELLIPSES:
        axes = (round(a * width), round(b * height))
        cv2.ellipse(drawn, (round(x * width), round(y * height)), axes, turn, 0, 360, 1.0, -1)
    return np.asarray(blur_widely(drawn, max(1.0, width / 16)), np.float32)


def run_lungs(case: JobSample) -> Answer:
    """Lungs are dark, and lie where lungs lie."""
    grey = cv2.equalizeHist(to_grey(case.image))
    prior = mean_shape((grey.shape[0], grey.shape[1]))
    middle = prior > 0.2
    level, _ = cv2.threshold(grey[middle].reshape(1, -1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = (grey < level).astype(np.float32)
    likely = cv2.GaussianBlur(dark, (0, 0), grey.shape[1] / 80) * 0.5 + prior
    mask = fill_holes(keep_large(likely > 0.75, grey.size // 100, 2))
    steps = (
        Step(Message("Darker than Otsu’s level"), grey_image(dark)),
        Step(Message("Where lungs usually lie"), grey_image(prior)),
        Step(Message("Both together"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def run_lung_network(case: JobSample) -> Answer:
    """A small U-Net that learned from X-rays of one hospital."""
    likely = predict("lungs", case.image)[1]
    mask = fill_holes(keep_large(likely > 0.5, likely.size // 200, 2))
    return Answer(mask, _steps(case, likely, mask))


def run_skin(case: JobSample) -> Answer:
    """A lesion is darker than the skin around it: Otsu's level, the largest piece near the middle."""
    blue = cv2.GaussianBlur(case.image[:, :, 2], (0, 0), case.image.shape[1] / 150)
    level, _ = cv2.threshold(blue, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = (blue <= level) & ~_vignette(case)
    mask = fill_holes(central(dark))
    steps = (
        Step(Message("Blue channel, smoothed"), grey_image(blue)),
        Step(Message("Darker than Otsu’s level"), grey_image(dark)),
        Step(Message("The large piece near the middle"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def _vignette(case: JobSample) -> Mask:
    """The black corners of a dermatoscope, which are no lesion."""
    black = to_grey(case.image) < 40
    _, labels = cv2.connectedComponents(black.astype(np.uint8))
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.isin(labels, edge[edge > 0])


def central(mask: Mask) -> Mask:
    """The piece of a mask that is large and near the middle."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return np.zeros_like(mask)
    middle = np.array([mask.shape[1] / 2, mask.shape[0] / 2])
    away = np.linalg.norm((centres[1:] - middle) / middle, axis=1)
    best = int(np.argmax(stats[1:, cv2.CC_STAT_AREA] * np.exp(-2 * away**2))) + 1
    return np.asarray(labels == best, bool)


def run_skin_network(case: JobSample) -> Answer:
    """A small U-Net that learned from dermoscopic photos."""
    likely = predict("skin", case.image)[1]
    mask = fill_holes(central(likely > 0.5))
    return Answer(mask, _steps(case, likely, mask))


def _steps(case: JobSample, likely: NDArray[np.float32], mask: Mask) -> tuple[Step, ...]:
    return (
        Step(Message("How likely"), grey_image(likely)),
        Step(Message("More likely than not"), paint(case.image, mask)),
    )


LUNGS = (
    Pipeline(
        "mean_shape_otsu",
        Message("Mean shape + Otsu"),
        Message("Lungs are dark and lie where lungs usually lie."),
        run_lungs,
        why=Message(
            "It knows where lungs usually lie, and lungs are dark. An unusual position, a shadow of disease or a "
            "dark background at the shoulders are all outside what it knows."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from X-rays."),
        run_lung_network,
        why=Message(
            "It learned the outline of lungs as doctors draw it, behind ribs and heart. An X-ray of another "
            "hospital has another contrast, by which it may be misled."
        ),
    ),
)
SKIN = (
    Pipeline(
        "otsu",
        Message("Otsu"),
        Message("The dark piece near the middle, cut at Otsu’s level."),
        run_skin,
        why=Message(
            "A lesion is mostly darker than the skin, and mostly in the middle. Pale lesions, hair and the dark "
            "rim of the lens break this rule: see the worst tenth."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from photos of lesions."),
        run_skin_network,
        why=Message(
            "It learned which dark things are lesion and which are hair, ruler or lens. On pale lesions with a "
            "soft border it, too, stops short."
        ),
    ),
)
