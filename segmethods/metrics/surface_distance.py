"""Distance scores of one object: how far apart its outline and the true one are, in pixels.

A surface is the pixels of a mask that have a neighbour outside of it (left, right, above, below; the picture's edge is
outside, too). Distances go from each surface pixel to the nearest one of the other surface.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

TOLERANCE = 2.0
"""Distance in pixels up to which an outline counts as right."""

NAN = float("nan")


@dataclass(frozen=True)
class SurfaceCounts:
    """Surface distances of one class. For a data set, add those of its images, then score.

    Parameters
    ----------
    within, surface : int
        Pixels of both surfaces: those within the tolerance of the other one, and all.
    hausdorff : float
        Hausdorff distances (95 %) in pixels, summed over images.
    compared : int
        Images in which both masks hold something.
    undefined : int
        Images in which just one of both is empty, so that there is no distance. They are no part of the scores: say
        their number beside them. Images in which both are empty count for nothing.
    """

    within: int = 0
    surface: int = 0
    hausdorff: float = 0.0
    compared: int = 0
    undefined: int = 0

    def __add__(self, other: SurfaceCounts) -> SurfaceCounts:
        return SurfaceCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def hausdorff95(self) -> float:
        """Mean over images in pixels, lower is better; NaN if no image has both masks."""
        return self.hausdorff / self.compared if self.compared else NAN

    @property
    def surface_distance(self) -> float:
        """Normalised surface distance: the share of both outlines within the tolerance; NaN if no image has both."""
        return self.within / self.surface if self.surface else NAN


def count_surfaces(truth: Mask, prediction: Mask, tolerance: float = TOLERANCE) -> SurfaceCounts:
    """The surface counts of one class in one image.

    Parameters
    ----------
    truth, prediction : ndarray, bool, shape (H, W)
        Where the class is; see :func:`segmethods.metrics.fill_void` for truths with void.
    tolerance : float
        In pixels.

    Examples
    --------
    >>> truth, moved = np.zeros((2, 9, 9), bool)
    >>> truth[2:5, 2:5] = moved[2:5, 4:7] = True
    >>> counts = count_surfaces(truth, moved, tolerance=1)
    >>> counts.hausdorff95, counts.surface_distance
    (2.0, 0.625)
    >>> count_surfaces(truth, np.zeros((9, 9), bool)).undefined
    1
    """
    if not truth.any() or not prediction.any():
        return SurfaceCounts(undefined=int(truth.any() or prediction.any()))
    forth, back = surface_distances(truth, prediction)
    return SurfaceCounts(
        within=int(np.count_nonzero(forth <= tolerance) + np.count_nonzero(back <= tolerance)),
        surface=forth.size + back.size,
        hausdorff=float(max(np.percentile(forth, 95), np.percentile(back, 95))),
        compared=1,
    )


def surface_distances(first: Mask, second: Mask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances in pixels from the first surface to the second and back, each of shape (surface pixels,).

    Both masks must hold something.
    """
    from scipy.spatial import KDTree

    here, there = (np.argwhere(_surface(mask)) for mask in (first, second))
    return KDTree(there).query(here)[0], KDTree(here).query(there)[0]


def _surface(mask: Mask) -> Mask:
    around = np.pad(mask, 1)
    surface: Mask = mask & ~(around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:])
    return surface
