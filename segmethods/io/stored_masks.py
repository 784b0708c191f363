"""What a mask's file stores, before anybody asks what it means: numbers, or colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import VOID_COLOUR, palette
from segmethods.core.types import CAMVID, VOC, Vocabulary
from segmethods.io.opening import OpenedFile
from segmethods.io.palettes import Palette
from segmethods.io.smoothing import refuse_smoothed_greys, refuse_smoothed_palette
from segmethods.io.tiff import Pixels
from segmethods.io.values import list_values

if TYPE_CHECKING:
    from PIL import Image as Pillow

Values = NDArray[Any]

MOST_ALPHAS = 4
"""With more degrees of transparency than this, a mask's edges were smoothed."""

INVERTED = Message("Its colours are inverted, as Fiji does it: the value 255, drawn black, counts as white.")
SEE_THROUGH = Message("It has one colour: its transparency holds the mask.")
HIDDEN = Message("It is transparent all over: its colours were read as if it were not.")
ONE_BIT = Message(
    "Its one bit is stored inverted: what is drawn white counts as the object. tifffile and scikit-image write True "
    "so, which is drawn black: save such a mask as numbers."
)
AS_STORED = Message("It shows its lowest value white: the values were taken as they are stored.")


@dataclass(frozen=True, eq=False)
class Stored:
    """The values of a mask.

    Parameters
    ----------
    ids : ndarray of int, shape (H, W), optional
        Numbers, of grey pictures and of palette pictures whose indices are ids.
    colours : ndarray, uint8, shape (H, W, 3), optional
        In place of `ids`.
    clear : ndarray of bool, shape (H, W), optional
        Where a colour picture is transparent.
    is_index : bool
        Whether `ids` are indices of a palette.
    is_bilevel : bool
        Whether `ids` are 0 for black and 1 for white.
    level : int
        What white is as a number, where black and white of 2 or 4 bits are `ids` of 0 and 255; else 0.
    palette : tuple of (int, (int, int, int))
        The indices that occur, and their colours, where these don't say what they mean.
    classes, suggestion : Vocabulary, optional
        What the palette says that they mean, and what one that many tools share may mean.
    """

    ids: Values | None = None
    colours: NDArray[np.uint8] | None = None
    clear: NDArray[np.bool_] | None = None
    is_index: bool = False
    is_bilevel: bool = False
    classes: Vocabulary | None = None
    suggestion: Vocabulary | None = None
    notes: tuple[Message, ...] = ()
    level: int = 0
    palette: Palette = ()


def read_stored(file: OpenedFile, name: str) -> Stored:
    """The values of a decoded file, Fiji's inversion of masks undone.

    Raises
    ------
    ImageError
        If it is of a kind that mixes neighbouring pixels, or its values are no whole numbers.
    """
    refuse_lossy(file, name)
    values = _numbers(file)
    if values is not None:
        return _from_numbers(values, file, name)
    if file.pixels is not None:
        return _from_pixels(file.pixels, name)
    image = file.image
    assert image is not None
    return _from_palette(image, name) if image.mode == "P" else _from_rgba(image, name)


def refuse_lossy(file: OpenedFile, name: str) -> None:
    """Raise `ImageError` if a mask's file is of a kind that mixes neighbouring pixels."""
    stored = file.image.format if file.image is not None else None
    kind = file.lossy or {"JPEG": "JPEG", "MPO": "JPEG", "AVIF": "AVIF", "HEIF": "HEIC"}.get(stored or "")
    if kind:
        raise ImageError(
            "{name} has the format {kind}, which mixes neighbouring classes. Save the mask as PNG.",
            name=name,
            kind=kind,
        )


def _numbers(file: OpenedFile) -> Values | None:
    """The values of a grey file as they are stored, ``(H, W)``; None of one in colours."""
    if file.pixels is not None:
        alpha = file.pixels.alpha
        is_opaque = alpha is None or bool((alpha == alpha.flat[0]).all() and alpha.flat[0] > 0)
        return file.pixels.values if file.pixels.values.ndim == 2 and is_opaque else None
    image = file.image
    assert image is not None
    is_grey = image.mode in ("1", "L", "I", "F") or image.mode.startswith("I;16")
    if not is_grey or image.info.get("transparency") is not None:
        return None
    values = np.asarray(image)
    if file.white_is_zero and values.dtype == np.uint8:
        values = 255 - values
    step = 255 // (2**file.bits - 1)
    if step > 1 and values.dtype == np.uint8 and not np.isin(values, (0, 255)).all():
        values = values // step
    return values


