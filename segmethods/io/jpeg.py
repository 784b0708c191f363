"""JPEG files without their end: read where nothing else is missing."""

from __future__ import annotations

import io

import numpy as np

END = b"\xff\xd9"
START_OF_SCAN = b"\xff\xda"
PADDING = 16
"""More zeros than this at a file's end were put there by what failed to copy it."""

FILLER = bytes((37 * i + 90) % 251 for i in range(512))
"""Bytes that a decoder takes for pixels if it still needs some; none of them is a marker."""


def mend_end(data: bytes) -> bytes | None:
    """A JPEG with its end marker, where that is all that it lacks.

    Pixels that are missing would be filled in grey and nobody would notice. So the file is decoded twice, with
    different bytes at its end: where pixels are missing, the two differ.

    Parameters
    ----------
    data : bytes
        A JPEG file.

    Returns
    -------
    bytes or None
        The file as it is if it has an end; None if pixels are missing.
    """
    scan = data.rfind(START_OF_SCAN)
    if scan < 0 or data.rfind(END) > scan:
        return data
    bare = data.rstrip(b"\0")
    data = bare if len(data) - len(bare) > PADDING else data
    data = data.removesuffix(END[:1])  # half of the marker
    whole = not _lacks_scans(data) and np.array_equal(_decode(data + END), _decode(data + FILLER + END))
    return data + END if whole else None


def _decode(data: bytes) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        return np.asarray(image)


def _lacks_scans(data: bytes) -> bool:
    """Whether a progressive JPEG has no scan for the last bit of some coefficient."""
    place, components, open_bits = 2, 0, None
    while 0 <= place < len(data) - 4 and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        body = data[place + 4 : place + 2 + length]
        if marker == 0xC2:
            components = body[5]
            open_bits = {(body[6 + 3 * i], k) for i in range(components) for k in range(64)}
        if marker == 0xDA and open_bits is not None:
            count = body[0]
            first, last, low = body[1 + 2 * count], body[2 + 2 * count], body[3 + 2 * count] & 15
            if low == 0:
                open_bits -= {(body[1 + 2 * i], k) for i in range(count) for k in range(first, last + 1)}
        place = _next_marker(data, place + 2 + length) if marker == 0xDA else place + 2 + length
    return bool(open_bits)


def _next_marker(data: bytes, place: int) -> int:
    """Where the entropy-coded bytes end, after which a marker comes."""
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        if data[place + 1] and not 0xD0 <= data[place + 1] <= 0xD7:
            return place
        place += 2
    return len(data)
