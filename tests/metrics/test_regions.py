"""Region scores: hand cases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import segmethods.metrics.contingency as module
from segmethods.metrics.contingency import tabulate
from segmethods.metrics.regions import adjusted_rand_index, covering, rand_index, variation_of_information

HALVES = np.array([[0, 0, 1, 1]], np.uint8)


def table(first: object, second: object) -> module.Contingency:
    return tabulate(np.array(first, np.uint16), np.array(second, np.uint16))


def test_the_same_regions_under_other_names():
    same = table([[0, 0, 1, 1]], [[900, 900, 4, 4]])
    assert (rand_index(same), adjusted_rand_index(same), covering(same), variation_of_information(same)) == (1, 1, 1, 0)


def test_one_region_against_halves():
    flat = table([[0, 0, 1, 1]], [[3, 3, 3, 3]])
    assert rand_index(flat) == pytest.approx(2 / 6)
    assert adjusted_rand_index(flat) == 0
    assert covering(flat) == pytest.approx(0.5)
    assert variation_of_information(flat) == pytest.approx(1)  # bits


def test_one_region_each_agrees():
    assert adjusted_rand_index(table([[5, 5]], [[2, 2]])) == 1


def test_covering_looks_from_the_first_map():
    assert covering(table([[0, 0, 0, 1]], [[0, 0, 1, 1]])) == pytest.approx((3 * 2 / 3 + 1 * 1 / 2) / 4)
    assert covering(table([[0, 0, 1, 1]], [[0, 0, 0, 1]])) == pytest.approx((2 * 2 / 3 + 2 * 1 / 2) / 4)


@pytest.mark.parametrize("score", [rand_index, adjusted_rand_index])
def test_pairs_need_two_pixels(score):
    assert math.isnan(score(table([[1]], [[1]])))
    assert math.isnan(score(table(np.zeros((0, 3)), np.zeros((0, 3)))))


@pytest.mark.parametrize("score", [covering, variation_of_information])
def test_nothing_judged_is_undefined(score):
    assert math.isnan(score(table([[255]], [[1]]).without_row(255)))


def test_large_counts_stay_exact():
    many = module.Contingency(np.array([0, 1]), np.array([0, 1]), np.array([12_000_000, 13_000_000]))
    assert adjusted_rand_index(many) == 1
    assert rand_index(many) == 1


pairs = st.integers(2, 12).flatmap(
    lambda side: st.tuples(*[arrays(np.uint16, (side, 4), elements=st.sampled_from([0, 1, 7, 300]))] * 2)
)


@given(pairs)
def test_counting_by_sorting_gives_the_same_table(pair):
    dense = tabulate(*pair)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DENSE_CELLS", 0)
        sparse = tabulate(*pair)
    for name in ("rows", "columns", "counts"):
        np.testing.assert_array_equal(getattr(dense, name), getattr(sparse, name))
