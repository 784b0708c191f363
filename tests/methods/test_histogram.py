"""Peaks, valleys and cuts against SciPy, scikit-image and trying everything."""

from itertools import combinations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks as scipy_peaks
from skimage import data, filters

from segmethods import BINARY, MethodError, segment
from segmethods.methods.histogram import find_cuts, find_peaks, lowest_between, smooth


def grey(plane: np.ndarray) -> np.ndarray:
    return np.repeat(np.asarray(plane, np.uint8)[..., None], 3, axis=2)


def hills(*levels_and_counts: tuple[int, int]) -> np.ndarray:
    """A plane whose histogram has a bell at each level, of about that many pixels."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(level, 8, count) for level, count in levels_and_counts]).clip(0, 255)[None]


@pytest.mark.parametrize("seed", range(40))
def test_peaks_are_those_of_scipy(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 12, 256)
    curve = smooth(counts, (0, 1, 2.5)[seed % 3])
    for prominence in (0, 0.1, 0.4):
        padded = np.pad(curve, 1)
        places, notes = scipy_peaks(padded, prominence=1e-12)
        theirs = places[notes["prominences"] > prominence * curve.max()] - 1
        ours = find_peaks(curve, prominence)
        assert sorted(ours) == theirs.tolist()
        assert (np.diff(curve[ours]) <= 0).all()


@pytest.mark.parametrize("sigma", [0.5, 3, 20])
def test_smoothing_is_scipys_and_loses_no_pixel(sigma: float) -> None:
    counts = np.random.default_rng(0).integers(0, 100, 256)
    assert np.allclose(smooth(counts, sigma), gaussian_filter1d(counts.astype(float), sigma))
    assert smooth(counts, sigma).sum() == pytest.approx(counts.sum())


@pytest.mark.parametrize("groups", [2, 3, 4, 5])
def test_cuts_are_the_best_of_all(groups: int) -> None:
    counts = np.zeros(256, np.int64)
    rng = np.random.default_rng(groups)
    counts[rng.choice(256, 14, replace=False)] = rng.integers(1, 50, 14)
    levels = np.flatnonzero(counts)

    def variance(cuts: tuple[int, ...]) -> float:
        parts = np.split(levels, np.searchsorted(levels, cuts, side="right"))
        return sum((counts[p] * p).sum() ** 2 / counts[p].sum() for p in parts)

    best = max(combinations(levels[:-1].tolist(), groups - 1), key=variance)
    assert find_cuts(counts, groups).tolist() == list(best)


@pytest.mark.parametrize("name", ["camera", "coins", "page", "moon"])
def test_multi_otsu_is_that_of_scikit_image(name: str) -> None:
    plane = getattr(data, name)()
    for groups in (2, 3, 4):
        result = segment(grey(plane), "histogram", algorithm="multi_otsu", levels=groups)
        theirs = filters.threshold_multiotsu(plane, groups)
        assert result.trace.cuts.tolist() == theirs.tolist()
        assert np.array_equal(result.labels, np.digitize(plane, theirs, right=True))


def test_two_groups_of_multi_otsu_are_otsus() -> None:
    image = grey(data.coins())
    two = segment(image, "histogram", algorithm="multi_otsu", levels=2)
    assert np.array_equal(two.labels, segment(image, "threshold").labels)


def test_too_few_values_for_the_groups() -> None:
    with pytest.raises(MethodError, match="2 different values, too few for 3 groups"):
        segment(grey([[0, 9, 9]]), "histogram", algorithm="multi_otsu", levels=3)


def test_the_largest_peak_is_background_and_the_next_is_object() -> None:
    bright = segment(grey(hills((60, 5000), (180, 2000))), "histogram")
    assert bright.classes == BINARY
    assert bright.labels.mean() == pytest.approx(2 / 7, abs=0.01)
    assert bright.labels[0, -1] == 1
    dark = segment(grey(hills((60, 2000), (180, 5000))), "histogram")
    assert dark.labels[0, 0] == 1
    assert dark.labels.mean() == pytest.approx(2 / 7, abs=0.01)


def test_the_trace_names_peaks_valleys_and_the_cut() -> None:
    result = segment(grey(hills((40, 3000), (120, 5000), (200, 4000))), "histogram", smoothing=6, prominence=0.1)
    peaks, valleys, cuts = (result.trace.peaks, result.trace.valleys, result.trace.cuts)
    assert np.allclose(peaks, [120, 200, 40], atol=6)
    assert len(valleys) == 2
    assert cuts.tolist() == [max(valleys)]


def test_one_peak_only() -> None:
    with pytest.raises(MethodError, match=r"one peak only.*Lower the smoothing"):
        segment(grey(hills((100, 4000))), "histogram", smoothing=8, prominence=0.1)


@pytest.mark.parametrize("algorithm", ["peaks", "multi_otsu"])
def test_one_value_only(algorithm: str) -> None:
    with pytest.raises(MethodError, match=r"the same value \(90\).*Try another channel"):
        segment(grey(np.full((5, 5), 90)), "histogram", algorithm=algorithm)


def test_peaks_at_both_ends() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    image[:, 4:] = 255
    for smoothing in (0, 2, 20):
        result = segment(image, "histogram", smoothing=smoothing)
        assert result.labels[0].tolist() == [0, 0, 0, 0, 1, 1]
        assert result.trace.cuts.tolist() == [pytest.approx(127.5, abs=1)]


def test_a_flat_valley_is_cut_in_its_middle() -> None:
    assert lowest_between(np.array([5.0, 1, 1, 1, 1, 1, 4]), 6, 0) == 3
