"""Distance scores of one object: how far apart its outline and the true one are, in pixels.

A surface is the pixels of a mask that have a neighbour outside of it (left, right, above, below; the picture's edge is
outside, too). Distances go from each surface pixel to the nearest one of the other surface.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError
from segmethods.core.types import VOID, Labels

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
    most, largest : float
        In pixels, summed over images: the Hausdorff distance that leaves out the worst 5 %, and the whole one.
    compared : int
        Images in which one mask at least holds something.
    blank : int
        Those of them in which the other one is empty. There is no distance then; the worst one counts, the picture's
        diagonal, with no pixel within the tolerance. Images in which both are empty count for nothing.
    """

    within: int = 0
    surface: int = 0
    most: float = 0.0
    largest: float = 0.0
    compared: int = 0
    blank: int = 0

    def __add__(self, other: SurfaceCounts) -> SurfaceCounts:
        return SurfaceCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def hausdorff95(self) -> float:
        """Mean over images in pixels, lower is better; NaN if both masks are empty everywhere."""
        return self.most / self.compared if self.compared else NAN

    @property
    def hausdorff(self) -> float:
        """The same of the largest distances."""
        return self.largest / self.compared if self.compared else NAN

    @property
    def surface_distance(self) -> float:
        """Normalised surface distance: the share of both outlines within the tolerance; NaN if there is none."""
        return self.within / self.surface if self.surface else NAN


def count_surfaces(truth: Mask, prediction: Mask, tolerance: float = TOLERANCE) -> SurfaceCounts:
    """The surface counts of one class in one image.

    Parameters
    ----------
    truth, prediction : ndarray, bool, shape (H, W)
        Where the class is; see :func:`segmethods.metrics.fill_void` for truths with void.
    tolerance : float
        In pixels.

    Raises
    ------
    ImageError
        If the masks differ in size.

    Examples
    --------
    >>> truth, moved = np.zeros((2, 9, 9), bool)
    >>> truth[2:5, 2:5] = moved[2:5, 4:7] = True
    >>> counts = count_surfaces(truth, moved, tolerance=1)
    >>> counts.hausdorff95, counts.surface_distance
    (2.0, 0.625)
    >>> count_surfaces(truth, np.zeros((9, 9), bool)).surface_distance
    0.0
    """
    if truth.shape != prediction.shape:
        raise ImageError(
            "The two label maps differ in size: {first} and {second}. Compare maps of one picture.",
            first=f"{truth.shape[1]} × {truth.shape[0]}",
            second=f"{prediction.shape[1]} × {prediction.shape[0]}",
        )
    if not truth.any() and not prediction.any():
        return SurfaceCounts()
    if not truth.any() or not prediction.any():
        worst, outline = float(np.hypot(*truth.shape)), int(np.count_nonzero(_surface(truth | prediction)))
        return SurfaceCounts(0, outline, worst, worst, compared=1, blank=1)
    forth, back = surface_distances(truth, prediction)
    return SurfaceCounts(
        within=int(np.count_nonzero(forth <= tolerance) + np.count_nonzero(back <= tolerance)),
        surface=forth.size + back.size,
        most=float(max(np.percentile(forth, 95), np.percentile(back, 95))),
        largest=float(max(forth.max(), back.max())),
        compared=1,
    )


def count_class_surfaces(truth: Labels, prediction: Labels, skipped: Collection[int] = (0, VOID)) -> SurfaceCounts:
    """The surface counts of all classes of one image but the background, summed.

    Parameters
    ----------
    truth, prediction : ndarray, uint8 or uint16, shape (H, W)
        The class of every pixel; see :func:`segmethods.metrics.fill_void` for truths with void.
    skipped : collection of int
        Labels that are no class with an outline.

    Examples
    --------
    >>> truth = np.array([[1, 1, 0, 2]], np.uint8)
    >>> counts = count_class_surfaces(truth, np.array([[1, 1, 0, 0]], np.uint8))
    >>> counts.compared, counts.blank
    (2, 1)
    """
    labels = [label for label in np.union1d(np.unique(truth), np.unique(prediction)).tolist() if label not in skipped]
    return sum((count_surfaces(truth == label, prediction == label) for label in labels), SurfaceCounts())


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
