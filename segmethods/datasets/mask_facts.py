"""What is in a mask's file, found once and remembered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import VOID, Vocabulary
from segmethods.datasets.polarity import Cover, measure_cover
from segmethods.datasets.remembered import remember
from segmethods.io.grey_masks import WHITE_COVERS, Tones, find_greys
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.palettes import Palette
from segmethods.io.values import list_values


@dataclass(frozen=True)
class MaskFacts:
    """What is in one mask.

    Parameters
    ----------
    classes : Vocabulary
        As it is read alone.
    top : int
        The largest id but 255.
    has_void : bool
        Whether it has pixels that nobody judges.
    is_flat : bool
        Whether it has one value alone.
    greys : tuple of int
        The greys that stand for its classes, where they were numbered.
    tones : (int, int) or None
        The two values that were taken for background and object, where they aren't the usual ones.
    is_mostly_white : bool
        Whether white was taken for the object and covers most of it.
    ids : frozenset of int
        Those that occur, but 255.
    notes : tuple of Message
        What was assumed.
    file : Path
        The mask's own.
    cover : Cover
        How much the object covers, where there are two classes.
    size : (int, int)
        Height and width.
    palette : tuple of (int, (int, int, int))
        The indices that were taken for ids, and their colours.
    """

    classes: Vocabulary
    top: int
    has_void: bool
    is_flat: bool = False
    greys: tuple[int, ...] = ()
    tones: Tones | None = None
    is_mostly_white: bool = False
    ids: frozenset[int] = frozenset()
    notes: tuple[Message, ...] = ()
    file: Path = Path()
    cover: Cover | None = None
    size: tuple[int, int] = (0, 0)
    palette: Palette = ()


def has_void(mask: Path) -> bool:
    """Whether a mask has both classes and void, so that 255 is no class."""
    facts = read_facts(mask)
    return facts is not None and facts.has_void and facts.top > 0


def read_facts(mask: Path) -> MaskFacts | None:
    """What is in a mask; None if it can't be read."""
    return remember("facts", (mask,), lambda: _read_facts(mask))


def _read_facts(mask: Path) -> MaskFacts | None:
    try:
        file = read_ground_truth(mask, None)
    except ImageError:  # it will be skipped when its turn comes, which says why
        return None
    truth = file.truth
    judged = truth.labels[truth.labels != VOID]
    notes = tuple(note for note in file.notes if not {"greys", "share", "ids"} & note.values.keys())
    present = list_values(truth.labels).tolist()
    return MaskFacts(
        truth.classes,
        int(judged.max(initial=0)),
        judged.size < truth.labels.size,
        len(present) == 1,
        find_greys(file.notes),
        file.tones,
        any(note.template == WHITE_COVERS for note in file.notes),
        frozenset(present) - {VOID},
        notes,
        mask,
        measure_cover(truth.labels),
        (truth.labels.shape[0], truth.labels.shape[1]),
        file.palette,
    )
