"""Class scores: hand cases."""

import math

import numpy as np
import pytest

from segmethods.core.messages import ImageError
from segmethods.metrics.confusion import Confusion, count_classes, mean
from segmethods.metrics.contingency import tabulate

NAN = math.nan


def counts(truth: object, prediction: object, classes: int) -> Confusion:
    return count_classes(tabulate(np.array(truth, np.uint8), np.array(prediction, np.uint8)), classes)


@pytest.mark.parametrize(
    ("name", "truth", "prediction", "iou", "dice", "accuracy", "fw_iou"),
    [
        (
            "void and an absent class",
            [[0, 0, 1, 1], [0, 2, 255, 1]],
            [[0, 1, 1, 1], [0, 2, 2, 0]],
            [0.5, 0.5, 1, NAN],
            [2 / 3, 2 / 3, 1, NAN],
            5 / 7,
            4 / 7,
        ),
        ("absent but predicted", [[0, 0]], [[0, 1]], [0.5, 0], [2 / 3, 0], 0.5, 0.5),
        ("outside the vocabulary", [[0, 0, 1]], [[0, 9, 1]], [0.5, 1], [2 / 3, 1], 2 / 3, 2 / 3),
        ("void predicted on a judged pixel", [[0, 0, 1]], [[0, 255, 1]], [0.5, 1], [2 / 3, 1], 2 / 3, 2 / 3),
        ("nothing judged", [[255, 255]], [[0, 1]], [NAN, NAN], [NAN, NAN], NAN, NAN),
        ("all wrong", [[0, 0]], [[1, 1]], [0, 0], [0, 0], 0, 0),
    ],
)
def test_hand_cases(name, truth, prediction, iou, dice, accuracy, fw_iou):
    table = counts(truth, prediction, len(iou))
    np.testing.assert_allclose(table.iou, iou)
    np.testing.assert_allclose(table.dice, dice)
    np.testing.assert_allclose(table.pixel_accuracy, accuracy)
    np.testing.assert_allclose(table.frequency_weighted_iou, fw_iou)


def test_means_leave_out_what_is_undefined():
    table = counts([[0, 0, 1, 1], [0, 2, 255, 1]], [[0, 1, 1, 1], [0, 2, 2, 0]], 4)
    assert mean(table.iou) == pytest.approx(2 / 3)
    assert math.isnan(mean(np.array([NAN])))


def test_a_prediction_outside_the_vocabulary_is_no_class_s_false_positive():
    table = counts([[0, 0, 1]], [[0, 9, 1]], 2)
    np.testing.assert_allclose(table.precision, [1, 1])
    np.testing.assert_allclose(table.recall, [0.5, 1])


def test_a_data_set_is_scored_from_the_sum_of_its_counts():
    both = counts([[0, 0]], [[0, 0]], 2) + counts([[0, 1]], [[1, 1]], 2)
    np.testing.assert_allclose(both.iou, [2 / 3, 1 / 2])


def test_a_truth_outside_its_vocabulary_is_an_error():
    with pytest.raises(ImageError, match="The truth has the class 7, but its classes go from 0 to 1"):
        counts([[0, 7]], [[0, 0]], 2)


def test_maps_of_different_sizes_are_an_error():
    with pytest.raises(ImageError, match="2 × 1 and 3 × 1"):
        counts([[0, 0]], [[0, 0, 0]], 2)
