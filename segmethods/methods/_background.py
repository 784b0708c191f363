"""What industry does first: take away uneven light and shading, and keep objects of a plausible size.

Uneven light changes slowly and objects are small, so a background is what is left when everything smaller than a window
is wiped out: the median of the window, or what a morphological opening (of bright objects) or closing (of dark ones)
leaves, whose difference from the image is called a top-hat (Meyer 1979).
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.registry import About, Range
from segmethods.core.types import Labels

BackgroundRule = Literal["none", "median", "tophat"]
REMOVED = {"background": ("median", "tophat")}

Background = Annotated[
    BackgroundRule,
    About(
        "Background removal",
        "Takes away light and shading that change slowly, and leaves what differs from its surroundings.",
        {"none": "None", "median": "Median of the surroundings", "tophat": "Top-hat"},
    ),
]
BackgroundSize = Annotated[
    int,
    Range(3, 151, 2),
    About("Surroundings", "In pixels; larger than the objects and smaller than the shading.", when=REMOVED),
]
IsDark = Annotated[
    bool,
    About("Object is darker", "Only what is darker than its surroundings is left, not what is brighter.", when=REMOVED),
]
SmallestPiece = Annotated[
    int, Range(0, 5000, 10), About("Smallest object", "Pieces with fewer pixels than this join what lies around them.")
]


def remove_background(values: NDArray[np.uint8], rule: BackgroundRule, size: int, is_dark: bool) -> NDArray[np.uint8]:
    """By how many levels each pixel is brighter (or darker) than its surroundings, 0 where it isn't.

    Parameters
    ----------
    values : ndarray, uint8, shape (H, W) or (H, W, 3)
        One channel, or several, each by itself.
    rule : str
        What the surroundings are; with ``"none"`` the values stay as they are.
    size : int
        Side of the window, in pixels; an even one counts as the next odd one.
    is_dark : bool
        Whether objects are darker than their surroundings.

    Examples
    --------
    >>> plane = np.full((9, 9), 100, np.uint8)
    >>> plane[4, 4] = 70
    >>> [int(remove_background(plane, rule, 5, True)[4, 4]) for rule in ("none", "median", "tophat")]
    [70, 30, 30]
    """
    import cv2

    if rule == "none":
        return values
    size |= 1
    values = np.ascontiguousarray(values)
    if rule == "median":
        around = cv2.medianBlur(values, size)
        return np.asarray(cv2.subtract(around, values) if is_dark else cv2.subtract(values, around), np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (size, size))
    hat = cv2.MORPH_BLACKHAT if is_dark else cv2.MORPH_TOPHAT
    return np.asarray(cv2.morphologyEx(values, hat, kernel), np.uint8)


def keep_sizes(labels: NDArray[np.uint8], smallest: int, largest: int) -> NDArray[np.uint8]:
    """Objects (label 1, of 8 neighbours) of fewer or more pixels than these become background; 0 is no limit.

    Examples
    --------
    >>> keep_sizes(np.array([[1, 0, 1, 1, 0, 1, 1, 1]], np.uint8), 2, 2).tolist()
    [[0, 0, 1, 1, 0, 0, 0, 0]]
    """
    import cv2

    if smallest < 2 and not largest:
        return labels
    _, objects, facts, _ = cv2.connectedComponentsWithStats(labels, connectivity=8)
    areas = facts[:, cv2.CC_STAT_AREA]
    kept = (areas >= smallest) & (areas <= (largest or labels.size))
    kept[0] = False
    return np.asarray(kept[objects], np.uint8)


def join_specks(labels: Labels, smallest: int) -> Labels:
    """Pieces (of 8 neighbours) of fewer pixels than this get the label of the nearest pixel of a larger piece.

    Examples
    --------
    >>> join_specks(np.array([[0, 0, 1, 0, 0, 2, 2]], np.uint8), 2).tolist()
    [[0, 0, 0, 0, 0, 2, 2]]
    """
    import cv2

    if smallest < 2:
        return labels
    is_speck = np.zeros(labels.shape, bool)
    for label in np.flatnonzero(np.bincount(labels.ravel())).tolist():
        _, pieces, facts, _ = cv2.connectedComponentsWithStats((labels == label).astype(np.uint8), connectivity=8)
        is_small = facts[:, cv2.CC_STAT_AREA] < smallest
        is_small[0] = False
        is_speck |= is_small[pieces]
    if not is_speck.any() or is_speck.all():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        is_speck.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, labels.dtype)
    table[nearest[~is_speck]] = labels[~is_speck]
    joined: Labels = table[nearest]
    return joined
