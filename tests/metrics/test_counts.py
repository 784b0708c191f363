"""Counts: they add up over images; void, thresholds, baselines, people and fitted alignment."""

import math

import numpy as np
import pytest

from segmethods import BINARY, GroundTruth, Segmentation, segments
from segmethods.core.messages import ImageError
from segmethods.metrics import (
    METRICS,
    POLICY,
    BoundaryCounts,
    RegionCounts,
    align,
    best_point,
    commonest_class,
    count_boundaries,
    count_boundaries_of_people,
    count_objects,
    count_regions,
    count_regions_of_people,
    count_surfaces,
    fill_void,
    one_region,
    outline,
    random_classes,
    score,
    summarise_boundaries,
    summarise_regions,
    tabulate,
)
from segmethods.metrics.counts import MapCounts, Maps
from tests.metrics.random_masks import random_objects, random_pairs

HALVES = np.repeat([[0, 1]], 4, axis=1).astype(np.uint8).repeat(8, axis=0)


def test_tables_add_up() -> None:
    pairs = [pair for pair, _ in zip(random_pairs(), range(20), strict=False)]
    total = sum((tabulate(*pair) for pair in pairs[1:]), tabulate(*pairs[0]))
    whole = tabulate(np.concatenate([t for t, _ in pairs]), np.concatenate([p for _, p in pairs]))
    for name in ("rows", "columns", "counts"):
        np.testing.assert_array_equal(getattr(total, name), getattr(whole, name))


def test_region_counts_weigh_images_as_the_benchmark_does() -> None:
    small, large = np.array([[0, 1]], np.uint8), np.zeros((2, 3), np.uint8)
    total = count_regions([tabulate(small, large[:1, :2])]) + count_regions([tabulate(large, large)])
    assert total.covering == pytest.approx((2 * 0.5 + 6 * 1) / 8)
    assert total.vi == pytest.approx((1 + 0) / 2)
    assert (total + RegionCounts()).pri == pytest.approx((0 + 1) / 2)


def test_object_counts_add_up() -> None:
    counts = [count_objects(tabulate(*pair)) for pair, _ in zip(random_objects(), range(9), strict=False)]
    total = sum(counts[1:], counts[0])
    assert total.true == sum(c.true for c in counts)
    assert total.panoptic_quality == pytest.approx(2 * sum(c.iou for c in counts) / (total.true + total.found))


def test_one_pixel_has_one_partner() -> None:
    """Three found pixels around one true pixel, and a chain in which taking the nearest first loses a pair."""
    found, truth = np.zeros((2, 1, 40), bool)
    found[0, [9, 10, 11]] = truth[0, 10] = True
    assert count_boundaries(found, [truth], 0.05) == BoundaryCounts(1, 1, 1, 3)
    found, truth = np.zeros((2, 1, 40), bool)
    found[0, [10, 13]] = truth[0, [12, 15]] = True  # nearest first: 13-12, and then 10-15 is too far
    assert count_boundaries(found, [truth], 2.5 / math.hypot(1, 40)).recalled == 2


def test_no_boundary_on_one_side_scores_zero() -> None:
    none, some = np.zeros((4, 4), bool), np.eye(4, dtype=bool)
    for found, truth in ((none, some), (some, none)):
        counts = count_boundaries(found, [truth])
        assert (counts.recall, counts.precision, counts.f) == (0, 0, 0)
    with pytest.raises(ImageError, match="differ in size"):
        count_boundaries(some, [np.zeros((4, 5), bool)])


def test_no_boundary_on_both_sides_is_undefined() -> None:
    none, some = np.zeros((4, 4), bool), np.eye(4, dtype=bool)
    blank, false = count_boundaries(none, [none]), count_boundaries(some, [none])
    assert all(math.isnan(value) for value in (blank.recall, blank.precision, blank.f))
    right = count_boundaries(some, [some])
    assert (blank + right).f == right.f == 1
    summary = summarise_boundaries([[false, blank], [right, right]], [0.3, 0.6])
    assert summary.ods.f == summary.ois.f == 1  # at the second threshold the blank answer fits the blank truth
    assert summary.ods.threshold == 0.6


