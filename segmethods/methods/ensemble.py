"""The ensemble: several networks look at one image, and their answers are averaged or counted as votes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.registry import About, DynamicChoices, Parameter, Range, Several, method, stage
from segmethods.core.types import Image, Segmentation
from segmethods.methods._instances import InstanceRule
from segmethods.methods._network import (
    WEIGHTS_ABOUT,
    InstancesChoice,
    NetworkTrace,
    Size,
    WorkingSize,
    digest_weights,
    ensure_weights,
    infer,
    to_segmentation,
    weights_for,
)
from segmethods.models.architectures import NETWORKS
from segmethods.models.runtime import Probabilities
from segmethods.models.weights import Weights, catalogue

TIE = 1e-3
"""The weight of the mean beside the votes: enough to break a tie, too little to outvote anyone."""

DEFAULT_MEMBERS = tuple(spec.id for spec in NETWORKS.values() if spec.in_ensemble)

MEMBER_WEIGHTS = tuple(
    Parameter(
        f"weight_{spec.id}",
        "float",
        spec.ensemble_weight,
        About(
            f"Weight of {spec.title}", "How much this network counts beside the others.", when={"members": (spec.id,)}
        ),
        range=Range(0, 3, 0.1),
    )
    for spec in NETWORKS.values()
)
"""How much each network counts. By the defaults the ensemble is better than DeepLab on both validation sets."""

Members = Annotated[
    tuple[str, ...],
    About("Networks", "Whose answers are joined.", {spec.id: spec.title for spec in NETWORKS.values()}),
    DynamicChoices(lambda: tuple(NETWORKS)),
]


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
    colour="#707070",
    needs=("cv2",),
    used_weights=digest_members,
)
def ensemble(
    image: Image,
    *,
    members: Members = DEFAULT_MEMBERS,
    rule: Annotated[
        Literal["mean", "vote"],
        About(
            "Rule",
            "The mean lets a network that is sure overrule two that are not; in a vote, being sure doesn’t count.",
            {"mean": "Mean of class scores", "vote": "Majority vote"},
        ),
    ] = "mean",
    weights: Annotated[str, WEIGHTS_ABOUT, weights_for(*NETWORKS, published=False)] = "voc",
    size: WorkingSize = "auto",
    mirrored: Annotated[
        bool,
        About(
            "Mirror image, too",
            "The network that counts most also sees the mirror image, and the mean of both is its answer. That takes "
            "as long as one more network.",
        ),
    ] = True,
    instances: InstancesChoice = "none",
    **member_weights: Annotated[float, Several(MEMBER_WEIGHTS, before="instances")],
) -> Segmentation:
    """Joins the answers of several networks that know the same classes.

    Of the chosen networks those are asked that have the chosen weights.

    The trace is an `EnsembleTrace`.
    """
    defaults = {parameter.name: float(parameter.default) for parameter in MEMBER_WEIGHTS}
    if unknown := member_weights.keys() - defaults:
        raise TypeError(f"ensemble() has no parameters {', '.join(unknown)}")
    given = defaults | member_weights
    having = {one.network for one in catalogue().values() if one.variant == weights}
    if members and not having.intersection(members):
        raise MethodError("None of the chosen networks has the weights {name}. Choose other ones.", name=weights)
    counts = {member: given[f"weight_{member}"] for member in members if member in having}
    counting = {member: weight for member, weight in counts.items() if weight > 0}
    twice = max(counting, key=lambda member: counting[member]) if mirrored and counting else None
    answers = predict_members(image, tuple(counting), weights, size, twice)
    return combine(image, answers, tuple(counting.values()), rule, instances)


Answers = list[tuple[Weights, Probabilities]]
"""Of each member: its weights, and its probabilities at its own working size, float32 (C, h, w)."""


def predict_members(
    image: Image, members: tuple[str, ...], weights: str, size: Size, twice: str | None = None
) -> Answers:
    """What every member says of an image; one may be asked twice, see `look_twice`."""
    if not members:
        raise MethodError("No network counts: every weight is zero. Raise one of them.")
    return [
        (known, look_twice(known, image, size) if known.network == twice else infer(known, image, size))
        for known in [ensure_weights(member, weights, image) for member in members]
    ]


def look_twice(known: Weights, image: Image, size: Size) -> Probabilities:
    """The mean of what a network says of an image and of its mirror image."""
    answers = infer(known, image, size), infer(known, image, size, mirrored=True)
    both: Probabilities = np.mean(answers, axis=0, dtype=np.float32)
    return both


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
            weights=f"ensemble-{known[0].variant}",
            agreement=np.take_along_axis(votes, winner, axis=0)[0].astype(np.float16),
            members=tuple(one.name for one in known),
        )
        return to_segmentation(whole, image.shape, known[0], instances, trace)


def upsample(probabilities: Probabilities, shape: tuple[int, ...]) -> Probabilities:
    """Probabilities brought to height and width ``shape`` by bilinear interpolation; a sum of one stays one."""
    import cv2

    if probabilities.shape[1:] == shape:
        return probabilities
    return np.stack([cv2.resize(plane, (shape[1], shape[0])) for plane in probabilities]).astype(np.float32, copy=False)


def weighted_mean(answers: list[Probabilities], shares: NDArray[np.float32]) -> Probabilities:
    """The mean of the members' probabilities, each with its share: float32 (C, h, w), summing to one over C."""
    mean = np.zeros_like(answers[0])
    for share, probabilities in zip(shares, answers, strict=True):
        mean += share * probabilities
    return mean


def vote(answers: list[Probabilities], shares: NDArray[np.float32]) -> Probabilities:
    """The votes of every pixel: the weight of the members whose best class is this one.

    Parameters
    ----------
    answers : list of ndarray, float32, shape (C, h, w)
        Of each member: its class probabilities.
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
