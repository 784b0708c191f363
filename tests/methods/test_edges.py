"""Edges of known pictures, and the regions inside them."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt
from skimage import data
from skimage.feature import canny

from segmethods import segment
from segmethods.methods.edges import (
    KERNELS,
    differentiate,
    find_ridges,
    find_seeds,
    find_threshold,
    measure_gradient,
    regions_from_edges,
)


def grey(plane: np.ndarray) -> np.ndarray:
    return np.repeat(np.asarray(plane, np.uint8)[..., None], 3, axis=2)


def disc(height: int = 80, width: int = 100, radius: int = 25) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return (rows - height // 2) ** 2 + (columns - width // 2) ** 2 < radius**2


@pytest.mark.parametrize("detector", KERNELS)
def test_a_disc_has_one_outline_and_two_regions(detector: str) -> None:
    inside = disc()
    result = segment(grey(60 + 120 * inside), "edges", detector=detector)
    assert len(result.classes) == 2
    assert (result.labels[40, 50], result.labels[0, 0]) == (1, 0)  # the larger one comes first
    assert np.mean((result.labels == 1) != inside) < 0.02
    rim = cv2.dilate(inside.astype(np.uint8), np.ones((5, 5))) != cv2.erode(inside.astype(np.uint8), np.ones((5, 5)))
    assert result.boundaries.any()
    assert not (result.boundaries & ~rim).any()


@pytest.mark.parametrize("detector", KERNELS)
@pytest.mark.parametrize("value", [0, 77, 255])
def test_a_constant_picture_is_one_region(detector: str, value: int) -> None:
    result = segment(np.full((30, 40, 3), value, np.uint8), "edges", detector=detector, high=0, low=0)
    assert not result.boundaries.any()
    assert not result.labels.any()
    assert len(result.classes) == 1


@pytest.mark.parametrize("detector", KERNELS)
def test_gradients_are_in_levels_per_pixel(detector: str) -> None:
    ramp = np.tile(np.arange(0, 100, 2, dtype=np.float32), (20, 1))
    across, down = differentiate(ramp, detector)
    assert np.allclose(across[:, 2:-2], 2)
    assert np.allclose(down, 0, atol=1e-5)
    across, down = differentiate(np.ascontiguousarray(ramp.T), detector)
    assert np.allclose(down[2:-2], 2)
    assert np.allclose(across, 0, atol=1e-5)


def test_roberts_magnitude_is_that_of_the_diagonal_differences() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (9, 9)).astype(np.float32)
    across, down = differentiate(plane, "roberts")
    first, second = plane[1:, 1:] - plane[:-1, :-1], plane[:-1, 1:] - plane[1:, :-1]
    assert np.allclose(np.hypot(across, down)[1:, 1:], np.hypot(first, second) / np.sqrt(2), atol=1e-3)


def test_ridges_are_one_pixel_thin_and_hysteresis_follows_weak_lines() -> None:
    fading = np.zeros((40, 60), np.float32)
    fading[20:] = np.linspace(100, 20, 60)
    across, down = differentiate(fading, "sobel")
    strong, both, all_ = (find_ridges(across, down, low, high) for low, high in ((40, 40), (5, 40), (5, 5)))
    assert strong.sum(axis=0).max() == 1
    assert 0 < strong.sum() < both.sum() == all_.sum()


def test_canny_is_near_scikit_images() -> None:
    """They differ in rounding and at ties, but most lines lie within a pixel of one another."""
    plane = data.camera()
    ours = segment(grey(plane), "edges", sigma=2, high=0.9, low=0.4)
    trace = ours.trace
    theirs = canny(plane.astype(float), 2, 4 * trace.low, 4 * trace.high)
    near = cv2.dilate(theirs.astype(np.uint8), np.ones((3, 3))) > 0
    assert (near & ours.boundaries).sum() > 0.9 * ours.boundaries.sum()


def square_with_gap(gap: int) -> np.ndarray:
    lines = np.zeros((60, 60), bool)
    lines[[10, 50], 10:51] = lines[10:51, [10, 50]] = True
    lines[10, 30 : 30 + gap] = False
    return lines


@pytest.mark.parametrize(("hole", "gap", "regions"), [(0, 0, 2), (4, 0, 1), (4, 3, 1), (4, 4, 2), (8, 7, 1), (8, 8, 2)])
def test_gaps_are_closed_up_to_their_width(hole: int, gap: int, regions: int) -> None:
    labels = regions_from_edges(square_with_gap(hole), np.zeros((60, 60), np.uint8), gap, 1)
    assert labels.max() + 1 == regions
    assert (labels[30, 30] != labels[0, 0]) == (regions == 2)


def test_small_regions_join_a_neighbour_and_all_pixels_belong_somewhere() -> None:
    lines = np.zeros((50, 50), bool)
    lines[::10] = lines[:, ::10] = True
    plane = np.random.default_rng(0).integers(0, 256, (50, 50), np.uint8)
    assert regions_from_edges(lines, plane, 0, 1).max() + 1 == 25
    assert regions_from_edges(lines, plane, 0, 5000).max() + 1 == 1
    areas = np.bincount(regions_from_edges(lines, plane, 0, 110).ravel())
    assert (areas >= 110).all()
    assert (np.diff(areas) <= 0).all()


def test_many_regions_need_16_bits() -> None:
    lines = np.zeros((200, 200), bool)
    lines[::4] = lines[:, ::4] = True
    labels = regions_from_edges(lines, np.zeros((200, 200), np.uint8), 0, 1)
    assert labels.dtype == np.uint16
    assert labels.max() + 1 == 2500
    assert regions_from_edges(lines[:40, :40], np.zeros((40, 40), np.uint8), 0, 1).dtype == np.uint8


def test_there_are_never_more_regions_than_16_bits_can_number() -> None:
    lines = np.zeros((700, 700), bool)
    lines[::2] = lines[:, ::2] = True
    labels = regions_from_edges(lines, np.zeros((700, 700), np.uint8), 0, 1)
    assert labels.max() + 1 == 65_535


def test_lines_everywhere_are_one_region() -> None:
    assert not regions_from_edges(np.ones((5, 5), bool), np.zeros((5, 5), np.uint8), 0, 1).any()


def test_the_trace_is_small() -> None:
    result = segment(np.zeros((600, 1000, 3), np.uint8), "edges")
    assert result.trace.gradient.shape == (300, 500)


def test_the_gradient_is_the_same_wherever_it_lies_in_memory() -> None:
    across, down = np.random.default_rng(0).normal(0, 30, (2, 60, 80)).astype(np.float32)
    found = [measure_gradient(across, down) for _ in range(8)]
    assert all(np.array_equal(found[0], again) for again in found)
    np.testing.assert_allclose(found[0], np.hypot(across, down), rtol=1e-6)


@pytest.mark.parametrize("high", [0, 0.37, 0.9, 1])
def test_the_threshold_is_the_quantile(high: float) -> None:
    for size in (1, 2, 50, 3001):
        gradient = np.random.default_rng(size).uniform(5, 80, (1, size)).astype(np.float32)
        assert find_threshold(gradient, high) == np.quantile(gradient, high)


def test_seeds_are_farther_than_half_the_gap_from_any_line() -> None:
    lines = np.random.default_rng(0).random((60, 90)) < 0.004
    for gap in range(21):
        assert np.array_equal(find_seeds(lines, gap) > 0, distance_transform_edt(~lines) > gap / 2)
