"""Agreement and disagreement between methods, without a truth."""

import math
import time

import numpy as np
import pytest

from segmethods import BINARY, VOC, Failure, Segmentation, segments
from segmethods.core.messages import Message
from segmethods.metrics import agreement, agreement_matrix, disagreement, mean_agreement

HALVES = [[0, 0, 1, 1]]
FAILED = Failure("fcn", Message("No."))


def result(labels, classes=None) -> Segmentation:
    return Segmentation(np.array(labels, np.uint8), classes or segments(9))


def test_agreement_ignores_names():
    assert agreement(np.array(HALVES, np.uint8), np.array([[3, 3, 0, 0]], np.uint8)) == 1


def test_matrix_and_means_leave_failures_out():
    outcomes = [result(HALVES), FAILED, result([[1, 1, 0, 0]]), result([[0, 0, 0, 0]])]
    matrix = agreement_matrix(outcomes)
    assert matrix[0, 2] == matrix[2, 0] == 1
    assert matrix[0, 3] == 0
    assert np.isnan(matrix[1]).all()
    assert mean_agreement(outcomes)[0] == 0.5
    assert math.isnan(mean_agreement(outcomes)[1])
    assert math.isnan(mean_agreement([result(HALVES)])[0])


@pytest.mark.parametrize(
    ("name", "first", "second", "expected"),
    [
        ("other names", result(HALVES), result([[7, 7, 2, 2]]), [[0, 0, 0, 0]]),
        ("more detail is no contradiction", result([[0, 1, 2, 2]]), result(HALVES), [[0, 0, 0, 0]]),
        ("one segment says nothing", result([[0, 0, 0, 0]]), result(HALVES), [[0, 0, 0, 0]]),
        ("a segment that straddles", result([[0, 0, 0, 1, 2]]), result([[0, 0, 1, 1, 1]]), [[0, 0, 1, 0, 0]]),
        ("object and its complement", result(HALVES, BINARY), result([[1, 1, 0, 0]], BINARY), [[0, 0, 0, 0]]),
        ("another border", result([[0, 0, 0, 1, 1, 1]]), result([[0, 0, 1, 1, 1, 1]]), [[0, 0, 1, 0, 0, 0]]),
        ("names that differ", result([[0, 8, 8, 8]], VOC), result([[0, 8, 12, 12]], VOC), [[0, 0, 1, 1]]),
        ("label 255 is a segment", result([[255, 255, 1]]), result([[4, 4, 5]]), [[0, 0, 0]]),
    ],
)
def test_where_two_methods_contradict_each_other(name, first, second, expected):
    np.testing.assert_array_equal(disagreement([first, second]), expected)
    np.testing.assert_array_equal(disagreement([second, first]), expected)


def test_disagreement_is_the_share_of_pairs():
    odd = result([[0, 8, 8, 8]], VOC)
    even = result([[0, 0, 8, 8]], VOC)
    map_ = disagreement([odd, even, FAILED, even])
    assert map_.dtype == np.float32
    np.testing.assert_allclose(map_, [[0, 2 / 3, 0, 0]])


def test_one_method_alone_contradicts_nobody():
    assert disagreement([result(HALVES)]).tolist() == [[0, 0, 0, 0]]
    with pytest.raises(ValueError, match="at least one"):
        disagreement([FAILED])


def test_large_maps_come_back_in_their_size():
    wide = np.zeros((601, 1203), np.uint8)
    wide[:, 600:] = 1
    other = wide.copy()
    other[300:, 500:] = 1
    map_ = disagreement([result(wide, VOC), result(other, VOC)])
    assert map_.shape == wide.shape
    assert map_[450, 550] == 1
    assert map_[100, 550] == 0


def test_nine_methods_take_less_than_half_a_second():
    random = np.random.default_rng(0)
    outcomes = [result(np.repeat(random.integers(0, 9, (500, 50)), 10, axis=1)) for _ in range(9)]
    disagreement(outcomes)
    start = time.process_time()
    disagreement(outcomes)
    assert time.process_time() - start < 0.5
