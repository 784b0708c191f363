"""What the lesson on ensembles promises happens."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from segmethods.classroom import judge
from segmethods.core.types import Segmentation
from segmethods.introspection.ensemble import EnsembleInspection, inspect_ensemble, preload_members
from segmethods.models import runtime
from segmethods.models.architectures import NETWORKS
from tests.lessons.samples import image, says, truth

ALL = ("deeplab", "fcn", "segnet")


@cache
def ask(sample: str, members: tuple[str, ...] = ALL, rule: str = "mean") -> EnsembleInspection:
    return inspect_ensemble(image(sample), members=members, rule=rule)  # type: ignore[arg-type]


def fit(sample: str, labels: np.ndarray, found: EnsembleInspection) -> float:
    return float(judge(Segmentation(labels, found.classes), truth(sample)).mean_iou)


def without_the_worst(sample: str) -> tuple[str, float]:
    """The worst member, and what the ensemble gains without it."""
    found = ask(sample)
    worst = min(found.votes, key=lambda member: fit(sample, found.votes[member], found))
    rest = ask(sample, tuple(member for member in ALL if member != worst))
    return worst, fit(sample, rest.labels, rest) - fit(sample, found.labels, found)


def wrong(sample: str, found: EnsembleInspection) -> np.ndarray:
    known = truth(sample).labels
    return np.stack([labels != known for labels in found.votes.values()])[:, known != 255]


def test_both_sets_of_weights_are_there_before_somebody_chooses() -> None:
    """All six networks stay loaded: whoever goes to the streets and back waits for none of them."""
    preload_members()
    loaded = runtime._runner.cache_info().misses
    for weights in ("camvid", "voc"):
        inspect_ensemble(image("chelsea"), weights=weights, size="256")
    assert runtime._runner.cache_info().misses == loaded


def test_the_weights_are_as_told() -> None:
    says("ensemble", "FCN counts half as much, and SegNet isn’t asked", "FCN 的比重是它的一半，SegNet 不参加")
    counting = {name: spec.ensemble_weight for name, spec in NETWORKS.items() if spec.in_ensemble}
    assert counting == {"deeplab": 1.4, "fcn": 0.7}
    assert set(ask("chelsea").votes) == set(inspect_ensemble(image("chelsea"), size="256").votes) == set(ALL)


@pytest.mark.parametrize(
    ("sample", "worst", "helps"),
    [
        ("chelsea", "segnet", True),
        ("horse", "segnet", True),
        ("camera", "segnet", False),
        ("astronaut", "fcn", False),
        ("motorcycle", "fcn", False),
    ],
)
def test_taking_the_worst_away_helps_or_does_no_harm(sample: str, worst: str, helps: bool) -> None:
    says("ensemble", "SegNet is the worst on these three", "在这三张图上 SegNet 最差")
    says("ensemble", "On the astronaut and the motorbike FCN is the worst", "在宇航员和摩托车的图上 FCN 最差")
    name, gain = without_the_worst(sample)
    assert name == worst
    assert gain > 0 if helps else abs(gain) < 0.03


@pytest.mark.parametrize(("sample", "is_better"), [("chelsea", True), ("horse", False)])
def test_two_are_better_together_on_one_picture_and_not_on_another(sample: str, is_better: bool) -> None:
    says("ensemble", "on the horse DeepLab alone is best", "在马图上，DeepLab 单独最好")
    two = ask(sample, ("deeplab", "fcn"))
    alone = [fit(sample, labels, two) for labels in two.votes.values()]
    assert (fit(sample, two.labels, two) > max(alone)) == is_better
    assert is_better or alone[list(two.votes).index("deeplab")] == max(alone)


def test_members_err_together() -> None:
    says("ensemble", "Condorcet’s jury theorem", "孔多塞陪审团定理")
    errors = wrong("chelsea", ask("chelsea"))
    assert errors.all(axis=0).mean() > 10 * errors.mean(axis=1).prod()
    assert round(3 * 0.2**2 * 0.8 + 0.2**3, 2) == 0.10


@pytest.mark.parametrize("rule", ["mean", "vote"])
def test_the_ensemble_is_hardly_ever_right_where_every_member_is_wrong(rule: str) -> None:
    says("ensemble", "on the cat, at hardly a pixel", "在猫图上几乎一个像素也没有")
    found = ask("chelsea", rule=rule)
    right = (found.labels == truth("chelsea").labels)[truth("chelsea").labels != 255]
    assert (wrong("chelsea", found).all(axis=0) & right).mean() < 0.001


def test_entropy_lies_between_0_and_1() -> None:
    entropy = ask("chelsea").trace.entropy
    assert 0 <= entropy.min() < 0.01 < 0.1 < entropy.max() <= 1


def test_mean_and_vote_differ_where_one_is_sure_and_two_are_not() -> None:
    says("ensemble", "with the mean, the sure one can win alone", "有把握的那个可以独自获胜")
    assert (ask("chelsea").labels != ask("chelsea", rule="vote").labels).any()


def test_members_can_agree_without_being_sure() -> None:
    says(
        "ensemble", "each of them may name the same class with a low score", "每个成员可能都说同一个类别，但得分都不高"
    )
    found = ask("astronaut")
    votes = list(found.votes.values())
    agree = np.all([labels == votes[0] for labels in votes], axis=0)
    entropy = cv2.resize(found.trace.entropy.astype(np.float32), agree.shape[::-1], interpolation=cv2.INTER_NEAREST)
    assert entropy[agree].max() > 0.2


def test_a_larger_jury_is_surer_of_what_its_members_are_likelier_to_be() -> None:
    says("ensemble", "a larger group is even more likely to be wrong", "多数意见就越肯定地错")
    from scipy.stats import binom

    right = {p: [float(binom.sf(n // 2, n, p)) for n in (1, 3, 5, 21)] for p in (0.8, 0.4)}
    assert right[0.8] == sorted(right[0.8])
    assert right[0.4] == sorted(right[0.4], reverse=True)