def _from_numbers(values: Values, file: OpenedFile, name: str) -> Stored:
    """Numbers, those that stand for missing data void."""
    notes: tuple[Message, ...] = ()
    if file.white_is_zero and values.dtype.kind == "b":
        notes = (ONE_BIT,)
    elif file.white_is_zero:
        notes = (INVERTED if np.isin(values, (0, 255, 65535)).all() else AS_STORED,)
    lost = _find_missing(values, file.missing)
    if file.missing == 0 and lost.any():
        notes += (
            Message("The file calls 0 missing data; here it is class 0, the background. Leave it out by --ignore 0."),
        )
    elif lost.any():
        values = np.where(lost, 255, values)
        notes += (Message("Missing data, the value {value}, isn't judged.", {"value": f"{file.missing:g}"}),)
    is_spread = file.bits < 8 and values.dtype == np.uint8 and values.max(initial=0) == 255
    level = 2**file.bits - 1 if is_spread else 0
    return Stored(whole_numbers(values, name), is_bilevel=values.dtype.kind == "b", notes=notes, level=level)


def _find_missing(values: Values, missing: float | None) -> NDArray[np.bool_]:
    if missing is None or values.dtype.kind == "b" or missing == 255:
        return np.zeros(values.shape, bool)
    return np.isnan(values) if np.isnan(missing) and values.dtype.kind == "f" else np.asarray(values == missing)


