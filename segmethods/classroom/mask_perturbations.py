"""Mistakes made on purpose: masks that are shifted, grown or shrunk, whose objects are lost, torn or joined.

Most functions take a label map and give a new one of the same size. Id 0 is the ground on which objects lie; an object
is a connected piece (of 8 neighbours) of one other class. A truth with void goes through
:func:`segmethods.metrics.fill_void` first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ParameterError
from segmethods.core.types import Labels

GROUND = 0

Objects = NDArray[np.int32]


def shift(labels: Labels, right: int, down: int) -> Labels:
    """The map moved by whole pixels; what comes in from outside is ground.

    Examples
    --------
    >>> shift(np.array([[1, 2, 0]], np.uint8), right=1, down=0).tolist()
    [[0, 1, 2]]
    """
    height, width = labels.shape
    moved = np.full_like(labels, GROUND)
    if abs(down) < height and abs(right) < width:
        moved[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = labels[
            max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
        ]
    return moved


def dilate(labels: Labels, radius: int) -> Labels:
    """Objects grown into the ground by `radius` pixels in every direction; two that meet share the ground between.

    Examples
    --------
    >>> dilate(np.array([[0, 0, 1, 0, 0]], np.uint8), 1).tolist()
    [[0, 1, 1, 1, 0]]
    """
    ground = labels == GROUND
    if radius <= 0 or ground.all() or not ground.any():
        return labels.copy()
    from scipy.ndimage import distance_transform_edt

    distance, (rows, columns) = distance_transform_edt(ground, return_indices=True)
    grown: Labels = np.where(distance <= radius, labels[rows, columns], labels)
    return grown


def erode(labels: Labels, radius: int) -> Labels:
    """Objects without the rim of `radius` pixels that lies along the ground; the small ones vanish.

    Examples
    --------
    >>> erode(np.array([[0, 1, 1, 1, 0]], np.uint8), 1).tolist()
    [[0, 0, 1, 0, 0]]
    """
    objects = labels != GROUND
    if radius <= 0 or objects.all() or not objects.any():
        return labels.copy()
    from scipy.ndimage import distance_transform_edt

    left = labels.copy()
    left[distance_transform_edt(objects) <= radius] = GROUND
    return left


def count_objects(labels: Labels) -> int:
    """How many objects there are."""
    return int(number_objects(labels).max(initial=0))


def drop(labels: Labels, count: int) -> Labels:
    """The map without its `count` smallest objects.

    Examples
    --------
    >>> drop(np.array([[1, 1, 0, 2, 0, 1]], np.uint8), 2).tolist()
    [[1, 1, 0, 0, 0, 0]]
    """
    if count < 0:
        raise ParameterError("{name} must be a number, not {value}.", name="count", value=str(count))
    objects = number_objects(labels)
    areas = np.bincount(objects.ravel())[1:]
    lost = 1 + np.argsort(areas, kind="stable")[:count]
    left = labels.copy()
    left[np.isin(objects, lost)] = GROUND
    return left


def tear(objects: Objects, parts: int) -> Objects:
    """Every object torn into upright strips of equal width, each an object of its own.

    Parameters
    ----------
    objects : ndarray, int32, shape (H, W)
        Objects numbered from 1, ground 0, as :func:`number_objects` gives them.
    parts : int
        Strips of each object; 1 leaves the map as it is.

    Returns
    -------
    ndarray, int32, shape (H, W)
        Strip p (from 0) of object i of n has the number ``i + p * n``.

    Examples
    --------
    >>> tear(np.array([[0, 2, 2, 2, 2]], np.int32), parts=2).tolist()
    [[0, 2, 2, 4, 4]]
    """
    from scipy.ndimage import find_objects

    torn, count = objects.copy(), int(objects.max(initial=0))
    for number, box in enumerate(find_objects(objects), 1):
        if box is None:
            continue
        width = box[1].stop - box[1].start
        strips = np.minimum(np.arange(width) * parts // max(width, 1), parts - 1)
        torn[box] += np.where(objects[box] == number, strips * count, 0).astype(np.int32)
    return torn


def join(objects: Objects, count: int) -> Objects:
    """The largest object and its nearest neighbours as one object, `count` of them in all; 1 leaves the map as it is.

    Examples
    --------
    >>> join(np.array([[1, 1, 0, 2, 0, 0, 0, 3]], np.int32), count=2).tolist()
    [[1, 1, 0, 1, 0, 0, 0, 3]]
    """
    from scipy.ndimage import center_of_mass

    found = int(objects.max(initial=0))
    if count < 2 or found < 2:
        return objects.copy()
    places = np.array(center_of_mass(objects > 0, objects, np.arange(1, found + 1)))
    largest = int(np.bincount(objects.ravel())[1:].argmax())
    near = np.argsort(np.hypot(*(places - places[largest]).T), kind="stable")[:count]
    return np.where(np.isin(objects, near + 1), largest + 1, objects).astype(np.int32)


def invent(labels: Labels, class_id: int, radius: int) -> Labels:
    """The map with a disc of the class `class_id` in its upper left part: a thing that isn't there.

    Examples
    --------
    >>> invent(np.zeros((9, 9), np.uint8), 7, radius=1)[1].tolist()
    [0, 0, 7, 0, 0, 0, 0, 0, 0]
    """
    rows, columns = np.ogrid[: labels.shape[0], : labels.shape[1]]
    middle = (labels.shape[0] // 4, labels.shape[1] // 4)
    disc = (rows - middle[0]) ** 2 + (columns - middle[1]) ** 2 <= radius**2
    seen = labels.copy()
    seen[disc] = class_id
    return seen


def number_objects(labels: Labels) -> Objects:
    """Objects numbered from 1, ground 0."""
    from scipy.ndimage import label

    numbered = np.zeros(labels.shape, np.int32)
    found = 0
    for class_id in np.flatnonzero(np.bincount(labels.ravel())):
        if class_id == GROUND:
            continue
        pieces, count = label(labels == class_id, np.ones((3, 3), bool))
        numbered[pieces > 0] = pieces[pieces > 0] + found
        found += count
    return numbered