def test_what_is_predicted_on_void_changes_nothing() -> None:
    random = np.random.default_rng(0)
    for truth, found in random_pairs():
        other = np.where(truth == 255, random.integers(0, 4, truth.shape), found).astype(np.uint8)
        if (truth != 255).any():
            np.testing.assert_array_equal(fill_void(found, truth), fill_void(other, truth))


def test_a_band_of_void_has_one_contour_inside() -> None:
    truth = np.where(np.arange(8) % 8 < 3, 0, 1).astype(np.uint8)[None].repeat(6, axis=0)
    band = truth.copy()
    band[:, 2:5] = 255
    found = outline(fill_void(truth, band))
    assert count_boundaries(found, [outline(fill_void(band, band))]).f == 1


def test_thresholds() -> None:
    low, high = BoundaryCounts(8, 8, 8, 16), BoundaryCounts(4, 8, 4, 4)
    summary = summarise_boundaries([[low, high], [low, BoundaryCounts(0, 8, 0, 0)]], [0.3, 0.6])
    assert 0.3 < summary.ods.threshold < 0.6
    assert summary.ods.f > (low + low).f
    assert summary.ois == low + low
    alone = summarise_boundaries([[high]], [0.5])
    assert alone.ods.f == alone.ois.f == high.f
    assert math.isnan(alone.ap)
    between = best_point([low, high], [0.3, 0.6])
    assert 0.3 < between.threshold < 0.6
    assert between.f > max(low.f, high.f)
    assert math.isnan(summarise_regions([[RegionCounts()]], [0.5]).vi_ods)


