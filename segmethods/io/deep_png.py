"""PNG colours and grey with transparency of 16 bits, of which Pillow keeps 8."""

from __future__ import annotations

import io

import numpy as np

from segmethods.io.tiff import Pixels

GREY, COLOURS, GREY_ALPHA, COLOURS_ALPHA = 0, 2, 4, 6

_READINGS = {
    COLOURS: ("RGB", ("RGB;16B", "RGB;16L")),
    COLOURS_ALPHA: ("RGBA", ("RGBA;16B", "RGBA;16L")),
}
"""Pillow's mode, and under which name of a layout it takes the high byte of each value, and the low one."""


def is_deep(data: bytes) -> bool:
    """Whether it is a PNG of 16 bits, of whatever colours."""
    return data.startswith(b"\x89PNG") and data[24:25] == b"\x10"


def is_deep_png(data: bytes) -> bool:
    """Whether a file is a PNG of 16 bits that is not plain grey, by its header."""
    return is_deep(data) and data[25] in (COLOURS, GREY_ALPHA, COLOURS_ALPHA)


def read_deep_png(data: bytes) -> Pixels:
    """The values of a PNG for which `is_deep_png` is true, ``uint16``."""
    if data[25] == GREY_ALPHA:  # four bytes a pixel, as four values of eight bits
        bytes_of = _read_as(data, "RGBA", "RGBA").astype(np.uint16)
        values = bytes_of[..., ::2] << 8 | bytes_of[..., 1::2]
        return Pixels(np.ascontiguousarray(values[..., 0]), values[..., 1])
    mode, (high, low) = _READINGS[data[25]]
    values = _read_as(data, mode, high).astype(np.uint16) << 8 | _read_as(data, mode, low)
    return Pixels(values[..., :3], values[..., 3] if mode == "RGBA" else None)


def _read_as(data: bytes, mode: str, layout: str) -> np.ndarray:
    """The pixels of a PNG, unpacked as those of another layout with as many bytes a pixel."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        image._mode = mode
        image.tile = [tile._replace(args=layout) for tile in image.tile]
        image.info.pop("transparency", None)
        return np.asarray(image)
