"""How the classroom judges."""

from segmethods import score, segment
from segmethods.classroom import judge
from segmethods.classroom.robustness import score_spoilt
from segmethods.io.samples import get_sample


def test_more_and_more_groups_do_not_pay():
    coins = get_sample("coins")
    few, many = (segment(coins.image(), "kmeans", k=k) for k in (2, 12))
    assert judge(few, coins.truth()).mean_iou > judge(many, coins.truth()).mean_iou
    assert score(few, coins.truth()).mean_iou < score(many, coins.truth()).mean_iou  # by majority they do


def test_noise_that_tears_regions_into_splinters_does_not_pay():
    cat = get_sample("chelsea")
    clean, noisy = (score_spoilt(cat.image(), cat.truth(), "noise", strength, "edges", {}) for strength in (0, 1))
    assert noisy < clean / 2


def test_an_object_before_its_ground_scores_as_on_the_compare_page():
    coins = get_sample("coins")
    usual = score(segment(coins.image(), "threshold"), coins.truth()).mean_iou
    assert score_spoilt(coins.image(), coins.truth(), "noise", 0, "threshold", {}) == usual
