"""Truths that lie beside pictures in no layout: outlines of labelling tools, and masks named like their pictures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import has_background
from segmethods.core.types import BINARY, VOID, GroundTruth, Vocabulary
from segmethods.datasets.datasets import Dataset, join_classes
from segmethods.datasets.files import list_files
from segmethods.datasets.folder_patterns import is_side
from segmethods.datasets.listings import SHOWS
from segmethods.datasets.pairing import core_name, match_masks, plain_name
from segmethods.datasets.sample_refs import SampleRef, Skipped
from segmethods.io.annotations import is_annotation
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.images import SUFFIXES
from segmethods.io.label_png import encode_labels
from segmethods.io.labelling_tools import read_drawing
from segmethods.io.measuring import measure_image
from segmethods.io.painting import OVERLAP
from segmethods.io.text_marks import as_utf8

LAYOUT = "masks or outlines named like the pictures"

OTHER_CLASSES = Message(
    "Its classes ({found}) are not those of the other truths ({known}): not read. Use one form of truth in a set."
)

NOBODYS = Message("No picture has this file's name. If it holds outlines, name it like its picture.")

SEVERAL = Message("Several pictures are called {name}, and it does not say which one it means. Rename them.")

OVERLAPS = Message("Where outlines of different classes overlap, the later one counts: {count:picture|pictures}.")

NAMED = Message("Some truths name no class: their object counts as {name}, as in the others.")


@dataclass(frozen=True)
class LooseTruth:
    """What a file says of a picture."""

    file: Path
    truth: GroundTruth
    has_overlap: bool = False


def add_loose_truths(folder: Path, known: Dataset | None, pictures: Sequence[Path]) -> Dataset | None:
    """A data set with the truths that its layout doesn't know.

    Parameters
    ----------
    folder : Path
        Where all files lie.
    known : Dataset or None
        What was found there in a known layout.
    pictures : sequence of Path
        The files that may be pictures without a truth, or their masks.

    Returns
    -------
    Dataset or None
        None if there is no truth at all, and no file that was meant for one.
    """
    outlines, unread = _find_outlines(folder, pictures, known)
    found = {**_find_twins(folder, pictures), **outlines}
    dataset = _join(folder, known, found) if found else known
    if not unread:
        return dataset
    dataset = dataset or Dataset("", "", (), (), BINARY, LAYOUT)
    skipped = [Skipped(_short(file, folder), reason) for file, reason in unread.items()]
    return replace(dataset, skipped=(*dataset.skipped, *skipped))


def _join(folder: Path, known: Dataset | None, found: Mapping[Path, LooseTruth]) -> Dataset:
    """What is known and the truths that were found beside it, in common classes."""
    loose = [one.truth.classes for one in found.values()]
    classes = _unite_classes(known, loose)
    if classes is None:
        assert known is not None
        others = {_short(one.file, folder): _tell_others(one.truth.classes, known) for one in found.values()}
        return replace(known, skipped=(*known.skipped, *(Skipped(*other) for other in others.items())))
    pairs = tuple(_pair(image, one, classes, folder) for image, one in found.items())
    count = sum(one.has_overlap for one in found.values())
    notes: tuple[Message, ...] = (Message(OVERLAPS.template, {"count": count}),) if count else ()
    if known is None:
        return Dataset("", "", _named_apart(pairs), (), classes, LAYOUT, notes=notes)
    own = tuple(replace(pair, classes=classes) for pair in known.pairs)
    names = {one.names for one in (known.classes, *loose)}
    if len(names) > 1 and _is_one(classes):
        notes += (Message(NAMED.template, {"name": classes.names[1]}),)
    return replace(known, pairs=_named_apart((*own, *pairs)), classes=classes, notes=(*known.notes, *notes))


def list_pictures(folder: Path) -> list[Path]:
    """All files below a folder whose names end like those of pictures."""
    return [file for file in list_all(folder) if file.suffix.lower() in SUFFIXES]


def list_all(folder: Path) -> list[Path]:
    """All files below a folder, without junk."""
    return [file for files in list_files(folder).folders.values() for file in files]


def _pair(image: Path, one: LooseTruth, classes: Vocabulary, folder: Path) -> SampleRef:
    mask = encode_labels(_in_classes(one.truth, classes), classes)
    files = (_short(image, folder), _short(one.file, folder))
    return SampleRef(image.stem, image, (mask,), "labels", classes, files, void_alone=True)


def _unite_classes(known: Dataset | None, loose: Sequence[Vocabulary]) -> Vocabulary | None:
    """The classes of all truths; None if they can't be told apart. A mask's object may have its name from outlines."""
    every = [*([known.classes] if known else []), *loose]
    named = [classes for classes in every if classes.names != BINARY.names]
    joined = join_classes(named or every)
    if known is None:
        return joined if len(named) in (0, len(every)) or _is_one(joined) else join_classes(every)
    kinds = {pair.kind for pair in known.pairs}
    if len(named) == len(every):
        return joined if kinds == {"labels"} or joined.names == known.classes.names else None
    return joined if kinds <= {"labels", "masks", "photos"} and (not named or _is_one(joined)) else None


def _is_one(classes: Vocabulary) -> bool:
    return len(classes) == 2 and has_background(classes)


def _tell_others(classes: Vocabulary, known: Dataset) -> Message:
    values = {"found": ", ".join(classes.names), "known": ", ".join(known.classes.names)}
    return Message(OTHER_CLASSES.template, values)


def _named_apart(pairs: tuple[SampleRef, ...]) -> tuple[SampleRef, ...]:
    names = [pair.name for pair in pairs]
    return tuple(pair if names.count(pair.name) == 1 else pair.renamed(pair.files[0]) for pair in pairs)


def _find_outlines(
    folder: Path, images: Sequence[Path], known: Dataset | None
) -> tuple[dict[Path, LooseTruth], dict[Path, Message]]:
    """The truths that labelling tools wrote, one file for each picture or one for all; and why others say nothing."""
    taken = {part for pair in (known.pairs if known else ()) for part in pair.truth}
    endings = (".json", ".txt", ".xml", ".csv")
    files = [file for file in list_all(folder) if file.suffix.lower() in endings and file not in taken]
    drawn = {file: data for file in files if is_annotation(data := as_utf8(file.read_bytes()))}
    shared = [file for file, data in drawn.items() if _is_shared(data)]
    own = _match_places(folder, images, [file for file in drawn if file not in shared])
    stems = Counter(plain_name(image.stem) for image in images)
    found: dict[Path, LooseTruth] = {}
    unread = {
        file: _name_other(data, file) or NOBODYS
        for file, data in drawn.items()
        if file not in shared and file not in own.values()
    }
    for image in images:
        for file in [own[image]] if image in own else shared:
            if file in shared and stems[plain_name(image.stem)] > 1:
                unread[file] = Message(SEVERAL.template, {"name": image.name})
                continue
            try:
                measures = measure_image(image)
                read = read_ground_truth(
                    drawn[file], measures.size, file.name, orientation=measures.orientation, image=image.name
                )
                found[image] = LooseTruth(file, read.truth, OVERLAP in read.notes)
                break
            except ImageError as error:
                if file not in shared:  # one for all needn't say something of each
                    unread[file] = error.message
    return found, unread


def _name_other(data: bytes, file: Path) -> Message | None:
    """Which labelling tool wrote a file that is not read here."""
    try:
        read_drawing(data, file.name)
    except ImageError as error:
        return error.message
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None
    return None


def _is_shared(data: bytes) -> bool:
    """Whether a file holds the outlines of several pictures, as those of COCO, CVAT and Label Studio do."""
    try:
        if drawing := read_drawing(data, "outlines"):
            return drawing.tool in SHOWS
        content = json.loads(data)
    except (ImageError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return False
    return isinstance(content, dict) and isinstance(content.get("images"), list)


def _match_places(folder: Path, images: Sequence[Path], files: Sequence[Path]) -> dict[Path, Path]:
    """The file of each image: where both lie alike, and else where no other file of either side has the name."""

    def place(file: Path) -> tuple[str, ...]:
        return tuple(part for part in file.relative_to(folder).parts[:-1] if not is_side(part))

    found: dict[Path, Path] = {}
    for there in {place(file) for file in files}:
        found |= match_masks([i for i in images if place(i) == there], [f for f in files if place(f) == there]).masks
    stems, names = (Counter(core_name(file) for file in side) for side in (images, files))
    alone = [i for i in images if i not in found and stems[core_name(i)] == 1]
    taken = set(found.values())
    return found | match_masks(alone, [f for f in files if f not in taken and names[core_name(f)] == 1]).masks


def _find_twins(folder: Path, images: Sequence[Path]) -> dict[Path, LooseTruth]:
    """Photos beside which a PNG of the same name lies that reads as a mask."""
    unmasked = [image for image in images if image.suffix.lower() in (".jpg", ".jpeg", ".webp", ".tif", ".tiff")]
    masks = [image for image in images if image.suffix.lower() == ".png"]
    found = {}
    for image, mask in _match_places(folder, unmasked, masks).items():
        try:
            measures = measure_image(image)
            truth = read_ground_truth(mask, measures.size, orientation=measures.orientation).truth
            found[image] = LooseTruth(mask, truth)
        except ImageError:  # it is a picture itself
            continue
    return found


def _in_classes(truth: GroundTruth, classes: Vocabulary) -> np.ndarray:
    table = np.full(VOID + 1, VOID, np.uint8)
    for number, name in enumerate(truth.classes.names):
        table[number] = classes.names.index(name) if name in classes.names else number
    return np.asarray(table[truth.labels], np.uint8)


def _short(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()
