"""Plates by a text detector: lines that read like a plate or look like one, and the box of the plate around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs._boxes import box_iou
from segmethods.jobs.plates.reading import PROVINCES, Line, find_lines, read_strip, straighten, text_map

Floats = NDArray[np.float32]
SIZE, LARGEST = 1152, 1.8
"""Pixels that an image's long side is brought to, and by how much a small image is enlarged at most."""
ENLARGED = 1792
"""The same for a second look at the whole image, for plates that are far away."""
LIKE_PLATE = re.compile(rf"[{PROVINCES}]?[A-Z0-9]{{5,8}}")
LETTERS = str.maketrans("018526", "OIBSZG")
DIGITS = str.maketrans("OQDIBSZG", "00018526")


@dataclass(frozen=True, eq=False)
class Plate:
    """A plate that was found: its box, what it says (empty if unread), and how sure that is."""

    box: Box
    text: str
    strip: Image


def is_plate(text: str) -> bool:
    """Whether a text may stand on a plate: five to eight signs with a digit and a letter, or a province first.

    Examples
    --------
    >>> [is_plate(t) for t in ("BS47040", "20140505", "TAXI", "皖A09T87", "CAMRY")]
    [True, False, False, True, False]
    """
    if not LIKE_PLATE.fullmatch(text):
        return False
    return text[0] in PROVINCES or (any(c.isdigit() for c in text) and any(c.isalpha() for c in text))


def mend(text: str) -> str:
    """A text in the form AA000AA or of China: digits and letters that look alike stand where the form wants them.

    Examples
    --------
    >>> mend("BA2681M"), mend("ZA834C0"), mend("5LTA600"), mend("粤BO24Q7")
    ('BA268IM', 'ZA834CO', '5LTA600', '粤B024Q7')
    """
    if text[:1] in PROVINCES and text:
        return text[:2].translate(LETTERS) + text[2:].replace("O", "0").replace("I", "1")
    if len(text) != 7:
        return text
    formed = text[:2].translate(LETTERS) + text[2:5].translate(DIGITS) + text[5:].translate(LETTERS)
    fits = re.fullmatch(r"[A-Z]{2}\d{3}[A-Z]{2}", formed)
    return formed if fits and sum(a != b for a, b in zip(text, formed, strict=True)) <= 2 else text


def find_by_text(image: Image, size: int = SIZE) -> tuple[list[Line], Floats]:
    """Lines of text in an image, and the network's map."""
    likely = text_map(image, min(size, round(LARGEST * max(image.shape[:2]))))
    return find_lines(likely, image.shape), likely


def look_closer(image: Image, line: Line) -> Line:
    """The same line, found again in a crop in which it is 40 pixels high; itself if nothing is found there."""
    low, high = line.corners.min(axis=0), line.corners.max(axis=0)
    tall = max(float(min(np.linalg.norm(line.corners[0] - line.corners[3]), high[1] - low[1])), 4.0)
    margin = np.array((1.5 * tall, 1.2 * tall))
    left, top = np.maximum(np.floor(low - margin), 0).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    crop = image[top:bottom, left:right]
    found = find_lines(text_map(crop, int(np.clip(40 / tall * max(crop.shape[:2]), 96, 736))), crop.shape)
    corner = np.array((left, top), np.float32)
    again = [Line(other.corners + corner, other.score) for other in found]
    best = max(again, key=lambda other: box_iou(upright(other.corners), upright(line.corners)), default=line)
    return best if box_iou(upright(best.corners), upright(line.corners)) > 0.5 else line


