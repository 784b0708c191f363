"""Membranes in electron microscopy: dark lines between cells."""

from __future__ import annotations

import cv2
import numpy as np

from segmethods.core.messages import Message
from segmethods.jobs._masks import grey_image, keep_large, paint, to_grey
from segmethods.jobs.frame import Answer, JobSample, Pipeline, Step
from segmethods.jobs.learned import predict


def run_local(case: JobSample) -> Answer:
    """Membranes are darker than what is around them."""
    grey = cv2.GaussianBlur(to_grey(case.image).astype(np.float32), (0, 0), 2.0)
    around = cv2.GaussianBlur(grey, (0, 0), 25)
    dark = grey < around - 8
    mask = keep_large(dark, 150)
    steps = (
        Step(Message("Smoothed"), grey_image(grey)),
        Step(Message("Darker than around"), grey_image(dark)),
        Step(Message("Large pieces"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


def run_network(case: JobSample) -> Answer:
    """A small U-Net that learned from three slices."""
    likely = predict("em", case.image)[1]
    mask = likely > 0.5
    steps = (
        Step(Message("How likely membrane"), grey_image(likely)),
        Step(Message("More likely than not"), paint(case.image, mask)),
    )
    return Answer(mask, steps)


PIPELINES = (
    Pipeline(
        "local",
        Message("Local threshold"),
        Message("What is darker than its surroundings."),
        run_local,
        why=Message(
            "Membranes are dark, and so are the insides of mitochondria and vesicles: those are its false finds."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from three slices."),
        run_network,
        why=Message(
            "It learned from three slices that a membrane goes on as a line and that the dark inside of a "
            "mitochondrion doesn’t. Where the cut runs along a membrane and blurs it, nobody is sure."
        ),
    ),
)
