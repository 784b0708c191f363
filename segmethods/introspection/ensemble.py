"""The ensemble: what each member says beside what they say together, and where joining them helps or harms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import SegmethodsError
from segmethods.core.types import VOID, Image, Labels, Trace, Vocabulary, trace_of
from segmethods.methods._network import EmbeddedWeights, WorkingSize, argmax_upsampled
from segmethods.methods.ensemble import EnsembleTrace, Members, combine, predict_members
from segmethods.models.runtime import load_runner
from segmethods.models.weights import get_weights

MEMBERS = ("fcn", "segnet", "deeplab")
"""Three, so that two can outvote one."""

ALL_RIGHT, GAINED, LOST, ALL_WRONG = range(4)
"""Everyone is right; the ensemble is right and a member isn't; the ensemble is wrong and a member isn't; nobody is."""


@dataclass(frozen=True, eq=False)
class EnsembleInspection(Trace):
    """The ensemble's answer and that of each member.

    Parameters
    ----------
    labels : ndarray, uint8, shape (H, W)
        What the members say together.
    classes : Vocabulary
        What all labels mean.
    votes : mapping
        Member -> labels, uint8 (H, W): what the network says alone.
    trace : EnsembleTrace
        What the ensemble saw.
    """

    labels: Labels
    classes: Vocabulary
    votes: Mapping[str, Labels]
    trace: EnsembleTrace


def inspect_ensemble(
    image: Image,
    *,
    members: Members = MEMBERS,
    rule: Literal["mean", "vote"] = "mean",
    weights: EmbeddedWeights = "voc",
    size: WorkingSize = "auto",
) -> EnsembleInspection:
    """The answer of every member, each asked once, beside the one they give together; all count the same.

    Patch-CNN's own method says the same but for a few pixels at the edge, which it repeats there.
    """
    answers = predict_members(image, members, weights, size)
    joined = combine(image, answers, (1.0,) * len(members), rule)
    votes = {known.network: argmax_upsampled(scores, image.shape) for known, scores in answers}
    return EnsembleInspection(joined.labels, joined.classes, votes, trace_of(joined, EnsembleTrace))


def preload_members(members: Members = MEMBERS) -> None:
    """Load the members with both sets of weights, so that whoever chooses the other set doesn't wait for it.

    Those for everyday photos come first: of the few networks that a process keeps, these and the others then stay.
    """
    for variant in ("voc", "camvid"):
        for member in members:
            with suppress(SegmethodsError):  # whoever asks for them is told
                load_runner(get_weights(member, variant))


def ensemble_outcome_map(joined: Labels, members: Sequence[Labels], truth: Labels) -> NDArray[np.uint8]:
    """For every pixel, who is right: the ensemble, its members, or both.

    Parameters
    ----------
    joined : ndarray, uint8 or uint16, shape (H, W)
        The ensemble's labels, in ids of the ground truth.
    members : sequence of ndarray, uint8 or uint16, shape (H, W)
        Those of its members.
    truth : ndarray, uint8 or uint16, shape (H, W)
        Pixels of 255 are not judged.

    Returns
    -------
    ndarray, uint8, shape (H, W)
        `ALL_RIGHT`, `GAINED`, `LOST` or `ALL_WRONG`; 255 is not judged.

    Examples
    --------
    >>> truth = np.array([[1, 1, 1, 1, 255]], np.uint8)
    >>> members = np.array([[[1, 1, 1, 0, 0]], [[1, 0, 0, 0, 0]]], np.uint8)
    >>> ensemble_outcome_map(np.array([[1, 1, 0, 0, 0]], np.uint8), members, truth).tolist()
    [[0, 1, 2, 3, 255]]
    """
    right = joined == truth
    rights = np.stack([member == truth for member in members])
    some = rights.any(axis=0)
    found = np.where(right, np.where(rights.all(axis=0), ALL_RIGHT, GAINED), np.where(some, LOST, ALL_WRONG))
    return np.where(truth == VOID, VOID, found).astype(np.uint8)
