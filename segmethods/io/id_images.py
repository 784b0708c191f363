"""Images whose pixels are numbers: of classes as a job has them, or of single objects."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError
from segmethods.core.types import VOID
from segmethods.io.arrays import is_array, read_array
from segmethods.io.colour_masks import find_two_colours
from segmethods.io.deep_png import is_deep
from segmethods.io.files import name_of, read_bytes
from segmethods.io.grey_masks import MOST_IDS, find_tones, refuse_unknown
from segmethods.io.ground_truth import check_size
from segmethods.io.opening import open_file
from segmethods.io.smoothing import refuse_smoothed_greys
from segmethods.io.stored_masks import read_stored
from segmethods.io.tiff import inspect_tiff
from segmethods.io.values import list_values

TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_ids(
    source: str | Path | bytes | BinaryIO,
    size: tuple[int, int] | None = None,
    name: str = "",
    last: int | None = None,
) -> NDArray[np.int32]:
    """The number of every pixel; palettes are indices, and of two colours black or white is 0.

    Parameters
    ----------
    source : path, bytes or binary file
        A picture that keeps every pixel as it is.
    size : (int, int), optional
        Height and width that it must have.
    name : str, optional
        What error messages call it; the path or the file's own name if left out.
    last : int, optional
        The highest number of a class, where the numbers are those of classes or 255.

    Returns
    -------
    ndarray, int32, shape (H, W)

    Raises
    ------
    ImageError
        If it can't be read, has another size, or holds no numbers.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> from segmethods.io.label_png import encode_labels
    >>> read_ids(encode_labels(np.array([[0, 1, 255]], np.uint8), BINARY)).tolist()
    [[0, 1, 255]]
    """
    name = name or name_of(source)
    stored = read_stored(open_file(read_bytes(source, name), name), name)
    ids = stored.ids if stored.colours is None else find_two_colours(stored)
    if ids is None:
        raise ImageError("{name} holds colours, not numbers. Save it as a grey PNG of 8 or 16 bits.", name=name)
    if not stored.is_index and ids.dtype == np.uint8:
        refuse_smoothed_greys(ids, name)
        tones = find_tones(ids)
        ids = (ids == tones[1]).astype(np.uint8) if tones and tones[0] else ids
    if stored.level:  # so few bits have no 255, which is void
        ids = np.where(ids == VOID, stored.level, ids)
    if ids.max(initial=0) > np.iinfo(np.int32).max:
        raise ImageError("{name} has numbers that are too large. Number its objects anew.", name=name)
    if size is not None:
        check_size(ids.shape, size, name)
    if last is not None:
        refuse_unknown(list_values(ids).tolist(), last, name)
    return ids.astype(np.int32)


def number_objects(files: Iterable[bytes]) -> bool:
    """Whether maps number single objects: all are pictures of 16 bits, or arrays, one with numbers beyond classes.

    Examples
    --------
    >>> from io import BytesIO
    >>> few, many = BytesIO(), BytesIO()
    >>> np.save(few, np.array([[0, 1]])), np.save(many, np.array([[0, 26003]]))
    (None, None)
    >>> number_objects([few.getvalue(), many.getvalue()]), number_objects([few.getvalue()])
    (True, False)
    """
    every = list(files)
    if not all(is_array(data) or has_wide_ids(data) for data in every):
        return False
    arrays = [data for data in every if is_array(data)]
    return not arrays or any(_find_highest(data) >= MOST_IDS for data in arrays)


def _find_highest(data: bytes) -> int:
    try:
        return int(read_array(data, "").max())
    except ImageError:  # who reads it as a map says why, with its name
        return 0


def has_wide_ids(data: bytes) -> bool:
    """Whether a file can hold more than 256 numbers: a PNG of 16 bits, or a TIFF of more than 8.

    Of a PNG the first 26 bytes are enough.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    bool
    """
    if data[:4] not in TIFF_HEADS:
        return is_deep(data)
    try:
        tiff = inspect_tiff(data, "")
    except ImageError:  # a camera's raw file, which is refused when its turn comes
        return False
    return tiff is not None and any(plane.bits > 8 for plane in tiff.planes[:1])
