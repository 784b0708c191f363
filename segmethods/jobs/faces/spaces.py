"""Spaces in which faces are compared: of all gallery faces (eigenfaces), or of what parts people (Fisherfaces)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.jobs.faces.looks import Vector

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Space:
    """A middle, shape (D,), and directions, shape (D, K)."""

    middle: Matrix
    directions: Matrix

    def project(self, vectors: Sequence[Vector]) -> Matrix:
        """Vectors' places in this space, each of length 1, shape (N, K)."""
        places = (np.stack(vectors) - self.middle) @ self.directions
        return np.asarray(places / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-12))


def principal_space(vectors: Sequence[Vector], most: int) -> tuple[Space, Matrix]:
    """The directions in which these vectors differ most (Turk and Pentland 1991), and their spreads."""
    table = np.stack(vectors).astype(np.float64)
    middle = table.mean(axis=0)
    # With fewer vectors than numbers the small matrix of their products has the same directions.
    values, weights = np.linalg.eigh((table - middle) @ (table - middle).T / len(table))
    order = np.argsort(-values)[:most]
    order = order[values[order] > 1e-9 * max(float(values[order[0]]), 1e-30)]
    spreads = np.sqrt(values[order])
    directions = (table - middle).T @ weights[:, order] / (spreads * np.sqrt(len(table)))
    return Space(middle, directions), spreads


def eigenfaces(vectors: Sequence[Vector]) -> Space:
    """The space of eigenfaces: 60 directions at most, the first left out, since light makes it."""
    space, _ = principal_space(vectors, 61)
    return Space(space.middle, space.directions[:, 1:] if space.directions.shape[1] > 3 else space.directions)


def fisherfaces(vectors: Sequence[Vector], people: Sequence[str], loose: float = 0.1) -> Space:
    """Directions in which people differ most for what one person differs (Belhumeur 1997).

    Parameters
    ----------
    vectors, people : sequences of equal length
    loose : float
        Share of the mean within-person variance that is added in every direction, for few faces say little.
    """
    from scipy.linalg import eigh

    space, _ = principal_space(vectors, len(vectors) - 1)
    places = (np.stack(vectors) - space.middle) @ space.directions
    names, number = np.unique(np.array(people), return_inverse=True)
    means = np.stack([places[number == i].mean(axis=0) for i in range(len(names))])
    if len(names) < 2:
        return space
    inside = places - means[number]
    within = inside.T @ inside / len(places)
    within += loose * np.trace(within) / len(within) * np.eye(len(within)) + 1e-9 * np.eye(len(within))
    between = (means - means.mean(axis=0)).T @ (means - means.mean(axis=0)) / len(names)
    _, directions = eigh(
        between, within, subset_by_index=(len(within) - min(len(names) - 1, len(within)), len(within) - 1)
    )
    return Space(space.middle, space.directions @ directions[:, ::-1])