def upright(corners: Floats) -> Box:
    """The upright box around four corners."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(left), float(top), float(right - left), float(bottom - top))


def stretch_corners(corners: Floats, wide: float, high: float) -> Floats:
    """Four corners moved outward by shares of the height along and across the line."""
    along = corners[1] - corners[0]
    along = along / max(float(np.linalg.norm(along)), 1e-6)
    down = corners[3] - corners[0]
    tall = max(float(np.linalg.norm(down)), 1e-6)
    down = down / tall
    moves = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32)
    return np.asarray(corners + tall * (moves[:, :1] * wide * along + moves[:, 1:] * high * down), np.float32)


def read_line(image: Image, corners: Floats) -> tuple[str, float, Image]:
    """What a line says: the surest reading of several cuts, those first that may stand on a plate."""
    readings = []
    for wide, high in CUTS:
        strip = straighten(image, stretch_corners(corners, wide, high))
        text, sure = read_strip(strip)
        readings.append((is_plate(text), sure, text, strip))
    votes = {text: sum(sure for _, sure, other, _ in readings if other == text) for _, _, text, _ in readings}
    _, sure, text, strip = max(readings, key=lambda r: (r[0], votes[r[2]], r[1]))
    return text, sure, strip


CUTS = ((0.0, 0.0), (0.15, 0.08), (0.3, -0.06), (0.1, 0.2))
"""By how much of its height a line is cut wider and higher; several cuts are read, and the readings vote."""


def with_neighbours(box: Box, others: Sequence[Box]) -> Box:
    """A line's box and the smaller lines right above and below it: state and slogan belong to American plates.

    Examples
    --------
    >>> with_neighbours(Box(10, 20, 60, 20), [Box(20, 8, 40, 8), Box(20, 90, 40, 8)])
    Box(x=10, y=8, w=60, h=32, score=1.0)
    """
    top, bottom = box.y, box.y + box.h
    for other in others:
        inside = other.x > box.x - 0.2 * box.w and other.x + other.w < box.x + 1.2 * box.w
        gap = max(box.y - (other.y + other.h), other.y - (box.y + box.h))
        if inside and -0.5 * other.h < gap < 0.5 * box.h and other.h < 0.8 * box.h:
            top, bottom = min(top, other.y), max(bottom, other.y + other.h)
    return Box(box.x, top, box.w, bottom - top, box.score)


def find_plates(image: Image, closer: bool) -> tuple[list[Plate], Floats, list[Line]]:
    """Plates by the text detector; the map and all lines beside them.

    With a closer look the image is searched for smaller lines, too, each line is looked at again, and the surest line
    that has a plate's form counts as an unread plate, if it is no longer than those that are read: names of cars have
    that form, too.
    """
    lines, likely = find_by_text(image)
    if closer:
        lines = [*lines, *find_far_lines(image, lines)]
    boxes = [upright(line.corners) for line in lines]
    plates: list[Plate] = []
    unread: list[Plate] = []
    for line, box in sorted(zip(lines, boxes, strict=True), key=lambda pair: -pair[0].score):
        text, sure, strip = read_line(image, (look_closer(image, line) if closer else line).corners)
        whole = with_neighbours(box, [other for other in boxes if other is not box])
        if is_plate(text) and sure >= SURE:
            if all(box_iou(whole, p.box) < 0.3 for p in plates):
                plates.append(Plate(with_margin(whole, 0 if text[0] in PROVINCES else box.h, sure), mend(text), strip))
        elif closer and has_plate_form(line, image.shape[1]) and sure < KNOWN:
            unread.append(Plate(with_margin(whole, box.h, line.score), "", strip))
    longest = max((plate.box.w for plate in plates), default=float("inf"))
    free = [p for p in unread if p.box.w <= longest and all(box_iou(p.box, other.box) < 0.3 for other in plates)]
    plates += free[:1]
    return plates, likely, lines


def with_margin(box: Box, high: float, score: float) -> Box:
    """A plate's box from that of its lines, of which one is so high: European and American plates have a margin."""
    along, across = MARGIN[0] * high, MARGIN[1] * high
    return Box(box.x - along, box.y - across, box.w + 2 * along, box.h + 2 * across, score)


def find_far_lines(image: Image, known: Sequence[Line]) -> list[Line]:
    """Lines that only show when the image is enlarged, as long as a plate's."""
    size = min(ENLARGED, round(ENLARGED / SIZE * LARGEST * max(image.shape[:2])))
    boxes = [upright(line.corners) for line in known]
    return [
        line
        for line in find_lines(text_map(image, size), image.shape)
        if has_plate_form(line, image.shape[1]) and all(box_iou(upright(line.corners), box) < 0.2 for box in boxes)
    ]


def has_plate_form(line: Line, width: int) -> bool:
    """Whether a line is as long for its height as the signs of a plate, and large enough in an image so wide."""
    long, high = (float(np.linalg.norm(line.corners[0] - line.corners[i])) for i in (1, 3))
    return FORM[0] * high <= long <= FORM[1] * high and long >= SMALLEST * width and line.score >= LIKELY


MARGIN = (0.1, 0.05)
"""What a plate has beside and above its line, in shares of the line's height."""
SURE, KNOWN = 0.5, 0.8
"""Less sure readings are no plates; what is read so surely and is no plate's text is a word."""
FORM, SMALLEST, LIKELY = (3.0, 4.5), 0.045, 0.75
"""How long the line of an unread plate is for its height, its least share of the image's width, and how sure the
detector must be of it."""
