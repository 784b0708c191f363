"""Which truths of a person's own pictures can be judged: each is read once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import has_background
from segmethods.core.types import BINARY
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.loose_truths import LAYOUT
from segmethods.datasets.mask_facts import read_facts
from segmethods.datasets.polarity import (
    INVERTED,
    MOSTLY_WHITE,
    Cover,
    find_inverted,
    list_names,
    measure_cover,
    tell_flat,
    tell_mostly_white,
)
from segmethods.datasets.reasons import PICTURE_REFUSED
from segmethods.datasets.remembered import remember
from segmethods.datasets.sample_refs import SampleRef, Skipped
from segmethods.io.images import SUFFIXES
from segmethods.io.measuring import Measures, measure_image

MAPS = ("labels", "masks", "photos", "class files", "panoptic")
"""Kinds of truths that are maps of classes, whose picture needn't be read with them."""


def settle_truths(dataset: Dataset, keep_white: bool = False) -> Dataset:
    """The data set without truths that can't be read, or seem to be the wrong way round; they are left out by name.

    Parameters
    ----------
    dataset : Dataset
    keep_white : bool
        Whether masks that seem to be the wrong way round stay.
    """
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(_measure, dataset.pairs))
    each = list(zip(dataset.pairs, found, strict=True))
    skipped = _list_faults(each)
    read = [(pair, one) for pair, one in each if not isinstance(one, Message)]
    covers = {Path(pair.files[1]): cover for pair, cover in read if cover is not None}
    inverted = () if keep_white else find_inverted(covers)
    notes = dataset.notes
    if inverted:
        skipped += [Skipped(file.as_posix(), Message(INVERTED.template, {"files": file.name})) for file in inverted]
        notes = tuple(note for note in notes if note.template != MOSTLY_WHITE.template)
        notes += (Message(INVERTED.template, {"files": list_names(inverted)}),)
    elif dataset.layout == LAYOUT:
        notes += tell_mostly_white(covers)
        names = dataset.classes.names if has_background(dataset.classes) else ()
        notes += tell_flat(
            {file: round(c.share) for file, c in covers.items() if c.share in (0, 1)}, len(covers), names
        )
    pairs = tuple(pair for pair, _ in read if not set(inverted) & set(map(Path, pair.files[1:])))
    return replace(dataset, pairs=pairs, skipped=(*dataset.skipped, *skipped), notes=notes)


def find_problem(file: Path) -> Message | None:
    """Why a file can't be read as a picture."""
    found = measure_file(file, file.name)
    return found if isinstance(found, Message) else None


def measure_file(file: Path, name: str) -> Measures | Message:
    """How large a picture is, or why it can't be read; remembered."""

    def find() -> Measures | Message:
        try:
            return measure_image(file, name)
        except ImageError as error:
            return error.message

    return remember(("measures", name), (file,), find)


def _measure(pair: SampleRef) -> Cover | Message | None:
    """How much the object of a mask covers, None for other truths; or why it can't be read; remembered."""
    files = (pair.image, *pair.truth)
    paths = tuple(file for file in files if isinstance(file, Path))
    stored = tuple(hashlib.sha256(file).hexdigest() for file in files if isinstance(file, bytes))
    reading = (pair.kind, pair.classes, pair.ids, pair.colours, pair.void_alone, pair.class_ids, pair.files, stored)
    return remember(("cover", reading), paths, lambda: _find_cover(pair))


def _find_cover(pair: SampleRef) -> Cover | Message | None:
    is_mask = len(pair.files) == 2 and Path(pair.files[1]).suffix.lower() in SUFFIXES
    has_sides = len(pair.classes) == 2 and has_background(pair.classes)
    try:
        if not isinstance(pair.image, Path) or pair.kind not in MAPS:
            truth = pair.load().truth
        else:
            measures = measure_file(pair.image, pair.files[0])
            if isinstance(measures, Message):
                return measures
            known = _recall_cover(pair, measures)
            if known is not None:
                return known
            truth = pair.load_truth(measures.size, measures.orientation)
    except ImageError as error:
        return error.message
    return measure_cover(truth.labels) if truth is not None and is_mask and has_sides else None


def _recall_cover(pair: SampleRef, measures: Measures) -> Cover | None:
    """What was found in a mask of black and white when all masks were looked at; None of all others."""
    is_plain = pair.kind == "masks" and pair.ids is None and not pair.colours and measures.orientation == 1
    if not is_plain or not isinstance(pair.truth[0], Path):
        return None
    facts = read_facts(pair.truth[0])
    is_same = facts is not None and facts.size == measures.size and facts.classes == BINARY and not facts.has_void
    return facts.cover if facts is not None and is_same else None


def _list_faults(each: Sequence[tuple[SampleRef, Cover | Message | None]]) -> list[Skipped]:
    """The files that can't be read, the picture or else the truth, and truths whose picture can't; each file once."""
    used = {file for pair, found in each if not isinstance(found, Message) for file in pair.files[1:]}
    faults: dict[str, Message] = {}
    for pair, found in each:
        if not isinstance(found, Message):
            continue
        image, *truths = pair.files
        if isinstance(pair.image, Path) and find_problem(pair.image) is not None:
            unused = Message(PICTURE_REFUSED.template, {"file": Path(image).name})
            faults |= {image: found} | {file: unused for file in truths if file not in used | faults.keys()}
        else:
            faults[truths[0]] = found
    return [Skipped(name, reason) for name, reason in faults.items()]
