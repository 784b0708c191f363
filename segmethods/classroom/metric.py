"""Scores of a mask that was damaged on purpose: where do they part ways?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segmethods.classroom.mask_perturbations import (
    GROUND,
    Objects,
    dilate,
    drop,
    erode,
    invent,
    join,
    number_objects,
    shift,
    tear,
)
from segmethods.core.types import VOID, GroundTruth, Labels, Vocabulary
from segmethods.metrics import METRICS, MapCounts, Maps, outline
from segmethods.metrics.boundaries import Boundaries, nearest_judged

CASES = ("edited", "empty", "full", "stranger")
"""The mask as edited; without any object; all object; as edited, with a small thing of a class the truth hasn't got."""

SHOWN = ("mean_iou", "dice", "boundary_f", "pri", "panoptic_quality", "vi", "hausdorff", "hausdorff95")


@dataclass(frozen=True)
class Edit:
    """What is done to a mask, in this order: moved, grown, shrunk, its smallest objects dropped, others joined or torn.

    Parameters
    ----------
    right, down : int
        Pixels.
    grow, shrink : int
        Pixels.
    lost : int
        Objects.
    joined : int
        Neighbouring objects that become one segment; 1 leaves all apart.
    parts : int
        Strips of each object; 1 leaves it whole.
    case : str
        One of `CASES`.
    """

    right: int = 0
    down: int = 0
    grow: int = 0
    shrink: int = 0
    lost: int = 0
    joined: int = 1
    parts: int = 1
    case: str = "edited"


@dataclass(frozen=True, eq=False)
class Damaged:
    """A damaged mask and its scores.

    Parameters
    ----------
    labels : ndarray, uint8 or uint16, shape (H, W)
        The class of every pixel.
    segments : ndarray, uint16, shape (H, W)
        The segment of every pixel: each object is one, unless it was torn or joined with others.
    classes : Vocabulary
        The truth's, and one more where the mask has a class that the truth can't have.
    scores : mapping
        Each of `SHOWN` -> its value, NaN if undefined.
    blank : int
        Classes that only one of both masks has, so that the picture's diagonal counts as their distance.
    """

    labels: Labels = field(repr=False)
    segments: Labels = field(repr=False)
    classes: Vocabulary
    scores: Mapping[str, float]
    blank: int


def damage(truth: GroundTruth, edit: Edit) -> Damaged:
    """Damage a truth and score what is left of it against the truth.

    Class scores compare by name. For the others each object of the truth is a region of its own, whatever its class.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> labels = np.zeros((20, 20), np.uint8)
    >>> labels[5:15, 5:15] = 1
    >>> torn = damage(GroundTruth(labels, BINARY), Edit(parts=2)).scores
    >>> torn["mean_iou"], round(torn["vi"], 2)
    (1.0, 0.25)
    """
    known = _study(truth)
    labels, classes = _edit(known.whole, truth, edit)
    if known.nearest:
        labels = labels[known.nearest]
    segments = _to_labels(tear(join(number_objects(labels), edit.joined), edit.parts))
    maps = Maps(
        (known.regions,),
        segments,
        truth.labels,
        labels,
        len(classes),
        found=outline(segments),
        outlines=(known.outline,),
        objects=(known.regions, segments),
    )
    counts = MapCounts(maps)
    scores = {metric: METRICS[metric].score(counts) for metric in SHOWN}
    blank = counts.outlines.blank if counts.outlines else 0
    return Damaged(labels, segments, classes, scores, blank)


@dataclass(frozen=True, eq=False)
class _Studied:
    """What every damage to a truth needs: its labels without void, its objects, what fills the void, its outlines."""

    whole: Labels
    regions: Labels
    nearest: tuple[NDArray[np.int32], NDArray[np.int32]] | None
    outline: Boundaries


@lru_cache(maxsize=8)
def _study(truth: GroundTruth) -> _Studied:
    nearest = nearest_judged(truth.labels)
    whole = truth.labels[nearest] if nearest else truth.labels
    regions = _to_labels(number_objects(whole))
    judged = np.where(truth.labels == VOID, VOID, regions).astype(np.uint16)
    return _Studied(whole, judged, nearest, outline(regions))


def _to_labels(objects: Objects) -> Labels:
    """Objects as a label map, in which 255 stands for what isn't judged."""
    return (objects + (objects >= VOID)).astype(np.uint16)


def _edit(whole: Labels, truth: GroundTruth, edit: Edit) -> tuple[Labels, Vocabulary]:
    classes = truth.classes
    objects = np.bincount(whole[whole != GROUND], minlength=2)
    if edit.case == "empty":
        return np.zeros_like(whole), classes
    if edit.case == "full":
        return np.full_like(whole, int(objects.argmax()) or 1), classes
    labels = drop(erode(dilate(shift(whole, edit.right, edit.down), edit.grow), edit.shrink), edit.lost)
    if edit.case == "stranger":
        absent = [class_id for class_id in range(1, len(classes)) if not (whole == class_id).any()]
        if not absent:
            classes = Vocabulary("mask", (*classes.names, "?"))
        labels = invent(labels, absent[0] if absent else len(classes) - 1, max(2, min(whole.shape) // 40))
    return labels, classes
