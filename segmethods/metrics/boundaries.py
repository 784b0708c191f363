"""Boundary scores: which boundary pixels have a partner in the truth, one to one, within a small distance.

The measure of the Berkeley benchmark (Martin, Fowlkes & Malik 2004; Arbelaez et al. 2011): as many pairs as possible,
and among such pairings the one with the smallest total distance. That is the optimum which the benchmark's own program
approximates with random outlier edges, so its counts are now and then a few pixels lower than these.

Against one truth the counts follow from the number of pairs alone, which `match_most` finds for pictures of any size.
Against several annotators it matters which pixels are paired, so the total distance is minimised as well; above
`PAIRABLE` it is no longer the smallest one but only small, and the counts say so (`BoundaryCounts.approximate`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError
from segmethods.core.types import VOID, Labels
from segmethods.metrics.matching import match_most
from segmethods.metrics.thinning import thin_lines

Boundaries = NDArray[np.bool_]
"""Which pixels lie on a boundary, bool, shape (H, W)."""

TOLERANCE = 0.0075
"""Largest distance of a pair, as a fraction of the picture's diagonal (0.0075 is 4.3 pixels at 481 × 321)."""

OUTLIER = 100.0
"""What a pixel without a partner costs, in units of the largest distance: more than any pairing could save."""

PAIRABLE = 60_000_000
"""Up to this product of pixels found and pixels true, the smallest total distance is found: some seconds at most."""

NAN = float("nan")


@dataclass(frozen=True)
class BoundaryCounts:
    """Boundary pixels and how many of them have a partner. For a data set, add those of its images, then score.

    Every score is NaN if neither the truth nor the answer has a boundary, and 0 if just one of them has.

    Parameters
    ----------
    recalled, true : int
        Boundary pixels of the truth, summed over the annotators: those with a partner, and all.
    right, found : int
        Boundary pixels that were found: those with a partner at one annotator at least, and all.
    approximate : int
        Images whose counts are no optimum: against several annotators `right` may then be too high by up to one
        percent of `found`. With maps made to be hard, for which the search ends early, all counts may be too low.
    """

    recalled: int = 0
    true: int = 0
    right: int = 0
    found: int = 0
    approximate: int = 0

    def __add__(self, other: BoundaryCounts) -> BoundaryCounts:
        return BoundaryCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def is_blank(self) -> bool:
        """Whether neither the truth nor the answer has a boundary."""
        return not self.true and not self.found

    @property
    def recall(self) -> float:
        """Share of the true boundary that was found."""
        return NAN if self.is_blank else self.recalled / max(self.true, 1)

    @property
    def precision(self) -> float:
        """Share of the boundary found that is true."""
        return NAN if self.is_blank else self.right / max(self.found, 1)

    @property
    def f(self) -> float:
        """Harmonic mean of precision and recall."""
        return f_measure(self.recall, self.precision)


def f_measure(recall: float, precision: float) -> float:
    """Harmonic mean of two shares; 0 if both are 0.

    Examples
    --------
    >>> f_measure(1.0, 0.5), f_measure(0.0, 0.0)
    (0.6666666666666666, 0.0)
    """
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def outline(labels: Labels) -> Boundaries:
    """The thin boundaries between the labels of a map, of the map's size.

    A pixel is on a boundary if it, its right, its lower and its lower right neighbour differ; then lines are thinned to
    one pixel (Guo & Hall 1989).

    Examples
    --------
    >>> outline(np.array([[0, 0, 1], [0, 0, 1]], np.uint8)).astype(int).tolist()
    [[0, 1, 0], [0, 1, 0]]
    """
    return thinned(mark_changes(labels))


def mark_changes(labels: Labels) -> Boundaries:
    """Where the labels of a map change, before thinning: bool, shape (H, W)."""
    padded = np.pad(labels, ((0, 1), (0, 1)), "edge")
    here, right, below, across = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    return np.asarray((here != right) | (here != below) | (here != across))


def thinned(boundaries: Boundaries) -> Boundaries:
    """Boundaries one pixel wide: bool, shape (H, W)."""
    return thin_lines(boundaries)


