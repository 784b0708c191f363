"""Background removal, and sizes of objects: what industry does first."""

from __future__ import annotations

import numpy as np
import pytest

import segmethods as sm
from segmethods.methods._background import join_specks, keep_sizes, remove_background
from tests.bench.five_lines import draw_scratch, five_lines, pooled_iou, run_ours

SCRATCHES = [draw_scratch(seed) for seed in range(10)]


@pytest.mark.parametrize("ours", ["threshold, median", "threshold, median, Yen"])
def test_no_page_loses_to_five_lines_of_opencv(ours: str) -> None:
    floor = pooled_iou(five_lines, SCRATCHES)
    assert floor > 0.6
    assert pooled_iou(run_ours(ours), SCRATCHES) >= floor - 0.001
    assert pooled_iou(run_ours("threshold, default"), SCRATCHES) < 0.1


@pytest.mark.parametrize("rule", ["median", "tophat"])
@pytest.mark.parametrize("is_dark", [False, True])
def test_what_changes_slowly_goes_and_objects_of_one_side_stay(rule: str, is_dark: bool) -> None:
    plane = np.tile(np.linspace(60, 200, 90).round().astype(np.uint8), (60, 1))
    plane[20:24, 20:24] -= 40
    plane[40:44, 60:64] += 40
    left = remove_background(plane, rule, 15, is_dark)
    dark, bright = left[20:24, 20:24], left[40:44, 60:64]
    assert (dark if is_dark else bright).min() >= 30
    assert (bright if is_dark else dark).max() <= 25
    assert np.median(left) <= 12


def test_objects_of_other_sizes_become_background() -> None:
    image = np.zeros((40, 40, 3), np.uint8)
    for size, place in ((3, 2), (6, 10), (12, 22)):
        image[place : place + size, place : place + size] = 200
    labels = sm.segment(image, "threshold", min_area=20, max_area=100).labels
    assert labels.sum() == 36
    assert labels[10:16, 10:16].all()
    assert keep_sizes(labels, 0, 0) is labels


def test_specks_join_what_lies_around_them() -> None:
    labels = np.zeros((9, 9), np.uint8)
    labels[:, 5:] = 3
    labels[4, 2] = labels[4, 7] = 1
    joined = join_specks(labels, 2)
    assert joined[4, 2] == 0
    assert joined[4, 7] == 3
    assert join_specks(labels, 1000) is labels
