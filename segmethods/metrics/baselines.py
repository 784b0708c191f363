"""What no method should fall below: answers that never looked at the picture."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from segmethods.core.types import VOID, GroundTruth, Segmentation, Vocabulary, segments


def one_region(shape: tuple[int, int]) -> Segmentation:
    """The whole picture as one segment.

    Parameters
    ----------
    shape : (int, int)
        Height and width.

    Examples
    --------
    >>> one_region((1, 3)).labels.tolist()
    [[0, 0, 0]]
    """
    return Segmentation(np.zeros(shape, np.uint8), segments(1), method="one region")


def one_class(shape: tuple[int, int], classes: Vocabulary, class_id: int = 0) -> Segmentation:
    """Every pixel in one class: the background, or the commonest class.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> one_class((1, 3), BINARY, 1).labels.tolist()
    [[1, 1, 1]]
    """
    return Segmentation(np.full(shape, class_id, np.uint8), classes, method="one class")


def random_classes(shape: tuple[int, int], classes: Vocabulary, seed: int = 0) -> Segmentation:
    """Every pixel in a class drawn by lot, all classes alike.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> random_classes((1, 6), BINARY, seed=3).labels.tolist()
    [[1, 1, 1, 1, 1, 0]]
    """
    labels = np.random.default_rng(seed).integers(0, len(classes), shape, np.uint8)
    return Segmentation(labels, classes, method="random")


def commonest_class(truths: Iterable[GroundTruth]) -> int:
    """The id of the class that covers most judged pixels of a data set; the lowest one of equals, 0 without any.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> commonest_class([GroundTruth(np.array([[0, 1, 1, 255, 255, 255]], np.uint8), BINARY)])
    1
    """
    total = np.zeros(1, np.int64)
    for truth in truths:
        counts = np.bincount(truth.labels[truth.labels != VOID])
        total = np.pad(total, (0, max(0, counts.size - total.size)))
        total[: counts.size] += counts
    return int(np.argmax(total))
