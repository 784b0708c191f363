"""What the lessons on networks say of their pictures is so, at the settings that they start with and name."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest
from safetensors.numpy import load_file

import segmethods as sm
from pages.learn.network_views import STREET_SIZE
from segmethods.classroom import judge
from segmethods.core.types import GroundTruth, Image, Labels, Segmentation
from segmethods.introspection.deeplab import BRANCHES, ablate_branches, compare_branches
from segmethods.introspection.fcn import FCNInspection, inspect_fcn
from segmethods.introspection.patch_cnn import inspect_window, time_sliding
from segmethods.introspection.receptive_field import ReceptiveField, measure_receptive_field
from segmethods.introspection.segnet import inspect_segnet
from segmethods.models.architectures.patch_cnn.windows import STRIDE, WINDOW
from segmethods.models.runtime import load_runner
from segmethods.models.weights import get_weights
from tests.lessons.samples import says

IMAGES = ("chelsea", "astronaut", "camera", "horse", "motorcycle")
"""Samples of classes that the weights for everyday photos know."""


@cache
def image(name: str) -> Image:
    return sm.get_sample(name).image()


@cache
def truth(name: str) -> GroundTruth:
    found = sm.get_sample(name).truth()
    assert found is not None
    return found


def mean_iou(name: str, labels: Labels) -> float:
    return judge(Segmentation(labels, truth(name).classes), truth(name)).mean_iou


def share_changed(one: Labels, other: Labels) -> float:
    return float((one != other).mean())


@cache
def field(x: int, y: int, rate: int) -> ReceptiveField:
    return measure_receptive_field(image("chelsea"), x=x, y=y, rate=rate)


@cache
def fcn(name: str) -> FCNInspection:
    return inspect_fcn(image(name))


def test_deeplab_span_grows_and_the_taps_leave_the_picture() -> None:
    narrow, default, wide = (field(190, 130, rate) for rate in (1, 3, 12))
    assert default.cell == 16
    assert narrow.filter_theory < default.filter_theory < wide.filter_theory
    assert len(narrow.taps) == len(default.taps) == 9 > len(wide.taps)
    assert [field(190, 130, rate).trained for rate in (1, 4, 5, 7, 8, 12)] == [3, 3, 6, 6, 9, 9]


def test_deeplab_measured_field_is_smaller_than_arithmetic_says() -> None:
    seen = field(190, 130, 3)
    assert seen.measured[0.5] < seen.measured[0.9] < seen.theory
    assert seen.measured[0.5] < seen.theory / 2
    assert seen.theory > seen.working_size[1]


def test_deeplab_taps_outside_of_the_corner() -> None:
    seen = field(0, 0, 12)
    assert seen.centre == (0, 0)
    assert 1 < len(seen.taps) < 9
    assert (seen.taps >= 0).all()


@pytest.mark.parametrize("name", IMAGES[:3])
def test_deeplab_misses_its_widest_branch_most(name: str) -> None:
    complete = compare_branches(image(name))
    assert complete.channels == {"point": 1280, "near": 128, "middle": 128, "far": 128, "whole": 128}
    assert complete.rates == (3, 6, 9)
    assert max(complete.changed, key=lambda branch: complete.changed[branch]) == "point"
    atrous = ablate_branches(image(name), near=False, middle=False, far=False).labels
    assert share_changed(atrous, complete.labels) < complete.changed["point"] / 2


def test_deeplab_image_pooling_changes_a_part_of_the_cat() -> None:
    complete = compare_branches(image("chelsea"))
    assert 0 < complete.changed["whole"] < 0.1


def test_deeplab_without_its_pyramid_names_hardly_anything_but_background() -> None:
    labels = ablate_branches(image("chelsea"), **dict.fromkeys(BRANCHES, False)).labels
    assert (labels == 0).mean() > 0.95


def test_fcn_maps_shrink_and_multiply() -> None:
    layers = fcn("chelsea").layers
    assert layers[-1].stride == 32
    assert [layer.stride for layer in layers] == sorted(layer.stride for layer in layers)
    assert [layer.channels for layer in layers] == sorted({layer.channels for layer in layers})


def test_fcn_is_better_with_both_skips_on_most_photos() -> None:
    gains = [mean_iou(name, fcn(name).skips["both"]) - mean_iou(name, fcn(name).skips["none"]) for name in IMAGES]
    assert sum(gain > 0 for gain in gains) > len(IMAGES) / 2
    assert len({share_changed(fcn("chelsea").skips[name], fcn("chelsea").labels) for name in ("none", "16", "8")}) == 3


def test_fcn_outlines_get_sharper_with_both_skips() -> None:
    says("fcn", "Outlines get sharper", "轮廓会更清晰")
    sharper = [
        outline_fit(name, fcn(name).skips["both"]) > outline_fit(name, fcn(name).skips["none"]) for name in IMAGES
    ]
    assert sum(sharper) > len(IMAGES) / 2


def outline_fit(name: str, labels: Labels) -> float:
    return float(judge(Segmentation(labels, truth(name).classes), truth(name)).boundary_f)


def test_fcn_the_whole_picture_mends_by_far_more_than_it_spoils_but_not_the_cat() -> None:
    gains = {name: mean_iou(name, fcn(name).labels) - mean_iou(name, fcn(name).without_image_head) for name in IMAGES}
    says("fcn", "it mends by far more than it spoils", "改好的远比改坏的多")
    mended, spoilt = (sum(abs(gain) for gain in gains.values() if (gain > 0) == good) for good in (True, False))
    assert mended > 3 * spoilt
    assert gains["chelsea"] < -0.01
    assert max(fcn("chelsea").chances) == fcn("chelsea").chances[8 - 1] > 0.3


@cache
def segnet(name: str, square: str) -> dict[str, float]:
    return {way: mean_iou(name, labels) for way, labels in inspect_segnet(image(name), square=square).variants.items()}


def test_segnet_right_places_beat_shuffled_ones_and_most_often_bilinear_upsampling() -> None:
    for name in IMAGES:
        scores = segnet(name, "2")
        assert scores["indices"] > scores["shuffled"]
        assert (scores["indices"] > scores["bilinear"]) == (name not in ("astronaut", "camera"))


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_segnet_bilinear_upsampling_smooths_small_wrong_regions_away(name: str) -> None:
    variants = inspect_segnet(image(name), square="2").variants
    wrong = {
        way: sum(np.mean(labels == c) for c in np.unique(labels) if c not in truth(name).labels)
        for way, labels in variants.items()
    }
    assert 0 < wrong["indices"] < 0.1
    assert wrong["bilinear"] < wrong["indices"] / 2


def test_segnet_right_places_are_clearly_best_on_the_street() -> None:
    seen = inspect_segnet(image("street"), weights="camvid", size=str(STREET_SIZE), square="2")  # as its button has it
    scores = {way: mean_iou("street", labels) for way, labels in seen.variants.items()}
    assert scores["indices"] > 0.35
    assert scores["indices"] > max(scores["shuffled"], scores["bilinear"]) + 0.05


SQUARES = ("2", "4", "8", "16")


@pytest.mark.parametrize("name", ["horse", "motorcycle"])
def test_segnet_falls_apart_step_by_step(name: str) -> None:
    scores = [segnet(name, "2")["indices"], *(segnet(name, square)["shuffled"] for square in SQUARES)]
    assert scores == sorted(scores, reverse=True)
    assert scores[2] > 0.5 > scores[3]


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "camera"])
def test_segnet_scores_also_rise_where_values_are_scattered(name: str) -> None:
    scores = [segnet(name, square)["shuffled"] for square in SQUARES]
    assert any(later > earlier for earlier, later in pairwise(scores))


@cache
def windows(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Class probabilities of every window, and how far its middle is from an outline, in pixels of the working size."""
    from segmethods.methods._network import resize_long_side
    from segmethods.methods.patch_cnn import pad_for_windows

    weights = get_weights("patch_cnn", "voc")
    small = resize_long_side(image(name), weights.size)
    grid = load_runner(weights, "window")(pad_for_windows(small)[None])[0]
    labels = cv2.resize(truth(name).labels, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    thing = ((labels > 0) & (labels < 255)).astype(np.uint8)
    distance = cv2.distanceTransform(thing, cv2.DIST_L2, 5) + cv2.distanceTransform(1 - thing, cv2.DIST_L2, 5)
    middles = distance[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE][: grid.shape[1], : grid.shape[2]]
    return grid, middles


@pytest.mark.parametrize("name", IMAGES)
def test_patch_cnn_is_less_sure_at_an_outline(name: str) -> None:
    grid, distance = windows(name)
    sure = grid.max(axis=0)[: distance.shape[0], : distance.shape[1]]
    at, far = sure[distance < 12].mean(), sure[distance > 40].mean()
    assert at < far
    assert (far - at < 0.05) == (name == "chelsea") or name == "astronaut"
    if name == "camera":
        assert far - at > 0.15


def test_patch_cnn_scores_move_little_from_one_window_to_the_next() -> None:
    grid, _ = windows("chelsea")
    moved = np.abs(np.diff(grid, axis=2)).max(axis=0)
    assert np.median(moved) < 0.1
    assert (moved < 0.3).mean() > 0.95
    assert pytest.approx(0.95, abs=0.005) == (WINDOW - STRIDE) / WINDOW


def test_patch_cnn_counts_what_sliding_costs() -> None:
    cost = time_sliding(image("chelsea"))
    ratio = cost.window_multiplications * cost.windows[STRIDE] / cost.dense_multiplications
    assert 40 < ratio < 100
    assert ratio < cost.sharing
    assert 0.2 < cost.windows[16] * 4 / cost.windows[8] < 1.2  # twice the step: a quarter of the windows
    assert cost.windows[1] == pytest.approx(cost.windows[8] * 64, rel=0.05)


def test_patch_cnn_dense_pass_is_no_approximation() -> None:
    seen = inspect_window(image("chelsea"))
    assert np.abs(seen.alone - seen.dense).max() < 1e-4


def test_patch_cnn_names_classes_that_are_not_there() -> None:
    labels = inspect_window(image("chelsea"), x=160, y=170).labels
    inside = truth("chelsea").labels == 8
    assert (labels[inside] == 8).mean() > 0.6
    assert len(np.unique(labels)) > 4
    assert mean_iou("chelsea", labels) < 0.4


def test_segnet_marks_line_up_on_the_brighter_side_of_an_edge() -> None:
    pooling = inspect_segnet(image("chelsea"), square="2").poolings[0]
    height, width = (n // 2 for n in pooling.before.shape)
    cut = (slice(0, 2 * height), slice(0, 2 * width))
    squares, kept = (
        plane[cut].astype(float).reshape(height, 2, width, 2).sum(axis=1) for plane in (pooling.before, pooling.kept)
    )
    left, right = squares[..., 0], squares[..., 1]
    steep = np.abs(left - right) > np.quantile(np.abs(left - right), 0.9)
    assert np.mean((kept[..., 0] > kept[..., 1]) == (left > right), where=steep) > 0.97
    assert pooling.kept.mean() == pytest.approx(1 / 4, abs=0.01)


def test_fcn_stretches_over_four_by_four_and_a_fifth_changes_nothing() -> None:
    import torch

    from segmethods.models.architectures.fcn.model import LearnedUpsample
    from segmethods.models.architectures.image_head import ImageLevelHead

    assert LearnedUpsample(2).weight.shape[2:] == (4, 4)
    head = ImageLevelHead(1, 2)
    for chance, credit in ((0.01, np.log(0.013 / 0.2)), (0.197, 0), (0.3, np.log(1.5)), (0.99, np.log(1.5))):
        with torch.no_grad():
            for layer, value in ((head.places, 0.0), (head.signs, np.log(chance / (1 - chance)))):
                layer.weight.zero_()
                layer.bias.fill_(value)
            prior = head.prior(torch.zeros(1, 1, 3, 3)).flatten()
        assert float(prior[0]) == 0
        assert float(prior[1]) == pytest.approx(credit, abs=1e-4)


def test_patch_cnn_says_the_same_for_neighbours_of_one_window() -> None:
    here, beside, farther = (inspect_window(image("chelsea"), x=x, y=170) for x in (160, 161, 176))
    assert here.middle == beside.middle != farther.middle
    np.testing.assert_array_equal(here.alone, beside.alone)


def test_deeplab_arithmetic_is_larger_than_the_picture_at_every_rate() -> None:
    assert field(190, 130, 1).theory > field(190, 130, 1).working_size[1]


def test_the_street_shows_nearly_all_classes_and_its_weights_ask_for_none() -> None:
    says("fcn", "show at least nine, and so does the street among our samples", "我们的街景示例图也是")
    street = truth("street")
    judged = street.labels[street.labels < len(street.classes)]
    assert len(street.classes) == 11
    assert len(np.unique(judged)) >= 9
    for family, has_head in (("voc", True), ("camvid", False)):
        names = load_file(get_weights("fcn", family).file)
        assert any(name.startswith("presence.") for name in names) == has_head