def fill_void(labels: Labels, truth: Labels, void: int = VOID) -> Labels:
    """A map in which every pixel that the truth doesn't judge has the label of the nearest judged pixel.

    Applied to the truth and to a prediction alike, it makes a contour that runs inside a band of void depend on what
    lies on both its sides, and never on what was predicted in the band.

    Parameters
    ----------
    labels, truth : ndarray, uint8 or uint16, shape (H, W)
        The map to fill, and the truth; unchanged if it judges nothing at all.
    void : int
        The truth's label where it doesn't judge.

    Examples
    --------
    >>> truth = np.array([[0, 0, 255, 255, 1]], np.uint8)
    >>> fill_void(np.array([[0, 0, 7, 8, 1]], np.uint8), truth).tolist()
    [[0, 0, 0, 1, 1]]
    """
    nearest = nearest_judged(truth, void)
    return labels if nearest is None else labels[nearest]


def nearest_judged(truth: Labels, void: int = VOID) -> tuple[NDArray[np.int32], NDArray[np.int32]] | None:
    """Row and column of the judged pixel nearest to each one, each ``int32 (H, W)``; None if all or none are judged."""
    from scipy.ndimage import distance_transform_edt

    unjudged = truth == void
    if not unjudged.any() or unjudged.all():
        return None
    rows, columns = distance_transform_edt(unjudged, return_distances=False, return_indices=True)
    return rows, columns


def count_boundaries(
    found: Boundaries, annotators: Sequence[Boundaries], tolerance: float = TOLERANCE
) -> BoundaryCounts:
    """The boundary counts of one image.

    Parameters
    ----------
    found : ndarray, bool, shape (H, W)
        Thin boundaries of a segmentation (:func:`outline`) or of a detector (:func:`thinned`).
    annotators : sequence of ndarray, bool, shape (H, W)
        Thin boundaries of each person's truth.
    tolerance : float
        Largest distance of a pair, as a fraction of the diagonal.

    Raises
    ------
    ImageError
        If the maps differ in size.

    Examples
    --------
    >>> found, truth = np.zeros((2, 20, 20), bool)
    >>> found[:, 4], truth[:, 5] = True, True
    >>> count_boundaries(found, [truth], tolerance=0.05)
    BoundaryCounts(recalled=20, true=20, right=20, found=20, approximate=0)
    """
    right = np.zeros(np.count_nonzero(found), bool)
    recalled = true = approximate = 0
    for annotator in annotators:
        if annotator.shape != found.shape:
            raise ImageError(
                "The boundaries differ in size: {first} and {second} pixels. Compare maps of one picture.",
                first=f"{found.shape[1]} × {found.shape[0]}",
                second=f"{annotator.shape[1]} × {annotator.shape[0]}",
            )
        distance, size = tolerance * float(np.hypot(*found.shape)), int(np.count_nonzero(annotator))
        if len(annotators) > 1 and right.size * size <= PAIRABLE:
            matched, is_best = match_pixels(found, annotator, distance), True
        else:
            pairs = match_most(found, annotator, distance, nearest_first=len(annotators) > 1)
            matched, is_best = pairs.matched, len(annotators) == 1 and not pairs.missed
        right |= matched
        recalled += int(np.count_nonzero(matched))
        true += size
        approximate |= not is_best
    return BoundaryCounts(recalled, true, int(np.count_nonzero(right)), right.size, int(approximate))


def match_pixels(first: Boundaries, second: Boundaries, distance: float) -> NDArray[np.bool_]:
    """Pair pixels of two maps one to one: as many pairs as possible, then the smallest total distance.

    Parameters
    ----------
    first, second : ndarray, bool, shape (H, W)
        The pixels to pair.
    distance : float
        Largest distance of a pair, in pixels.

    Returns
    -------
    ndarray, bool, shape (N,)
        Which pixels of `first`, in row order, have a partner. Their number is unique, their choice may not be.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching
    from scipy.spatial import KDTree

    here, there = np.argwhere(first), np.argwhere(second)
    matched = np.zeros(len(here), bool)
    if not len(here) or not len(there):
        return matched
    pairs = KDTree(here).sparse_distance_matrix(KDTree(there), distance, output_type="ndarray")
    rows, left = np.unique(pairs["i"], return_inverse=True)
    columns, right = np.unique(pairs["j"], return_inverse=True)
    if not rows.size:
        return matched
    own = np.arange(rows.size)  # each row may also take an outlier of its own
    costs = np.concatenate([pairs["v"], np.full(rows.size, OUTLIER * distance)]) + 1  # zeros would count as no edge
    graph = coo_array((costs, (np.append(left, own), np.append(right, columns.size + own)))).tocsr()
    chosen_rows, chosen = min_weight_full_bipartite_matching(graph)
    matched[rows[chosen_rows[chosen < columns.size]]] = True
    return matched
