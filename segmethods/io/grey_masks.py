"""Masks of numbers: which are ids, and which are two or more greys that stand for classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import BINARY, VOID, Labels, Vocabulary
from segmethods.io.depth import percent
from segmethods.io.smoothing import refuse_photo, refuse_smoothed_greys, tell_between
from segmethods.io.stored_masks import Stored
from segmethods.io.values import list_values

Ids = NDArray[np.integer]
Tones = tuple[int, int]

MOST_IDS = 1000
LEAST_WHITE = 100
"""Two greys this far apart are no ids but background and object."""
MOST_ID = 16
"""Beside 255, a single id below this is a class whose other pixels nobody judges."""
LISTED = 8
"""So many ids are named in a note."""

MOST_STEPS = 16
"""So many greys in even steps stand for classes: with more of them, ids have such values by chance."""

GREYS = Message("The greys {greys} were numbered from 0 to {last}.")

TOO_MANY = Message(
    "{name} has ids up to {last}, but those of classes go up to {most}. Save ids of classes; if it numbers single "
    "objects, the command score and Benchmark judge it."
).template
"""Why numbers are no ids of classes."""

USUAL = ((0, 1), (0, 255), (0, 65535), (0, 2**32 - 1), (0, 2**31 - 1))
"""Background and object as nearly everybody writes them, so that nothing is said of it."""

WHITE_COVERS = Message(
    "White is the object and covers {share} of the picture. If black is the object, invert the mask."
).template


@dataclass(frozen=True, eq=False)
class Meaning:
    """What the values of a mask mean.

    Parameters
    ----------
    labels : ndarray, uint8 or uint16, shape (H, W)
    classes : Vocabulary
    notes : tuple of Message
        What was assumed.
    tones : (int, int) or None
        The two values that were taken for background and object, where they aren't the usual ones.
    """

    labels: Labels
    classes: Vocabulary
    notes: tuple[Message, ...] = ()
    tones: Tones | None = None


def find_tones(ids: Ids) -> Tones | None:
    """The values of background and object where a grey mask has two values that are no ids; None of all others.

    Examples
    --------
    >>> find_tones(np.array([[0, 255]])), find_tones(np.array([[16, 235]])), find_tones(np.array([[7, 8]]))
    ((0, 255), (16, 235), None)
    >>> find_tones(np.array([[0, 50]])), find_tones(np.array([[1, 255]])), find_tones(np.array([[255]]))
    (None, None, (0, 255))
    """
    low, high = int(ids.min()), int(ids.max())
    if low == high:
        return (0, high) if high >= VOID else None
    if not ((ids == low) | (ids == high)).all():
        return None
    if high - low < LEAST_WHITE:
        return None
    return (low, high) if low == 0 or MOST_ID <= low < high <= VOID else None


def split_tones(ids: Ids) -> Ids:
    """0 and 1, where two greys are background and object; else unchanged."""
    tones = find_tones(ids)
    return ids if tones is None else (ids == tones[1]).astype(np.uint8)


def read_greys(
    stored: Stored, classes: Vocabulary | None, name: str, most_ids: int, white_is_object: bool = True
) -> Meaning:
    """The classes of a mask of numbers.

    Parameters
    ----------
    stored : Stored
        With `ids`.
    classes : Vocabulary or None
        What they mean, where it is known.
    name : str
        What error messages call the file.
    most_ids : int
        How many ids there may be whose classes aren't known.
    white_is_object : bool
        Whether two greys may be background and object.

    Raises
    ------
    ImageError
        If the values can't be classes.
    """
    ids = stored.ids
    assert ids is not None
    classes = classes or stored.classes
    notes: tuple[Message, ...] = ()
    tones: Tones | None = None
    if not stored.is_index and (classes is None or len(classes) == 2):
        refuse_smoothed_greys(ids, name)
        tones = find_tones(ids) if white_is_object else None
        if tones is not None:
            ids = (ids == tones[1]).astype(np.uint8)
            notes = _tell_tones(tones)
        if tones is not None or stored.is_bilevel:
            notes += tell_white(ids == 1)
    if stored.level and tones is None:  # so few bits have no 255, which is void
        ids = np.where(ids == VOID, stored.level, ids)
    steps = None if stored.is_index or tones else _even_steps(ids)
    if steps is not None and (classes is None or len(classes) == len(steps) != 2):
        ids = np.searchsorted(steps, ids).astype(np.uint8)
        notes = (tell_greys(steps.tolist()),)
    if tones is None:
        notes += tell_between(ids, name)
    labels, meaning = _check_ids(ids, classes, name, most_ids)
    if classes is None and meaning.id == "mask":
        refuse_photo(labels, name)
        notes += tell_sparse(list_values(labels).tolist())
    return Meaning(labels, meaning, notes, None if tones in USUAL else tones)


def tell_white(is_object: NDArray[np.bool_]) -> tuple[Message, ...]:
    """Doubt, where white was taken for the object and covers most of a mask."""
    share = float(np.mean(is_object))
    return (Message(WHITE_COVERS, {"share": percent(share)}),) if 0.5 < share < 1 else ()


def _tell_tones(tones: Tones) -> tuple[Message, ...]:
    if tones in USUAL:
        return ()
    if tones[0] == 0:
        return (Message("The value {value} is the object.", {"value": str(tones[1])}),)
    values = {"low": str(tones[0]), "high": str(tones[1])}
    return (Message("The values {low} and {high} are background and object.", values),)


def tell_sparse(ids: Sequence[int]) -> tuple[Message, ...]:
    """Which ids there are, where most of those up to the highest one don't occur: they may be no ids.

    Examples
    --------
    >>> [str(note) for note in tell_sparse([0, 15])], tell_sparse([0, 1, 2, 255])
    (['Found are the ids 0, 15: they count as those of 16 classes without names.'], ())
    """
    judged = [i for i in ids if i != VOID]
    last = max(judged, default=0)
    if last < 4 or 2 * len(judged) > last + 1:
        return ()
    listed = ", ".join(map(str, judged[:LISTED])) + (", ..." if len(judged) > LISTED else "")
    text = "Found are the ids {ids}: they count as those of {count} classes without names."
    return (Message(text, {"ids": listed, "count": str(last + 1)}),)


def _even_steps(ids: Ids) -> NDArray[np.int64] | None:
    """The values of a mask of a few greys in even steps from 0 to 255."""
    if ids.max(initial=0) != VOID:
        return None
    values = list_values(ids)
    even = np.linspace(0, VOID, len(values))
    return values if 3 <= len(values) <= MOST_STEPS and (np.abs(values - even) < 1).all() else None


def tell_greys(greys: Sequence[int]) -> Message:
    """That greys were numbered."""
    return Message(GREYS.template, {"greys": ", ".join(map(str, greys)), "last": len(greys) - 1})


def find_greys(notes: Iterable[Message]) -> tuple[int, ...]:
    """The greys that were numbered, as the notes of a mask say.

    Examples
    --------
    >>> find_greys([tell_greys([0, 127, 255])])
    (0, 127, 255)
    """
    told = next((str(note.values["greys"]) for note in notes if note.template == GREYS.template), "")
    return tuple(int(grey) for grey in told.split(",") if grey)


def _check_ids(ids: Ids, classes: Vocabulary | None, name: str, most_ids: int) -> tuple[Labels, Vocabulary]:
    present = list_values(ids)
    last = int(present[present != VOID].max(initial=0))
    if classes is None and last >= most_ids:
        raise ImageError(TOO_MANY, name=name, last=last, most=most_ids - 1)
    if classes is None:
        classes = BINARY if last < 2 else Vocabulary("mask", tuple(f"class {i}" for i in range(last + 1)))
    refuse_unknown(present.tolist(), len(classes) - 1, name)
    labels: Labels = ids.astype(np.uint8) if present[-1] <= VOID else ids.astype(np.uint16)
    return labels, classes


def refuse_unknown(ids: Sequence[int], last: int, name: str) -> None:
    """Raise `ImageError` if a mask has ids beyond those of its classes, but 255."""
    most = max((i for i in ids if i != VOID), default=0)
    if most > last:
        raise ImageError(
            "{name} has pixels of class {id}, but the classes are 0 to {last}, and 255 is not judged. "
            "Use a mask with these ids.",
            name=name,
            id=most,
            last=last,
        )
