"""Where the background should be taken away, and that the settings which a page suggests reach five lines of OpenCV."""

from __future__ import annotations

import numpy as np
import pytest

import segmethods as sm
from segmethods.reporting.suggestion import suggest_background
from tests.bench.five_lines import (
    draw_scratch,
    five_lines,
    follow_suggestion,
    pooled_iou,
    ranked_iou,
    suggest_for_all,
)

SCRATCHES = [draw_scratch(seed) for seed in range(10)]


def test_what_the_pages_suggest_does_not_lose_to_five_lines_of_opencv() -> None:
    floor = pooled_iou(five_lines, SCRATCHES[:4])
    assert floor > 0.6
    reached = {m: pooled_iou(follow_suggestion(m), SCRATCHES[:4]) for m in ("threshold", "kmeans", "histogram")}
    assert reached["threshold"] >= floor - 0.001
    assert min(reached.values()) > floor - 0.04


def test_nor_does_the_figure_by_which_a_set_of_them_is_ranked() -> None:
    """A rule learned on nine of ten pictures must not call the scratches of the tenth background."""
    params = suggest_for_all(SCRATCHES, "threshold")
    assert ranked_iou(SCRATCHES, "threshold", params) >= pooled_iou(five_lines, SCRATCHES)


@pytest.mark.parametrize("turned", [False, True])
def test_scratches_are_noticed_and_so_is_their_side(turned: bool) -> None:
    for image, _ in SCRATCHES:
        found = suggest_background(255 - image if turned else image)
        assert found is not None
        assert found.is_dark is not turned


@pytest.mark.parametrize("sample", ["chelsea", "astronaut", "coffee", "rocket", "camera", "horse"])
def test_photos_of_things_ask_for_nothing(sample: str) -> None:
    assert suggest_background(sm.get_sample(sample).image()) is None


def test_a_blank_a_tiny_or_a_narrow_picture_asks_for_nothing() -> None:
    for shape in ((1, 1, 3), (40, 60, 3), (10, 30_000, 3), (30_000, 1, 3)):
        assert suggest_background(np.full(shape, 90, np.uint8)) is None


def test_the_window_grows_with_the_picture() -> None:
    image, _ = draw_scratch(0)
    large = np.kron(image, np.ones((6, 6, 1), np.uint8))
    small, wide = suggest_background(image), suggest_background(large)
    assert small.size < wide.size <= 151
    assert small.params["threshold"]["min_area"] < wide.params["threshold"]["min_area"]
    for method, params in wide.params.items():
        sm.get_method(method).validate(params)
