"""TIFF: which pages there are, and the pixels of those kinds that Pillow misreads.

Pillow reads grey and colour of 8 bits well. Colour of more bits it cuts down to 8, bands it takes for transparency,
and 16-bit min-is-white, planes of 16 bits and colour maps of 8 bits it gets wrong: tifffile reads these.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import io
import logging
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError
from segmethods.io.formats import RAW_NAMES, raw_refusal

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

log = logging.getLogger(__name__)

MOST_PAGES = 10_000
NODATA_TAG = 42113
ORIENTATION_TAG = 274
DNG_TAG = 50706
CFA, LINEAR_RAW = 32803, 34892
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE = 0, 1, 2, 3
COMMON = (1, 2, 3, 4, 5, 7, 8, 32773, 32946)
"""Compressions that every reader of TIFF has."""
LOSSY = (6, 7, 33003, 33005, 34712, 34892, 50001)
"""JPEG, JPEG 2000 and WebP."""
BY_PILLOW = (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, 5, 6, 8)
"""Grey, colours, CMYK, YCbCr and CIELAB, which Pillow reads where they have 8 bits."""


@dataclass(frozen=True)
class Plane:
    """One picture in a TIFF file: a page, or one band of a page whose bands are no colours.

    Parameters
    ----------
    page : int
        The page's place in the file.
    band : int or None
        Which of its bands; None where the page is shown as a whole.
    size : (int, int)
        Height and width.
    by_pillow : bool
        Whether Pillow reads it right.
    rare : str
        The name of a compression that few programs read; empty for others.
    white_is_zero : bool
        Whether its values are stored inverted; Pillow undoes it where they have one bit.
    bits : int
        Of a value.
    is_lossy : bool
        Whether its compression mixes neighbouring pixels.
    """

    page: int
    band: int | None
    size: tuple[int, int]
    by_pillow: bool
    rare: str = ""
    white_is_zero: bool = False
    bits: int = 8
    is_lossy: bool = False


@dataclass(frozen=True, eq=False)
class Tiff:
    """What a TIFF file holds, its pixels not read yet."""

    planes: tuple[Plane, ...]
    missing: float | None = None
    extra_bands: int = 0
    colour_map: tuple[int, ...] | None = field(default=None, repr=False)
    """Red, green and blue of every value, of a palette file whose colours Pillow would take for black."""
    orientation: int = 1


@dataclass(frozen=True, eq=False)
class Pixels:
    """Values of a picture, and how opaque they are.

    Parameters
    ----------
    values : ndarray, shape (H, W) or (H, W, 3)
    alpha : ndarray, shape (H, W), optional
    is_premultiplied : bool
        Whether the values are multiplied by it already.
    """

    values: NDArray[Any]
    alpha: NDArray[Any] | None = None
    is_premultiplied: bool = False


def inspect_tiff(data: bytes, name: str) -> Tiff | None:
    """What a TIFF file holds; None if its directory can't be read.

    Raises
    ------
    ImageError
        If it is a camera's raw file.
    """
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what matters is raised, or said in a note
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            is_raw = _is_raw(tiff, name)
            found = None if is_raw else _inspect(tiff)
    except Exception as error:  # noqa: BLE001 - tifffile raises whatever damaged bytes lead it to
        log.debug("%s: tifffile can't read the directory: %r", name, error)
        return None
    if is_raw:
        raise raw_refusal(name)
    return found


def read_plane(data: bytes, plane: Plane, name: str) -> Pixels:
    """The pixels of a plane that Pillow doesn't read right.

    Raises
    ------
    ImageError
        If they are compressed in a way that only special programs read, or damaged.
    """
    import tifffile

    _teach_compressions()
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            page: Any = tiff.pages[plane.page]
            if page.compression not in tifffile.TIFF.DECOMPRESSORS:
                raise refuse_compression(name, page.compression.name)
            values = page.asarray(maxworkers=1)
            if np.iscomplexobj(values):
                raise ImageError("{name} has complex numbers. Save how large they are, their amplitude.", name=name)
            return _arrange(np.asarray(values), page, plane)
    except ImageError:
        raise
    except Exception as error:
        log.debug("%s can't be decoded: %r", name, error)
        if plane.rare:
            raise refuse_compression(name, plane.rare) from error
        if isinstance(error, NotImplementedError):
            raise ImageError(
                "{name} is a TIFF in colours that are not read here. Save it in RGB or grey.", name=name
            ) from error
        raise ImageError(
            "{name} is damaged or cut short. Save or copy it again, or choose another file.", name=name
        ) from error


def refuse_compression(name: str, kind: str) -> ImageError:
    """The answer to a page whose compression isn't read here."""
    return ImageError(
        "{name} is a TIFF compressed with {kind}, which is not read here. Save it uncompressed or as PNG.",
        name=name,
        kind=kind,
    )


