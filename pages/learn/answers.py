"""What a network takes the picture for, as pictures side by side; with a truth, judged by it."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
import streamlit as st

from pages.learn.lesson import Bench
from pages.learn.pictures import View
from pages.ui import numbers
from pages.ui.cells import legend
from pages.ui.language import class_name, t
from pages.ui.picture import Picture
from pages.ui.pictures import mask_layer, photo
from segmethods.samples import get_sample
from segmethods.scoring import Scores, score
from segmethods.segmentation import Labels, Segmentation, Truth, Vocabulary


def truth_of(picture: Picture) -> Truth | None:
    """What a sample really shows, at the size at which the lesson has it; None for pictures of the user's own."""
    return _truth(picture.sample, *picture.image.shape[:2]) if picture.sample else None


def judge(bench: Bench, labels: Labels, classes: Vocabulary) -> Scores | None:
    """The scores of labels, if there is a truth; classes of another vocabulary are aligned with its help."""
    truth = truth_of(bench.picture)
    return score(Segmentation(labels, classes), truth) if truth else None


def answer_view(bench: Bench, title: str, labels: Labels, classes: Vocabulary, note: str = "") -> View:
    """The picture under the labels of one answer, with its score and its largest classes."""
    scores = judge(bench, labels, classes)
    iou = t("IoU {value}", value=numbers.score(scores.mean_iou)) if scores else ""
    return labels_view(bench, title, labels, classes, " · ".join(filter(None, (iou, note))))


def truth_view(bench: Bench) -> View | None:
    """The picture under its truth."""
    truth = truth_of(bench.picture)
    return labels_view(bench, t("Truth"), truth.labels, truth.classes, t("drawn by a person")) if truth else None


def labels_view(bench: Bench, title: str, labels: Labels, classes: Vocabulary, note: str) -> View:
    """The picture under some labels, with the largest classes as its legend."""
    shares = {id: part for id, part in Segmentation(labels, classes).shares().items() if id < len(classes)}
    chips, _ = legend(shares, classes, partial(class_name, classes))
    alt = f"{title}: " + ", ".join(f"{chip.name} {chip.share}" for chip in chips)
    return View(title, alt, photo(bench.image), [mask_layer(labels, classes)], note=note, chips=chips)


@st.cache_resource(max_entries=32, show_spinner=False)
def _truth(sample: str, height: int, width: int) -> Truth | None:
    truth = get_sample(sample).truth()
    if truth is None or truth.labels.shape == (height, width):
        return truth
    labels = cv2.resize(truth.labels, (width, height), interpolation=cv2.INTER_NEAREST)
    return Truth(np.asarray(labels, truth.labels.dtype), truth.classes)
