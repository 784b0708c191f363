"""Masks of COCO's panoptic form: the colour of a segment is its number, and a file beside them says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from segmethods.core.messages import ImageError
from segmethods.core.types import VOID, Labels
from segmethods.io.files import read_bytes
from segmethods.io.ground_truth import check_size, open_mask
from segmethods.io.stored_masks import read_coloured, refuse_lossy


def read_panoptic(
    source: str | Path | bytes, segments: Mapping[int, int], size: tuple[int, int] | None, name: str
) -> Labels:
    """The class of every pixel, 255 where no segment is.

    Parameters
    ----------
    source : path or bytes
        A picture whose colour is a number: red + 256 green + 65536 blue; black is no segment.
    segments : mapping of int to int
        The class of each segment, by its number.
    size : (int, int) or None
        Height and width that it must have.
    name : str
        What error messages call it.

    Returns
    -------
    ndarray, uint8, shape (H, W)

    Raises
    ------
    ImageError
        If it can't be read, has another size, or a segment that isn't among `segments`.

    Examples
    --------
    >>> from io import BytesIO
    >>> from PIL import Image
    >>> file = BytesIO()
    >>> Image.fromarray(np.array([[[0, 0, 0], [2, 1, 0]]], np.uint8)).save(file, "PNG")
    >>> read_panoptic(file.getvalue(), {258: 7}, None, "a.png").tolist()
    [[255, 7]]
    """
    file = open_mask(read_bytes(source, name), name)
    refuse_lossy(file, name)
    colours = read_coloured(file).colours
    assert colours is not None
    if size is not None:
        check_size(colours.shape[:2], size, name)
    numbers = colours.astype(np.int64) @ (1, 256, 65536)
    found, place = np.unique(numbers, return_inverse=True)
    known = {0: VOID, **segments}
    strange = next((number for number in found.tolist() if number not in known), None)
    if strange is not None:
        raise ImageError(
            "{name} has the segment {id}, which its JSON doesn't list. Export both again together.",
            name=name,
            id=strange,
        )
    return np.array([known[number] for number in found.tolist()], np.uint8)[place].reshape(numbers.shape)
