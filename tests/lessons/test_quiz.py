"""What the quiz and the exercises promise happens."""

from __future__ import annotations

import numpy as np

from pages.learn.lessons.quiz import LESSON
from segmethods.classroom import judge
from segmethods.core.types import Segmentation
from segmethods.metrics import score
from tests.lessons.samples import answer, says, truth


def test_a_speck_of_an_absent_class_keeps_the_mean_below_two_thirds() -> None:
    says("quiz", "the mean can’t be above two thirds", "平均值就不会超过三分之二")
    man = truth(LESSON.sample)
    labels = np.where(man.labels == 255, 0, man.labels)
    labels[:20, :20] = man.classes.names.index("bird")
    found = score(Segmentation(labels, man.classes), man)
    assert 0.65 < found.mean_iou < 2 / 3
    assert found.pixel_accuracy > 0.99


def test_splinters_are_not_flattered() -> None:
    says("quiz", "methods with many small segments would be flattered", "小区域很多的方法就占了便宜")
    for method in ("edges", "kmeans"):
        found = answer(LESSON.sample, method)
        assert judge(found, truth(LESSON.sample)).mean_iou <= score(found, truth(LESSON.sample), "majority").mean_iou


def test_a_mask_that_looks_nearly_perfect_has_a_speck_of_an_absent_class() -> None:
    says("quiz", "Look below its picture for a class with less than 1%", "看看它的图下面有没有占比不到 1% 的类别")
    found = answer(LESSON.sample, "segnet")
    scores = judge(found, truth(LESSON.sample))
    assert scores.pixel_accuracy > 0.95
    assert scores.mean_iou < 2 / 3
    absent = {c: share for c, share in found.shares().items() if not (truth(LESSON.sample).labels == c).any()}
    assert any(share < 0.01 for share in absent.values())
