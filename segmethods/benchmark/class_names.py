"""How the labels of a run become classes: by name, by a rule learned on other images, or with the truth's help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from segmethods.benchmark.evaluation import BLANK, ImageCounts
from segmethods.core.types import BINARY, VOID, segments
from segmethods.metrics.alignment import ALIGNMENTS, Alignment, Meaning, align, rename
from segmethods.metrics.confusion import Confusion, count_classes
from segmethods.metrics.contingency import Contingency
from segmethods.metrics.naming import learn_names, name_segments
from segmethods.reporting.ranking import LEARNED

FOLDS = 5
"""Into how many parts a data set is cut; the segments of each are named by a rule learned on the others."""

Places = Mapping[str, NDArray[np.int64]]
"""Image -> the run's class for each class of its own."""


def choose_alignment(tally: ImageCounts, wanted: str) -> str:
    """How this tally's labels get classes: ``""`` without classes or without an answer."""
    keeps = wanted == "auto" or tally.alignment in ("", "by name") or tally.label == BLANK
    return tally.alignment if keeps else wanted


def count_all(
    tallies: Sequence[ImageCounts], used: Sequence[str], places: Places, classes: int
) -> list[Confusion | None]:
    """The class counts of one line of the leaderboard, image by image; None without classes.

    Parameters
    ----------
    tallies : sequence of ImageCounts
        Of the line.
    used : sequence of str
        How the labels of each get classes.
    places : mapping
        Image -> the run's class for each class of its own.
    classes : int
        Classes of the run.
    """
    tables = [_in_all_classes(t.table, places.get(t.image)) for t in tallies]
    fitted = _fit([table for table, alignment in zip(tables, used, strict=True) if alignment == "fitted" and table])
    learned = _learn(tallies, tables, classes) if LEARNED in used else [None] * len(tables)
    found: list[Confusion | None] = []
    for tally, table, alignment, meaning in zip(tallies, tables, used, learned, strict=True):
        if table is None or tally.table is None:
            found.append(None)
            continue
        if meaning is not None:
            table = rename(table, meaning)
        elif alignment == "fitted":
            table = rename(table, fitted)
        elif alignment:
            table = rename(table, _meaning(tally.table, alignment, places.get(tally.image)))
        found.append(count_classes(table, classes))
    return found


def use_learned(tallies: Sequence[ImageCounts], used: Sequence[str]) -> list[str]:
    """The alignments, with a learned rule where one can be had: it takes two images, one to learn on."""
    known = [tally.features is not None for tally in tallies]
    if sum(known) < 2:
        return list(used)
    return [LEARNED if has else alignment for has, alignment in zip(known, used, strict=True)]


def cut_folds(images: int, folds: int = FOLDS) -> NDArray[np.int64]:
    """The fold of each image; neighbours, which are often alike, come into one.

    Examples
    --------
    >>> cut_folds(7, 3).tolist(), cut_folds(2).tolist()
    ([0, 0, 0, 1, 1, 2, 2], [0, 1])
    """
    folds = min(folds, images)
    return np.arange(images) * folds // max(images, 1)


def _learn(tallies: Sequence[ImageCounts], tables: Sequence[Contingency | None], classes: int) -> list[Meaning | None]:
    """The meaning of each image's labels by a rule that was learned on the images of the other folds."""
    known = [
        (place, tally.features, table)
        for place, (tally, table) in enumerate(zip(tallies, tables, strict=True))
        if tally.features is not None and table is not None
    ]
    found: list[Meaning | None] = [None] * len(tallies)
    folds = cut_folds(len(known))
    for fold in np.unique(folds).tolist():
        others = [row for row, own in zip(known, folds, strict=True) if own != fold]
        rule = learn_names([features for _, features, _ in others], [table for *_, table in others], classes)
        for (place, features, _), own in zip(known, folds, strict=True):
            if own == fold:
                found[place] = name_segments(rule, features)
    return found


def _in_all_classes(table: Contingency | None, places: NDArray[np.int64] | None) -> Contingency | None:
    """The table with a picture's own class ids replaced by the run's."""
    if table is None or places is None:
        return table
    return Contingency(places[table.rows], table.columns, table.counts)


def _fit(tables: Sequence[Contingency]) -> Meaning:
    """One meaning of every label for all pictures."""
    if not tables:
        return np.empty(0, np.int64)
    return align(sum(tables[1:], tables[0]), segments(0), segments(0), "fitted")


def _meaning(table: Contingency, alignment: str, places: NDArray[np.int64] | None) -> Meaning:
    """The class, in the run's ids, of every label of one picture."""
    if alignment == "by name":
        meaning: Meaning = np.arange(int(table.columns.max(initial=0)) + 1)
    else:
        known: Alignment = next(a for a in ALIGNMENTS if a == alignment)
        meaning = align(table, BINARY, BINARY, known)
    if places is None:
        return meaning
    inside = (meaning < len(places)) & (meaning != VOID)
    return np.where(inside, places[np.where(inside, meaning, 0)], VOID)
