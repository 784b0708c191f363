"""What the masks of a data set mean: decided once for all of them, after each was read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from segmethods.core.messages import ImageError, Message, ParameterError
from segmethods.core.palette import has_background
from segmethods.core.types import BINARY, VOID, Vocabulary
from segmethods.datasets.mask_facts import MaskFacts, has_void, read_facts
from segmethods.datasets.one_way import refuse_mixed, refuse_orders
from segmethods.datasets.polarity import INVERTED, MOSTLY_WHITE, find_inverted, list_names, tell_flat
from segmethods.datasets.remembered import remember
from segmethods.datasets.sample_refs import Kind
from segmethods.io.annotations import list_classes, name_outlines, unite_spellings
from segmethods.io.arrays import is_array
from segmethods.io.class_names import ClassNames, Colour
from segmethods.io.files import read_bytes
from segmethods.io.grey_masks import MOST_IDS, Tones, tell_greys, tell_sparse
from segmethods.io.ground_truth import open_mask
from segmethods.io.id_images import TIFF_HEADS, has_wide_ids
from segmethods.io.smoothing import BETWEEN
from segmethods.io.stored_masks import read_stored
from segmethods.io.values import list_values

OUTLINE_SUFFIXES = (".json", ".txt")
"""How files with outlines end."""

WHITE = 65535
"""White of 16 bits; void in masks of numbered objects."""

MOST_READ = 50
"""So many masks of 16 bits are read to see what they hold."""

MOST_GREYS = 5
"""Up to so many classes may be saved as greys in even steps, such as 0, 127 and 255."""

SOME = 50
"""So many masks are looked at, up to the first with void, where the classes say all else."""

MOST_TONES = 3
"""With more pairs of greys than this, those of a data set are ids of its classes."""

LONELY = Message(
    "{some} of its {all} colours are in one mask alone, and each counts as a class. If they number objects, save ids "
    "of classes; if they are COCO's panoptic form, put its JSON beside them."
)
WHITE_AND_VOID = Message(
    "255 is void in {some:mask|masks} that have other ids too, and the object where a mask has 0 and 255 alone."
)


@dataclass(frozen=True)
class MaskReading:
    """How the masks of a data set are read.

    Parameters
    ----------
    kind : str
        As :class:`segmethods.datasets.sample_refs.SampleRef` has it.
    classes : Vocabulary
        What the ids of all masks mean.
    colours : tuple of (int, int, int)
        The colours of the classes in colour masks, by id.
    notes : tuple of Message
        What was assumed.
    void_alone : bool
        Whether a mask may hold nothing but background and 255, since others show that 255 is void.
    inverted : tuple of Path
        Masks that seem to be the wrong way round, and aren't judged.
    """

    kind: Kind
    classes: Vocabulary
    colours: tuple[Colour, ...] = ()
    notes: tuple[Message, ...] = ()
    void_alone: bool = False
    inverted: tuple[Path, ...] = ()


def decide_reading(
    masks: Sequence[Path], known: ClassNames | None, classes: Vocabulary | None, keep_white: bool = False
) -> MaskReading:
    """Decide how the masks of a data set are read.

    Where there are two classes at most, a mask of 0 and 255 alone is one of background and object, unless half of the
    masks or more (those of a single value don't count) have 255 beside other ids: then it is void in all of them.

    Parameters
    ----------
    masks : sequence of path
        Their files. Those that can't be read don't count; they are skipped when their turn comes.
    known : ClassNames, optional
        What a file says of the classes.
    classes : Vocabulary, optional
        The classes, where they are known.
    keep_white : bool
        Whether masks that seem to be the wrong way round are judged all the same.

    Raises
    ------
    ParameterError
        If a file names fewer classes than the masks have.
    """
    if all(mask.suffix.lower() in OUTLINE_SUFFIXES for mask in masks):
        return _read_outlines(masks, known)
    colours = known.colours if known else ()
    if number_objects(masks, classes):
        return MaskReading("objects", BINARY)
    if colours or len(classes or ()) > MOST_GREYS:
        some = [found for mask in masks[:SOME] if not colours and (found := read_facts(mask)) is not None]
        refuse_orders(some)
        between = [note for found in some for note in found.notes if note.template == BETWEEN.template]
        void_alone = any(map(has_void, masks[:SOME]))
        return MaskReading("labels", classes or BINARY, colours, tuple(between[:1]), void_alone)
    with ThreadPoolExecutor(2) as pool:
        facts = [found for found in pool.map(read_facts, masks) if found is not None]
    refuse_orders(facts)
    if classes is None:
        refuse_mixed(facts)
    greys = max((found.greys for found in facts), key=len, default=())
    if greys:
        facts = [_number_greys(found, greys) for found in facts]
    tones = set() if greys else {found.tones for found in facts if found.tones}
    levels = {tone for pair in tones for tone in pair}
    if tones and (
        len(tones) > MOST_TONES
        or len(classes or ()) > 2
        or any(found.top > 1 and not found.ids <= levels for found in facts)
    ):
        facts, tones = [_as_ids(found) for found in facts], set()
    if len(tones) == 1 and all(found.tones or found.ids <= levels for found in facts):
        return _read_tones(next(iter(tones)), classes or BINARY, facts, keep_white)
    sparse: tuple[Message, ...] = ()
    if classes is None:
        classes, colours = name_classes(facts)
        ids = sorted(frozenset[int]().union(*(found.ids for found in facts)))
        sparse = _tell_lonely(facts) if colours else tell_sparse(ids)
    above = [found.top for found in facts if found.top >= len(classes)]
    if known and len(above) * 2 > len(facts):
        raise ParameterError(
            "The file of class names has {count:name|names}, but the masks have ids up to {last}. A line is a class, "
            "and the first one is class 0: if background is missing there, add it.",
            count=len(classes),
            last=max(above),
        )
    if greys and len(greys) == len(classes):
        return MaskReading("labels", classes, tuple((grey, grey, grey) for grey in greys), (tell_greys(greys),))
    assumed = {note.template: note for found in facts for note in found.notes}
    if len(classes) > 2:
        void_alone = any(found.has_void and found.top for found in facts)
        notes = (*assumed.values(), *sparse, *_tell_flat(facts, classes))
        return MaskReading("labels", classes, colours, notes, void_alone)
    void, mixed = sum(found.has_void for found in facts), sum(not found.is_flat for found in facts)
    if void * 2 >= mixed > 0:
        _refuse_one_judged([found for found in facts if not found.is_flat])
        return MaskReading("labels", classes, colours, _tell_flat(facts, classes))
    told = [Message(WHITE_AND_VOID.template, {"some": void})] if void else []
    inverted = _find_inverted(facts) if not (keep_white or colours) and has_background(classes) else ()
    doubts = (*_tell_white(facts, inverted), *_tell_flat(facts, classes))
    return MaskReading("masks", classes, colours, (*told, *assumed.values(), *doubts), inverted=inverted)


def _tell_lonely(facts: Sequence[MaskFacts]) -> tuple[Message, ...]:
    """Doubt, where most colours are in one mask alone: they may number objects or segments."""
    masks = Counter(name for found in facts for name in found.classes.names if name.startswith("#"))
    lonely = sum(count == 1 for count in masks.values())
    if len(facts) < 3 or len(masks) < 6 or 3 * lonely < 2 * len(masks):
        return ()
    return (Message(LONELY.template, {"some": lonely, "all": len(masks)}),)


def _refuse_one_judged(mixed: Sequence[MaskFacts]) -> None:
    """Where each mask has one value beside void, and it is always the same, 255 may as well be the object."""
    ids = frozenset[int]().union(*(found.ids for found in mixed))
    if len(ids) == 1 and 0 not in ids:
        raise ParameterError(
            "The masks have the value {value} alone beside 255, which means 'not judged'. "
            "Save the background as 0 and the object as 1.",
            value=min(ids),
        )


def _read_tones(tones: Tones, classes: Vocabulary, facts: Sequence[MaskFacts], keep_white: bool) -> MaskReading:
    """All masks have the same two greys, or one of them."""
    values = {"low": str(tones[0]), "high": str(tones[1])}
    note = Message("The values {low} and {high} are background and object.", values)
    colours = tuple((tone, tone, tone) for tone in tones)
    inverted = () if keep_white else _find_inverted(facts)
    doubts = (*_tell_white(facts, inverted), *_tell_flat(facts, classes))
    return MaskReading("labels", classes, colours, (note, *doubts), inverted=inverted)


def _find_inverted(facts: Sequence[MaskFacts]) -> tuple[Path, ...]:
    return find_inverted({found.file: found.cover for found in facts if found.cover})


def _tell_white(facts: Sequence[MaskFacts], inverted: Sequence[Path]) -> tuple[Message, ...]:
    """Doubt, where white was taken for the object and covers most of a few masks, or of half of them."""
    if inverted:
        return (Message(INVERTED.template, {"files": list_names(inverted)}),)
    white, mixed = [found.file for found in facts if found.is_mostly_white], sum(not found.is_flat for found in facts)
    values = {"some": len(white), "all": mixed, "files": list_names(white)}
    return (Message(MOSTLY_WHITE.template, values),) if len(white) * 2 >= mixed > 0 else ()


def _tell_flat(facts: Sequence[MaskFacts], classes: Vocabulary) -> tuple[Message, ...]:
    """Which masks show one class alone that is no background, or that all show nothing but background."""
    names = classes.names if has_background(classes) else ()
    only = {found.file: found.top for found in facts if found.is_flat or (found.has_void and len(found.ids) == 1)}
    return tell_flat(only, len(facts), names)


def _as_ids(found: MaskFacts) -> MaskFacts:
    """What is in a mask whose two values are ids after all."""
    if found.tones is None:
        return found
    top = found.tones[1]
    notes = tuple(note for note in found.notes if "value" not in note.values and "high" not in note.values)
    classes = Vocabulary("mask", tuple(f"class {i}" for i in range(top + 1)))
    return replace(found, classes=classes, top=top, tones=None, ids=frozenset(found.tones), notes=notes)


def _number_greys(found: MaskFacts, greys: tuple[int, ...]) -> MaskFacts:
    """What is in a mask, where others of the set show which greys stand for classes and this one lacks some of them."""
    if found.greys or not found.ids <= {*greys} or found.ids <= {0, 1}:
        return found
    ids = frozenset(map(greys.index, found.ids | ({VOID} if found.has_void else frozenset())))
    classes = Vocabulary("mask", tuple(f"class {i}" for i in range(len(greys))))
    return replace(found, classes=classes, top=max(ids), has_void=False, greys=greys, ids=ids, tones=None)


def _read_outlines(masks: Sequence[Path], known: ClassNames | None) -> MaskReading:
    """Files of labelme or YOLO: the classes that they or a file name, after the background."""
    names: dict[str, None] = dict.fromkeys(known.listed if known else ())
    if known is None:
        for mask in masks:
            try:
                names |= dict.fromkeys(list_classes(read_bytes(mask, mask.name), mask.name))
            except ImageError:  # it will be skipped when its turn comes, which says why
                continue
    if known is None and _are_numbers(masks):
        return MaskReading("labels", name_outlines(sorted(names, key=lambda name: int(name[6:]))))
    every, spelled = unite_spellings(names)
    return MaskReading("labels", name_outlines(every), notes=spelled)


def _are_numbers(masks: Sequence[Path]) -> bool:
    return all(mask.suffix.lower() == ".txt" for mask in masks)


def name_classes(facts: Iterable[MaskFacts]) -> tuple[Vocabulary, tuple[Colour, ...]]:
    """Classes for masks without names: as many as the largest id asks for, or one a colour.

    Examples
    --------
    >>> name_classes([MaskFacts(Vocabulary("mask", ("#000000", "#ff0000")), 1, False)])[1]
    ((0, 0, 0), (255, 0, 0))
    """
    found = {fact.classes for fact in facts}
    named = {classes for classes in found if classes.id in ("voc", "camvid")}
    if len(named) == 1 and all(classes in named or classes == BINARY for classes in found):
        return next(iter(named)), ()
    names = sorted({name for classes in found for name in classes.names if name.startswith("#")})
    if len(names) >= VOID:
        raise ParameterError(
            "The masks have {count} colours together, too many for classes. Save them without smoothing; if they are "
            "COCO's panoptic form, put the JSON that lists their segments beside them.",
            count=len(names),
        )
    if names:
        colours = [(int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)) for name in names]
        return Vocabulary("dataset", tuple(names)), tuple(colours)
    most = max((len(classes) for classes in found), default=2)
    return (BINARY if most <= 2 else Vocabulary("dataset", tuple(f"class {i}" for i in range(most)))), ()


def number_objects(masks: Sequence[Path], classes: Vocabulary | None) -> bool:
    """Whether masks of 16 bits number objects: they are neither black and white nor ids of the classes that are known.

    Parameters
    ----------
    masks : sequence of path
    classes : Vocabulary, optional
        The classes, where they are known.
    """
    deep = [mask for mask in masks if is_deep(mask)]
    present = set[int]().union(*map(read_values, deep[:MOST_READ]))
    if not present:
        return bool(deep)
    return present != {0, WHITE} and not max(present - {WHITE, VOID}, default=0) < len(classes or ())


def read_values(mask: Path) -> set[int]:
    """The values in a mask; none if it can't be read."""
    return remember("values", (mask,), lambda: _list_values(mask))


def _list_values(mask: Path) -> set[int]:
    try:
        ids = read_stored(open_mask(read_bytes(mask, mask.name), mask.name), mask.name).ids
    except ImageError:  # it will be skipped when its turn comes, which says why
        return set()
    return set() if ids is None else set(list_values(ids).tolist())


def is_deep(file: Path) -> bool:
    """Whether a mask may number objects: a PNG of 16 bits, a TIFF of more than 8, an array with ids beyond classes."""
    try:
        with file.open("rb") as content:
            head = content.read(26)
            if is_array(head):
                return max(read_values(file), default=0) >= MOST_IDS
            return has_wide_ids(head + content.read() if head[:4] in TIFF_HEADS else head)
    except OSError:
        return False
