"""Untrusted bytes become an image, or one line that says what to do."""

from __future__ import annotations

import hashlib
import io
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError
from segmethods.core.settings import settings
from segmethods.core.types import Image

if TYPE_CHECKING:
    from PIL import Image as Pillow

log = logging.getLogger(__name__)

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
"""The formats that are read, by Pillow's names."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif")
"""How the names of such files end."""

HIGHEST = (255, 1023, 4095, 16383, 65535)
"""The highest values of the depths that cameras record with: 8, 10, 12, 14 and 16 bits."""

_OTHERS = {
    b"%PDF": "PDF",
    b"8BPS": "Photoshop",
    b"\x00\x00\x01\x00": "icon",
    b"\x00\x00\x00\x0cjP": "JPEG 2000",
    b"<svg": "SVG",
    b"<?xml": "SVG or other XML",
    b"PK\x03\x04": "ZIP",
    b"II*\x00\x10": "camera raw",
}
_ACCEPTED = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
_BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"avif": "AVIF", b"crx ": "camera raw"}


def load_image(source: str | Path | bytes | BinaryIO, name: str = "") -> Image:
    """Read a picture.

    Grey, 1-bit, palette and CMYK pictures become RGB; transparent ones are laid over white; the camera's rotation
    (EXIF) is applied; of an animation or a document the first frame is taken. Values of more than 8 bits are scaled so
    that the highest one of their depth becomes 255; cameras of 10, 12 and 14 bits write 16-bit files, so the depth is
    the smallest of these that holds all values of a grey picture. Floats inside 0 to 1 are scaled to 0 to 255, inside 0
    to 255 they stay, and all others are stretched from their lowest to their highest value.

    Parameters
    ----------
    source : path, bytes or binary file
        A PNG, JPEG, WebP, TIFF, BMP or GIF picture.
    name : str, optional
        What error messages call it; the path or the file's own name if left out.

    Returns
    -------
    ndarray, uint8, shape (H, W, 3)
        RGB, contiguous, writable.

    Raises
    ------
    ImageError
        If it can't be read, isn't a picture of these formats, is damaged, or is larger than
        :func:`segmethods.core.settings.settings` allows. The message is one line and says what to do.

    Examples
    --------
    >>> load_image(b"hello", name="cat.jpg")
    Traceback (most recent call last):
    ...
    segmethods.core.messages.ImageError: cat.jpg is not a picture. Choose a PNG, JPEG, WebP, TIFF, BMP or GIF file.
    """
    name = name or name_of(source)
    with opened(read_bytes(source, name), name) as picture:
        try:
            pixels = _rotate(_to_rgb(picture), _orientation(picture))
        except Exception as error:
            raise _damaged(name, error) from error
    return np.array(pixels, dtype=np.uint8, order="C")


def digest(image: Image) -> str:
    """SHA-256 of an image's shape and pixels, in hexadecimal: the same picture, the same digest.

    Examples
    --------
    >>> digest(np.zeros((2, 3, 3), np.uint8)) == digest(np.zeros((3, 2, 3), np.uint8))
    False
    """
    sha = hashlib.sha256(repr(image.shape).encode())
    sha.update(np.ascontiguousarray(image).data)
    return sha.hexdigest()


def read_bytes(source: str | Path | bytes | BinaryIO, name: str = "") -> bytes:
    """The bytes of a file, if they are neither too many nor none.

    Raises
    ------
    ImageError
        For a missing file, a folder, an empty file, or one larger than the settings allow.
    """
    name, limit = name or name_of(source), settings().max_bytes
    data: object
    if isinstance(source, str | Path):
        data = _read_path(Path(source), name, limit)
    elif isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    else:
        data = source.read(limit + 1) if hasattr(source, "read") else None
    if not isinstance(data, bytes):
        raise ImageError(
            "Give a path, bytes or a file opened with mode 'rb', not {given}.", given=type(source).__name__
        )
    if not data:
        raise ImageError("{name} is empty. Choose another file.", name=name)
    if len(data) > limit:
        raise ImageError(
            "{name} is larger than {limit} MB. Save it smaller and try again.", name=name, limit=f"{limit / 1e6:g}"
        )
    return data


def name_of(source: object) -> str:
    """What to call a source in a message."""
    if isinstance(source, str | Path):
        return str(source)
    name = getattr(source, "name", "")
    return name if isinstance(name, str) and name else "The picture"


def opened(data: bytes, name: str) -> Pillow.Image:
    """A decoded Pillow picture of an accepted format and size, its first frame.

    Raises
    ------
    ImageError
        If there is none in `data`.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about odd metadata and large sizes; both are judged here
        try:
            picture = Pillow.open(io.BytesIO(data), formats=FORMATS)
        except Pillow.DecompressionBombError as error:
            raise _too_large(name) from error
        except UnidentifiedImageError as error:
            raise _not_accepted(data, name) from error
        except Exception as error:
            raise _damaged(name, error) from error
        if picture.width * picture.height > settings().max_pixels:
            raise _too_large(name)
        try:
            picture.load()
        except Exception as error:
            raise _damaged(name, error) from error
    return picture


