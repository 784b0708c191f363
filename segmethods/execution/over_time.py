"""A method over a clip: labels of frame after frame, how much they flicker, and smoothing over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Labels, Vocabulary


def follow_segments(before: Labels, now: Labels) -> Labels:
    """Segments renamed after those of the frame before, so that each shares most pixels with its namesake.

    Parameters
    ----------
    before, now : ndarray, uint8 or uint16, shape (H, W)
        Labels without names, such as groups of k-means: which of them is called 0 is chance.

    Examples
    --------
    >>> follow_segments(np.array([[0, 0, 1, 1]], np.uint8), np.array([[1, 1, 1, 0]], np.uint8)).tolist()
    [[0, 0, 0, 1]]
    """
    from scipy.optimize import linear_sum_assignment

    count = int(max(before.max(), now.max())) + 1
    common = np.bincount(now.ravel().astype(np.int64) * count + before.ravel(), minlength=count * count)
    rows, columns = linear_sum_assignment(-common.reshape(count, count))
    names = np.empty(count, now.dtype)
    names[rows] = columns
    return np.asarray(names[now])


def name_alike(frames: Sequence[Labels], classes: Vocabulary) -> list[Labels]:
    """Frames whose segments keep their names; what has names already stays as it is."""
    if classes.is_named or classes.id == "binary":
        return list(frames)
    found: list[Labels] = []
    for labels in frames:
        found.append(follow_segments(found[-1], labels) if found else labels)
    return found


def measure_flicker(frames: Sequence[Labels]) -> list[float]:
    """For each frame but the first the share of pixels whose label is another one than before.

    Examples
    --------
    >>> measure_flicker([np.array([[0, 1]]), np.array([[0, 0]]), np.array([[0, 0]])])
    [0.5, 0.0]
    """
    return [float((a != b).mean()) for a, b in pairwise(frames)]


def smooth_over_time(frames: Sequence[Labels], radius: int) -> list[Labels]:
    """Each pixel gets the label that it has in most frames from `radius` before to `radius` after.

    Of labels that are level the one of the frame itself stays, or else the smallest.

    Examples
    --------
    >>> [int(f[0, 0]) for f in smooth_over_time([np.array([[v]], np.uint8) for v in (1, 0, 1, 1)], 1)]
    [1, 1, 1, 1]
    """
    if not frames:
        return []
    kinds = int(max(labels.max() for labels in frames)) + 1
    votes: NDArray[np.int16] = np.zeros((kinds, *frames[0].shape), np.int16)
    rows, columns = np.indices(frames[0].shape)
    smoothed: list[Labels] = []
    for i in range(-radius, len(frames)):
        if i + radius < len(frames):
            votes[frames[i + radius], rows, columns] += 2
        if i - radius - 1 >= 0:
            votes[frames[i - radius - 1], rows, columns] -= 2
        if i >= 0:
            votes[frames[i], rows, columns] += 1
            smoothed.append(votes.argmax(axis=0).astype(frames[i].dtype))
            votes[frames[i], rows, columns] -= 1
    return smoothed
