"""What the lesson on metrics promises happens."""

from __future__ import annotations

import numpy as np
import pytest

from pages.learn.lessons import metric as lesson
from segmethods.classroom.mask_perturbations import invent
from segmethods.classroom.metric import Edit, damage
from segmethods.core.types import Segmentation
from segmethods.metrics import METRICS, score
from tests.lessons.samples import says, truth

SHARES = ("mean_iou", "dice", "boundary_f", "pri", "panoptic_quality")


def scores(sample: str = "coins", **edit: object) -> dict[str, float]:
    return dict(damage(truth(sample), Edit(**edit)).scores)  # type: ignore[arg-type]


def test_a_shift_of_one_pixel_lies_in_the_unjudged_band() -> None:
    says("metric", "after one pixel all that has changed lies inside it", "改变的部分全落在那一圈里")
    perfect = scores()
    assert all(perfect[name] == 1 for name in SHARES)
    assert scores(right=1) == perfect
    assert scores(right=2)["mean_iou"] < 0.98


def test_boundary_f_falls_most_under_a_shift_of_six() -> None:
    moved = {name: value for name, value in scores(right=6).items() if name in SHARES}
    assert min(moved, key=moved.__getitem__) == "boundary_f"
    assert moved["mean_iou"] > 0.8
    assert 3 < 0.0075 * np.hypot(*truth("coins").labels.shape) < 4


def test_too_small_costs_objects_more_and_the_background_less() -> None:
    judged = truth("coins").labels != 255
    parts = {}
    for edit in (Edit(grow=3), Edit(shrink=3)):
        found = damage(truth("coins"), edit).labels
        for class_id in (0, 1):
            both = [(labels == class_id) & judged for labels in (truth("coins").labels, found)]
            parts[edit, class_id] = np.sum(both[0] & both[1]) / np.sum(both[0] | both[1])
    assert parts[Edit(grow=3), 1] > parts[Edit(shrink=3), 1]
    assert parts[Edit(grow=3), 0] < parts[Edit(shrink=3), 0]


def test_means_of_iou_and_dice_may_disagree() -> None:
    says("metric", "0.67 against 0.60", "0.67 对 0.60")
    speck, lost = scores(case="stranger"), scores(lost=17)
    assert [round(one[name], 2) for name in ("mean_iou", "dice") for one in (speck, lost)] == [0.67, 0.6, 0.67, 0.74]


def test_hausdorff_notices_the_smallest_coin() -> None:
    lost = scores(lost=1)
    assert lost["hausdorff"] > 30
    assert lost["hausdorff95"] == 0
    assert lost["mean_iou"] > 0.97
    assert scores(lost=3)["hausdorff95"] > 20


def test_three_coins_found_as_one_are_noticed_by_regions_alone() -> None:
    says("metric", "Panoptic quality, Rand index and variation of information", "全景质量、兰德指数和信息变差")
    whole, joined, every = scores(), scores(joined=3), scores(joined=24)
    moved = {name for name in whole if joined[name] != whole[name]}
    assert moved == {"panoptic_quality", "pri", "vi"}
    assert (every["panoptic_quality"], every["mean_iou"]) == (0, 1)
    says("metric", "the Rand index only in its third digit, 0.999", "兰德指数只在第三位小数上看得出，为 0.999")
    shown = dict(zip(SHARES, lesson._bars(joined, "").data[0].text, strict=True))
    assert (shown["pri"], shown["mean_iou"]) == ("0.999", "1.000")
    assert "1.000" in lesson._finding(joined)


def test_the_rand_index_hardly_notices_torn_coins() -> None:
    torn = scores(parts=2)
    assert torn["pri"] > 0.99
    assert torn["vi"] > 0.3
    assert round(torn["panoptic_quality"], 2) == 0.33
    assert (torn["mean_iou"], torn["dice"], torn["hausdorff"]) == (1, 1, 0)
    says("metric", "Torn into three, no piece does, and it is 0", "撕成三块，就没有一块算找到了")
    assert scores(parts=3)["panoptic_quality"] == 0


def test_an_empty_mask_is_nearly_right_where_objects_are_small() -> None:
    blank = Segmentation(np.zeros_like(truth("rocket").labels), truth("rocket").classes)
    found = score(blank, truth("rocket"), "by name")
    assert found.mean_iou == pytest.approx(0.5, abs=0.02)
    assert found.pixel_accuracy > 0.97
    assert scores("rocket", case="empty")["hausdorff"] == pytest.approx(np.hypot(*blank.labels.shape))


def test_a_speck_of_an_absent_class_costs_a_third() -> None:
    says("metric", "why does the mean IoU of the coins fall by a third", "平均交并比为什么就降了三分之一")
    assert scores(case="stranger")["mean_iou"] == pytest.approx(2 / 3, abs=0.01)
    coins = truth("coins")
    known = invent(np.where(coins.labels == 255, 0, coins.labels).astype(np.uint8), 1, min(coins.labels.shape) // 40)
    assert score(Segmentation(known, coins.classes), coins, "by name").mean_iou > 0.99


def test_every_score_has_its_formula() -> None:
    from pages.learn.lessons.metric import SHOWN

    assert len(SHOWN) == 8
    assert all(METRICS[name].latex for name in SHOWN)
    says("metric", "$n_{ij}$ counts the pixels", "$n_{ij}$ 是同时落在")


def test_the_unjudged_band_is_two_pixels_wide() -> None:
    says("metric", "a band of two pixels around each", "留了两个像素宽的一圈")
    band = np.pad(truth("coins").labels == 255, ((0, 0), (1, 1))).astype(np.int8)
    ends = [np.flatnonzero(np.diff(band).ravel() == step) for step in (-1, 1)]
    assert np.median(ends[0] - ends[1]) == 2


def test_dice_follows_from_the_iou_of_a_class() -> None:
    says(
        "metric",
        "for one class. For one class the two always agree",
        "只看一个类别，两张掩码谁更好，它们的意见总是一致",
    )
    for edit in ({"right": 6}, {"shrink": 3}, {"lost": 9}):
        found = score(Segmentation(damage(truth("coins"), Edit(**edit)).labels, truth("coins").classes), truth("coins"))
        each = np.array(found.class_iou, float)
        assert np.allclose(np.nanmean(2 * each / (1 + each)), found.dice)
