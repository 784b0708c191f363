"""Thresholds against scikit-image's, and the corners of each."""

import numpy as np
import pytest
from skimage import data, filters

from segmethods import Failure, MethodError, segment
from segmethods.execution.compare import try_segment
from segmethods.methods._channels import CHANNELS, count_levels, extract_channel
from segmethods.methods._levels import GLOBAL, between_class_variance
from segmethods.methods.threshold import LOCAL, find_local_levels


def grey(plane: np.ndarray) -> np.ndarray:
    """A grey plane as an RGB image."""
    return np.repeat(np.asarray(plane, np.uint8)[..., None], 3, axis=2)


PLANES = {
    "camera": data.camera(),
    "coins": data.coins(),
    "page": data.page(),
    "chelsea": extract_channel(data.chelsea(), "grey"),
    "noise": np.random.default_rng(0).integers(0, 256, (50, 60), dtype=np.uint8),
    "few values": np.random.default_rng(1).choice(np.array([0, 1, 90, 255], np.uint8), (20, 20)),
    "two values": np.random.default_rng(2).choice(np.array([3, 200], np.uint8), (20, 20)),
}


@pytest.mark.parametrize("algorithm", [a for a in GLOBAL if a != "minimum"])
@pytest.mark.parametrize("plane", PLANES.values(), ids=PLANES.keys())
def test_levels_part_the_pixels_as_scikit_image_does(plane: np.ndarray, algorithm: str) -> None:
    ours = GLOBAL[algorithm](count_levels(plane))
    theirs = getattr(filters, f"threshold_{algorithm}")(plane)
    assert np.array_equal(plane > ours, plane > theirs), (ours, theirs)


@pytest.mark.parametrize("name", ["camera", "coins", "page", "chelsea"])
def test_minimum_parts_the_pixels_as_scikit_image_does(name: str) -> None:
    plane = PLANES[name]
    assert np.array_equal(plane > GLOBAL["minimum"](count_levels(plane)), plane > filters.threshold_minimum(plane))


@pytest.mark.parametrize("block", [3, 51])
@pytest.mark.parametrize("name", ["camera", "coins"])
def test_local_levels_are_those_of_scikit_image(name: str, block: int) -> None:
    plane = PLANES[name]
    inside = np.s_[block:-block, block:-block]  # beyond, the two mirror the image in different ways
    theirs = {
        "sauvola": filters.threshold_sauvola(plane, block, k=0.3, r=128),
        "niblack": filters.threshold_niblack(plane, block, k=0.3),
        "adaptive_mean": filters.threshold_local(plane, block, "mean", offset=7),
    }
    for algorithm, levels in theirs.items():
        ours = find_local_levels(plane, algorithm, block, offset=7, k=0.3)
        assert np.allclose(ours[inside], levels[inside], atol=1e-3), algorithm
    smooth = filters.threshold_local(plane, block, "gaussian", offset=7, param=(block - 1) / 6)
    assert np.allclose(find_local_levels(plane, "adaptive_gaussian", block, 7, 0.3), smooth, atol=2.5)


def test_otsu_curve_is_the_variance_between_the_groups() -> None:
    plane = PLANES["coins"]
    curve = between_class_variance(count_levels(plane))
    low, high = plane[plane <= 100], plane[plane > 100]
    share = low.size / plane.size
    assert curve[100] == pytest.approx(share * (1 - share) * (low.mean() - high.mean()) ** 2)
    result = segment(grey(plane), "threshold")
    assert np.array_equal(result.trace.between_class_variance, curve)
    assert result.trace.level == curve.argmax()


@pytest.mark.parametrize("algorithm", [*GLOBAL, *LOCAL])
def test_a_constant_image_has_no_level(algorithm: str) -> None:
    with pytest.raises(MethodError, match=r"same value \(77\).*Try another channel"):
        segment(grey(np.full((5, 5), 77)), "threshold", algorithm=algorithm)


def test_a_fixed_level_works_on_a_constant_image() -> None:
    image = grey(np.full((5, 5), 77))
    assert segment(image, "threshold", algorithm="fixed", level=76).labels.all()
    assert not segment(image, "threshold", algorithm="fixed", level=77).labels.any()


