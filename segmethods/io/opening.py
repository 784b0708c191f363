"""Untrusted bytes become the values that a picture's file stores, or one line that says what to do."""

from __future__ import annotations

import io
import logging
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from segmethods.core.messages import ImageError, Message
from segmethods.core.settings import settings
from segmethods.io.deep_png import is_deep_png, read_deep_png
from segmethods.io.formats import is_avif, is_heic, is_lossy_webp, refuse_format
from segmethods.io.jpeg import mend_end
from segmethods.io.tiff import Pixels, Tiff, inspect_tiff, read_plane, refuse_compression, silence_libtiff

if TYPE_CHECKING:
    from PIL import Image as Pillow

log = logging.getLogger(__name__)

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
"""The formats that are read, by Pillow's names; HEIC joins them where pi-heif is installed."""

TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
"""The first bytes of TIFF and BigTIFF."""

LOSSY_WEBP = Message("lossy WebP")
LOSSY_TIFF = Message("TIFF with JPEG compression")

MOST_TRIED = 8
"""So many pages are looked at for one that isn't empty."""

ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")
"""Formats whose further pages are frames. Those of a JPEG are previews and depth maps, which nobody means."""


@dataclass(frozen=True, eq=False)
class OpenedFile:
    """A decoded file, its values as they are stored.

    Parameters
    ----------
    image : PIL.Image.Image or None
        What Pillow made of it; None where `pixels` hold what Pillow would misread.
    pixels : Pixels or None
    missing : float or None
        The value that stands for missing data.
    orientation : int
        The EXIF orientation of the file, 1 to 8.
    is_upright : bool
        Whether the picture was turned by it already.
    notes : tuple of Message
        What was assumed.
    profile : bytes or None
        Its ICC profile.
    white_is_zero : bool
        Whether a TIFF stores its values inverted, as Fiji does with masks; Pillow undoes it, `pixels` don't.
    gamma : float or None
        The exponent with which a PNG says that light became values; None where it says nothing, or more than that.
    bits : int
        Of a grey value as it is stored, where Pillow spreads 2 or 4 bits over 0 to 255; else 8.
    lossy : Message or None
        What its pixels were compressed with, where that mixes neighbours; None for JPEG and its like, which always do.
    """

    image: Pillow.Image | None
    pixels: Pixels | None = None
    missing: float | None = None
    pages: int = 1
    page: int = 0
    orientation: int = 1
    is_upright: bool = False
    notes: tuple[Message, ...] = ()
    profile: bytes | None = None
    white_is_zero: bool = False
    bits: int = 8
    gamma: float | None = None
    lossy: Message | None = None


def open_file(data: bytes, name: str, page: int | None = None) -> OpenedFile:
    """Decode a picture of an accepted format and size.

    Raises
    ------
    ImageError
        If there is none in `data`, or it has no such page.
    """
    if data[:4] in TIFF_STARTS and (tiff := inspect_tiff(data, name)) is not None:
        return _open_tiff(data, tiff, name, page)
    image = decode_image(data, name, page or 0)
    pages = _count_frames(image) if image.format in ANIMATED else 1
    if page is None and pages > 1 and _is_flat(image):
        image, page = _find_frame(data, name, image, pages)
    orientation, profile = find_orientation(image), image.info.get("icc_profile")
    is_upright = image.format == "HEIF"  # whose reader turns it
    notes = _page_note(page or 0, pages)
    pixels = read_deep_png(data) if is_deep_png(data) else None
    return OpenedFile(
        None if pixels else image,
        pixels,
        None,
        pages,
        page or 0,
        orientation,
        is_upright,
        notes,
        profile,
        bits=data[24] if image.format == "PNG" and image.mode == "L" else 8,
        gamma=None if profile or "srgb" in image.info else image.info.get("gamma"),
        lossy=LOSSY_WEBP if is_lossy_webp(data) else None,
    )


def _find_frame(data: bytes, name: str, first: Pillow.Image, pages: int) -> tuple[Pillow.Image, int]:
    """The first frame that isn't of one value, among a few; the very first where all of them are."""
    for number in range(1, min(pages, MOST_TRIED)):
        frame = decode_image(data, name, number)
        if not _is_flat(frame):
            return frame, number
    return first, 0


def _is_flat(image: Pillow.Image) -> bool:
    values = np.asarray(image.convert("RGB"))
    return bool((values == values[0, 0]).all())


def _open_tiff(data: bytes, tiff: Tiff, name: str, page: int | None) -> OpenedFile:
    """The page that is asked for, or the first that isn't of one value."""
    if page is not None or len(tiff.planes) == 1:
        return _open_plane(data, tiff, name, page or 0)
    for number in range(min(len(tiff.planes), MOST_TRIED)):
        file = _open_plane(data, tiff, name, number)
        if not _is_empty(file):
            return file
    return _open_plane(data, tiff, name, 0)


