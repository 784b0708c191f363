"""Mask files become truths.

How a file is understood:

- Two values are background and object, whatever holds them: 0 and 1, black and white, two greys that are 100 or more
  apart (but ids below 16 beside void), black (or white, or nothing) and one colour. White is the object where black and
  white are all there is. This rule gives way where `classes` names more than background and object.
- A grey picture holds ids. Greys in even steps from 0 to 255 (0, 127, 255) are numbered.
- A palette picture holds ids: its palette indices. A palette of this project's own says what they mean. That of Pascal
  VOC doesn't, since most labelling tools write it: it is a suggestion.
- The id 255 is void: not judged. A truth in which nothing else is left but background, or but one id, is refused.
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
from segmethods.core.palette import VOID_COLOUR, has_background
from segmethods.core.types import VOC, VOID, GroundTruth, Labels, Vocabulary
from segmethods.io.annotations import is_annotation, read_annotation
from segmethods.io.arrays import is_array, read_array
from segmethods.io.colour_masks import SUGGESTED, Colour, read_colours, read_known_colours
from segmethods.io.depth import percent
from segmethods.io.files import name_of, read_bytes
from segmethods.io.grey_masks import MOST_IDS, Meaning, Tones, read_greys
from segmethods.io.images import rotate
from segmethods.io.opening import OpenedFile, open_file
from segmethods.io.palettes import Palette
from segmethods.io.stored_masks import Stored, read_coloured, read_stored, whole_numbers
from segmethods.io.tiff import Pixels
from segmethods.io.values import list_values

ONE_CLASS = Message("Every judged pixel is {name}: the truth shows nothing else.")
VOID_ONLY = Message(
    "Every pixel of {name} is background or 255, which means 'not judged'. "
    "If 255 is a class, save its pixels with the class's id."
).template
TURNED = Message("The mask fits the picture as it is stored, and was turned like the picture (EXIF).")
NOT_TURNED = Message("The picture was turned (EXIF), the mask was not: it fits as it is.")
DEEP = Message("It has more than 8 bits: its numbers were taken for classes, not for single objects.")


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
    tones : (int, int), optional
        The two greys that were taken for background and object, where they aren't the usual ones.
    palette : tuple of (int, (int, int, int))
        The indices of a palette that occur, and their colours, where the indices were taken for ids.
    """

    truth: GroundTruth
    notes: tuple[Message, ...] = ()
    suggestion: Vocabulary | None = None
    tones: Tones | None = None
    palette: Palette = ()


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
    >>> from segmethods.core.types import BINARY
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
    if is_annotation(data, name):
        drawn = read_annotation(data, name, size, classes, image)
        if size is not None:
            check_size(drawn.labels.shape, (size[0], size[1]), name)
        _refuse_void_only(drawn.labels, drawn.classes, name)
        return TruthFile(GroundTruth(drawn.labels, drawn.classes), (*drawn.notes, *_tell_void(drawn.labels)))
    file = open_mask(data, name)
    as_stored = (
        read_stored(file, name) if not colours or classes is None else _read_either(file, colours, classes, name)
    )
    stored, turned = _turn(as_stored, size, 1 if file.is_upright else file.orientation, orientation, turn)
    if size is not None:
        check_size(_shape(stored), (size[0], size[1]), name)
    if stored.colours is not None and colours and classes is not None:
        found = Meaning(read_known_colours(stored.colours, colours, name), classes)
    elif stored.colours is not None:
        found = read_colours(stored, classes, name)
    else:
        found = read_greys(stored, classes, name, most_ids, white_is_object)
    labels, meaning = found.labels, found.classes
    if not void_alone:
        _refuse_void_only(labels, meaning, name)
        if size is not None and white_is_object and (classes is None or len(classes) == 2):
            _refuse_one_judged(labels, name)
    suggestion = stored.suggestion or (VOC if SUGGESTED in found.notes else None)
    told = (
        *file.notes,
        *stored.notes,
        *turned,
        *found.notes,
        *(_tell_deep(stored, labels) if classes is None and not is_array(data) else ()),
        *_tell_void(labels),
    )
    truth = GroundTruth(labels, meaning)
    if suggestion is None or classes is not None or len(meaning) > len(VOC):
        return TruthFile(truth, told, None, found.tones, stored.palette)
    return TruthFile(truth, told if SUGGESTED in told else (*told, SUGGESTED), suggestion, None, stored.palette)


def _read_either(file: OpenedFile, colours: Sequence[Colour], classes: Vocabulary, name: str) -> Stored:
    """The colours of a mask, or its ids where it has some and its colours are none of the classes'."""
    coloured = read_coloured(file)
    assert coloured.colours is not None
    shown = {tuple(colour) for colour in np.unique(coloured.colours.reshape(-1, 3), axis=0).tolist()}
    if shown <= {*colours, VOID_COLOUR}:
        return coloured
    stored = read_stored(file, name)
    if stored.ids is None or not ((stored.ids < len(classes)) | (stored.ids == VOID)).all():
        return coloured
    return replace(stored, is_index=True)


