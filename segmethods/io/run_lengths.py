"""Masks as run lengths, column by column, as COCO writes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def encode_runs(mask: Mask) -> list[int]:
    """How many pixels in turn are outside and inside of a mask, down the first column, then the second, and so on.

    Examples
    --------
    >>> encode_runs(np.array([[True, False], [True, True]]))
    [0, 2, 1, 1]
    """
    flat = mask.ravel(order="F")
    borders = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *borders, flat.size]).tolist()
    return [0, *runs] if flat.size and flat[0] else runs


def decode_runs(counts: Sequence[int] | str, size: tuple[int, int]) -> Mask:
    """The mask that run lengths stand for.

    Parameters
    ----------
    counts : sequence of int, or str
        The lengths, or the text into which COCO packs them.
    size : (int, int)
        Height and width.

    Raises
    ------
    ValueError
        If they are no run lengths, or don't fill the image.

    Examples
    --------
    >>> decode_runs([0, 2, 1, 1], (2, 2)).astype(int).tolist()
    [[1, 0], [1, 1]]
    """
    runs = unpack_runs(counts) if isinstance(counts, str) else [int(count) for count in counts]
    if any(run < 0 for run in runs) or sum(runs) != size[0] * size[1]:
        raise ValueError("run lengths that don't fill the picture")
    inside = np.arange(len(runs)) % 2 == 1
    return np.repeat(inside, runs).reshape(size, order="F")


def pack_runs(counts: Sequence[int]) -> str:
    """Run lengths as COCO's text: differences to the run before the last, in letters of six bits.

    Examples
    --------
    >>> unpack_runs(pack_runs([0, 2, 1, 70000])) == [0, 2, 1, 70000]
    True
    """
    letters = []
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            letters.append(chr(48 + (bits | 32 * more)))
    return "".join(letters)


def unpack_runs(text: str) -> list[int]:
    """The run lengths in COCO's text.

    Raises
    ------
    ValueError
        If it is none.
    """
    counts: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 60:
            raise ValueError("no packed run lengths")
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            value -= (1 << shift) if bits & 16 else 0
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = shift = 0
    if shift:
        raise ValueError("packed run lengths that end early")
    return counts
