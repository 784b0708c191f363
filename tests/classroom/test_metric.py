"""Damaged masks: the scores part ways as the lesson says they do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from segmethods.classroom.metric import CASES, SHOWN, Edit, damage
from segmethods.core.types import BINARY, VOID, GroundTruth
from segmethods.io.samples import get_sample

SQUARE = np.zeros((60, 80), np.uint8)
SQUARE[20:40, 20:50] = 1
SQUARE[5:9, 60:64] = 1
SQUARE[0, :3] = VOID
TRUTH = GroundTruth(SQUARE, BINARY)


def scores(**edit: object) -> dict[str, float]:
    return dict(damage(TRUTH, Edit(**edit)).scores)


def test_nothing_is_lost_where_nothing_is_damaged():
    assert scores() == {
        "mean_iou": 1,
        "dice": 1,
        "boundary_f": 1,
        "pri": 1,
        "panoptic_quality": 1,
        "vi": 0,
        "hausdorff": 0,
        "hausdorff95": 0,
    }
    for sample in ("coins", "coffee"):
        found = damage(get_sample(sample).truth(), Edit())
        assert found.scores == scores()
        assert found.blank == 0


def test_a_shift_is_measured_in_pixels():
    moved = scores(right=3, down=-4)
    assert moved["hausdorff"] == 5
    assert 0.5 < moved["mean_iou"] < moved["dice"] < 1


def test_torn_objects_are_seen_by_regions_and_boundaries_alone():
    torn = scores(parts=3)
    assert (torn["mean_iou"], torn["dice"], torn["hausdorff"]) == (1, 1, 0)
    assert torn["pri"] < 1
    assert torn["vi"] > 0
    assert torn["boundary_f"] < 1


def test_joined_objects_are_seen_by_regions_and_objects_alone():
    joined = scores(joined=2)
    assert (joined["mean_iou"], joined["dice"], joined["hausdorff"], joined["boundary_f"]) == (1, 1, 0, 1)
    assert joined["pri"] < 1
    assert joined["vi"] > 0
    assert joined["panoptic_quality"] < 0.7


def test_a_small_lost_object_hardly_counts_for_area_and_much_for_the_largest_distance():
    lost = scores(lost=1)
    assert lost["mean_iou"] > 0.97
    assert lost["hausdorff"] > 20
    assert lost["hausdorff"] > lost["hausdorff95"]


def test_the_empty_mask_has_the_worst_distance():
    empty = damage(TRUTH, Edit(case="empty"))
    assert empty.scores["hausdorff"] == empty.scores["hausdorff95"] == math.hypot(60, 80)
    assert empty.blank == 1
    assert empty.scores["mean_iou"] == pytest.approx(np.mean(SQUARE[SQUARE != VOID] == 0) / 2)
    assert empty.scores["boundary_f"] == 0
    lost = damage(TRUTH, Edit(lost=2))
    assert {n: v for n, v in lost.scores.items() if v == v} == {n: v for n, v in empty.scores.items() if v == v}


def test_all_object():
    full = damage(TRUTH, Edit(case="full"))
    assert (full.labels == 1).all()
    assert full.scores["mean_iou"] < 0.1


def test_a_small_thing_of_an_absent_class_costs_a_class():
    found = damage(TRUTH, Edit(case="stranger"))
    assert found.scores["mean_iou"] == pytest.approx(2 / 3, abs=0.01)
    assert len(found.classes) == 3
    assert found.blank == 1
    cat = damage(get_sample("chelsea").truth(), Edit(case="stranger"))
    assert cat.classes.id == "voc"
    assert cat.scores["mean_iou"] == pytest.approx(2 / 3, abs=0.01)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("labels", [np.zeros((9, 9)), np.ones((9, 9)), np.full((9, 9), VOID), np.zeros((1, 1))])
def test_any_truth_goes_through(labels, case):
    found = damage(GroundTruth(labels.astype(np.uint8), BINARY), Edit(1, 1, 1, 1, 1, 2, 2, case))
    assert set(found.scores) == set(SHOWN)
    assert found.labels.shape == labels.shape
