"""How large a picture is, and whether it is whole, without decoding it where that can be told from its bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from segmethods.core.settings import settings
from segmethods.io.files import read_bytes
from segmethods.io.images import read_image
from segmethods.io.jpeg import END, START_OF_SCAN
from segmethods.io.opening import find_orientation


@dataclass(frozen=True)
class Measures:
    """Height and width of a picture as it is shown, and the EXIF orientation by which it was turned."""

    size: tuple[int, int]
    orientation: int = 1


def measure_image(file: Path, name: str = "") -> Measures:
    """Measure a picture.

    Raises
    ------
    ImageError
        If it can't be read.
    """
    name = name or file.name
    data = read_bytes(file, name)
    measures = _measure_jpeg(data)
    if measures is not None:
        return measures
    read = read_image(data, name)
    return Measures((read.image.shape[0], read.image.shape[1]), read.orientation)


def _measure_jpeg(data: bytes) -> Measures | None:
    """By the header of a JPEG that has an end after its last scan; None of all other files."""
    from PIL import Image as Pillow

    if not data.startswith(b"\xff\xd8") or data.rfind(END) < data.rfind(START_OF_SCAN):
        return None
    try:
        with Pillow.open(io.BytesIO(data), formats=("JPEG",)) as image:
            (width, height), orientation = image.size, find_orientation(image)
    except Exception:  # noqa: BLE001 - whoever decodes it says what is wrong
        return None
    if width * height > settings().max_pixels or not 1 <= orientation <= 8:
        return None
    return Measures((width, height) if orientation > 4 else (height, width), orientation)
