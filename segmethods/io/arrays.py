"""Maps in NumPy's files."""

from __future__ import annotations

import io
import math
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.settings import settings

PYTHON = Message(
    "{name} holds objects of Python, as Cellpose's _seg.npy does, which can run programs and are not read. Save its "
    "masks alone, as PNG or TIFF (in Cellpose: io.save_masks) or with numpy.save."
).template


def is_array(head: bytes) -> bool:
    """Whether a file is one of NumPy's arrays, by its first bytes."""
    return head.startswith(b"\x93NUMPY")


def read_array(data: bytes, name: str) -> NDArray[Any]:
    """The map in a NumPy file.

    Raises
    ------
    ImageError
        If it holds no array of numbers with height and width.
    """
    try:
        if count_values(io.BytesIO(data)) > 4 * settings().max_pixels:
            raise ValueError("an array of a giant size")
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError, TokenError) as error:
        if b"'descr': '|O'" in data[:128]:
            raise ImageError(PYTHON, name=name) from error
        raise ImageError("{name} is damaged, or no array of numbers. Save it anew.", name=name) from error
    array = array.squeeze() if array.ndim == 3 and 1 in (array.shape[0], array.shape[-1]) else array
    if array.ndim != 2 or not array.size or array.dtype.kind not in "biuf" or array.size > settings().max_pixels:
        raise ImageError(
            "{name} is an array of shape {shape}. A truth is one map of class ids, of height and width.",
            name=name,
            shape=str(array.shape),
        )
    return np.asarray(array)


def count_values(file: IO[bytes]) -> int:
    """How many values the header of a NumPy file promises.

    Raises
    ------
    ValueError
        If it is no header.
    """
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape = read(file)[0]
    return math.prod(shape)
