"""Vessels of the retina: dark lines a few pixels wide."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.jobs._masks import Mask, fit_mask, grey_image, keep_large, paint, shrink_to
from segmethods.jobs.frame import Answer, JobSample, Pipeline, Step
from segmethods.jobs.learned import predict

SHARE = 0.118
"""The share of the field of view that vessels cover, which sets the level of a filter's answer."""
SIDE = 640
"""Long side, in pixels, at most, of what the filter sees: it knows vessels a few pixels wide."""


def find_field(case: JobSample) -> Mask:
    """The round field of view: as given, or all that is not black."""
    given = case.extra.get("field")
    if given is not None:
        return np.asarray(given > 0, bool)
    bright = case.image.max(axis=2) > 25
    return keep_large(bright, 100, 1)


def even_green(image: Image, field: Mask) -> NDArray[np.float32]:
    """The green channel, where vessels show best, with the light evened out."""
    green = image[:, :, 1].astype(np.float32)
    weight = cv2.GaussianBlur(field.astype(np.float32), (0, 0), 12)
    around = cv2.GaussianBlur(green * field, (0, 0), 12) / np.maximum(weight, 1e-3)
    return np.asarray(np.where(field, green - around, 0), np.float32)


def run_frangi(case: JobSample) -> Answer:
    """Frangi's filter answers where the image curves across one direction and not along it."""
    from skimage.filters import frangi

    seen = shrink_to(case.image, SIDE)
    field = fit_mask(find_field(case), seen.shape)
    even = even_green(seen, field)
    answer = np.asarray(frangi(even, sigmas=(1, 1.5, 2, 3), black_ridges=True, beta=0.5, gamma=8), np.float32)
    core = cv2.erode(field.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    answer = np.where(core, answer, 0)
    level = np.quantile(answer[core], 1 - SHARE) if core.any() else np.inf
    mask = fit_mask(keep_large(answer > level, 30), case.image.shape)
    steps = (
        Step(Message("Green channel, light evened out"), grey_image(even)),
        Step(Message("How line-like"), grey_image(np.sqrt(answer))),
        Step(Message("The strongest lines"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def run_network(case: JobSample) -> Answer:
    """A small U-Net that sees the image enlarged."""
    field = find_field(case)
    likely = predict("retina", case.image)[1]
    mask = (likely > 0.5) & field
    steps = (
        Step(Message("How likely vessel"), grey_image(likely)),
        Step(Message("More likely than not"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


PIPELINES = (
    Pipeline(
        "frangi",
        Message("Frangi filter"),
        Message("Answers where the image is like a line."),
        run_frangi,
        why=Message(
            "It asks of every pixel: does the image curve like a line here? So it needs no example. It can’t tell "
            "a thin vessel from the rim of the optic disc, and its level is set so that a fixed share is vessel."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from fundus photos."),
        run_network,
        why=Message(
            "It has seen eight eyes in which people drew each vessel, and knows the disc and bleedings as "
            "something else. Thin vessels at the limit of what can be seen are lost: there the two observers "
            "differ as well."
        ),
    ),
)
