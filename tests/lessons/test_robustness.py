"""What the lesson that breaks methods promises happens."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from segmethods import segment
from segmethods.classroom import judge
from segmethods.classroom.corruptions import CORRUPTIONS, corrupt
from segmethods.classroom.robustness import STRENGTHS, score_blank, score_spoilt
from segmethods.metrics import score
from tests.lessons.samples import image, says, truth


def curve(sample: str, kind: str, method: str, *strengths: float) -> list[float]:
    return [score_spoilt(image(sample), truth(sample), kind, s, method, {}) for s in strengths or STRENGTHS]


def test_otsu_hardly_cares_for_darkness_and_a_fixed_level_does() -> None:
    says("robustness", "Even at 4% of the light", "就算只剩 4% 的光线")
    assert np.ptp(curve("coins", "darkness", "threshold")) < 0.03
    assert "4%" in str(CORRUPTIONS["darkness"].amount(1))
    dark = corrupt(image("coins"), "darkness", 1)
    assert 8 <= len(np.unique(dark)) <= 12
    assert not segment(corrupt(image("coins"), "darkness", 0.6), "threshold", algorithm="fixed", level=107).labels.any()


def test_noise_beats_the_threshold_and_a_blur_before_it_helps() -> None:
    says("robustness", "Blurring the picture before the threshold helps", "先模糊图像再取阈值会有帮助")
    clean, noisy = curve("coins", "noise", "threshold", 0, 1)
    assert noisy < clean - 0.2
    blurred = cv2.GaussianBlur(corrupt(image("coins"), "noise", 1), (0, 0), 2)
    assert judge(segment(blurred, "threshold"), truth("coins")).mean_iou > noisy + 0.1
    assert str(CORRUPTIONS["noise"].amount(0.25)) == "σ = 25 of 256 levels"


def test_darkness_can_be_undone_and_blur_cannot() -> None:
    before = image("coins").astype(np.float64)
    lit = corrupt(image("coins"), "darkness", 0.5) / 0.52
    assert np.abs(lit - before).max() < 2
    assert np.abs(corrupt(image("coins"), "blur", 0.5) - before).mean() > 5


def test_a_curve_goes_up_and_another_jumps() -> None:
    says("robustness", "a little blur removes texture that misled K-means", "轻微的模糊去掉了误导 K-means 的纹理")
    clean, little, much = curve("coins", "blur", "kmeans", 0, 0.1, 1)
    assert little > clean + 0.03 > much
    jumps = curve("coins", "noise", "histogram", 0.1, 0.25, 0.5)
    assert jumps[1] < jumps[0] - 0.1
    assert jumps[1] < jumps[2] - 0.1


def test_splinters_would_gain_from_noise() -> None:
    says("robustness", "Then damage would pay", "破坏反而有好处")
    whole, torn = (
        score(segment(corrupt(image("chelsea"), "noise", s), "edges", gap=2, min_area=0), truth("chelsea"), "majority")
        for s in (0, 0.5)
    )
    assert torn.mean_iou > whole.mean_iou


def test_a_network_bears_blur_and_falls_under_noise() -> None:
    says("robustness", "DeepLab even gains from a little of it", "轻微的模糊甚至让 DeepLab 更好")
    blurred = curve("chelsea", "blur", "deeplab", 0, 0.25, 1)
    assert blurred[1] > blurred[0]
    assert blurred[2] > 0.5 * blurred[0]
    says("robustness", "from far above the simple threshold to far below it", "从远高于简单的阈值法降到远低于它")
    threshold = curve("chelsea", "noise", "threshold", 0, 1)
    assert blurred[0] > threshold[0] + 0.3
    assert curve("chelsea", "noise", "deeplab", 1)[0] < threshold[1] - 0.1
    assert max(threshold) < 0.4


def test_networks_never_find_a_coin_and_are_not_said_to_hold_out() -> None:
    from pages.learn.lessons.robustness import describe_curves

    blank = score_blank(truth("coins"))
    networks = {"deeplab": {0.0: blank, 1.0: blank}, "fcn": {0.0: blank + 0.01, 1.0: blank}}
    assert curve("coins", "noise", "deeplab", 0)[0] == pytest.approx(blank, abs=0.02)
    told = describe_curves(
        {**networks, "threshold": {0.0: 0.84, 1.0: 0.56}, "edges": {0.0: 0.54, 1.0: 0.4}}, "noise", blank
    )
    assert "FCN" not in told
    assert "DeepLab" not in told
    assert "Edges loses least" in told
    assert "no method finds much" in describe_curves(networks, "noise", blank)


def test_lost_contrast_can_be_undone_and_jpeg_cannot() -> None:
    says("robustness", "Darkness and lost contrast can nearly be undone", "变暗和对比度下降差不多可以复原")
    before = image("coins").astype(np.float64)
    for kind, most in (("contrast", 2.0), ("jpeg", None)):
        spoilt = corrupt(image("coins"), kind, 0.5).astype(np.float64)
        stretched = (spoilt - spoilt.mean()) / spoilt.std() * before.std() + before.mean()
        error = np.abs(stretched - before).mean()
        assert error < most if most else error > 2.0, kind


def test_noise_leaves_coins_darker_than_paper() -> None:
    says(
        "robustness",
        "many pixels of the coins are darker than many of the paper",
        "硬币上有许多像素比底纸的许多像素还暗",
    )
    grey = corrupt(image("coins"), "noise", 0.5)[..., 0]
    coins, paper = (grey[truth("coins").labels == kind] for kind in (1, 0))
    assert np.mean(coins < np.quantile(paper, 0.8)) > 0.2
