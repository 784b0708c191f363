"""Things of one crop stand in another, so that a network learns the thing and not its surroundings.

Olsson, Tranheden, Pinto, Svensson 2021, "ClassMix: Segmentation-Based Data Augmentation for Semi-Supervised Learning";
Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation". A class that is
seen in a few photos only is met in front of as many others as there are.
"""

from collections.abc import Iterable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from segmethods.core.types import VOID
from segmethods.methods._instances import STUFF
from segmethods.training.parts import UNKNOWN

SURE = 0.6
"""Share of certainty from which the teacher's word counts as a mask, where there is none."""

SIZES = (0.01, 0.5)
"""Smallest and largest share of a crop that is carried over: no specks, and nothing that would leave no ground."""


def list_movable(classes: Iterable[str]) -> list[int]:
    """Ids of the classes that can stand anywhere: neither background nor sky, road, building and their like."""
    rooted = {"background", "Background"}.union(*STUFF.values())
    return [index for index, name in enumerate(classes) if name not in rooted]


def find_things(labels: Tensor, teacher: Tensor | None, teacher_valid: Tensor, movable: Tensor) -> Tensor:
    """Where a crop shows a thing that can be moved, by its mask or else by its teacher.

    Parameters
    ----------
    labels : Tensor, int64, shape (N, H, W)
        Unknown where there is no mask.
    teacher : Tensor or None
        As in `Batch`.
    teacher_valid : Tensor
        As in `Batch`.
    movable : Tensor, int64
        Ids of classes.

    Returns
    -------
    Tensor, bool, shape (N, H, W)
    """
    moves = torch.zeros(VOID + 1, dtype=torch.bool).index_fill(0, movable, True)
    seen = moves[labels]
    if teacher is not None:
        share, best = (teacher * teacher_valid).max(dim=1)
        sure = (moves[best] & (share > SURE)).float()[:, None]
        seen |= (labels == UNKNOWN) & (F.interpolate(sure, size=labels.shape[1:], mode="bilinear")[:, 0] > 0.5)
    return seen


def decide_unknown(labels: Tensor, teacher: Tensor | None, teacher_valid: Tensor) -> Tensor:
    """Labels, int64 (N, h, w), in which a teacher that is sure decides what is unknown; the rest of that is void.

    So the rare classes, which hardly any mask shows, count in what is learned from masks, too.

    Parameters
    ----------
    teacher : Tensor or None
        As in `Batch`, with the size of the labels.
    teacher_valid : Tensor
        Likewise.
    """
    unknown = labels == UNKNOWN
    if teacher is None:
        return labels.masked_fill(unknown, VOID)
    share, best = (teacher * teacher_valid).max(dim=1)
    return torch.where(unknown, torch.where(share > SURE, best, VOID), labels)


def choose_pixels(seen: Tensor, chance: float, rng: np.random.Generator) -> Tensor:
    """Which pixels each crop takes from the crop before it: bool (N, H, W), all or none of that crop's things."""
    offered = torch.roll(seen, 1, dims=0)
    shares = offered.float().mean(dim=(1, 2))
    wanted = torch.from_numpy(rng.random(len(seen)) < chance)
    return offered & (wanted & (shares > SIZES[0]) & (shares < SIZES[1]))[:, None, None]


def paste(maps: Tensor, taken: Tensor) -> Tensor:
    """Maps (N, ..., H, W) in which the taken pixels, bool (N, ..., H, W), are those of the crop before."""
    return torch.where(taken, torch.roll(maps, 1, dims=0), maps)
