"""As many pairs as possible: equal to the general solver of the whole graph, whatever the maps look like."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching, maximum_flow
from scipy.spatial import KDTree
from skimage.morphology import thin

from segmethods.metrics import boundaries, count_boundaries, outline
from segmethods.metrics.matching import match_most
from segmethods.metrics.thinning import thin_lines
from tests.bench.boundaries import KINDS, change


def count_pairs(first: np.ndarray, second: np.ndarray, distance: float) -> int:
    here, there = np.argwhere(first), np.argwhere(second)
    if not len(here) or not len(there):
        return 0
    near = KDTree(here).sparse_distance_matrix(KDTree(there), distance, output_type="ndarray")
    graph = csr_array((np.ones(len(near)), (near["i"], near["j"])), shape=(len(here), len(there)))
    return int(np.count_nonzero(maximum_bipartite_matching(graph, "column") >= 0))


def draw_regions(side: int, sigma: float, classes: int) -> np.ndarray:
    random = np.random.default_rng(0)
    fields = [gaussian_filter(random.normal(size=(side, side)), sigma) for _ in range(classes)]
    return np.stack(fields).argmax(axis=0).astype(np.uint8)


def count_flow(first: np.ndarray, second: np.ndarray, distance: float) -> int:
    """The same by the largest flow from one side to the other, which is quick where outlines are dense, too."""
    here, there = np.argwhere(first), np.argwhere(second)
    near = KDTree(here).sparse_distance_matrix(KDTree(there), distance, output_type="ndarray")
    count, end = len(here), len(here) + len(there) + 1
    start = np.concatenate([np.zeros(count, int), near["i"] + 1, np.arange(count + 1, end)])
    goal = np.concatenate([np.arange(1, count + 1), near["j"] + 1 + count, np.full(len(there), end)])
    graph = csr_array((np.ones(len(start), np.int32), (start, goal)), shape=(end + 1, end + 1))
    return int(maximum_flow(graph, 0, end).flow_value)


@pytest.mark.parametrize("nearest_first", [False, True])
@pytest.mark.parametrize("distance", [0.0, 1.0, 1.5, 2.9, 5.3, 14.0])
def test_as_many_pairs_as_the_general_solver(distance: float, nearest_first: bool) -> None:
    random = np.random.default_rng(3)
    for _ in range(25):
        shape = random.integers(1, 60, 2)
        dense, sparse = random.choice([0.02, 0.1, 0.4, 0.9], 2)
        first, second = random.random(shape) < dense, random.random(shape) < sparse
        first[:, : random.integers(shape[1])] = False
        found = match_most(first, second, distance, nearest_first)
        assert found.matched.size == first.sum()
        assert (found.matched.sum(), found.missed) == (count_pairs(first, second, distance), 0)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (0, 2), (3, 3), (2, -1)])
def test_outlines_that_are_shifted(down: int, right: int) -> None:
    truth = draw_regions(120, 4, 21)
    found, lines = outline(np.roll(truth, (down, right), (0, 1))), outline(truth)
    pairs = match_most(found, lines, 2.5).matched.sum()
    assert pairs == boundaries.match_pixels(found, lines, 2.5).sum()  # of the smallest distance, so not fewer


def test_a_pixel_is_paired_with_something_near() -> None:
    lonely, crowd = np.zeros((2, 9, 9), bool)
    lonely[1, 1] = crowd[1, 2] = crowd[7, 7] = lonely[4, 4] = True
    assert match_most(lonely, crowd, 1.0).matched.tolist() == [True, False]


def test_a_search_that_was_cut_short_says_how_much_is_open() -> None:
    truth = draw_regions(120, 4, 21)
    found, lines = outline(np.roll(truth, 3, 1)), outline(truth)
    distance = 3.5
    short, whole = match_most(found, lines, distance, work=1), match_most(found, lines, distance)
    assert 0 < whole.matched.sum() - short.matched.sum() <= short.missed
    assert whole.missed == 0


def test_large_outlines_of_several_people_are_named_approximate(monkeypatch) -> None:
    truth = draw_regions(240, 8, 9)
    found, people = outline(np.roll(truth, 2, 1)), [outline(truth), outline(np.roll(truth, 1, 0))]
    exact = count_boundaries(found, people)
    monkeypatch.setattr(boundaries, "PAIRABLE", 0)
    rough = count_boundaries(found, people)
    assert (exact.approximate, rough.approximate) == (0, 1)
    assert (rough.recalled, rough.true, rough.found) == (exact.recalled, exact.true, exact.found)
    assert abs(rough.f - exact.f) <= 0.005
    assert count_boundaries(found, people[:1]).approximate == 0
    assert (exact + rough).approximate == 1


def test_lines_are_thinned_as_scikit_image_thins_them() -> None:
    random = np.random.default_rng(0)
    for share in (0.1, 0.5, 0.7, 0.9, 0.98, 1.0):
        for _ in range(20):
            lines = random.random(random.integers(1, 50, 2)) < share
            np.testing.assert_array_equal(thin_lines(lines), thin(lines))
            np.testing.assert_array_equal(thin_lines(np.asfortranarray(lines)), thin(lines))


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize(("sigma", "classes"), [(12, 6), (3.5, 21), (8, 21)])
def test_boundary_f_of_the_hardest_maps_is_exact(sigma: float, classes: int, kind: str) -> None:
    """Those on which matching takes longest, small: as the largest flow has it, to the last pixel."""
    truth = draw_regions(140, sigma, classes)
    found, line = outline(change(truth, kind, np.random.default_rng(1))), outline(truth)
    pairs = count_flow(found, line, boundaries.TOLERANCE * np.hypot(140, 140))
    counts = count_boundaries(found, [line])
    assert (counts.recalled, counts.right, counts.approximate) == (pairs, pairs, 0)
    assert counts.f == pytest.approx(2 * pairs / (found.sum() + line.sum()), abs=1e-12)