def test_minimum_says_when_there_are_no_two_peaks() -> None:
    with pytest.raises(MethodError, match="two peaks"):
        segment(grey([[1, 1, 2, 2, 2, 3]]), "threshold", algorithm="minimum")


def test_local_thresholds_follow_uneven_light() -> None:
    """Bright dots on a ramp of light: no one level finds them, a local one does."""
    light = np.tile(np.linspace(20, 200, 200), (60, 1))
    dots = np.zeros((60, 200), bool)
    dots[10:50:10, 10:190:10] = True
    image = grey(light + 40 * dots)
    found = segment(image, "threshold", algorithm="adaptive_mean", block=15, offset=-20).labels
    assert np.array_equal(found == 1, dots)
    assert not np.array_equal(segment(image, "threshold").labels == 1, dots)


def test_an_even_window_counts_as_the_next_odd_one() -> None:
    image = grey(data.coins())
    even, odd = (segment(image, "threshold", algorithm="sauvola", block=block).labels for block in (20, 21))
    assert np.array_equal(even, odd)


@pytest.mark.parametrize("algorithm", LOCAL)
def test_a_window_larger_than_the_image(algorithm: str) -> None:
    assert segment(grey([[0, 255], [9, 80]]), "threshold", algorithm=algorithm, block=255).labels.shape == (2, 2)


@pytest.mark.parametrize(("channel", "level"), [("r", 255), ("g", 128), ("b", 0), ("h", 21), ("s", 255), ("v", 255)])
def test_channels(channel: str, level: int) -> None:
    orange = np.full((1, 1, 3), (255, 128, 0), np.uint8)
    assert extract_channel(orange, channel)[0, 0] == level


def test_grey_and_lightness_run_from_black_to_white() -> None:
    ends = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    assert extract_channel(ends, "grey").tolist() == extract_channel(ends, "l").tolist() == [[0, 255]]
    assert set(CHANNELS) == set("grey r g b h s v l".split())


def test_tidying() -> None:
    image = np.zeros((20, 20), np.uint8)
    image[2:10, 2:10] = 255
    image[4:6, 4:6] = 0
    image[15, 15:17] = 255
    fixed = {"algorithm": "fixed", "level": 100}
    filled = segment(grey(image), "threshold", **fixed, fill_holes=True).labels
    assert filled[2:10, 2:10].all()
    assert filled.sum() == 66
    kept = segment(grey(image), "threshold", **fixed, min_area=3).labels
    assert kept.sum() == 60
    assert not kept[15].any()
    both = segment(grey(image), "threshold", **fixed, fill_holes=True, min_area=64).labels
    assert both.sum() == 64
    assert segment(grey(image), "threshold", **fixed, invert=True).labels.sum() == 400 - 62


def test_holes_reach_through_no_corner() -> None:
    ring = np.zeros((5, 5), np.uint8)
    ring[[0, 1, 2, 1], [1, 0, 1, 2]] = 255  # a diamond: its inside touches the outside at corners only
    labels = segment(grey(ring), "threshold", algorithm="fixed", level=0, fill_holes=True).labels
    assert labels[1, 1] == 1
    assert labels.sum() == 5


def test_algorithms_without_a_level_fail_one_by_one() -> None:
    flat, algorithms = grey(np.full((4, 4), 9)), ("fixed", *GLOBAL, *LOCAL)
    assert len(algorithms) == 12
    found = [a for a in algorithms if not isinstance(try_segment(flat, "threshold", {"algorithm": a}), Failure)]
    assert found == ["fixed"]
    for algorithm in algorithms:
        outcome = try_segment(data.chelsea(), "threshold", {"algorithm": algorithm, "channel": "l"})
        assert not isinstance(outcome, Failure), algorithm


def test_the_trace() -> None:
    image = grey(np.tile(np.arange(256), (600, 4)))
    result = segment(image, "threshold", algorithm="niblack")
    level_map = result.trace.level_map
    assert isinstance(level_map, np.ndarray)
    assert max(level_map.shape) == 512
    assert result.trace.level is None
    assert np.array_equal(result.trace.histogram, np.full(256, 2400))
