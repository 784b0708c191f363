"""The ensemble: several networks look at one image, and their answers are averaged or counted as votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Segmentation
from segmethods.methods._instances import InstanceRule
from segmethods.methods._network import (
    WEIGHTS_ABOUT,
    NetworkTrace,
    Parted,
    Size,
    WorkingSize,
    digest_weights,
    ensure_weights,
    resize_long_side,
    to_segmentation,
    user_weights_of,
    working_size,
)
from segmethods.models.runtime import Scores, runner
from segmethods.models.weights import Weights, catalogue

Member = Literal["patch_cnn", "fcn", "segnet", "deeplab"]
TITLES = {"patch_cnn": "Patch-CNN", "fcn": "FCN", "segnet": "SegNet", "deeplab": "DeepLab"}
TIE = 1e-3
"""The weight of the mean beside the votes: enough to break a tie, too little to outvote anyone."""

DEFAULT_WEIGHTS: dict[Member, float] = {"patch_cnn": 0.5, "fcn": 1.0, "segnet": 0.5, "deeplab": 1.4}
"""How much each network counts, by how often it is right on the everyday photos of the validation set. FCN and SegNet
together still outvote DeepLab."""

WEIGHT_HELP = "How much this network counts beside the others."


@dataclass(frozen=True, eq=False, kw_only=True)
class EnsembleTrace(NetworkTrace):
    """How sure the ensemble was, and how far its members agreed.

    Parameters
    ----------
    agreement : ndarray, float16, shape (h, w)
        The share of the members' weight that stands behind the winner.
    members : tuple of str
        The names of their weights.
    """

    agreement: NDArray[np.float16]
    members: tuple[str, ...]


def digest_members(params: Mapping[str, Any]) -> tuple[str, ...]:
    """SHA-256 of the weights of the members that count."""
    counting = [member for member in params["members"] if params[f"weight_{member}"] > 0]
    return digest_weights(counting, params["weights"])


@method(
    "ensemble",
    title="Ensemble",
    family="ensemble",
    source="Hansen & Salamon 1990",
    needs=("cv2",),
    used_weights=digest_members,
)
def ensemble(
    image: Image,
    *,
    members: Annotated[tuple[Member, ...], About("Networks", "Whose answers are joined.", TITLES)] = (
        "fcn",
        "segnet",
        "deeplab",
    ),
    rule: Annotated[
        Literal["mean", "vote"],
        About(
            "Rule",
            "The mean lets a network that is sure overrule two that are not; a vote counts heads.",
            {"mean": "Mean of class scores", "vote": "Majority vote"},
        ),
    ] = "mean",
    weights: Annotated[Literal["voc", "camvid"], WEIGHTS_ABOUT, user_weights_of(*TITLES)] = "voc",
    size: WorkingSize = "auto",
    weight_patch_cnn: Annotated[
        float, Range(0, 3, 0.1), About("Weight of Patch-CNN", WEIGHT_HELP, when={"members": ("patch_cnn",)})
    ] = DEFAULT_WEIGHTS["patch_cnn"],
    weight_fcn: Annotated[
        float, Range(0, 3, 0.1), About("Weight of FCN", WEIGHT_HELP, when={"members": ("fcn",)})
    ] = DEFAULT_WEIGHTS["fcn"],
    weight_segnet: Annotated[
        float, Range(0, 3, 0.1), About("Weight of SegNet", WEIGHT_HELP, when={"members": ("segnet",)})
    ] = DEFAULT_WEIGHTS["segnet"],
    weight_deeplab: Annotated[
        float, Range(0, 3, 0.1), About("Weight of DeepLab", WEIGHT_HELP, when={"members": ("deeplab",)})
    ] = DEFAULT_WEIGHTS["deeplab"],
    instances: Parted = "none",
) -> Segmentation:
    """Joins the answers of several networks that know the same classes.

    Of the chosen networks those are asked that have the chosen weights.

    The trace is an `EnsembleTrace`.
    """
    given = {"patch_cnn": weight_patch_cnn, "fcn": weight_fcn, "segnet": weight_segnet, "deeplab": weight_deeplab}
    having = {one.network for one in catalogue().values() if one.family == weights}
    if members and not having.intersection(members):
        raise MethodError("None of the chosen networks has the weights {name}. Choose other ones.", name=weights)
    counting = {member: given[member] for member in members if given[member] > 0 and member in having}
    answers = predict_members(image, tuple(counting), weights, size)
    return combine(image, answers, tuple(counting.values()), rule, instances)


Answers = list[tuple[Weights, Scores]]
"""Of each member: its weights, and its probabilities at its own working size, float32 (C, h, w)."""


def predict_members(image: Image, members: tuple[str, ...], weights: str, size: Size) -> Answers:
    """What every member says of an image."""
    if not members:
        raise MethodError("No network counts: every weight is zero. Raise one of them.")
    known = [ensure_weights(member, weights) for member in members]
    runs = [runner(one) for one in known]
    with stage("prepare"):
        images = [resize_long_side(image, working_size(size, one)) for one in known]
    with stage("infer"):
        return [(one, run(small[None])[0]) for one, run, small in zip(known, runs, images, strict=True)]


def combine(
    image: Image, answers: Answers, member_weights: tuple[float, ...], rule: str, instances: InstanceRule = "none"
) -> Segmentation:
    """The answer of an ensemble whose members count so much each; see `ensemble`."""
    with stage("finish"):
        known = [one for one, _ in answers]
        largest = max((probabilities.shape[1:] for _, probabilities in answers), key=max)
        probabilities = [upsample(own, largest) for _, own in answers]
        shares = np.array(member_weights, np.float32) / sum(member_weights)
        votes = vote(probabilities, shares)
        mean = weighted_mean(probabilities, shares)
        whole = mean if rule == "mean" else weighted_mean([votes, mean], np.array([1 - TIE, TIE], np.float32))
        winner = whole.argmax(axis=0)[None]
        trace = EnsembleTrace.of(
            whole,
            known[0],
            weights=f"ensemble-{known[0].family}",
            agreement=np.take_along_axis(votes, winner, axis=0)[0].astype(np.float16),
            members=tuple(one.name for one in known),
        )
        return to_segmentation(whole, image.shape, known[0], instances, trace)


def upsample(probabilities: Scores, shape: tuple[int, ...]) -> Scores:
    """Scores brought to height and width ``shape`` by bilinear interpolation; a sum of one stays one."""
    import cv2

    if probabilities.shape[1:] == shape:
        return probabilities
    return np.stack([cv2.resize(plane, (shape[1], shape[0])) for plane in probabilities]).astype(np.float32, copy=False)


def weighted_mean(answers: list[Scores], shares: NDArray[np.float32]) -> Scores:
    """The mean of the members' probabilities, each with its share: float32 (C, h, w), summing to one over C."""
    mean = np.zeros_like(answers[0])
    for share, probabilities in zip(shares, answers, strict=True):
        mean += share * probabilities
    return mean


def vote(answers: list[Scores], shares: NDArray[np.float32]) -> Scores:
    """The votes of every pixel: the weight of the members whose best class is this one.

    Parameters
    ----------
    answers : list of ndarray, float32, shape (C, h, w)
    shares : ndarray, float32, shape (members,)
        Summing to one.

    Returns
    -------
    ndarray, float32, shape (C, h, w)
        Summing to one over C.
    """
    votes = np.zeros_like(answers[0])
    classes = np.arange(len(votes))[:, None, None]
    for share, probabilities in zip(shares, answers, strict=True):
        votes += share * (probabilities.argmax(axis=0)[None] == classes)
    return votes