def _is_raw(tiff: TiffFile, name: str) -> bool:
    """Whether a camera recorded what a filter of colours let through; its first page is a small preview then."""
    if name.lower().endswith(RAW_NAMES):
        return True
    first: Any = tiff.pages[0]
    inner = first.pages or ()
    pages = [first, *list(tiff.pages)[1:9], *list(inner)[:8]]
    return any(DNG_TAG in page.tags or page.photometric in (CFA, LINEAR_RAW) for page in pages)


def _inspect(tiff: TiffFile) -> Tiff:
    pages = [tiff.pages[i].aspage() for i in range(min(len(tiff.pages), MOST_PAGES))]
    shown = [(i, p) for i, p in enumerate(pages) if not p.subfiletype & 5] or [(0, pages[0])]
    strange = tiff.is_bigtiff and tiff.byteorder == ">"  # which Pillow doesn't know
    planes = [plane for i, page in shown for plane in _planes(i, page, strange)]
    first = shown[0][1]
    return Tiff(
        tuple(planes),
        _read_missing(first),
        _extra_bands(first),
        _colour_map(first),
        int(_tag(first, ORIENTATION_TAG) or 1),
    )


def _planes(number: int, page: TiffPage, strange: bool) -> list[Plane]:
    size = (page.imagelength, page.imagewidth)
    rare = "" if page.compression in COMMON else getattr(page.compression, "name", str(page.compression))
    bands = page.samplesperpixel
    if page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO) and bands - _alpha_bands(page) > 1:
        count = bands - _alpha_bands(page)
        return [Plane(number, band, size, False, rare, is_lossy=page.compression in LOSSY) for band in range(count)]
    by_pillow, is_lossy = _is_read_by_pillow(page) and not strange, page.compression in LOSSY
    inverted = page.photometric == WHITE_IS_ZERO and (page.bitspersample != 1 or by_pillow)
    return [Plane(number, None, size, by_pillow, rare, inverted, _bits(page), is_lossy)]


def _bits(page: TiffPage) -> int:
    return page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)


def _is_read_by_pillow(page: TiffPage) -> bool:
    bits, whole = _bits(page), page.sampleformat in (1, None)
    if page.photometric not in BY_PILLOW:
        return False
    if bits <= 8 and whole:
        return True
    grey = page.samplesperpixel == 1 and page.photometric == BLACK_IS_ZERO
    return grey and ((bits in (12, 16) and whole) or (bits == 32 and page.sampleformat in (2, 3)))


def _alpha_bands(page: TiffPage) -> int:
    return int(bool(page.extrasamples) and page.extrasamples[0] in (1, 2))


def _is_premultiplied(page: TiffPage) -> bool:
    return bool(page.extrasamples) and page.extrasamples[0] == 1


def _extra_bands(page: TiffPage) -> int:
    """Bands beside the colours that are no transparency."""
    return page.samplesperpixel - 3 - _alpha_bands(page) if page.photometric == RGB else 0


