"""From semantic to instance: the pixels of a class parted into single objects.

A semantic segmentation says "car" of every pixel of three cars. Here they are parted by what can be seen in the label
map alone: pixels that hang together are one object, or, where objects touch, the map is cut at its narrow places with a
watershed on the distance to the border (Vincent & Soille 1991). Two people whose silhouettes overlap without a waist
stay one object; a network that learned instances would know better.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.palette import has_background
from segmethods.core.types import Instances, Labels, Vocabulary

InstanceRule = Literal["none", "connected", "watershed"]
Splitting = Literal["connected", "watershed"]

Mask = NDArray[np.bool_]

STUFF = {"camvid": {"Sky", "Building", "Road", "Pavement", "Tree", "Fence"}}
"""Classes that nobody counts, by vocabulary: they spread, they don't come in pieces."""

SMALLEST = 1 / 1000
"""Share of the image that an object must cover; what is smaller is a speck."""

WAIST_DEPTH = 0.25
"""How much narrower a waist must be than the widest place of the region, for the watershed to cut there."""

WORKING_SIDE = 256
"""Long side in pixels at which a region is looked at for waists."""


def find_instances(labels: Labels, classes: Vocabulary, splitting: Splitting, smallest: float = SMALLEST) -> Instances:
    """Part the classes of a label map into objects; background and what spreads, such as a road, is left out.

    Parameters
    ----------
    labels : ndarray, uint8 or uint16, shape (H, W)
        Class ids.
    classes : Vocabulary
        What the labels mean.
    splitting : {"connected", "watershed"}
        Pixels that hang together, over corners too, are one object; or such regions are cut at their waists.
    smallest : float
        Share of the image that an object must cover.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> labels = np.zeros((8, 9), np.uint8)
    >>> labels[1:4, 1:3] = labels[2:7, 5:8] = 1
    >>> found = find_instances(labels, BINARY, "connected")
    >>> found.counts(), found.ids[2].tolist()
    ({1: 2}, [0, 2, 2, 0, 0, 1, 1, 1, 0])
    """
    ids, found = np.zeros(labels.shape, np.uint16), []
    least = max(1.0, smallest * labels.size)
    for class_id in np.flatnonzero(np.bincount(labels.ravel())).tolist():
        if not is_countable(class_id, classes):
            continue
        parts = [
            (place, part)
            for place, region in find_regions(labels == class_id, least)
            for part in (split_by_watershed(region, least) if splitting == "watershed" else [region])
        ]
        for place, part in sorted(parts, key=lambda p: -np.count_nonzero(p[1])):
            found.append(class_id)
            ids[place][part] = len(found)
    return Instances(ids, tuple(found))


def is_countable(class_id: int, classes: Vocabulary) -> bool:
    """Whether pixels of a class make up single objects.

    Examples
    --------
    >>> from segmethods.core.types import CAMVID
    >>> is_countable(CAMVID.names.index("Car"), CAMVID), is_countable(CAMVID.names.index("Road"), CAMVID)
    (True, False)
    """
    if class_id >= len(classes) or (class_id == 0 and has_background(classes)):
        return False
    return classes.names[class_id] not in STUFF.get(classes.id, ())


def find_regions(mask: Mask, least: float) -> Iterator[tuple[tuple[slice, slice], Mask]]:
    """The regions of a mask that hang together and have no fewer pixels than `least`: where, and the mask there."""
    import cv2

    _, numbers, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    for number, (left, top, width, height, area) in enumerate(facts.tolist()):
        if number and area >= least:
            place = (slice(top, top + height), slice(left, left + width))
            yield place, numbers[place] == number


def split_by_watershed(region: Mask, least: float) -> list[Mask]:
    """A region cut at its waists, or the region alone if it has none.

    How deep a waist must be follows from the widest place of the region. A part that would be a mere speck stays with
    its neighbour. The watershed runs on a small copy; every pixel of the region then goes with the nearest pixel of the
    copy.
    """
    import cv2
    from skimage.measure import label
    from skimage.morphology import local_maxima, reconstruction
    from skimage.segmentation import watershed

    height, width = region.shape
    rows, columns = fit_long_side(height, width, WORKING_SIDE, enlarge=False)
    small = np.pad(cv2.resize(region.astype(np.uint8), (columns, rows), interpolation=cv2.INTER_AREA), 1)
    depth = cv2.distanceTransform(small, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).astype(np.float64)
    drop = WAIST_DEPTH * depth.max()
    levelled = reconstruction(depth - drop, depth)
    tops = label(local_maxima(levelled) & (small > 0))
    while tops.max() > 1:
        parts = watershed(-depth, tops, mask=small > 0)[1:-1, 1:-1]
        whole = fill_nearest(cv2.resize(parts.astype(np.uint16), (width, height), interpolation=cv2.INTER_NEAREST))
        cut = [region & (whole == number) for number in range(1, int(tops.max()) + 1)]
        sizes = [np.count_nonzero(part) for part in cut]
        if min(sizes) >= least:
            return cut
        tops = label(np.where(tops == 1 + np.argmin(sizes), 0, tops))
    return [region]


def fill_nearest(numbers: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Numbers with every 0 replaced by the number of the nearest pixel that has one."""
    import cv2

    _, origin = cv2.distanceTransformWithLabels(
        (numbers == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(origin.max()) + 1, np.uint16)
    table[origin[numbers > 0]] = numbers[numbers > 0]
    return table[origin]
