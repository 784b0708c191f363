"""Every colour that carries meaning, but those of methods.

Masks, legends, charts and index PNGs agree because they ask here.

Each method names its own colour, of the Okabe-Ito set, which people with any common colour vision tell apart. There are
too many classes for that, so neighbours in a vocabulary alternate between light and dark: they differ in grey as well.
"""

from __future__ import annotations

import math
import zlib
from functools import cache

from segmethods.core.types import CAMVID, VOC, VOID, Vocabulary

Rgb = tuple[int, int, int]
"""Red, green and blue, 0 to 255, sRGB."""

_GUESTS = ("#44aa99", "#332288", "#999933", "#aa4499", "#88ccee", "#661100")

NEUTRAL: Rgb = (124, 132, 142)
"""Background, where a vocabulary has one: grey in legends, clear in overlays."""

VOID_COLOUR: Rgb = (224, 224, 192)
"""Pixels that nobody judges, as in the masks of Pascal VOC."""

MISSED: Rgb = (0, 114, 178)
"""In error maps: the truth has it, the method hasn't."""

FALSE: Rgb = (230, 159, 0)
"""In error maps: the method has it, the truth hasn't."""

_OBJECT: Rgb = (211, 54, 130)

_APART = (
    (205, 199, 255),
    (2, 17, 152),
    (122, 255, 170),
    (20, 91, 154),
    (239, 230, 255),
    (108, 20, 48),
    (58, 255, 211),
    (157, 55, 69),
    (196, 152, 255),
    (80, 43, 0),
    (204, 160, 3),
    (102, 0, 255),
    (247, 241, 16),
    (65, 56, 85),
    (253, 186, 105),
    (0, 110, 106),
    (248, 150, 197),
    (155, 84, 14),
    (225, 145, 139),
    (178, 61, 111),
)
"""Twenty colours that differ by 10 (CIEDE2000) from each other and from `NEUTRAL`, to deuteranopes and protanopes, too:
light and dark in turn. The classes of Pascal VOC have them, and the first ones of any other vocabulary."""

_CAMVID = (
    (124, 203, 245),
    (107, 44, 0),
    (190, 229, 169),
    (184, 50, 188),
    (231, 149, 166),
    (22, 71, 53),
    (139, 255, 0),
    (107, 100, 20),
    (255, 158, 101),
    (176, 24, 92),
    (127, 224, 208),
)
"""What a street shows, as far as that is possible in its own colour, all apart in the same way."""


def guess_colour(method: str) -> str:
    """The colour of a method that names none, ``"#rrggbb"``; the same one in every run.

    Examples
    --------
    >>> guess_colour("my_method")
    '#aa4499'
    """
    return _GUESTS[zlib.crc32(method.encode()) % len(_GUESTS)]


def has_background(classes: Vocabulary) -> bool:
    """Whether class 0 stands for "nothing of interest", so that overlays leave it clear."""
    return bool(classes.names) and classes.names[0].lower() == "background"


@cache
def class_colours(classes: Vocabulary) -> tuple[Rgb, ...]:
    """The colour of every class, by id.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> class_colours(BINARY)
    ((124, 132, 142), (211, 54, 130))
    """
    if classes.id == CAMVID.id and len(classes) == len(_CAMVID):
        return _CAMVID
    if classes.id == "binary":
        return (NEUTRAL, _OBJECT)[: len(classes)]
    if classes.id == VOC.id and len(classes) == len(VOC):
        return (NEUTRAL, *_APART)
    if has_background(classes):
        return (NEUTRAL, *(_series_colour(i) for i in range(len(classes) - 1)))
    return tuple(_series_colour(i) for i in range(len(classes)))


@cache
def palette(classes: Vocabulary) -> list[int]:
    """The colour table of an index PNG: 256 times red, green, blue.

    Ids past the vocabulary repeat its colours without the background's; 255 is void.

    Examples
    --------
    >>> from segmethods.core.types import VOC
    >>> len(palette(VOC)), palette(VOC)[765:]
    (768, [224, 224, 192])
    """
    colours = class_colours(classes) or (NEUTRAL,)
    rest = colours[1:] if has_background(classes) and len(colours) > 1 else colours
    table = [colours[i] if i < len(colours) else rest[(i - len(colours)) % len(rest)] for i in range(256)]
    if len(classes) <= VOID:
        table[VOID] = VOID_COLOUR
    return [channel for colour in table for channel in colour]


def palette_index(label: int, classes: Vocabulary) -> int:
    """Where in `palette` the colour of a label is; only labels from 255 on, of maps with very many segments, move.

    Examples
    --------
    >>> from segmethods.core.types import segments
    >>> palette_index(7, segments(9)), palette_index(1000, segments(2000))
    (7, 235)
    """
    if label < VOID or (label == VOID and len(classes) <= VOID):
        return label
    first = 1 if has_background(classes) else 0
    return first + (label - first) % (VOID - first)


def class_colour(label: int, classes: Vocabulary) -> str:
    """The colour of one class or segment, ``"#rrggbb"``, also for ids past the vocabulary's end."""
    place = 3 * palette_index(label, classes)
    red, green, blue = palette(classes)[place : place + 3]
    return to_hex((red, green, blue))


def to_hex(colour: Rgb) -> str:
    """``(255, 0, 16)`` -> ``"#ff0010"``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _series_colour(index: int) -> Rgb:
    """One of an endless series: first those of `_APART`, then hues a golden angle apart, light and dark in turn."""
    if index < len(_APART):
        return _APART[index]
    drift = (index // 12 % 3) * 0.04
    lightness = 0.80 - drift if index % 2 == 0 else 0.50 + drift
    return _from_oklch(lightness, 0.15, (235 + index * 137.508) % 360)


def _from_oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    """Ottosson 2020: perceptual lightness 0..1, chroma and hue in degrees to sRGB; chroma gives way to the gamut."""
    angle = math.radians(hue)
    while True:
        a, b = chroma * math.cos(angle), chroma * math.sin(angle)
        l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741 - cone responses are l, m, s
        m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        linear = (
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
        )
        if chroma <= 0 or all(-1e-4 <= c <= 1 + 1e-4 for c in linear):
            red, green, blue = (_encode(c) for c in linear)
            return red, green, blue
        chroma -= 0.005


def _encode(linear: float) -> int:
    c = min(max(linear, 0.0), 1.0)
    return round(255 * (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055))