def _open_plane(data: bytes, tiff: Tiff, name: str, number: int) -> OpenedFile:
    pages = len(tiff.planes)
    if number >= pages:
        raise _no_page(name, number, pages)
    plane, notes = tiff.planes[number], _page_note(number, pages)
    if not all(isinstance(side, int) for side in plane.size):
        raise explain_damage(name, ValueError(f"its size is {plane.size}"))
    if plane.size[0] * plane.size[1] > settings().max_pixels:
        raise _too_large(name)
    if tiff.extra_bands:
        notes += (Message("Left out: {count:band|bands} beside red, green and blue.", {"count": tiff.extra_bands}),)
    lossy = LOSSY_TIFF if plane.is_lossy else None
    if not plane.by_pillow:
        pixels, inverted = read_plane(data, plane, name), plane.white_is_zero
        return OpenedFile(
            None, pixels, tiff.missing, pages, number, tiff.orientation, False, notes, None, inverted, lossy=lossy
        )
    try:
        image = decode_image(data, name, plane.page)
    except ImageError as error:
        raise refuse_compression(name, plane.rare) if plane.rare else error from error
    if tiff.colour_map is not None and image.mode == "P":
        image.putpalette(tiff.colour_map)
    profile = image.info.get("icc_profile")
    bits = plane.bits if image.mode == "L" else 8
    inverted = plane.white_is_zero
    return OpenedFile(
        image, None, tiff.missing, pages, number, tiff.orientation, True, notes, profile, inverted, bits, lossy=lossy
    )


def _is_empty(file: OpenedFile) -> bool:
    values = np.asarray(file.image) if file.pixels is None else file.pixels.values
    return bool((values == values.flat[0]).all())


def _page_note(page: int, pages: int) -> tuple[Message, ...]:
    if pages < 2:
        return ()
    return (Message("Page {page} of {pages} is shown.", {"page": str(page + 1), "pages": str(pages)}),)


def decode_image(data: bytes, name: str, frame: int = 0) -> Pillow.Image:
    """A decoded Pillow picture of an accepted format and size, one frame of it.

    Raises
    ------
    ImageError
        If there is none in `data`.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError, features

    formats: tuple[str, ...] = FORMATS
    if data[:4] in TIFF_STARTS:
        silence_libtiff()
    elif data.startswith(b"\xff\xd8"):
        data = _mend(data, name)
    elif is_heic(data) and _reads_heic():
        formats += ("HEIF",)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about odd metadata and large sizes; both are judged here
        try:
            image = Pillow.open(io.BytesIO(data), formats=formats)
        except Pillow.DecompressionBombError as error:
            raise _too_large(name) from error
        except UnidentifiedImageError as error:
            if "HEIF" in formats or (is_avif(data) and features.check("avif")):
                raise explain_damage(name, error) from error
            raise refuse_format(data, name) from error
        except Exception as error:
            raise explain_damage(name, error) from error
        if image.width * image.height > settings().max_pixels:
            raise _too_large(name)
        if frame and frame >= _count_frames(image):
            raise _no_page(name, frame, _count_frames(image))
        try:
            if frame:
                image.seek(frame)
            if image.width * image.height > settings().max_pixels:
                raise _too_large(name)
            image.load()
        except ImageError:
            raise
        except Exception as error:
            raise explain_damage(name, error) from error
    return image


def _count_frames(image: Pillow.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception as error:  # noqa: BLE001 - a first frame that is fine counts for more than those after it
        log.debug("unreadable frames: %r", error)
        return 1


def _mend(data: bytes, name: str) -> bytes:
    """A JPEG with its end marker; what has more than that to lack is damaged."""
    try:
        mended = mend_end(data)
    except Exception as error:
        raise explain_damage(name, error) from error
    if mended is None:
        raise explain_damage(name, EOFError("pixels are missing at the end"))
    return mended


@cache
def _reads_heic() -> bool:
    """Whether the package for phones' HEIC pictures is there."""
    try:
        from pi_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


def find_orientation(image: Pillow.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 (upright) where there is none or it can't be read."""
    try:
        return int(image.info.get("original_orientation") or image.getexif().get(0x0112, 1))
    except Exception as error:  # noqa: BLE001 - pixels that are fine count for more than notes that are not
        log.debug("unreadable EXIF: %r", error)
        return 1


def _too_large(name: str) -> ImageError:
    limit = f"{settings().max_pixels / 1e6:g}"
    return ImageError("{name} has more than {limit} megapixels. Make it smaller and try again.", name=name, limit=limit)


def _no_page(name: str, page: int, pages: int) -> ImageError:
    return ImageError(
        "{name} has no page {page}: it has {pages}. Choose one from 1 to {pages}.",
        name=name,
        page=str(page + 1),
        pages=str(pages),
    )


def explain_damage(name: str, error: Exception) -> ImageError:
    """What to tell of a file that can't be decoded; the cause goes to the log."""
    log.debug("%s can't be decoded: %r", name, error)
    return ImageError("{name} is damaged or cut short. Save or copy it again, or choose another file.", name=name)
