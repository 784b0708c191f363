"""From arrays to the bytes of pictures, made at the size at which they are shown.

A photo is a JPEG; everything laid over it is an index PNG with clear pixels, so that the browser stacks, hides and
fades the layers and nothing is sent again when the view or the opacity changes.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.palette import FALSE, MISSED, Rgb, has_background
from segmethods.core.types import VOID, GroundTruth, Labels, Segmentation
from segmethods.reporting.layers import (
    LONG_SIDE,
    display_size,
    flat,
    image_layer,
    index_png,
    mask_layer,
    nearest,
)

__all__ = [
    "LONG_SIDE",
    "boundary_layer",
    "disagreement_layer",
    "display_size",
    "error_layer",
    "image_layer",
    "kinds_layer",
    "mask_layer",
    "with_gaps",
]

_CLEAR, _LINE, _HALO = 0, 1, 2
_RIGHT, _MISSED, _FALSE, _HATCH = 0, 1, 2, 3
EVEN = 0.1
"""A map of disagreement whose values differ by less than this is shown as even."""

_STRIPE = 24
"""Period of the stripes of an error map, in pixels as shown."""


def with_gaps(labels: Labels, objects: NDArray[np.uint16]) -> Labels:
    """Labels with void where two objects touch, so that a mask shows three cars apart and each as a car.

    Parameters
    ----------
    objects : ndarray, uint16, shape (H, W)
        The number of the object at every pixel, 0 for none.
    """
    touching = np.zeros(labels.shape, np.uint8)
    for one, other, place in (
        (objects[:, :-1], objects[:, 1:], touching[:, :-1]),
        (objects[:-1], objects[1:], touching[:-1]),
    ):
        place |= (one != other) & (one > 0) & (other > 0)
    width = max(2, round(max(labels.shape) / 160))
    return np.where(cv2.dilate(touching, np.ones((width, width), np.uint8)) > 0, labels.dtype.type(VOID), labels)


def boundary_layer(segmentation: Segmentation, long_side: int = LONG_SIDE) -> bytes:
    """Where one segment ends and the next begins, as a PNG: a white line in a dark halo, seen on any photo."""
    edges = segmentation.boundaries if segmentation.boundaries is not None else _borders(segmentation.labels)
    height, width = display_size(edges.shape, long_side)
    drawn = edges.astype(np.uint8) * 255
    if height < edges.shape[0]:
        drawn = np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    else:
        drawn = nearest(drawn, (height, width))
    thin = (drawn > 0).astype(np.uint8)
    line = cv2.dilate(thin, np.ones((2, 2), np.uint8))
    halo = cv2.dilate(line, np.ones((3, 3), np.uint8))
    colours: list[Rgb] = [(0, 0, 0), (255, 255, 255), (15, 23, 42)]
    return index_png(np.where(line > 0, _LINE, halo * _HALO).astype(np.uint8), flat(colours), {_CLEAR})


def error_layer(aligned: Labels, truth: GroundTruth, long_side: int = LONG_SIDE) -> bytes:
    """Where a method is wrong, as a PNG.

    Parameters
    ----------
    aligned : ndarray, uint8 or uint16, shape (H, W)
        The method's labels in the truth's class ids; ids that the truth's vocabulary doesn't have are "nothing".
    truth : GroundTruth
        Of the same size.

    Returns
    -------
    bytes
        Right: clear. Missed (the truth has something there, the method nothing): blue. False (the method has
        something, the truth nothing): orange. One class taken for another is both, striped. Void: a grey hatch.
    """
    if aligned.shape != truth.labels.shape:
        raise ValueError(f"labels of shape {aligned.shape} against a truth of shape {truth.labels.shape}")
    size = display_size(aligned.shape, long_side)
    found, wanted = nearest(aligned, size), nearest(truth.labels, size)
    nothing = 0 if has_background(truth.classes) else -1
    found_nothing = (found == nothing) | (found >= len(truth.classes))
    wrong = found != wanted
    diagonal = _diagonal(size)
    stripe = diagonal < _STRIPE // 2
    errors = np.full(size, _RIGHT, np.uint8)
    errors[wrong] = np.where(stripe, _MISSED, _FALSE)[wrong]
    errors[wrong & found_nothing] = _MISSED
    errors[wrong & ~found_nothing & (wanted == nothing)] = _FALSE
    errors[wanted == VOID] = np.where(diagonal % 12 < 3, _HATCH, _RIGHT)[wanted == VOID]
    return index_png(errors, flat([(0, 0, 0), MISSED, FALSE, (148, 156, 166)]), {_RIGHT})


def disagreement_layer(disagreement: NDArray[np.floating], long_side: int = LONG_SIDE) -> bytes:
    """A map of 0 (all agree) to 1 (all differ), shape (H, W), as a PNG: clear to strong magenta.

    What the methods disagree on nearly everywhere says nothing about a place, so the half of the pixels that they
    agree on most is clear, unless they disagree there too, more than half as much as anywhere.
    """
    size = display_size(disagreement.shape, long_side)
    values = np.nan_to_num(disagreement.astype(np.float32))
    high = float(values.max(initial=0))
    low = min(float(np.median(values)), high / 2)
    values = np.clip(values - low, 0, None) / max(high - low, EVEN)
    if size[0] < values.shape[0]:
        values = np.asarray(cv2.resize(values, size[::-1], interpolation=cv2.INTER_AREA), np.float32)
    levels = nearest(np.round(np.clip(np.nan_to_num(values), 0, 1) * 255).astype(np.uint8), size)
    return index_png(levels, flat([(200, 16, 110)] * 256), bytes(min(235, i) for i in range(256)))


def kinds_layer(
    kinds: NDArray[np.uint8], colours: Sequence[Rgb], clear: Set[int] = frozenset(), long_side: int = LONG_SIDE
) -> bytes:
    """A map of a few kinds of pixels, uint8 (H, W), as a PNG: kind i in the i-th colour, those in `clear` clear."""
    return index_png(nearest(kinds, display_size(kinds.shape, long_side)), flat(colours), clear)


def _borders(labels: Labels) -> NDArray[np.bool_]:
    """Pixels whose right or lower neighbour has another label."""
    edges = np.zeros(labels.shape, bool)
    edges[:, :-1] = labels[:, :-1] != labels[:, 1:]
    edges[:-1] |= labels[:-1] != labels[1:]
    return edges


def _diagonal(size: tuple[int, int]) -> NDArray[np.uint8]:
    """Where every pixel lies on the diagonal stripes, 0 to `_STRIPE` - 1."""
    ramp = (np.arange(size[0] + size[1]) % _STRIPE).astype(np.uint8)
    return np.lib.stride_tricks.sliding_window_view(ramp, size[1])[: size[0]]
