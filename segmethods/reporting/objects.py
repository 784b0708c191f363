"""How many objects a method found, and how large each of them is: for every method, named classes or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from segmethods.core.palette import has_background
from segmethods.core.types import Segmentation, Vocabulary


@dataclass(frozen=True)
class FoundObject:
    """Pixels that hang together and have one label.

    Parameters
    ----------
    number : int
        From 1, in the order of the labels, the largest first.
    label : str
        English name of its class or segment.
    area : int
        Pixels.
    x, y : float
        Its middle, in pixels from the left and from the top.
    left, top, width, height : int
        The box around it, in pixels.
    """

    number: int
    label: str
    area: int
    x: float
    y: float
    left: int
    top: int
    width: int
    height: int


def find_objects(result: Segmentation, smallest: int = 1, largest: int = 0) -> list[FoundObject]:
    """The objects of a result.

    A class called background is none; of a method that can't name anything every piece counts. Where the method was
    asked for single objects these are taken, else pixels of one label that hang together, over corners too.

    Parameters
    ----------
    result : Segmentation
        Of any method.
    smallest, largest : int
        Pixels that an object must and may have; 0 is no limit.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> labels = np.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 0]], np.uint8)
    >>> [(o.number, o.label, o.area, o.x) for o in find_objects(Segmentation(labels, BINARY))]
    [(1, 'object', 4, 0.5), (2, 'object', 1, 4.0)]
    """
    found = []
    for label, pieces in _list_pieces(result):
        name = name_label(result.classes, label)
        found += [
            (name, *facts)
            for facts in _measure(pieces)
            if facts[0] >= smallest and (not largest or facts[0] <= largest)
        ]
    return [FoundObject(number, *facts) for number, facts in enumerate(found, 1)]


def name_label(classes: Vocabulary, label: int) -> str:
    """The English name of a label; one that the vocabulary doesn't have is called by its number.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> name_label(BINARY, 1), name_label(BINARY, 7)
    ('object', 'class 7')
    """
    return classes.names[label] if label < len(classes) else f"class {label}"


def count_objects(result: Segmentation) -> int:
    """How many `find_objects` would find, without measuring them.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> count_objects(Segmentation(np.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 0]], np.uint8), BINARY))
    2
    """
    if result.instances is not None:
        return len(result.instances.class_ids)
    from skimage import measure

    first = 0 if has_background(result.classes) else 1
    number = measure.label(result.labels.astype(np.int32) + first, background=0, connectivity=2, return_num=True)
    return int(number[1])


def _list_pieces(result: Segmentation) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Each label and its pieces, numbered from 1."""
    import cv2

    if result.instances is not None:
        classes = np.array((0, *result.instances.class_ids))
        for label in np.unique(classes[1:]).tolist():
            ids = result.instances.ids
            yield label, np.where(classes[ids] == label, ids, 0).astype(np.int32)
        return
    first = 1 if has_background(result.classes) else 0
    for label in np.flatnonzero(np.bincount(result.labels.ravel())).tolist():
        if label >= first:
            yield label, cv2.connectedComponents((result.labels == label).astype(np.uint8), connectivity=8)[1]


def _measure(pieces: NDArray[np.int32]) -> list[tuple[int, float, float, int, int, int, int]]:
    """Area, middle and box of each piece, the largest first."""
    from scipy import ndimage

    rows, columns = np.nonzero(pieces)
    numbers = pieces[rows, columns]
    areas = np.bincount(numbers)
    with np.errstate(invalid="ignore"):
        across, down = (np.bincount(numbers, place) / areas for place in (columns, rows))
    boxes = ndimage.find_objects(pieces)
    found = []
    for number in sorted(np.flatnonzero(areas).tolist(), key=lambda n: (-areas[n], n)):
        high, wide = boxes[number - 1]
        box = (int(wide.start), int(high.start), int(wide.stop - wide.start), int(high.stop - high.start))
        found.append((int(areas[number]), round(float(across[number]), 1), round(float(down[number]), 1), *box))
    return found


def write_objects(rows: Sequence[tuple[str, str, Sequence[FoundObject]]]) -> str:
    """Objects as CSV: a line for each, after the image's and the method's name.

    Examples
    --------
    >>> print(write_objects([("a.png", "threshold", [FoundObject(1, "object", 4, 0.5, 0.5, 0, 0, 2, 2)])]).rstrip())
    image,method,number,label,area,x,y,left,top,width,height
    a.png,threshold,1,object,4,0.5,0.5,0,0,2,2
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["image", "method", *(field.name for field in fields(FoundObject))])
    for image, method, found in rows:
        table.writerows([image, method, *asdict(one).values()] for one in found)
    return text.getvalue()