def _tag(page: TiffPage, code: int) -> Any:
    tag = page.tags.get(code)
    return None if tag is None else tag.value


def _read_missing(page: TiffPage) -> float | None:
    """GDAL's value for missing data."""
    try:
        return float(str(_tag(page, NODATA_TAG)).strip("\0 "))
    except ValueError:
        return None


def _colour_map(page: TiffPage) -> tuple[int, ...] | None:
    """A colour map whose values go to 255; they should go to 65535."""
    table = page.colormap if page.photometric == PALETTE else None
    if table is None or not 0 < int(table.max()) < 256:
        return None
    return tuple(int(v) for v in table.T.ravel())


def _arrange(values: NDArray[Any], page: TiffPage, plane: Plane) -> Pixels:
    """One plane of a page as ``(H, W)`` or ``(H, W, 3)``, values as they are stored."""
    if page.samplesperpixel > 1 and page.planarconfig == 2:
        values = np.moveaxis(values, 0, -1)
    height, width = plane.size
    values = values.reshape(height, width, -1)
    colours = 3 if page.photometric == RGB and plane.band is None else 1
    alpha = values[..., -1] if _alpha_bands(page) and colours + 1 == values.shape[2] else None
    if colours == 3:
        if values.shape[2] < 3:
            raise ValueError("a colour page with fewer than three bands")
        return Pixels(np.ascontiguousarray(values[..., :3]), alpha, _is_premultiplied(page))
    grey = np.ascontiguousarray(values[..., plane.band or 0])
    if page.photometric == PALETTE and page.colormap is not None:
        return Pixels(np.ascontiguousarray(np.moveaxis(page.colormap[:, grey], 0, -1)))
    if page.photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB):
        raise NotImplementedError(f"photometric interpretation {page.photometric} with more than 8 bits")
    return Pixels(grey, alpha, _is_premultiplied(page))


@cache
def _teach_compressions() -> None:
    """Let tifffile unpack LZW, which it leaves to a large package, and bound what Deflate unpacks to."""
    import tifffile

    codecs: Any = tifffile.TIFF.DECOMPRESSORS._codecs  # type: ignore[attr-defined]
    codecs[5] = _unpack_lzw
    codecs[8] = codecs[32946] = _inflate


def _inflate(data: bytes, *, out: int, **_: object) -> bytes:
    return zlib.decompressobj().decompress(data, max(out, 1))


def _unpack_lzw(data: bytes, *, out: int, **_: object) -> bytes:
    """Unpack LZW with Pillow: the bytes are passed off as one row of a grey picture."""
    from PIL import Image

    silence_libtiff()
    entries = [(256, out), (257, 1), (258, 8), (259, 5), (262, 1), (273, 8), (277, 1), (278, 1), (279, len(data))]
    body = data + b"\0" * (len(data) % 2)
    head = b"II*\0" + (8 + len(body)).to_bytes(4, "little")
    rows = b"".join(tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little") for tag, value in entries)
    file = head + body + len(entries).to_bytes(2, "little") + rows + b"\0" * 4
    with Image.open(io.BytesIO(file), formats=("TIFF",)) as row:
        return row.tobytes()


@cache
def silence_libtiff() -> None:
    """Keep libtiff, which Pillow brings, from writing to the terminal; what matters is raised by Pillow."""
    import PIL

    package = Path(PIL.__file__).parent
    bundled = [*package.parent.glob("pillow.libs/libtiff*"), *package.glob(".dylibs/libtiff*")]
    place = str(bundled[0]) if bundled else ctypes.util.find_library("tiff")
    try:
        library = ctypes.CDLL(place) if place else None
        for function in ("TIFFSetWarningHandler", "TIFFSetErrorHandler"):
            handler = getattr(library, function)
            handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            handler(None)
    except (OSError, AttributeError) as error:
        log.debug("libtiff can't be silenced: %r", error)
