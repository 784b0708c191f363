"""The parts of a data set that training takes, and the classes that it can learn."""

from __future__ import annotations

from pathlib import Path

from segmethods.core.types import VOID, Vocabulary
from segmethods.datasets.datasets import Dataset as SampleSet
from segmethods.datasets.folder_patterns import TRAIN
from segmethods.datasets.masks import read_values

UNKNOWN = 254
"""Stands in a crop's labels where there is no mask, and a teacher may decide; no data set has so many classes."""


def split_parts(parts: dict[str, SampleSet]) -> tuple[SampleSet, SampleSet | None]:
    """The part to learn from, and the one to judge by if there is one."""
    *others, last = parts.values()
    learned = next((part for name, part in parts.items() if name in TRAIN), last)
    return learned, next((part for part in others if part is not learned), None)


def check_parts(learned: SampleSet, judged: SampleSet | None) -> None:
    """Raise ``ValueError`` if 255 means void in one part and the object in the other."""
    meanings = {
        pair.kind
        for part in (learned, judged)
        if part is not None and len(part.classes) == 2
        for pair in part.pairs
        if pair.kind in ("labels", "masks") and not pair.colours and pair.ids is None
        for mask in pair.truth
        if isinstance(mask, Path) and VOID in read_values(mask)
    }
    if len(meanings) > 1:
        raise ValueError(
            "255 is void in the masks of one part and the object in those of another: save the object as 1 in all"
        )


def list_names(classes: Vocabulary) -> str:
    """The first names of classes and how many there are."""
    return f"{len(classes)} classes ({', '.join(classes.names[:4])}{', ...' if len(classes) > 4 else ''})"


def check_classes(folder: str | Path, classes: Vocabulary) -> tuple[str, ...]:
    """The names of classes, if a network can learn them."""
    names = classes.names
    if not names:
        raise ValueError(f"{folder} has regions without names: a network learns from masks of classes")
    if not (all(names) and 2 <= len(set(names)) == len(names) <= UNKNOWN):
        raise ValueError(f"{folder} must have two to {UNKNOWN} classes; classes.txt names each on its own line, once")
    return names
