"""Scores of a mask that was damaged on purpose: where do they part ways?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segmethods.classroom.mask_perturbations import GROUND, dilate, drop, erode, invent, shift, split
from segmethods.core.types import VOID, GroundTruth, Labels, Vocabulary
from segmethods.metrics import count_boundaries, count_classes, count_regions, outline, tabulate
from segmethods.metrics.boundaries import Boundaries, nearest_judged
from segmethods.metrics.confusion import mean
from segmethods.metrics.surface_distance import surface_distances

CASES = ("edited", "empty", "full", "stranger")
"""The mask as edited; without any object; all object; as edited, with a small thing of a class the truth hasn't got."""

SHOWN = ("mean_iou", "dice", "boundary_f", "pri", "vi", "hausdorff", "hausdorff95")


@dataclass(frozen=True)
class Edit:
    """What is done to a mask, in this order: moved, grown, shrunk, its smallest objects dropped, the others torn.

    Parameters
    ----------
    right, down : int
        Pixels.
    grow, shrink : int
        Pixels.
    lost : int
        Objects.
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
        The segment of every pixel: torn objects have several.
    classes : Vocabulary
        The truth's, and one more where the mask has a class that the truth can't have.
    scores : mapping
        Each of `SHOWN` -> its value; ``"hausdorff"`` is the largest distance between two outlines and
        ``"hausdorff95"`` leaves out the worst 5 % of their pixels, both the mean over classes. NaN if undefined.
    undefined : int
        Classes without a distance, because only one of both masks has them.
    """

    labels: Labels = field(repr=False)
    segments: Labels = field(repr=False)
    classes: Vocabulary
    scores: Mapping[str, float]
    undefined: int


def damage(truth: GroundTruth, edit: Edit) -> Damaged:
    """Damage a truth and score what is left of it against the truth.

    Class scores compare by name. Region scores take every segment for a region, whatever its class.

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
    segments = split(labels, edit.parts, len(classes)) if edit.parts > 1 else labels
    judged = tabulate(truth.labels, labels).without_row(VOID)
    counts = count_classes(judged, len(classes))
    regions = count_regions([tabulate(truth.labels, segments).without_row(VOID)])
    boundary = count_boundaries(outline(segments), [known.outline])
    distances, undefined = _distances(known.whole, labels)
    scores = {
        "mean_iou": counts.mean_iou,
        "dice": mean(counts.dice),
        "boundary_f": boundary.f,
        "pri": regions.pri,
        "vi": regions.vi,
        **distances,
    }
    return Damaged(labels, segments, classes, scores, undefined)


@dataclass(frozen=True, eq=False)
class _Studied:
    """What every damage to a truth needs: its labels without void, what fills the void, and its outlines."""

    whole: Labels
    nearest: tuple[NDArray[np.int32], NDArray[np.int32]] | None
    outline: Boundaries


@lru_cache(maxsize=8)
def _study(truth: GroundTruth) -> _Studied:
    nearest = nearest_judged(truth.labels)
    whole = truth.labels[nearest] if nearest else truth.labels
    return _Studied(whole, nearest, outline(whole))


def _edit(whole: Labels, truth: GroundTruth, edit: Edit) -> tuple[Labels, Vocabulary]:
    classes = truth.classes
    objects = np.bincount(whole[whole != GROUND], minlength=2)
    if edit.case == "empty":
        return np.zeros_like(whole), classes
    if edit.case == "full":
        return np.full_like(whole, int(objects.argmax()) or 1), classes
    labels = drop(erode(dilate(shift(whole, edit.right, edit.down), edit.grow), edit.shrink), edit.lost)
    if edit.case == "stranger":
        absent = [id for id in range(1, len(classes)) if not (whole == id).any()]
        if not absent:
            classes = Vocabulary("mask", (*classes.names, "?"))
        labels = invent(labels, absent[0] if absent else len(classes) - 1, max(2, min(whole.shape) // 40))
    return labels, classes


def _distances(true: Labels, found: Labels) -> tuple[dict[str, float], int]:
    """Both Hausdorff distances in pixels, as means over the classes that both maps have; and how many only one has."""
    ids = [id for id in np.union1d(np.unique(true), np.unique(found)) if id not in (GROUND, VOID)]
    worst, most = [], []
    for id in ids:
        there, here = true == id, found == id
        if there.any() and here.any():
            forth, back = surface_distances(there, here)
            worst.append(float(max(forth.max(), back.max())))
            most.append(float(max(np.percentile(forth, 95), np.percentile(back, 95))))
    means = {name: float(np.mean(v)) if v else math.nan for name, v in (("hausdorff", worst), ("hausdorff95", most))}
    return means, len(ids) - len(worst)