def _read_path(path: Path, name: str, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError as error:
        raise ImageError("There is no file {name}. Check the path.", name=name) from error
    except IsADirectoryError as error:
        raise ImageError("{name} is a folder. Choose a picture in it.", name=name) from error
    except (OSError, ValueError) as error:
        if path.is_dir():  # Windows says "permission denied"
            raise ImageError("{name} is a folder. Choose a picture in it.", name=name) from error
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(
            "{name} can't be opened ({reason}). Check the path and your rights.", name=name, reason=reason
        ) from error


def _to_rgb(picture: Pillow.Image) -> NDArray[np.uint8]:
    """The picture's pixels as ``uint8 (H, W, 3)``, whatever its mode."""
    from PIL import Image as Pillow

    if picture.mode.startswith("I") or picture.mode == "F":
        return np.repeat(_to_8_bit(np.asarray(picture))[:, :, None], 3, axis=2)
    if picture.has_transparency_data:
        alpha = picture.convert("RGBA")
        white = Pillow.new("RGBA", alpha.size, "white")
        return np.asarray(Pillow.alpha_composite(white, alpha).convert("RGB"))
    return np.asarray(picture.convert("RGB"))


def _to_8_bit(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Integers or floats of any depth as 0 to 255; what is not a number becomes 0."""
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:  # of either byte order
        full = _highest(int(values.max(initial=0)))
        return ((values.astype(np.uint32) * 255 + full // 2) // full).astype(np.uint8)
    finite = np.isfinite(values)
    low, high = (float(values[finite].min()), float(values[finite].max())) if finite.any() else (0.0, 0.0)
    if values.dtype.kind == "i":
        low, high = (0.0, float(_highest(int(high)))) if low >= 0 and high <= 65535 else (low, high)
    elif low >= 0 and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    scaled = (np.where(finite, values, low).astype(np.float64) - low) * (255 / max(high - low, 1e-300))
    return np.round(scaled).astype(np.uint8)


def _highest(value: int) -> int:
    """The highest value of the depth that a value was recorded with."""
    return next(full for full in HIGHEST if value <= full)


def _orientation(picture: Pillow.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 (upright) where there is none or it can't be read."""
    try:
        return int(picture.getexif().get(0x0112, 1))
    except Exception as error:  # noqa: BLE001 - pixels that are fine count for more than notes that are not
        log.debug("unreadable EXIF: %r", error)
        return 1


def _rotate(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Pixels turned upright, from the table of the EXIF standard (tag 0x0112)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def _too_large(name: str) -> ImageError:
    limit = f"{settings().max_pixels / 1e6:g}"
    return ImageError("{name} has more than {limit} megapixels. Make it smaller and try again.", name=name, limit=limit)


def _not_accepted(data: bytes, name: str) -> ImageError:
    kind = next((k for start, k in _OTHERS.items() if data.lstrip().startswith(start) or data.startswith(start)), None)
    kind = kind or (_BRANDS.get(data[8:12]) if data[4:8] == b"ftyp" else None)
    if kind:
        return ImageError(
            "{name} has the format {kind}. Save it as PNG, JPEG, WebP, TIFF, BMP or GIF and try again.",
            name=name,
            kind=kind,
        )
    if data.startswith(_ACCEPTED):
        return ImageError("{name} is damaged or of a rare kind. Save it as an ordinary PNG and try again.", name=name)
    return ImageError("{name} is not a picture. Choose a PNG, JPEG, WebP, TIFF, BMP or GIF file.", name=name)


def _damaged(name: str, error: Exception) -> ImageError:
    log.debug("%s can't be decoded: %r", name, error)
    return ImageError("{name} is damaged or cut short. Save or copy it again, or choose another file.", name=name)
