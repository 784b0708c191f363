"""Mask files become truths.

How a file is understood:

- Two values are background and object, whatever holds them: 0 and 1, black and white, 0 and another grey of at least
  100, black (or white, or nothing) and one colour. White is the object where black and white are all there is. This
  rule gives way where `classes` names more than background and object.
- A grey picture holds ids. Greys in even steps from 0 to 255 (0, 127, 255) are numbered.
- A palette picture holds ids: its palette indices. A palette of this project's own says what they mean. That of Pascal
  VOC doesn't, since most labelling tools write it: it is a suggestion.
- The id 255 is void: not judged. A truth in which nothing else is left but background is refused.
- A colour picture holds one class a colour: by the colours of `classes`, or by Pascal VOC's map, or numbered from the
  largest area to the smallest and named by their colour. Transparent pixels count as black; where nothing else is
  black, they are the background.
- labelme JSON, COCO JSON, YOLO's outlines and NumPy arrays are read as :mod:`segmethods.io.annotations` says.
- Values between the classes are no classes: a smoothed mask is refused.

What was assumed stands in the notes of :func:`read_ground_truth`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import VOID_COLOUR, class_colours, has_background
from segmethods.core.types import BINARY, CAMVID, VOC, VOID, GroundTruth, Labels, Vocabulary
from segmethods.io.annotations import is_annotation, read_annotation, read_array
from segmethods.io.depth import percent
from segmethods.io.images import name_of, read_bytes, rotate
from segmethods.io.opening import OpenedFile, open_file
from segmethods.io.smoothing import refuse_blended_colours, refuse_smoothed_greys
from segmethods.io.stored_masks import Stored, read_coloured, read_stored, voc_colour_map, whole_numbers
from segmethods.io.tiff import Pixels

Ids = NDArray[np.integer]
Colour = tuple[int, int, int]

MOST_COLOURS = 255  # the id 255 is void
MOST_IDS = 1000
LEAST_WHITE = 100
"""Beside 0, a single grey from here on is no class id but the object."""

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@dataclass(frozen=True, eq=False)
class TruthFile:
    """A truth's file, read.

    Parameters
    ----------
    truth : GroundTruth
    notes : tuple of Message
        What was assumed, a sentence each.
    suggestion : Vocabulary, optional
        What the colours of the file may mean: most tools write the colour map of Pascal VOC, whatever the classes are.
    """

    truth: GroundTruth
    notes: tuple[Message, ...] = ()
    suggestion: Vocabulary | None = None


def load_ground_truth(
    source: str | Path | bytes | BinaryIO,
    size: tuple[int, int] | None,
    name: str = "",
    classes: Vocabulary | None = None,
    most_ids: int = MOST_IDS,
    white_is_object: bool = True,
    colours: Sequence[Colour] = (),
) -> GroundTruth:
    """Read a truth mask; the rules are at the top of this module, :func:`read_ground_truth` also says what it assumed.

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
    return read_ground_truth(source, size, name, classes, most_ids, white_is_object, colours).truth


def read_ground_truth(
    source: str | Path | bytes | BinaryIO,
    size: tuple[int, int] | None,
    name: str = "",
    classes: Vocabulary | None = None,
    most_ids: int = MOST_IDS,
    white_is_object: bool = True,
    colours: Sequence[Colour] = (),
    *,
    orientation: int = 1,
    turn: bool = False,
    image: str = "",
    void_alone: bool = False,
) -> TruthFile:
    """Read a truth mask and say what was assumed; see :func:`load_ground_truth`.

    Parameters
    ----------
    orientation : int
        The EXIF orientation by which the image was turned.
    turn : bool
        Whether the mask was drawn on the image as it is stored, and is to be turned like it. A mask that fits in no
        other way is turned anyway, which a note says.
    image : str
        The name of the image's file, for files with the outlines of several images.
    void_alone : bool
        Whether it may hold nothing but background and 255, since other masks of its data set show that 255 is void.
    """
    name = name or name_of(source)
    data = read_bytes(source, name)
    if is_annotation(data):
        found = read_annotation(data, name, size, classes, image)
        if size is not None:
            check_size(found.labels.shape, (size[0], size[1]), name)
        _refuse_void_only(found.labels, found.classes, name)
        return TruthFile(GroundTruth(found.labels, found.classes), (*found.notes, *_tell_void(found.labels)))
    file = _open_array(data, name) if data.startswith(b"\x93NUMPY") else open_file(data, name)
    as_stored = read_coloured(file) if colours and classes is not None else read_stored(file, name)
    stored, turned = _turn(as_stored, size, 1 if file.is_upright else file.orientation, orientation, turn)
    if size is not None:
        check_size(_shape(stored), (size[0], size[1]), name)
    notes: tuple[Message, ...] = ()
    if stored.colours is not None and colours and classes is not None:
        labels, meaning = _from_known_colours(stored.colours, colours, name), classes
    elif stored.colours is not None:
        labels, meaning, notes = _from_colours(stored, classes, name)
    else:
        labels, meaning, notes = _from_ids(stored, classes, name, most_ids, white_is_object)
    if not void_alone:
        _refuse_void_only(labels, meaning, name)
    suggestion = stored.suggestion or (VOC if _SUGGESTED in notes else None)
    told = (*file.notes, *stored.notes, *turned, *notes, *_tell_void(labels))
    truth = GroundTruth(labels, meaning)
    if suggestion is None or classes is not None or len(meaning) > len(VOC):
        return TruthFile(truth, told)
    return TruthFile(truth, told if _SUGGESTED in told else (*told, _SUGGESTED), suggestion)