def read_coloured(file: OpenedFile) -> Stored:
    """The colours of a decoded file, whatever its mode."""
    if file.image is None:
        assert file.pixels is not None
        values = file.pixels.values
        return Stored(colours=(np.dstack([values] * 3) if values.ndim == 2 else values // 257).astype(np.uint8))
    return Stored(colours=np.asarray(file.image.convert("RGB")))


def whole_numbers(values: Values, name: str) -> Values:
    """Values as whole numbers that are not negative.

    Raises
    ------
    ImageError
        If they are none.
    """
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    if values.dtype.kind == "f" and not (np.isfinite(values) & (values == np.round(values))).all():
        raise ImageError("{name} has values between whole numbers. Save a mask of class ids.", name=name)
    if values.min(initial=0) < 0 or values.max(initial=0) > 2**62:
        raise ImageError("{name} has values below zero. Use 255 for pixels that are not judged.", name=name)
    if values.dtype.kind in "fiu" and values.dtype.itemsize > 1:
        return values.astype(np.uint16 if values.max(initial=0) <= 65535 else np.int64)
    return values.astype(np.uint8)


def _from_pixels(pixels: Pixels, name: str) -> Stored:
    values = pixels.values if pixels.values.ndim == 3 else np.dstack([pixels.values] * 3)
    if (
        values.dtype == np.uint16
        and pixels.alpha is None
        and (values == values[..., :1]).all()
        and (values % 257).any()
    ):
        return Stored(values[..., 0])
    return _from_transparent(_as_bytes(values, name), pixels.alpha, name)


def _as_bytes(values: Values, name: str) -> NDArray[np.uint8]:
    """Colours in 8 bits.

    Raises
    ------
    ImageError
        If some of them could not be told apart any more.
    """
    is_small = bool(((values >= 0) & (values <= 255) & (values == np.round(values))).all())
    if is_small or values.dtype != np.uint16:
        colours = values.astype(np.uint8)
        is_kept = is_small
    else:
        colours = (values // 257).astype(np.uint8)
        is_kept = _count_colours(colours) == _count_colours(values)
    if not is_kept:
        raise ImageError(
            "{name} has colours of more than 8 bits, which can't be told apart in 8. Save class ids as PNG.", name=name
        )
    return colours


def _count_colours(values: Values) -> int:
    return int(list_values(values.astype(np.int64) @ (1 << 32, 1 << 16, 1)).size)


def _from_colours(colours: NDArray[np.uint8], clear: NDArray[np.bool_] | None) -> Stored:
    """Colours, or numbers where all of them are grey and nothing is transparent."""
    clear = clear if clear is not None and clear.any() else None
    if clear is None and (colours == colours[..., :1]).all():
        return Stored(colours[..., 0])
    return Stored(colours=colours, clear=clear)


def _from_rgba(image: Pillow.Image, name: str) -> Stored:
    rgba = np.asarray(image.convert("RGBA"))
    return _from_transparent(rgba[..., :3], rgba[..., 3], name)


def _from_transparent(colours: NDArray[np.uint8], alpha: Values | None, name: str) -> Stored:
    """Colours, some of them transparent; or how transparent they are, where all that is seen has one colour."""
    if alpha is None:
        return _from_colours(colours, None)
    alphas, seen = list_values(alpha), colours[alpha > 0]
    if alphas.size > MOST_ALPHAS:
        raise ImageError(
            "{name} has {count} degrees of transparency: it was smoothed. Save it as PNG without smoothing.",
            name=name,
            count=int(alphas.size),
        )
    if not seen.size:
        is_flat = bool((colours == colours[0, 0]).all())
        return replace(_from_colours(colours, None), notes=() if is_flat else (HIDDEN,))
    if alphas.size > 1 and (alphas[0] > 0 or alphas.size > 2) and (seen == seen[0]).all():
        return Stored(_rank(alphas, alpha, name), notes=(SEE_THROUGH,))
    return _from_colours(colours, np.asarray(alpha == 0))


def _rank(alphas: Values, alpha: Values, name: str) -> NDArray[np.uint8]:
    """Degrees of transparency, numbered from 0."""
    refuse_smoothed_greys(np.searchsorted(alphas, alpha) * (255 // (alphas.size - 1)), name)
    return np.searchsorted(alphas, alpha).astype(np.uint8)


def _from_palette(image: Pillow.Image, name: str) -> Stored:
    """Indices are ids, but where colours alone say what a mask of two values means."""
    indices = np.asarray(image)
    table = np.array(image.getpalette("RGB") or [0, 0, 0], np.uint8).reshape(-1, 3)
    table = np.pad(table, ((0, 256 - len(table)), (0, 0)))
    used = list_values(indices)
    colours = table[used].astype(int)
    clear = _transparent_indices(image)
    grey, ramp = (colours == colours[:, :1]).all(), np.arange(256)
    if (table == 255 - ramp[:, None]).all():
        return Stored(indices, notes=(INVERTED,))
    if grey and (colours[:, 0] == used).all() and used.size > 1 and not clear:
        return Stored(indices)
    hidden = np.isin(indices, list(clear))
    if used.size == 2 and (colours[0] == colours[1]).all() and hidden.any() and not hidden.all():
        return _from_colours(table[indices], hidden)
    known = _own_vocabulary(table)
    if known is not None:
        return Stored(indices, is_index=True, classes=known)
    suggestion = VOC if is_voc_coloured(used, colours) else None
    is_black_and_white = used.tolist() != [0, 1] and colours.tolist() == [[0, 0, 0], [255, 255, 255]]
    one_is_ground = any(tuple(colour) in ((0, 0, 0), (255, 255, 255)) for colour in colours.tolist())
    if (
        used.size == 2
        and one_is_ground
        and tuple(colours[-1]) != VOID_COLOUR
        and suggestion is None
        and (colours[0] != colours[1]).any()
        and (used[0] != 0 or tuple(colours[0]) != (0, 0, 0) or used[1] >= 100 or is_black_and_white)
    ) and (used[0] != 0 or 0 not in clear):
        return _from_colours(table[indices], hidden)
    if suggestion is None:
        refuse_smoothed_palette(indices, table, name)
    shown = tuple((int(i), (int(r), int(g), int(b))) for i, (r, g, b) in zip(used, colours, strict=True))
    return Stored(indices, is_index=True, suggestion=suggestion, palette=shown)


def _transparent_indices(image: Pillow.Image) -> set[int]:
    value = image.info.get("transparency")
    if isinstance(value, bytes):
        return {index for index, alpha in enumerate(value) if alpha == 0}
    return set() if value is None else {int(value)}


def _own_vocabulary(table: NDArray[np.uint8]) -> Vocabulary | None:
    """What one of this project's own palettes says that its indices mean."""
    for vocabulary in (VOC, CAMVID):
        if table[: len(vocabulary)].ravel().tolist() == palette(vocabulary)[: 3 * len(vocabulary)]:
            return vocabulary
    return None


def is_voc_coloured(ids: Values, colours: Values) -> bool:
    """Whether all ids have the colours of Pascal VOC's map, and more than black is there."""
    voc = np.array(voc_colour_map())
    shown = ids != 255
    return bool((colours[shown] == voc[ids[shown]]).all() and (colours[shown] > 0).any())


@cache
def voc_colour_map() -> tuple[tuple[int, int, int], ...]:
    """The colours of 256 ids as Pascal VOC has them: an id's bits, dealt to the high bits of red, green and blue.

    Examples
    --------
    >>> voc_colour_map()[:3], voc_colour_map()[255]
    (((0, 0, 0), (128, 0, 0), (0, 128, 0)), (224, 224, 192))
    """

    def deal(number: int, channel: int) -> int:
        return sum((number >> 3 * bit + channel & 1) << 7 - bit for bit in range(8))

    every = tuple((deal(i, 0), deal(i, 1), deal(i, 2)) for i in range(256))
    return (*every[:255], VOID_COLOUR)
