"""Whether the masks of a data set say in one way which class is where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from segmethods.core.messages import ParameterError
from segmethods.datasets.mask_facts import MaskFacts
from segmethods.io.colour_masks import SUGGESTED, Colour


def refuse_orders(facts: Sequence[MaskFacts]) -> None:
    """Raise `ParameterError` if a colour has one index in the palette of a mask and another one in that of another.

    Programs that count colours anew for each file write such masks: then an index means nothing.
    """
    known: dict[Colour, tuple[int, str]] = {}
    for found in facts:
        often = Counter(colour for _, colour in found.palette)
        for index, colour in found.palette:
            place, file = known.setdefault(colour, (index, found.file.name)) if often[colour] == 1 else (index, "")
            if place != index:
                raise ParameterError(
                    "The colour {colour} is number {one} in the palette of {first} and {two} in that of {second}. "
                    "Save the masks with one palette, or as RGB.",
                    colour="#{:02x}{:02x}{:02x}".format(*colour),
                    one=str(place),
                    first=file,
                    two=str(index),
                    second=found.file.name,
                )


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