def _open_array(data: bytes, name: str) -> OpenedFile:
    return OpenedFile(None, Pixels(whole_numbers(read_array(data, name), name)))


def share_void(truth: GroundTruth) -> float:
    """The share of the pixels that are not judged.

    Examples
    --------
    >>> share_void(GroundTruth(np.array([[0, 255]], np.uint8), BINARY))
    0.5
    """
    return float(np.mean(truth.labels == VOID)) if len(truth.classes) <= VOID else 0.0


_SUGGESTED = Message(
    "Its colours are those of Pascal VOC, which many tools write: the classes are taken to have no names."
)


def _turn(
    stored: Stored, size: tuple[int, int] | None, own: int, orientation: int, turn: bool
) -> tuple[Stored, tuple[Message, ...]]:
    """The mask turned like its image, where it has to be."""
    if own != 1 and (size is None or _shape(_rotated(stored, own)) == tuple(size)):
        return _rotated(stored, own), ()
    swapped = size is not None and orientation > 4 and _shape(stored) == tuple(size)[::-1] != tuple(size)
    if orientation != 1 and (turn or swapped):
        return _rotated(stored, orientation), (
            Message("The mask fits the picture as it is stored, and was turned like the picture (EXIF)."),
        )
    if orientation != 1:
        return stored, (Message("The picture was turned (EXIF), the mask was not: it fits as it is."),)
    return stored, ()


