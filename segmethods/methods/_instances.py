"""From semantic to instance: the pixels of a class parted into single objects.

A semantic segmentation says "car" of every pixel of three cars. Here they are parted by what can be seen in the label
map alone: pixels that hang together are one object, or, where objects touch, the map is cut at its narrow places with a
watershed on the distance to the border (Vincent & Soille 1991). Two people whose silhouettes overlap without a waist
stay one object; a network that learned instances would know better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.palette import has_background
from segmethods.core.types import Labels, Vocabulary

Instances = Literal["none", "connected", "watershed"]

Mask = NDArray[np.bool_]

STUFF = {"camvid": {"Sky", "Building", "Road", "Pavement", "Tree", "Fence"}}
"""Classes that nobody counts, by vocabulary: they spread, they don't come in pieces."""

SMALLEST = 1 / 1000
"""Share of the picture that an object must cover; what is smaller is a speck."""

DEEP = 0.25
"""How much narrower a waist must be than the widest place of the region, for the watershed to cut there."""

SIDE = 256
"""Long side in pixels at which a region is looked at for waists."""


@dataclass(frozen=True, eq=False)
class Objects:
    """The single objects in a label map.

    Parameters
    ----------
    numbers : ndarray, uint16, shape (H, W)
        The object of every pixel, from 1; 0 for none. Objects of a class follow each other, the largest first.
    classes : tuple of int
        The class id of object 1, 2, ...
    """

    numbers: NDArray[np.uint16]
    classes: tuple[int, ...]

    def counts(self) -> dict[int, int]:
        """How many objects there are of each class that has any, by id."""
        return dict(Counter(self.classes))

    def evidence(self) -> Mapping[str, object]:
        """What a `Segmentation` carries of them.

        ``objects``, the map of numbers; ``object_classes``, the class of each; ``object_counts``, by class.
        """
        return {"objects": self.numbers, "object_classes": self.classes, "object_counts": self.counts()}


def find_objects(
    labels: Labels, classes: Vocabulary, how: Literal["connected", "watershed"], smallest: float = SMALLEST
) -> Objects:
    """Part the classes of a label map into objects; background and what spreads, such as a road, is left out.

    Parameters
    ----------
    labels : ndarray, uint8 or uint16, shape (H, W)
    classes : Vocabulary
        What the labels mean.
    how : {"connected", "watershed"}
        Pixels that hang together, over corners too, are one object; or such regions are cut at their waists.
    smallest : float
        Share of the picture that an object must cover.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> labels = np.zeros((8, 9), np.uint8)
    >>> labels[1:4, 1:3] = labels[2:7, 5:8] = 1
    >>> found = find_objects(labels, BINARY, "connected")
    >>> found.counts(), found.numbers[2].tolist()
    ({1: 2}, [0, 2, 2, 0, 0, 1, 1, 1, 0])
    """
    numbers, found = np.zeros(labels.shape, np.uint16), []
    least = max(1.0, smallest * labels.size)
    for id in np.flatnonzero(np.bincount(labels.ravel())).tolist():
        if not is_countable(id, classes):
            continue
        parts = [
            (place, part)
            for place, region in regions(labels == id, least)
            for part in (waists_cut(region, least) if how == "watershed" else [region])
        ]
        for place, part in sorted(parts, key=lambda p: -np.count_nonzero(p[1])):
            found.append(id)
            numbers[place][part] = len(found)
    return Objects(numbers, tuple(found))


def is_countable(id: int, classes: Vocabulary) -> bool:
    """Whether pixels of a class make up single objects.

    Examples
    --------
    >>> from segmethods.core.types import CAMVID
    >>> is_countable(CAMVID.names.index("Car"), CAMVID), is_countable(CAMVID.names.index("Road"), CAMVID)
    (True, False)
    """
    if id >= len(classes) or (id == 0 and has_background(classes)):
        return False
    return classes.names[id] not in STUFF.get(classes.id, ())


def regions(mask: Mask, least: float) -> Iterator[tuple[tuple[slice, slice], Mask]]:
    """The regions of a mask that hang together and have no fewer pixels than `least`: where, and the mask there."""
    import cv2

    _, numbers, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    for number, (left, top, width, height, area) in enumerate(facts.tolist()):
        if number and area >= least:
            place = (slice(top, top + height), slice(left, left + width))
            yield place, numbers[place] == number


def waists_cut(region: Mask, least: float) -> list[Mask]:
    """A region cut at its waists, or the region alone if it has none or a part would be a mere speck.

    The watershed runs on a small copy; every pixel of the region then goes with the nearest pixel of the copy.
    """
    import cv2
    from skimage.measure import label
    from skimage.morphology import local_maxima, reconstruction
    from skimage.segmentation import watershed

    height, width = region.shape
    rows, columns = fit_long_side(height, width, SIDE, enlarge=False)
    small = np.pad(cv2.resize(region.astype(np.uint8), (columns, rows), interpolation=cv2.INTER_AREA), 1)
    depth = cv2.distanceTransform(small, cv2.DIST_L2, cv2.DIST_MASK_PRECISE).astype(np.float64)
    drop = DEEP * depth.max()
    levelled = reconstruction(depth - drop, depth)  # type: ignore[no-untyped-call]
    tops = label(local_maxima(levelled) & (small > 0))  # type: ignore[no-untyped-call]
    if tops.max() < 2:
        return [region]
    parts = watershed(-depth, tops, mask=small > 0)[1:-1, 1:-1]  # type: ignore[no-untyped-call]
    whole = nearest(cv2.resize(parts.astype(np.uint16), (width, height), interpolation=cv2.INTER_NEAREST))
    cut = [region & (whole == number) for number in range(1, int(tops.max()) + 1)]
    return cut if min(map(np.count_nonzero, cut)) >= least else [region]


def nearest(numbers: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Numbers with every 0 replaced by the number of the nearest pixel that has one."""
    import cv2

    _, origin = cv2.distanceTransformWithLabels(
        (numbers == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(origin.max()) + 1, np.uint16)
    table[origin[numbers > 0]] = numbers[numbers > 0]
    return table[origin]