def open_mask(data: bytes, name: str) -> OpenedFile:
    """A mask's file, decoded: a picture, or an array of NumPy's."""
    if not is_array(data):
        return open_file(data, name)
    return OpenedFile(None, Pixels(whole_numbers(read_array(data, name), name)))


def share_void(truth: GroundTruth) -> float:
    """The share of the pixels that are not judged.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> share_void(GroundTruth(np.array([[0, 255]], np.uint8), BINARY))
    0.5
    """
    return float(np.mean(truth.labels == VOID)) if len(truth.classes) <= VOID else 0.0


def tell_judged(share: float) -> Message:
    """How much of the pixels a truth doesn't judge, as it is said wherever a truth is scored against.

    Examples
    --------
    >>> str(tell_judged(0)), str(tell_judged(0.25))
    ('All pixels are judged.', 'Not judged: 25.0% of the pixels.')
    """
    if not share:
        return Message("All pixels are judged.")
    return Message("Not judged: {share} of the pixels.", {"share": percent(share)})


def find_only(labels: Labels) -> int | None:
    """The only class that the judged pixels of a truth show; None where there are several, or none.

    Examples
    --------
    >>> find_only(np.array([[1, 255]], np.uint8)), find_only(np.array([[0, 1]], np.uint8))
    (1, None)
    """
    first = labels[labels != VOID][:1]
    return int(first[0]) if first.size and bool(((labels == first[0]) | (labels == VOID)).all()) else None


def tell_truth(truth: GroundTruth) -> tuple[Message, ...]:
    """What is said wherever a truth is scored against: the share that isn't judged, and if it shows but one class.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> [str(line) for line in tell_truth(GroundTruth(np.array([[1, 1]], np.uint8), BINARY))]
    ['All pixels are judged.', 'Every judged pixel is object: the truth shows nothing else.']
    """
    only, told = find_only(truth.labels), (tell_judged(share_void(truth)),)
    if only is None or only >= len(truth.classes):
        return told
    return (*told, Message(ONE_CLASS.template, {"name": Message(truth.classes.names[only])}))


def _turn(
    stored: Stored, size: tuple[int, int] | None, own: int, orientation: int, turn: bool
) -> tuple[Stored, tuple[Message, ...]]:
    """The mask turned like its image, where it has to be."""
    if own != 1 and (size is None or _shape(_rotate(stored, own)) == tuple(size)):
        return _rotate(stored, own), ()
    swapped = size is not None and orientation > 4 and _shape(stored) == tuple(size)[::-1] != tuple(size)
    if orientation != 1 and (turn or swapped):
        return _rotate(stored, orientation), (TURNED,)
    if orientation != 1:
        return stored, (NOT_TURNED,)
    return stored, ()


def _rotate(stored: Stored, orientation: int) -> Stored:
    def turn_values(values: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if values is None else np.ascontiguousarray(rotate(values, orientation))

    return replace(
        stored, ids=turn_values(stored.ids), colours=turn_values(stored.colours), clear=turn_values(stored.clear)
    )


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


def _refuse_void_only(labels: Labels, classes: Vocabulary, name: str) -> None:
    """A truth of void alone, or of background and void, judges nothing."""
    if len(classes) > VOID or not (labels == VOID).any():
        return
    unnamed = classes.id == "mask" or classes.names[0] == "class 0" or len(classes) == 2 or has_background(classes)
    if (labels == VOID).all() or (unnamed and ((labels == VOID) | (labels == 0)).all()):
        raise ImageError(VOID_ONLY, name=name)


def _refuse_one_judged(labels: Labels, name: str) -> None:
    """Of one value alone beside void nobody can tell whether it is the object or what lies around it."""
    found = list_values(labels)
    judged = found[found != VOID]
    if judged.size == 1 and judged[0] != 0 and VOID in found:
        raise ImageError(
            "{name} has the value {value} alone beside 255, which means 'not judged'. "
            "Save the background as 0 and the object as 1.",
            name=name,
            value=int(judged[0]),
        )


def _tell_deep(stored: Stored, labels: Labels) -> tuple[Message, ...]:
    """That small numbers of 16 bits, which data sets take for single objects, were taken for classes."""
    if stored.ids is None or stored.ids.dtype.itemsize == 1 or int(labels[labels != VOID].max(initial=0)) < 2:
        return ()
    return (DEEP,)


def _tell_void(labels: Labels) -> tuple[Message, ...]:
    share = float(np.mean(labels == VOID))
    return (tell_judged(share),) if share else ()
