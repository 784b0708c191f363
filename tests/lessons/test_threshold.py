"""What the threshold's lesson promises happens."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from segmethods.core.types import trace_of
from segmethods.methods.histogram import find_peaks, smooth
from segmethods.methods.threshold import ThresholdTrace, find_local_levels
from tests.lessons.samples import answer, mean_iou, says, truth


def best_level(sample: str) -> tuple[int, float]:
    scores = {level: mean_iou(sample, "threshold", algorithm="fixed", level=level) for level in range(0, 256, 10)}
    best = max(scores, key=scores.__getitem__)
    return best, scores[best]


def hills(sample: str) -> tuple[np.ndarray, list[int]]:
    curve = smooth(trace_of(answer(sample, "threshold"), ThresholdTrace).histogram, 4)
    return curve, sorted(find_peaks(curve, 0.02).tolist())


def test_nearly_all_is_object_at_0_and_nothing_at_255() -> None:
    assert answer("coins", "threshold", algorithm="fixed", level=0).shares()[1] > 0.95
    assert answer("coins", "threshold", algorithm="fixed", level=255).shares().get(1, 0) == 0


@pytest.mark.parametrize("sample", ["camera", "ihc"])
def test_the_best_level_is_in_a_valley(sample: str) -> None:
    says("threshold", "in the valley between two hills", "就在两座山丘之间的谷里")
    level, reached = best_level(sample)
    curve, peaks = hills(sample)
    left, right = max(p for p in peaks if p < level), min(p for p in peaks if p > level)
    assert curve[level] < 0.6 * min(curve[left], curve[right])
    assert reached > 0.85
    says("threshold", "changes less than half as much as on either hill", "引起的变化不到在两座山上的一半")
    moved = [np.mean(at(sample, place) != at(sample, place + 10)) for place in (left, level, right)]
    assert moved[1] < 0.5 * min(moved[0], moved[2])


def at(sample: str, level: int) -> np.ndarray:
    return answer(sample, "threshold", algorithm="fixed", level=level).labels


def test_the_coins_have_no_valley() -> None:
    says("threshold", "the best level, about 120, is still wrong in many places", "最好的阈值在 120 左右")
    level, reached = best_level("coins")
    curve, peaks = hills("coins")
    left, right = max(p for p in peaks if p <= level), min(p for p in peaks if p > level)
    assert curve[level] > 0.8 * min(curve[left], curve[right])
    assert abs(level - 120) <= 5
    assert reached < 0.9


def test_saturation_finds_the_astronaut_and_brightness_does_not() -> None:
    says("threshold", "Choose the astronaut, and saturation", "选“宇航员”，通道选“饱和度”")
    person = truth("astronaut").labels == 15
    for channel, least, most in (("grey", 0, 0.1), ("s", 0.4, 1)):
        bright = answer("astronaut", "threshold", channel=channel).labels == 1
        assert least < bright[person].mean() - bright[truth("astronaut").labels == 0].mean() < most
    assert answer("coins", "threshold", algorithm="fixed", channel="s", level=1).shares().get(1, 0) == 0


def test_the_two_variances_add_up() -> None:
    trace = trace_of(answer("coins", "threshold"), ThresholdTrace)
    share = trace.histogram / trace.histogram.sum()
    levels = np.arange(256)

    def spread(part: slice) -> float:
        mean = np.average(levels[part], weights=share[part])
        return float((share[part] * (levels[part] - mean) ** 2).sum())

    assert trace.between_class_variance is not None
    for level in (60, 107, 180):
        within = spread(slice(0, level + 1)) + spread(slice(level + 1, 256))
        assert within + trace.between_class_variance[level] == pytest.approx(spread(slice(0, 256)))


def test_the_top_is_broad() -> None:
    says(
        "threshold", "fifteen levels more or less still reach 95% of the best", "阈值上下差 15 级，仍能达到最大值的 95%"
    )
    variance = trace_of(answer("coins", "threshold"), ThresholdTrace).between_class_variance
    assert variance is not None
    best = int(variance.argmax())
    assert variance[best - 15 : best + 16].min() >= 0.95 * variance[best]


def test_otsu_fails_on_the_rocket() -> None:
    says("threshold", "the rocket is less than 2% of the picture", "火箭占画面不到 2%")
    assert np.mean(truth("rocket").labels == 1) < 0.02
    found = trace_of(answer("rocket", "threshold"), ThresholdTrace).level
    level, reached = best_level("rocket")
    assert found is not None
    assert level > found + 40
    assert reached > mean_iou("rocket", "threshold") + 0.2


def test_niblack_finds_noise_in_blank_paper() -> None:
    says("threshold", "finds noise in blank paper", "会在空白的纸上找出噪声")
    paper = truth("text").labels == 0
    noise = {a: np.mean(answer("text", "threshold", algorithm=a, block=51).labels[paper] == 0) for a in LOCAL}
    assert noise["niblack"] > 5 * noise["sauvola"]


def test_adaptive_gaussian_gives_the_middle_of_the_window_more_weight() -> None:
    says("threshold", "gives pixels near the middle of the window more weight", "离窗口中心越近的像素权重越大")
    one = np.zeros((101, 101), np.uint8)
    one[50, 50] = 255
    away = [0, 5, 10, 20]
    weights = {
        name: find_local_levels(one, name, 51, 0, 0)[50, [50 + distance for distance in away]] for name in ADAPTIVE
    }
    assert (np.diff(weights["adaptive_gaussian"]) < 0).all()
    assert np.ptp(weights["adaptive_mean"]) == 0


ADAPTIVE = ("adaptive_mean", "adaptive_gaussian")
LOCAL = ("niblack", "sauvola")
BUTTONS = {
    "coins": {"algorithm": "adaptive_gaussian", "block": 101, "offset": -10},
    "page": {"algorithm": "adaptive_gaussian", "block": 51, "offset": 10},
    "text": {"algorithm": "sauvola", "block": 101, "k": 0.3},
}


@pytest.mark.parametrize("sample", BUTTONS)
def test_the_buttons_show_where_many_levels_beat_one(sample: str) -> None:
    from pages.learn.lessons.threshold import SEEN_WELL

    assert SEEN_WELL == BUTTONS
    assert mean_iou(sample, "threshold", **BUTTONS[sample]) > mean_iou(sample, "threshold") + 0.08


def test_windows_on_the_printed_page() -> None:
    says("threshold", "the page comes out blank", "结果是一张白纸")
    page = BUTTONS["page"]
    assert answer("page", "threshold", **{**page, "block": 3}).shares()[1] > 0.995
    noise = answer("page", "threshold", **{**page, "block": 3, "offset": 0}).labels
    assert 0.4 < np.mean(noise[truth("page").labels == 0] == 0) < 0.6
    fits = [mean_iou("page", "threshold", **{**page, "block": block}) for block in (51, 255)]
    assert fits[0] > 0.98 > 0.95 > fits[1]


def test_coins_become_rings() -> None:
    says("threshold", "The coins become rings", "硬币变成了圆环")
    depth = distance_transform_edt(truth("coins").labels != 0)
    for block in (15, 31):
        found = answer("coins", "threshold", **{**BUTTONS["coins"], "block": block}).labels
        rim, inside = found[(depth > 0) & (depth <= 6)].mean(), found[depth > 10].mean()
        assert rim > 0.5 > 0.4 > inside


def test_without_the_shares_one_bright_pixel_would_be_a_group() -> None:
    says("threshold", "one single very bright pixel could be a group of its own", "一个特别亮的像素就能自成一组")
    counts = trace_of(answer("coins", "threshold"), ThresholdTrace).histogram
    levels = np.arange(256)
    apart = {
        t: abs(
            np.average(levels[: t + 1], weights=counts[: t + 1]) - np.average(levels[t + 1 :], weights=counts[t + 1 :])
        )
        for t in range(255)
        if counts[: t + 1].any() and counts[t + 1 :].any()
    }
    best = max(apart, key=apart.__getitem__)
    assert min(counts[: best + 1].sum(), counts[best + 1 :].sum()) < 0.001 * counts.sum()