def test_baselines() -> None:
    blank = one_region((2, 3))
    assert count_regions([tabulate(HALVES, one_region(HALVES.shape).labels)]).covering == pytest.approx(0.5)
    assert blank.labels.shape == (2, 3)
    first, again, other = (random_classes((9, 9), BINARY, seed).labels for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert commonest_class([]) == 0


def test_people_are_compared_with_each_other() -> None:
    whole = np.zeros_like(HALVES)
    counts = count_regions_of_people([HALVES, HALVES, whole])
    assert counts.images == 1
    assert counts.vi == pytest.approx(4 / 6)  # two of three pairs differ by one bit
    assert counts.covering == pytest.approx((2 * 1 + 4 * 0.5) / 6)
    together = 2 * math.comb(HALVES.size // 2, 2) / math.comb(HALVES.size, 2)
    assert counts.pri == pytest.approx((2 * 1 + 4 * together) / 6)
    lines = [outline(label_map) for label_map in (HALVES, HALVES, whole)]
    found = count_boundaries_of_people(lines)
    assert (found.found, found.true, found.recalled) == (16, 32, 16)
    assert count_regions_of_people([HALVES]).images == count_boundaries_of_people(lines[:1]).true == 0


def test_fitted_gives_each_label_one_class_for_all_images() -> None:
    truths = [np.array([[0, 0, 1]], np.uint8), np.array([[1, 1, 1]], np.uint8)]
    found = [np.array([[3, 3, 2]], np.uint8), np.array([[3, 3, 3]], np.uint8)]
    tables = [tabulate(t, f) for t, f in zip(truths, found, strict=True)]
    meaning = align(tables[0] + tables[1], segments(6), BINARY, "fitted")
    assert meaning.tolist() == [1, 1, 1, 1, 1, 1]
    first = score(Segmentation(found[0], segments(6)), GroundTruth(truths[0], BINARY), "fitted", meaning)
    assert first.pixel_accuracy == pytest.approx(1 / 3)
    assert (first.alignment, first.is_helped) == ("fitted", True)


def test_every_score_says_what_it_is() -> None:
    for ident, described in METRICS.items():
        assert described.id == ident
        assert all((described.title, described.symbol, described.latex, described.explanation, described.undefined))
        assert described.latex.count("{") == described.latex.count("}")
    assert len({s.title for s in METRICS.values()}) == len(METRICS)
    assert "undefined" in str(POLICY)


@pytest.mark.parametrize("seed", range(12))
def test_a_renumbered_partition_scores_the_same_bit_for_bit(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth, found = random.integers(0, 23, (2, 60, 60)).astype(np.uint8)
    names = random.permutation(23).astype(np.uint8)
    first, second = count_regions([tabulate(truth, found)] * 2), count_regions([tabulate(truth, names[found])] * 2)
    assert first == second
    assert count_regions([tabulate(names[truth], found)]) == count_regions([tabulate(truth, found)])


@pytest.mark.parametrize(
    ("truth", "found", "pairs", "matched"),
    [
        ([1, 1, 1, 1], [1, 1, 0, 0], 1, 0),  # an IoU of one half is a pair for AP, none for PQ
        ([1, 1, 1, 1], [1, 1, 2, 2], 1, 0),  # two halves: one of them is the pair
        ([1, 1, 2, 2], [1, 1, 1, 1], 1, 0),
        ([1, 1, 2, 2, 3, 3], [1, 1, 1, 1, 3, 3], 2, 1),
        ([1, 1, 1, 0], [1, 1, 0, 0], 1, 1),
        ([1, 1, 1, 1, 1], [1, 1, 0, 0, 0], 0, 0),
    ],
)
def test_objects_are_a_pair_from_one_half(truth: list[int], found: list[int], pairs: int, matched: int) -> None:
    counts = count_objects(tabulate(np.array([truth], np.uint8), np.array([found], np.uint8)))
    assert (counts.pairs[0], counts.matched) == (pairs, matched)


@pytest.mark.parametrize(
    ("truth", "found", "false"),
    [
        ([1, 1, 9, 9, 9, 0], [1, 1, 2, 2, 2, 0], 0),  # wholly in void
        ([1, 1, 9, 9, 9, 0], [1, 1, 0, 2, 2, 2], 0),  # two thirds in void
        ([1, 1, 9, 9, 0, 0], [1, 1, 2, 2, 2, 2], 1),  # half of it: a false find
        ([1, 1, 9, 9, 9, 0], [1, 1, 1, 1, 1, 0], 0),  # mostly void, and has a partner on what is judged
    ],
)
def test_a_find_that_lies_mostly_in_void_is_no_false_find(truth: list[int], found: list[int], false: int) -> None:
    counts = count_objects(tabulate(np.array([truth], np.uint8), np.array([found], np.uint8)), void=9)
    assert counts.found - counts.matched == false
    assert counts.panoptic_quality == pytest.approx(1 / (1 + false / 2))


@pytest.mark.parametrize(
    ("truth", "found", "hausdorff", "share"),
    [
        ([0, 0, 0], [0, 0, 0], math.nan, math.nan),
        ([1, 0, 0], [0, 0, 0], math.hypot(1, 3), 0),
        ([0, 0, 0], [1, 0, 0], math.hypot(1, 3), 0),
        ([1, 0, 0], [1, 0, 0], 0, 1),
    ],
)
def test_blank_answers_have_the_worst_distance(
    truth: list[int], found: list[int], hausdorff: float, share: float
) -> None:
    counts = count_surfaces(np.array([truth], bool), np.array([found], bool))
    assert [counts.hausdorff, counts.hausdorff95] == pytest.approx([hausdorff] * 2, nan_ok=True)
    assert counts.surface_distance == pytest.approx(share, nan_ok=True)


def test_surfaces_of_maps_of_unequal_size_are_refused() -> None:
    with pytest.raises(ImageError, match="differ in size"):
        count_surfaces(np.ones((2, 3), bool), np.ones((3, 2), bool))


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (np.array([[-1, 0]], np.int64), "between 0 and 65535; these go from -1 to 0"),
        (np.array([[0, 1 << 40]], np.int64), "these go from 0 to 1099511627776"),
        (np.array([[0.5, 1.0]]), "whole numbers; these are float64"),
    ],
)
def test_what_is_no_label_is_refused(labels: np.ndarray, told: str) -> None:
    whole = np.zeros((1, 2), np.uint8)
    for pair in ((labels, whole), (whole, labels)):
        with pytest.raises(ImageError, match=told):
            tabulate(*pair)


def test_what_is_not_judged_is_told_by_the_void_of_the_truth_and_by_no_other_number() -> None:
    def count(second: int, void: int) -> BoundaryCounts:
        truth = np.zeros((40, 40), np.uint16)
        truth[5:15, 5:15], truth[20:30, 20:30], truth[34:, 34:] = 1, second, void
        found = np.where(truth == void, 0, truth)
        counts = MapCounts(Maps((truth,), found, void=void)).boundaries
        assert counts is not None
        return counts

    assert count(255, 65535) == count(254, 65535) == count(7, 255)
    assert count(254, 65535).true == 72