def _rotated(stored: Stored, orientation: int) -> Stored:
    def turned(values: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if values is None else np.ascontiguousarray(rotate(values, orientation))

    return replace(stored, ids=turned(stored.ids), colours=turned(stored.colours), clear=turned(stored.clear))


def _shape(stored: Stored) -> tuple[int, int]:
    values = stored.ids if stored.colours is None else stored.colours
    assert values is not None
    return values.shape[0], values.shape[1]


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


def split_black_and_white(grey: Ids) -> Ids:
    """0 and 1, where 0 and one value of at least `LEAST_WHITE` are the only ones; else unchanged."""
    top = int(grey.max(initial=0))
    return (grey == top).astype(np.uint8) if top >= LEAST_WHITE and ((grey == 0) | (grey == top)).all() else grey


def _from_ids(
    stored: Stored, classes: Vocabulary | None, name: str, most_ids: int, white_is_object: bool
) -> tuple[Labels, Vocabulary, tuple[Message, ...]]:
    ids = stored.ids
    notes: tuple[Message, ...] = ()
    assert ids is not None
    classes = classes or stored.classes
    if not stored.is_index and (classes is None or len(classes) == 2):
        refuse_smoothed_greys(ids, name)
        top = int(ids.max(initial=0))
        split = split_black_and_white(ids) if white_is_object and not (top < VOID and (ids == top).all()) else ids
        if split is not ids and top not in (VOID, 65535):
            notes = (Message("The value {value} is the object.", {"value": str(top)}),)
        share = float(np.mean(split == 1)) if split is not ids else 0
        if 0.5 < share < 1:
            notes += (
                Message(
                    "White is the object and covers {share} of the picture. If black is the object, invert the mask.",
                    {"share": percent(share)},
                ),
            )
        ids = split
    steps = None if stored.is_index else _even_steps(ids)
    if steps is not None and (classes is None or len(classes) == len(steps) != 2):
        ids = np.searchsorted(steps, ids).astype(np.uint8)
        listed = ", ".join(map(str, steps.tolist()))
        notes = (
            Message("The greys {greys} were numbered from 0 to {last}.", {"greys": listed, "last": len(steps) - 1}),
        )
    return (*_check_ids(ids, classes, name, most_ids), notes)


def _even_steps(ids: Ids) -> NDArray[np.int64] | None:
    """The values of a mask of three to five greys in even steps from 0 to 255."""
    if ids.max(initial=0) != 255:
        return None
    values = np.unique(ids).astype(np.int64)
    even = np.linspace(0, 255, len(values))
    return values if 3 <= len(values) <= 5 and (np.abs(values - even) < 1).all() else None


def _check_ids(ids: Ids, classes: Vocabulary | None, name: str, most_ids: int) -> tuple[Labels, Vocabulary]:
    present = np.unique(ids)
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
    return labels, classes


def _refuse_void_only(labels: Labels, classes: Vocabulary, name: str) -> None:
    """A truth of void alone, or of background and void, judges nothing."""
    if len(classes) > VOID or not (labels == VOID).any():
        return
    unnamed = classes.id == "mask" or len(classes) == 2 or has_background(classes)
    if (labels == VOID).all() or (unnamed and ((labels == VOID) | (labels == 0)).all()):
        raise ImageError(
            "Every pixel of {name} is background or 255, which means 'not judged'. "
            "If 255 is a class, save its pixels with the class's id.",
            name=name,
        )


def _tell_void(labels: Labels) -> tuple[Message, ...]:
    share = float(np.mean(labels == VOID))
    return (Message("Not judged: {share} of the pixels.", {"share": percent(share)}),) if share else ()


def _from_colours(
    stored: Stored, classes: Vocabulary | None, name: str
) -> tuple[Labels, Vocabulary, tuple[Message, ...]]:
    rgb = stored.colours
    assert rgb is not None
    packed = rgb.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    notes: tuple[Message, ...] = ()
    if stored.clear is not None:
        packed, notes = _lay_on_background(packed, stored.clear)
    values, place, counts = np.unique(packed, return_inverse=True, return_counts=True)
    place = place.reshape(packed.shape)
    if len(values) > MOST_COLOURS:
        raise ImageError(
            "{name} has {count} colours, too many for a mask: it was smoothed or saved as JPEG. "
            "Save it as PNG without smoothing.",
            name=name,
            count=len(values),
        )
    colours: list[Colour] = [(v >> 16 & 255, v >> 8 & 255, v & 255) if v >= 0 else BLACK for v in values.tolist()]
    known = _known_colours(colours, classes)
    if known is not None:
        ids, meaning = known
        notes += (_SUGGESTED,) if classes is None and meaning.id in ("mask", "binary") else ()
    elif classes is not None and not (len(classes) == 2 and len(colours) <= 2):
        raise ImageError(
            "The colours of {name} are not those of the classes here. Use a mask whose pixel values are class ids.",
            name=name,
        )
    else:
        refuse_blended_colours(place, np.array(colours), name)
        ids, meaning, more = _number_colours(colours, counts.tolist(), has_ground=bool(values[0] < 0))
        meaning, notes = classes or meaning, notes + more
    return np.array(ids, np.uint8)[place], meaning, notes


def _from_known_colours(rgb: Ids, colours: Sequence[Colour], name: str) -> Labels:
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
    return ids[place].reshape(rgb.shape[:2])


def _lay_on_background(packed: Ids, clear: NDArray[np.bool_]) -> tuple[Ids, tuple[Message, ...]]:
    """Transparent pixels as black, or as -1, the background, where nothing else is black or nothing is but black."""
    shown = np.unique(packed[~clear])
    mixed = 0 in shown and len(shown) > 1
    note = Message("Transparent pixels count as black.") if mixed else Message("Transparent pixels are the background.")
    return np.where(clear, 0 if mixed else -1, packed), (note,)


def _known_colours(colours: list[Colour], classes: Vocabulary | None) -> tuple[list[int], Vocabulary] | None:
    """Ids and their meaning where all colours are those of a known table."""
    voc = {colour: i for i, colour in enumerate(voc_colour_map())}
    for vocabulary in (CAMVID, VOC) if classes is None else (classes,):
        known = {VOID_COLOUR: VOID} | {colour: i for i, colour in enumerate(class_colours(vocabulary))}
        if known.keys() >= set(colours):
            return [known[c] for c in colours], vocabulary
    if not voc.keys() >= set(colours) or set(colours) <= {BLACK, VOID_COLOUR}:
        return None
    ids = [voc[c] for c in colours]
    last = max((i for i in ids if i != VOID), default=0)
    if classes is not None:
        return (ids, classes) if last < len(classes) else None
    names = BINARY.names if last < 2 else tuple(f"class {i}" for i in range(last + 1))
    return ids, BINARY if last < 2 else Vocabulary("mask", names)


def _number_colours(
    colours: list[Colour], counts: list[int], has_ground: bool
) -> tuple[list[int], Vocabulary, tuple[Message, ...]]:
    """Background and object where there are two colours, one of them black, white or transparent; else by area."""
    for ground in (BLACK, WHITE):
        if len(colours) == 2 and ground in colours:
            place = colours.index(ground)
            if ground == WHITE:
                note = (Message("White is the background, the other colour the object."),)
                return [int(i != place) for i in range(2)], BINARY, note
            return [int(i != place) for i in range(2)], BINARY, ()
    order = sorted(range(len(colours)), key=lambda i: (i > 0 and has_ground, -counts[i], colours[i]))
    names = tuple("#{:02x}{:02x}{:02x}".format(*colours[i]) for i in order)
    names = ("background", *names[1:]) if has_ground else names
    return [order.index(i) for i in range(len(colours))], Vocabulary("mask", names), ()
