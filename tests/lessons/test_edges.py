"""What the lesson on edges promises happens."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pages.learn.lessons.edges import LESSON
from segmethods.introspection.edges import EdgeStages, inspect_edges
from tests.lessons.samples import image, says

CONTROLS = {control.name: control.default for control in LESSON.controls if control.name != "row"}


def see(sample: str = "coins", **moved: float) -> EdgeStages:
    return inspect_edges(image(sample), **{**CONTROLS, **moved})


def pieces(seen: EdgeStages) -> int:
    return int(cv2.connectedComponents(seen.lines.astype(np.uint8))[0]) - 1


def test_blur_removes_grain_and_details() -> None:
    says("edges", "more than twice as many pixels of lines, in six times as many pieces", "断成的段数是原来的六倍")
    usual, sharp, soft = see(), see(sigma=0), see(sigma=4)
    assert sharp.lines.sum() > 2 * usual.lines.sum()
    assert pieces(sharp) == pytest.approx(6 * pieces(usual), rel=0.1)
    assert soft.lines.sum() < usual.lines.sum()
    assert pieces(soft) < pieces(usual)


def test_weak_edges_at_1_switch_hysteresis_off() -> None:
    says("edges", "nothing is weak", "不再有弱边缘")
    off, every = see(low=1), see(low=0)
    assert not off.weak.any()
    assert np.array_equal(off.lines, off.strong)
    assert pieces(off) > pieces(see())
    _, parts = cv2.connectedComponents(every.ridges.astype(np.uint8))
    assert np.isin(parts[every.lines], np.unique(parts[every.strong])).all()
    assert every.lines.sum() > see().lines.sum()


def test_hysteresis_keeps_the_strong_and_the_weak_that_are_connected_to_them() -> None:
    seen = see()
    assert (seen.lines[seen.strong]).all()
    assert 0 < np.sum(seen.lines & seen.weak) < np.sum(seen.weak)


@pytest.mark.parametrize(("sample", "most", "least"), [("coins", 34, 24), ("chelsea", 114, 4)])
def test_without_a_gap_regions_run_together(sample: str, most: int, least: int) -> None:
    says(
        "edges", "on the coins from 34 to 24, on the cat from over a hundred to a handful", "硬币图上从 34 个变成 24 个"
    )
    assert (len(see(sample).classes), len(see(sample, gap=0).classes)) == (most, least)
    assert len(see(sample, gap=20).classes) < most


def test_the_gradient_peaks_where_brightness_jumps() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[:, 30:] = 200
    seen = inspect_edges(image)
    assert seen.gradient[20].argmax() in (29, 30)
    says("edges", "three criteria", "三条准则")


def test_along_a_level_outline_the_gradient_is_high_for_a_whole_stretch() -> None:
    says("edges", "The gradient is high along a whole stretch of the row", "而是一整段梯度都很高")
    image = np.zeros((60, 40, 3), np.uint8)
    image[30:] = 200
    seen = inspect_edges(image)
    row = int(seen.gradient[:, 20].argmax())
    assert (seen.gradient[row] > 0.9 * seen.gradient.max()).all()
    assert np.abs(seen.across[row]).max() < 1


def test_seeds_lie_farther_from_lines_than_half_the_gap() -> None:
    says("edges", "places that are farther from any line than half the gap", "离任何线条都超过要封住的缺口的一半")
    seen = see()
    away = cv2.distanceTransform((~seen.lines).astype(np.uint8), cv2.DIST_L2, 5)
    assert away[seen.seeds > 0].min() > CONTROLS["gap"] / 2


def test_much_blur_rounds_corners_and_shifts_lines() -> None:
    says("edges", "corners get round and lines shift", "尖角变圆，线条移位")
    down, right = np.mgrid[:80, :80]
    corner, disc = np.minimum(down, right) >= 30, np.hypot(down - 40, right - 40) < 7
    cut, ring = ([lines_of(thing, sigma) for sigma in (1.5, 4)] for thing in (corner, disc))
    gaps = [np.hypot(*(places - 30).T).min() for places in cut]
    assert gaps[0] < 1 < 2 < gaps[1]
    radii = [np.hypot(*(places - 40).T).mean() for places in ring]
    assert radii[1] < radii[0] - 0.2


def lines_of(thing: np.ndarray, sigma: float) -> np.ndarray:
    """Rows and columns of the lines round a bright thing on black, shape (N, 2)."""
    pixels = np.repeat(np.where(thing, 200, 0).astype(np.uint8)[..., None], 3, axis=2)
    return np.argwhere(inspect_edges(pixels, sigma=sigma).lines)
