"""Untrusted bytes become an image, or one line that says what to do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.colour_profiles import to_screen, to_srgb
from segmethods.io.depth import invert, scale_to_8_bit
from segmethods.io.files import SUFFIXES, name_of, read_bytes
from segmethods.io.opening import FORMATS, OpenedFile, decode_image, explain_damage, open_file
from segmethods.io.tiff import Pixels

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "ImageFile",
    "decode_image",
    "digest",
    "load_image",
    "name_of",
    "read_bytes",
    "read_image",
    "rotate",
]


ON_WHITE = Message("Transparent parts were laid over white.")
HIDDEN = Message("It is transparent all over: its colours are shown as if it were not.")


@dataclass(frozen=True, eq=False)
class ImageFile:
    """A picture's file, read.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB, contiguous, writable.
    notes : tuple of Message
        What was assumed on the way, a sentence each; empty where nothing had to be.
    pages : int
        How many pictures the file holds: pages, channels, slices or frames.
    page : int
        The one that was read, from 0.
    orientation : int
        The EXIF orientation that was applied, 1 to 8; 1 is none.
    """

    image: Image
    notes: tuple[Message, ...] = ()
    pages: int = 1
    page: int = 0
    orientation: int = 1


def load_image(source: str | Path | bytes | BinaryIO, name: str = "", page: int | None = None) -> Image:
    """Read a picture; :func:`read_image` also says what was assumed.

    Grey, 1-bit, palette and CMYK pictures become RGB, colour profiles are converted to sRGB; transparent pictures are
    laid over white; the camera's rotation (EXIF) is applied. Values of more than 8 bits are scaled, see
    :mod:`segmethods.io.depth`. Of several pages, channels, slices or frames the first that isn't empty is taken.

    Parameters
    ----------
    source : path, bytes or binary file
        A PNG, JPEG, WebP, TIFF, BMP, GIF or AVIF picture; HEIC where pi-heif is installed.
    name : str, optional
        What error messages call it; the path or the file's own name if left out.
    page : int, optional
        Which page to read, from 0.

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
    return read_image(source, name, page).image


def read_image(source: str | Path | bytes | BinaryIO, name: str = "", page: int | None = None) -> ImageFile:
    """Read a picture and say what was assumed; the parameters and errors are those of :func:`load_image`.

    Examples
    --------
    >>> from segmethods.core.types import segments
    >>> from segmethods.io.label_png import encode_labels
    >>> file = read_image(encode_labels(np.array([[0, 300]], np.uint16), segments(301)))
    >>> file.image[..., 0].tolist(), [str(note) for note in file.notes]
    ([[0, 75]], ['Values from 0 to 1023 became black to white.'])
    """
    name = name or name_of(source)
    file = open_file(read_bytes(source, name), name, page)
    try:
        pixels, notes = _to_rgb(file)
        pixels, more = to_screen(pixels, file.gamma)
        upright = pixels if file.is_upright else rotate(pixels, file.orientation)
    except Exception as error:
        raise explain_damage(name, error) from error
    image = np.array(upright, dtype=np.uint8, order="C")
    return ImageFile(image, (*file.notes, *notes, *more), file.pages, file.page, file.orientation)


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


def _to_rgb(file: OpenedFile) -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    """The pixels as ``uint8 (H, W, 3)``, whatever the file's mode, and what was assumed."""
    from PIL import Image as Pillow

    pixels = file.pixels
    if pixels is None and file.image is not None and (file.image.mode.startswith("I") or file.image.mode == "F"):
        pixels = Pixels(np.asarray(file.image))
    if pixels is not None:
        return _deep_to_rgb(pixels, file)
    image = file.image
    assert image is not None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        notes: tuple[Message, ...]
        colours, notes = to_srgb(image.convert("RGB"), file.profile)
        if _hides_all(np.asarray(colours), np.asarray(image)[..., 3]):
            return np.asarray(colours), (*notes, HIDDEN)
        opaque = colours.convert("RGBA")
        opaque.putalpha(image.getchannel("A"))
        white = Pillow.new("RGBA", opaque.size, "white")
        if (np.asarray(image)[..., 3] < 255).any():
            notes += (ON_WHITE,)
        return np.asarray(Pillow.alpha_composite(white, opaque).convert("RGB")), notes
    if image.mode == "P":
        image = image.convert("RGB")
    colours, notes = to_srgb(image, file.profile)
    shown, more = scale_to_8_bit(np.asarray(colours.convert("RGB")), file.missing)
    return shown, (*notes, *more)


def _deep_to_rgb(pixels: Pixels, file: OpenedFile) -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    from PIL import Image as Pillow

    stored = invert(pixels.values, file.missing) if file.white_is_zero and file.image is None else pixels.values
    values, notes = scale_to_8_bit(stored, file.missing)
    rgb = values if values.ndim == 3 else np.repeat(values[:, :, None], 3, axis=2)
    if values.ndim == 3 and file.profile:
        converted, more = to_srgb(Pillow.fromarray(rgb), file.profile)
        rgb, notes = np.asarray(converted), (*notes, *more)
    if pixels.alpha is not None and _hides_all(rgb, pixels.alpha):
        notes += (HIDDEN,)
    elif pixels.alpha is not None:
        alpha = scale_to_8_bit(pixels.alpha)[0].astype(np.uint32)[:, :, None]
        notes += (ON_WHITE,) if (alpha < 255).any() else ()
        weighted = rgb * np.uint32(255) if pixels.is_premultiplied else rgb * alpha
        rgb = np.minimum((weighted + 255 * (255 - alpha) + 127) // 255, 255).astype(np.uint8)
    return rgb, notes


def _hides_all(rgb: NDArray[np.uint8], alpha: NDArray[Any]) -> bool:
    """Whether a picture with something in it is transparent all over, as some programs write it."""
    return not alpha.any() and bool((rgb != rgb[0, 0]).any())


def rotate(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Pixels turned upright, from the table of the EXIF standard (tag 0x0112).

    Examples
    --------
    >>> rotate(np.array([[1, 2]]), 6).tolist()
    [[1], [2]]
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
