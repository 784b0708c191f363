"""Masks that seem to be the wrong way round: their object covers most of the picture, unlike in all others of a set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmethods.core.messages import Message
from segmethods.core.types import Labels

GAP = 0.5
"""An inverted mask covers at least this much more of its picture than each of the others."""

INVERTED = Message(
    "White covers most of {files}, unlike the other masks: not judged. If black is the object there, invert it; "
    "if white is, say that mostly white masks are right."
)
MOSTLY_WHITE = Message(
    "White is the object and covers most of the picture in {some} of {all} masks: {files}. "
    "If black is the object, invert them."
)
ALL_ONE = Message("In {some} of {all} masks every judged pixel is {name}: {files}.")
ALL_GROUND = Message("No mask shows anything but {name}.")
LISTED = 5
"""So many files are named in a note."""


@dataclass(frozen=True)
class Cover:
    """How much of a mask its object covers, and how much of the mask's border; both from 0 to 1."""

    share: float
    border: float


def measure_cover(labels: Labels) -> Cover:
    """The cover of class 1."""
    is_object = labels == 1
    edges = np.concatenate([is_object[0], is_object[-1], is_object[:, 0], is_object[:, -1]])
    return Cover(float(is_object.mean()), float(edges.mean()))


def find_inverted(covers: Mapping[Path, Cover]) -> tuple[Path, ...]:
    """The few masks whose object fills most of the picture and of its border, far from all others.

    Examples
    --------
    >>> few, most = Cover(0.02, 0.0), Cover(0.98, 1.0)
    >>> find_inverted({Path("a.png"): few, Path("b.png"): most, Path("c.png"): few})[0].name
    'b.png'
    >>> find_inverted({Path("a.png"): few, Path("b.png"): most})
    ()
    """
    mixed = {file: cover for file, cover in covers.items() if 0 < cover.share < 1}
    full = [file for file, cover in mixed.items() if cover.share > 0.5 and cover.border > 0.5]
    others = [cover.share for file, cover in mixed.items() if file not in full]
    if not full or len(full) >= len(others):
        return ()
    is_apart = min(mixed[file].share for file in full) >= max(others) + GAP
    return tuple(full) if is_apart else ()


def tell_mostly_white(covers: Mapping[Path, Cover]) -> tuple[Message, ...]:
    """Doubt, where white covers most of half of the masks."""
    mixed = {file: cover.share for file, cover in covers.items() if 0 < cover.share < 1}
    white = [file for file, share in mixed.items() if share > 0.5]
    values = {"some": len(white), "all": len(mixed), "files": list_names(white)}
    return (Message(MOSTLY_WHITE.template, values),) if white and len(white) * 2 >= len(mixed) else ()


def tell_option(notes: Iterable[Message]) -> list[str]:
    """How to say on the command line that mostly white masks are right, where some aren't judged."""
    is_told = any(note.template == INVERTED.template for note in notes)
    return ["--keep-white says that mostly white masks are right."] if is_told else []


def tell_flat(only: Mapping[Path, int], count: int, names: Sequence[str]) -> tuple[Message, ...]:
    """Masks that show one class alone: all that are no background, and the background where no mask shows more.

    Parameters
    ----------
    only : mapping of path to int
        The class of each such mask.
    count : int
        How many masks there are.
    names : sequence of str
        The classes, the first of them the background; none where there is no background.

    Examples
    --------
    >>> [str(note) for note in tell_flat({Path("a.png"): 1, Path("b.png"): 0}, 3, ("background", "object"))]
    ['In 1 of 3 masks every judged pixel is object: a.png.']
    """
    notes = []
    for number in sorted({number for number in only.values() if 0 < number < len(names)}):
        files = [file for file, found in only.items() if found == number]
        values = {"some": len(files), "all": count, "name": Message(names[number]), "files": list_names(files)}
        notes.append(Message(ALL_ONE.template, values))
    if names and count and sum(number == 0 for number in only.values()) == count:
        notes.append(Message(ALL_GROUND.template, {"name": Message(names[0])}))
    return tuple(notes)


def list_names(files: Sequence[Path]) -> str:
    """The names of some files, the first few."""
    return ", ".join(file.name for file in files[:LISTED]) + (", …" if len(files) > LISTED else "")
