"""Which truths of a person's own pictures can be judged: each is read once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import has_background
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.loose_truths import LAYOUT
from segmethods.datasets.polarity import (
    INVERTED,
    MOSTLY_WHITE,
    Cover,
    find_inverted,
    list_names,
    measure_cover,
    tell_mostly_white,
)
from segmethods.datasets.sample_refs import LoadedSample, SampleRef, Skipped
from segmethods.io.images import SUFFIXES, read_image


def settle_truths(dataset: Dataset) -> Dataset:
    """The data set without truths that can't be read, or seem to be the wrong way round; they are left out by name."""
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(_measure, dataset.pairs))
    each = list(zip(dataset.pairs, found, strict=True))
    skipped = [Skipped(_name_fault(pair), one) for pair, one in each if isinstance(one, Message)]
    read = [(pair, one) for pair, one in each if not isinstance(one, Message)]
    covers = {Path(pair.files[1]): cover for pair, cover in read if cover is not None}
    inverted = find_inverted(covers)
    notes = dataset.notes
    if inverted:
        skipped += [Skipped(file.as_posix(), Message(INVERTED.template, {"files": file.name})) for file in inverted]
        notes = tuple(note for note in notes if note.template != MOSTLY_WHITE.template)
        notes += (Message(INVERTED.template, {"files": list_names(inverted)}),)
    elif dataset.layout == LAYOUT:
        notes += tell_mostly_white(covers)
    pairs = tuple(pair for pair, _ in read if Path(pair.files[1]) not in inverted)
    return replace(dataset, pairs=pairs, skipped=(*dataset.skipped, *skipped), notes=notes)


def find_problem(file: Path) -> Message | None:
    """Why a file can't be read as a picture."""
    try:
        read_image(file, file.name)
    except ImageError as error:
        return error.message
    return None


def _measure(pair: SampleRef) -> Cover | Message | None:
    """How much the object of a mask covers, None for other truths; or why it can't be read."""
    try:
        sample = pair.load()
    except ImageError as error:
        return error.message
    return _cover(pair, sample)


def _cover(pair: SampleRef, sample: LoadedSample) -> Cover | None:
    is_mask = len(pair.files) == 2 and Path(pair.files[1]).suffix.lower() in SUFFIXES
    if sample.truth is None or not is_mask or len(pair.classes) != 2 or not has_background(pair.classes):
        return None
    return measure_cover(sample.truth.labels)


def _name_fault(pair: SampleRef) -> str:
    """The file that can't be read: the picture, or else the truth."""
    is_broken = isinstance(pair.image, Path) and find_problem(pair.image) is not None
    return pair.files[0] if is_broken else pair.files[1]
