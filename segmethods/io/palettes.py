"""Whether the palettes of several masks have one order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from segmethods.core.messages import Message

Colour = tuple[int, int, int]
Palette = tuple[tuple[int, Colour], ...]
"""The indices that occur in a mask, and their colours."""

OTHER_ORDER = Message(
    "The colour {colour} is number {one} in the palette of {first} and {two} in that of {second}. "
    "Save the masks with one palette, or as RGB."
)


def tell_orders(palettes: Iterable[tuple[str, Palette]]) -> Message | None:
    """That a colour has one index in the palette of a file and another one in that of another; None if none has.

    Programs that count colours anew for each file write such masks: then an index means nothing.

    Examples
    --------
    >>> red, blue = (255, 0, 0), (0, 0, 255)
    >>> str(tell_orders([("a.png", ((0, red), (1, blue))), ("b.png", ((0, blue),))])).partition(".png")[0]
    'The colour #0000ff is number 1 in the palette of a'
    """
    known: dict[Colour, tuple[int, str]] = {}
    for file, palette in palettes:
        often = Counter(colour for _, colour in palette)
        for index, colour in palette:
            place, first = known.setdefault(colour, (index, file)) if often[colour] == 1 else (index, "")
            if place != index:
                name = "#{:02x}{:02x}{:02x}".format(*colour)
                values = {"colour": name, "one": str(place), "first": first, "two": str(index), "second": file}
                return Message(OTHER_ORDER.template, values)
    return None
