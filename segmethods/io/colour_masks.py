"""Masks of colours: which class each colour is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import VOID_COLOUR, class_colours
from segmethods.core.types import BINARY, CAMVID, VOC, VOID, Labels, Vocabulary
from segmethods.io.grey_masks import Ids, Meaning, tell_white
from segmethods.io.smoothing import refuse_blended_colours, refuse_photo
from segmethods.io.stored_masks import Stored, voc_colour_map

Colour = tuple[int, int, int]

MOST_COLOURS = 255  # the id 255 is void
BLACK, WHITE = (0, 0, 0), (255, 255, 255)

NEAR = 2
"""So little apart in each of red, green and blue, no eye tells colours apart."""

NEAR_COLOURS = Message(
    "Its colours are numbers that no eye tells apart, such as {first} and {second}: each counts as a class. "
    "If they number objects, save ids of classes."
)
SUGGESTED = Message(
    "Its colours are those of Pascal VOC, which many tools write: the classes are taken to have no names."
)


def read_colours(stored: Stored, classes: Vocabulary | None, name: str) -> Meaning:
    """The classes of a mask of colours: by the colours of `classes`, by Pascal VOC's map, or numbered.

    Raises
    ------
    ImageError
        If its colours are not those of `classes`, or can't be classes.
    """
    rgb = stored.colours
    assert rgb is not None
    packed = _pack(rgb)
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
        notes += (SUGGESTED,) if classes is None and meaning.id in ("mask", "binary") else ()
    elif classes is not None and not (len(classes) == 2 and len(colours) <= 2):
        raise ImageError(
            "The colours of {name} are not those of the classes here. Use a mask whose pixel values are class ids.",
            name=name,
        )
    else:
        refuse_blended_colours(place, np.array(colours), name)
        refuse_photo(place, name)
        ids, meaning, more = _number_colours(colours, counts.tolist(), has_ground=bool(values[0] < 0))
        meaning, notes = classes or meaning, notes + more + _tell_near(colours[int(values[0] < 0) :])
    labels: Labels = np.array(ids, np.uint8)[place]
    if set(colours) == {BLACK, WHITE} and stored.clear is None:
        notes += tell_white(labels == 1)
    return Meaning(labels, meaning, notes)


def _tell_near(colours: Sequence[Colour]) -> tuple[Message, ...]:
    """Doubt, where two colours differ by less than an eye sees: they are numbers then, of objects for one."""
    values = np.array(sorted(colours), np.int64)
    near = np.abs(values[1:] - values[:-1]).max(axis=1, initial=0) <= NEAR
    if not near.any():
        return ()
    at = int(near.argmax())
    first, second = ("#{:02x}{:02x}{:02x}".format(*values[i]) for i in (at, at + 1))
    return (Message(NEAR_COLOURS.template, {"first": first, "second": second}),)


def find_two_colours(stored: Stored) -> Ids | None:
    """0 and 1 of a mask of two colours, one of them black, white or transparent; None of others."""
    assert stored.colours is not None
    rgb = stored.colours if stored.clear is None else np.where(stored.clear[..., None], 0, stored.colours)
    if len(np.unique(_pack(rgb))) > 2:
        return None
    meaning = read_colours(stored, None, "")
    return meaning.labels if meaning.classes == BINARY else None


def read_known_colours(rgb: Ids, colours: Sequence[Colour], name: str) -> Labels:
    """The classes of a mask whose colours are known, by id.

    Raises
    ------
    ImageError
        If it has a colour that isn't among them.
    """
    values, place = np.unique(_pack(rgb), return_inverse=True)
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


def _pack(rgb: Ids) -> NDArray[np.int64]:
    return np.asarray(rgb.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1]))


def _lay_on_background(packed: Ids, clear: NDArray[np.bool_]) -> tuple[NDArray[np.int64], tuple[Message, ...]]:
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
