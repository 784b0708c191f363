"""Where joining several answers helps, and where it harms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import VOID, Labels

ALL_RIGHT, GAINED, LOST, ALL_WRONG = range(4)
"""Everyone is right; the ensemble is right and a member isn't; the ensemble is wrong and a member isn't; nobody is."""


def gains(joined: Labels, members: Sequence[Labels], truth: Labels) -> NDArray[np.uint8]:
    """For every pixel, who is right: the ensemble, its members, or both.

    Parameters
    ----------
    joined : ndarray, uint8 or uint16, shape (H, W)
        The ensemble's labels, in ids of the truth.
    members : sequence of ndarray, uint8 or uint16, shape (H, W)
        Those of its members.
    truth : ndarray, uint8 or uint16, shape (H, W)
        Pixels of 255 are not judged.

    Returns
    -------
    ndarray, uint8, shape (H, W)
        `ALL_RIGHT`, `GAINED`, `LOST` or `ALL_WRONG`; 255 where nobody judges.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.array([[1, 1, 1, 1, 255]], np.uint8)
    >>> members = np.array([[[1, 1, 1, 0, 0]], [[1, 0, 0, 0, 0]]], np.uint8)
    >>> gains(np.array([[1, 1, 0, 0, 0]], np.uint8), members, truth).tolist()
    [[0, 1, 2, 3, 255]]
    """
    right = joined == truth
    rights = np.stack([member == truth for member in members])
    some = rights.any(axis=0)
    found = np.where(right, np.where(rights.all(axis=0), ALL_RIGHT, GAINED), np.where(some, LOST, ALL_WRONG))
    return np.where(truth == VOID, VOID, found).astype(np.uint8)
