"""Mask files become truths.

How a file is understood:

- A palette picture holds ids: its palette indices. A palette of Pascal VOC, or one of this project's own, says what
  they mean.
- A grey or 1-bit picture, also one saved as RGB, holds ids too. But if 0 and 255 are its only values, 255 is the
  object; this rule gives way where `classes` names more than background and object.
- The id 255 is void: not judged.
- A colour picture holds one class a colour. If all colours are of Pascal VOC, they mean its classes, and its border
  colour (224, 224, 192) is void; black and one other colour are background and object; all others are numbered from
  the largest area to the smallest and named by their colour. Transparent pixels count as black.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError
from segmethods.core.palette import VOID_COLOUR, class_colours, palette
from segmethods.core.types import BINARY, CAMVID, VOC, VOID, GroundTruth, Labels, Vocabulary
from segmethods.io.images import name_of, opened, read_bytes

if TYPE_CHECKING:
    from PIL import Image as Pillow

Ids = NDArray[np.integer]
Colour = tuple[int, int, int]

MOST_COLOURS = 255  # the id 255 is void
MOST_IDS = 1000


def load_ground_truth(
    source: str | Path | bytes | BinaryIO,
    size: tuple[int, int] | None,
    name: str = "",
    classes: Vocabulary | None = None,
    most_ids: int = MOST_IDS,
    white_is_object: bool = True,
    colours: Sequence[Colour] = (),
) -> GroundTruth:
    """Read a truth mask; the rules are at the top of this module.

    Parameters
    ----------
    source : path, bytes or binary file
        A PNG, or another format of :func:`segmethods.load_image` that keeps every pixel as it is.
    size : (int, int) or None
        Height and width of the image that the mask belongs to; None if there is no image to ask.
    name : str, optional
        What error messages call it; the path or the file's own name if left out.
    classes : Vocabulary, optional
        What the ids mean, where it is known.
    most_ids : int
        How many ids a mask may have whose classes aren't known.
    white_is_object : bool
        Whether 0 and 255 are background and object where they are the only values.
    colours : sequence of (int, int, int), optional
        The colours of the classes by id, where the mask shows its classes by these colours.

    Raises
    ------
    ImageError
        If it can't be read, has another size, or can't be a mask.

    Examples
    --------
    >>> from segmethods.io.label_png import encode_labels
    >>> mask = encode_labels(np.array([[0, 1, 255]], np.uint8), BINARY)
    >>> truth = load_ground_truth(mask, size=(1, 3))
    >>> truth.labels.tolist(), truth.classes.names
    ([[0, 1, 255]], ('background', 'object'))
    """
    name = name or name_of(source)
    with opened(read_bytes(source, name), name) as picture:
        if size is not None:
            check_size((picture.height, picture.width), (size[0], size[1]), name)
        if picture.format in ("JPEG", "MPO"):
            raise ImageError("{name} is a JPEG, which mixes neighbouring classes. Save the mask as PNG.", name=name)
        if picture.mode in ("I", "F"):
            raise ImageError("{name} has 32-bit values. Save the mask as an 8-bit or 16-bit PNG.", name=name)
        if colours and classes is not None:
            return _from_known_colours(np.asarray(picture.convert("RGB")), colours, classes, name)
        if picture.mode == "P":
            return _from_ids(np.asarray(picture), classes or _vocabulary_of(picture), name, most_ids)
        pixels = _read_pixels(picture)
    if pixels.ndim == 3:
        return _from_colours(pixels, classes, name)
    if classes is None or len(classes) == 2:
        _refuse_smoothed(pixels, name)
        pixels = split_black_and_white(pixels) if white_is_object else pixels
    return _from_ids(pixels, classes, name, most_ids)


def check_size(mask: tuple[int, ...], image: tuple[int, int], name: str) -> None:
    """See that a mask has its image's size, both height and width.

    Raises
    ------
    ImageError
        If it hasn't.
    """
    if mask != image:
        raise ImageError(
            "{name} is {width} × {height} pixels, but the picture is {image_width} × {image_height}. "
            "Use a mask of the picture's size.",
            name=name,
            width=mask[1],
            height=mask[0],
            image_width=image[1],
            image_height=image[0],
        )


def _read_pixels(picture: Pillow.Image) -> Ids:
    """Grey values ``(H, W)``, or colours ``(H, W, 3)`` where they are not all grey."""
    if picture.mode in ("1", "L") or picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16 if picture.mode.startswith("I") else np.uint8)
    rgba = np.array(picture.convert("RGBA"))
    rgba[rgba[..., 3] < 128] = 0
    rgb = rgba[..., :3]
    return rgb[..., 0] if (rgb == rgb[..., :1]).all() else rgb


def split_black_and_white(grey: Ids) -> Ids:
    """0 and 1, where 0 and the largest value of the type are the only values; else unchanged."""
    white = np.iinfo(grey.dtype).max
    return (grey == white).astype(np.uint8) if ((grey == 0) | (grey == white)).all() else grey


def _refuse_smoothed(grey: Ids, name: str) -> None:
    """A few greys between a black and a white that cover nearly everything come from smoothing, not from ids."""
    counts = np.bincount(grey.ravel(), minlength=256)
    dark, light = counts[:16].sum(), counts[240:256].sum()
    if dark and light and dark + light > 0.8 * grey.size and counts[32:255].any():
        raise ImageError(
            "{name} has greys between its black and white: it was smoothed. Save the mask as PNG without smoothing.",
            name=name,
        )


def _from_ids(ids: Ids, classes: Vocabulary | None, name: str, most_ids: int) -> GroundTruth:
    present = np.flatnonzero(np.bincount(ids.ravel()))
    last = int(present[present != VOID].max(initial=0))
    if classes is None and last >= most_ids:
        raise ImageError(
            "{name} has ids up to {last}, but a mask of classes has at most {most}. Use a mask of classes, "
            "not of single objects, and not a photo.",
            name=name,
            last=last,
            most=most_ids,
        )
    if classes is None:
        classes = BINARY if last < 2 else Vocabulary("mask", tuple(f"class {i}" for i in range(last + 1)))
    if last >= len(classes):
        raise ImageError(
            "{name} has pixels of class {id}, but the classes are 0 to {last}, and 255 where nobody judges. "
            "Use a mask with these ids.",
            name=name,
            id=last,
            last=len(classes) - 1,
        )
    labels: Labels = ids.astype(np.uint8) if present[-1] <= 255 else ids.astype(np.uint16)
    return GroundTruth(labels, classes)


def _from_colours(rgb: Ids, classes: Vocabulary | None, name: str) -> GroundTruth:
    packed = rgb.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    values, place, counts = np.unique(packed, return_inverse=True, return_counts=True)
    if len(values) > MOST_COLOURS:
        raise ImageError(
            "{name} has {count} colours, too many for a mask: it was smoothed or saved as JPEG. "
            "Save it as PNG without smoothing.",
            name=name,
            count=len(values),
        )
    colours: list[Colour] = [(v >> 16, v >> 8 & 255, v & 255) for v in values.tolist()]
    ids, meaning = _name_colours(colours, counts.tolist(), classes, name)
    return GroundTruth(np.array(ids, np.uint8)[place].reshape(rgb.shape[:2]), meaning)


def _from_known_colours(rgb: Ids, colours: Sequence[Colour], classes: Vocabulary, name: str) -> GroundTruth:
    packed = rgb.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    values, place = np.unique(packed, return_inverse=True)
    known = {red << 16 | green << 8 | blue: i for i, (red, green, blue) in reversed([*enumerate(colours)])}
    known.setdefault(VOID_COLOUR[0] << 16 | VOID_COLOUR[1] << 8 | VOID_COLOUR[2], VOID)
    for value in values.tolist():
        if value not in known:
            raise ImageError(
                "{name} has the colour {colour}, which is none of the classes. Add it to the file of class names.",
                name=name,
                colour=f"#{value:06x}",
            )
    ids = np.array([known[value] for value in values.tolist()], np.uint8)
    return GroundTruth(ids[place].reshape(rgb.shape[:2]), classes)


def _name_colours(
    colours: list[Colour], counts: list[int], classes: Vocabulary | None, name: str
) -> tuple[list[int], Vocabulary]:
    """The id of every colour, and what the ids mean."""
    for vocabulary, table in _tables(classes):
        known = {VOID_COLOUR: VOID} | {colour: i for i, colour in enumerate(table)}
        if known.keys() >= set(colours):
            return [known[c] for c in colours], vocabulary
    if classes is not None and len(classes) == 2 and len(colours) == 2 and (0, 0, 0) in colours:
        return [int(c != (0, 0, 0)) for c in colours], classes
    if classes is not None:
        raise ImageError(
            "The colours of {name} are not those of the classes here. Use a mask whose pixel values are class ids.",
            name=name,
        )
    if len(colours) == 2 and (0, 0, 0) in colours:
        return [int(c != (0, 0, 0)) for c in colours], BINARY
    order = sorted(range(len(colours)), key=lambda i: (-counts[i], colours[i]))
    names = tuple("#{:02x}{:02x}{:02x}".format(*colours[i]) for i in order)
    return [order.index(i) for i in range(len(colours))], Vocabulary("mask", names)


def _tables(classes: Vocabulary | None) -> list[tuple[Vocabulary, tuple[Colour, ...]]]:
    """Vocabularies and the colours of their classes, by which a colour mask may be understood."""
    wanted = (VOC, CAMVID) if classes is None else (classes,)
    tables = [(vocabulary, class_colours(vocabulary)) for vocabulary in wanted]
    return [(VOC, voc_colours()), *tables] if VOC in wanted else tables


def _vocabulary_of(picture: Pillow.Image) -> Vocabulary | None:
    """What a palette says that its indices mean."""
    table = picture.getpalette() or []
    known = [(VOC, [v for colour in voc_colours() for v in colour]), (VOC, palette(VOC)), (CAMVID, palette(CAMVID))]
    for vocabulary, values in known:
        length = min(len(table), 3 * len(vocabulary))
        if length > 3 and table[:length] == values[:length]:
            return vocabulary
    return None


@cache
def voc_colours() -> tuple[Colour, ...]:
    """The 21 colours of Pascal VOC's own masks: the bits of an id, dealt to the high bits of red, green and blue.

    Examples
    --------
    >>> voc_colours()[:3]
    ((0, 0, 0), (128, 0, 0), (0, 128, 0))
    """

    def deal(id: int, channel: int) -> int:
        return sum((id >> 3 * bit + channel & 1) << 7 - bit for bit in range(3))

    return tuple((deal(i, 0), deal(i, 1), deal(i, 2)) for i in range(len(VOC)))
