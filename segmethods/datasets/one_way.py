"""Whether the masks of a data set say in one way which class is where."""

from __future__ import annotations

from collections.abc import Sequence

from segmethods.core.messages import ParameterError
from segmethods.datasets.mask_facts import MaskFacts
from segmethods.io.colour_masks import SUGGESTED
from segmethods.io.palettes import tell_orders


def refuse_orders(facts: Sequence[MaskFacts]) -> None:
    """Raise `ParameterError` if palettes of masks have their colours in another order."""
    if told := tell_orders((found.file.name, found.palette) for found in facts):
        raise ParameterError(told.template, **told.values)


def refuse_mixed(facts: Sequence[MaskFacts]) -> None:
    """Raise `ParameterError` if some masks hold ids and others colours that nobody has named."""
    coloured = next((found for found in facts if any(name.startswith("#") for name in found.classes.names)), None)
    numbered = next((f for f in facts if f.classes.names[0] == "class 0" and SUGGESTED not in f.notes), None)
    if coloured is not None and numbered is not None:
        raise ParameterError(
            "{first} holds ids of classes and {second} holds colours. Save all masks in one way, or name the classes "
            "with their colours in labelmap.txt.",
            first=numbered.file.name,
            second=coloured.file.name,
        )
