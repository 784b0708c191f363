"""The classes of truths without names: as many as their ids, or their greys, ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segmethods.core.messages import ParameterError
from segmethods.core.types import VOID, Vocabulary
from segmethods.datasets.masks import MOST_TONES
from segmethods.io.grey_masks import Tones
from segmethods.io.label_maps import load_maps, number_classes
from segmethods.io.label_pairs import COLOURS


def number_truths(truths: Sequence[Path]) -> tuple[Vocabulary | None, tuple[int, ...]]:
    """Classes from 0 to the highest id of all truths, and the greys that stand for them where they aren't ids.

    Both are empty if the classes are background and object, or regions.

    Raises
    ------
    ParameterError
        If a truth has colours that nobody has named.
    """
    highest, tones, greys = 1, set[Tones](), tuple[int, ...]()
    for file in truths:
        saved = load_maps(file, truth=True)
        if saved.maps[0].classes.id == "colours":
            raise ParameterError(COLOURS, name=file.name)
        if not saved.has_classes:
            return None, ()
        greys = max(greys, saved.greys, key=len)
        labels = saved.maps[0].labels
        highest = max(highest, int(labels[labels != VOID].max(initial=0)))
        tones |= {saved.tones} if saved.tones else set()
    if greys:
        return number_classes(len(greys)), greys
    if highest > 1 or len(tones) > MOST_TONES:  # then two greys are ids, too
        highest = max([highest, *(high for _, high in tones)])
    return (number_classes(highest + 1) if highest > 1 else None), ()
