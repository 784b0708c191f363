"""Objects pushed together until they touch, which is where the labels alone can't tell them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image, Instances

OVERLAP = 2
"""Pixels by which neighbours run into each other, so that they touch for certain."""

Mask = NDArray[np.bool_]


def push_together(image: Image, objects: Instances, in_row: int) -> tuple[Image, Mask]:
    """Cut the objects out of a picture and lay them on an even ground in rows, each touching the next.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    objects : Instances
        One object at least.
    in_row : int
        Objects in a row, from top to bottom and left to right as they lie in the picture.

    Returns
    -------
    (ndarray, ndarray)
        The new picture, uint8 (h, w, 3), and where it has objects, bool (h, w).

    Examples
    --------
    >>> ids = np.zeros((9, 30), np.uint16)
    >>> ids[2:7, 2:7], ids[2:7, 20:25] = 1, 2
    >>> made, mask = push_together(np.full((9, 30, 3), 7, np.uint8), Instances(ids, (1, 1)), in_row=2)
    >>> made.shape, mask.any(axis=0).sum()
    ((9, 12, 3), np.int64(8))
    """
    from scipy.ndimage import find_objects

    ground = np.median(image[objects.ids == 0], axis=0).astype(np.uint8)
    boxes = find_objects(objects.ids.astype(np.int32))
    by_height = sorted(range(len(boxes)), key=lambda i: boxes[i][0].start + boxes[i][0].stop)
    rows = [
        sorted(by_height[start : start + in_row], key=lambda i: boxes[i][1].start)
        for start in range(0, len(by_height), in_row)
    ]
    canvas = np.tile(ground, (*image.shape[:2], 1))
    mask = np.zeros(image.shape[:2], bool)
    top, widest = OVERLAP, 0
    for row in rows:
        height, left = max(boxes[i][0].stop - boxes[i][0].start for i in row), OVERLAP
        for i in row:
            own = objects.ids[boxes[i]] == i + 1
            high = top + (height - own.shape[0]) // 2
            place = (slice(high, high + own.shape[0]), slice(left, left + own.shape[1]))
            canvas[place][own] = image[boxes[i]][own]
            mask[place] |= own
            left += own.shape[1] - OVERLAP
        top, widest = top + height - OVERLAP, max(widest, left)
    size = (slice(top + 2 * OVERLAP), slice(widest + 2 * OVERLAP))
    return canvas[size], mask[size]
