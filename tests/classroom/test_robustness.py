"""Scores on spoilt pictures."""

from segmethods import segment
from segmethods.classroom.robustness import score_spoilt
from segmethods.samples import get_sample
from segmethods.scoring import score


def test_noise_that_tears_regions_into_splinters_does_not_pay():
    cat = get_sample("chelsea")
    clean, noisy = (score_spoilt(cat.image(), cat.truth(), "noise", strength, "edges", {}) for strength in (0, 1))
    assert noisy < clean / 2


def test_a_threshold_that_fits_scores_as_on_the_compare_page():
    coins = get_sample("coins")
    usual = score(segment(coins.image(), "threshold"), coins.truth()).mean_iou
    assert score_spoilt(coins.image(), coins.truth(), "noise", 0, "threshold", {}) == usual
