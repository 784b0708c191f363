"""The samples as lessons show them, for tests of what the lessons say."""

from __future__ import annotations

from functools import cache
from typing import Any

from pages.learn.lesson_text import read_text
from pages.learn.views import learning_image, learning_truth
from pages.ui.image_picker import sample_image
from segmethods import segment
from segmethods.core.types import GroundTruth, Image, Segmentation
from segmethods.metrics import score


@cache
def image(sample: str) -> Image:
    return learning_image(sample_image(sample)).pixels


@cache
def truth(sample: str) -> GroundTruth:
    known = learning_truth(sample, image(sample).shape[:2])
    assert known is not None
    return known


def answer(sample: str, method: str, **params: Any) -> Segmentation:
    return segment(image(sample), method, **params)


def mean_iou(sample: str, method: str, **params: Any) -> float:
    """As the captions of the lessons state it, for methods that name no class."""
    return float(score(answer(sample, method, **params), truth(sample)).mean_iou)


def says(lesson: str, english: str, chinese: str) -> None:
    """Both languages promise what a test is about to check."""
    for language, words in (("en", english), ("zh", chinese)):
        text = read_text(lesson, language)
        parts = [part for s in text.sections.values() for part in (s.body, *(w for pair in s.questions for w in pair))]
        assert any(words in part for part in parts), f"{lesson} no longer says in {language}: {words}"
