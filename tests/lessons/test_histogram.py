"""What the histogram's lesson promises happens."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pages.learn.lessons.histogram import LESSON
from segmethods.core.messages import MethodError
from segmethods.core.types import Segmentation, trace_of
from segmethods.methods.histogram import HistogramTrace, PeaksTrace
from tests.lessons.samples import answer, mean_iou, says, truth


def cut(sample: str, smoothing: float) -> tuple[Segmentation, PeaksTrace]:
    found = answer(sample, "histogram", smoothing=smoothing)
    return found, trace_of(found, PeaksTrace)


def test_without_smoothing_the_cut_goes_through_the_paper() -> None:
    says("histogram", "On the coins nearly fifty", "硬币图上有将近五十个")
    assert LESSON.sample == "coins"
    found, trace = cut("coins", 0)
    assert 45 <= len(trace.peaks) <= 50
    assert abs(int(trace.peaks[0]) - int(trace.peaks[1])) < 10
    assert 0.2 < found.labels[truth("coins").labels == 0].mean() < 0.8
    _, lucky = cut("camera", 0)
    assert lucky.peaks[:2].min() < 60 < 150 < lucky.peaks[:2].max()
    assert mean_iou("camera", "histogram", smoothing=0) > 0.9


def test_smoothing_melts_the_hills_of_the_coins_into_one() -> None:
    says("histogram", "From about 12 on there is a single hill", "大约从 12 起只剩一座山")
    assert len(cut("coins", 8)[1].peaks) == 2
    assert mean_iou("coins", "histogram", smoothing=8) > mean_iou("coins", "histogram", smoothing=2) + 0.1
    for smoothing in (12, 20):
        with pytest.raises(MethodError, match="one peak only"):
            cut("coins", smoothing)
    assert len(cut("camera", 20)[1].peaks) > 1


def test_the_highest_hill_is_called_background() -> None:
    says("histogram", "At 2 it is the man", "设为 2 时，背景竟是那个人")
    man = truth("camera").labels == 15
    low, high = cut("camera", 2), cut("camera", 8)
    assert low[0].labels[man].mean() < 0.1 < 0.9 < high[0].labels[man].mean()
    assert abs(low[1].cuts[0] - high[1].cuts[0]) < 6


def test_every_cut_moves_when_one_group_more_is_asked_for() -> None:
    says("histogram", "on the coins every one of them moves", "每次所有切点都会移动")
    cuts = [
        trace_of(answer("coins", "histogram", algorithm="multi_otsu", levels=levels), HistogramTrace).cuts
        for levels in (2, 3, 4, 5)
    ]
    for few, more in itertools.pairwise(cuts):
        assert np.abs(few[:, None] - more[None, :]).min() >= 3


def test_shuffled_pixels_have_the_same_histogram() -> None:
    from segmethods import segment
    from tests.lessons.samples import image

    pixels = np.random.default_rng(0).permutation(image("coins").reshape(-1, 3)).reshape(image("coins").shape)
    shuffled = trace_of(segment(pixels, "histogram"), PeaksTrace)
    assert np.array_equal(shuffled.histogram, cut("coins", 2)[1].histogram)


def test_five_groups_have_170_million_ways() -> None:
    says("histogram", "170 million ways", "1.7 亿种")
    assert round(255 * 254 * 253 * 252 / 24 / 1e6, -1) == 170
