"""The pieces of a foreground: their boxes, looks and pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs.surveillance.backgrounds import Mask

Vector = NDArray[np.float64]

GAP, BELOW, UPRIGHT = 0.15, 0.6, 2.5
"""Two pieces are one upright thing if the gap between them is at most this share of both together, if this share of the
narrower one is below the other, and if both together are so many times taller than wide: two cars in a lane are not."""


@dataclass(frozen=True, eq=False)
class Blob:
    """A connected piece of foreground: its box, its look, and its pixels.

    Parameters
    ----------
    box : Box
    look : ndarray of float, shape (6,)
        Mean colour of its upper and of its lower half.
    patch, inside : ndarray
        What is in the box, uint8 (h, w, 3), and which of it belongs to the blob, uint8 (h, w).
    enters : bool
        Whether it touches the edge of the image.
    """

    box: Box
    look: Vector
    patch: Image
    inside: NDArray[np.uint8]
    enters: bool = False


def find_blobs(mask: Mask, frame: Image) -> list[Blob]:
    """The pieces of a cleaned mask; their look is the mean colour of upper and lower half."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    labels = join_pieces(np.asarray(stats[:count, :4], np.int32))[labels]
    blobs = []
    for i in np.unique(labels[labels > 0]):
        piece = (labels == i).astype(np.uint8)
        x, y, w, h = cv2.boundingRect(piece)
        inside, part = piece[y : y + h, x : x + w], frame[y : y + h, x : x + w]
        half = max(1, h // 2)
        halves = [cv2.mean(part[s], inside[s])[:3] for s in (slice(0, half), slice(h - half, h))]
        enters = x <= 1 or y <= 1 or x + w >= mask.shape[1] - 1 or y + h >= mask.shape[0] - 1
        blobs.append(Blob(Box(x, y, w, h), np.array(halves).ravel(), part, inside, enters))
    return blobs


def join_pieces(boxes: NDArray[np.int32]) -> NDArray[np.int32]:
    """New numbers of pieces: one that lies closely below another one is a part of the same upright thing.

    Parameters
    ----------
    boxes : ndarray of int, shape (N, 4)
        Left, top, width and height of each piece; the first one is the ground and stays.

    Examples
    --------
    >>> join_pieces(np.array([[0, 0, 99, 99], [10, 10, 9, 20], [11, 33, 8, 15], [40, 10, 9, 20]], np.int32)).tolist()
    [0, 1, 1, 3]
    """
    numbers = np.arange(len(boxes), dtype=np.int32)
    for i in range(1, len(boxes)):
        for j in range(1, len(boxes)):
            (x, y, w, h), (left, top, wide, high) = boxes[i], boxes[j]
            tall, gap = top + high - y, top - (y + h)
            shared = min(x + w, left + wide) - max(x, left)
            if 0 <= gap <= GAP * tall and shared >= BELOW * min(w, wide) and tall >= UPRIGHT * max(w, wide):
                numbers[numbers == numbers[j]] = numbers[i]
    return numbers
