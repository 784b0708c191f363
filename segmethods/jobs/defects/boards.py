"""Printed boards: a board beside its fault-free template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import Image
from segmethods.datasets.pairing import plain_name
from segmethods.io.boxes import Box
from segmethods.io.images import load_image
from segmethods.jobs._boxes import draw_boxes, f1, match_boxes
from segmethods.jobs._masks import BLUE, BOX_LEGEND, RED, grey_image, list_images, sum_counts, to_grey
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.tables import list_boxes, read_boxes

LEAST = 0.33
"""The IoU from which a box is a hit, DeepPCB's own rule."""
COPPER = 127
TESTED = "_test"
SEARCH, REACH, WIN = 4, 3, 8
"""Pixels by which a board may lie beside its template as a whole, and by which a place of it may; margin of a place."""
LOOSE, TIGHT = 3, 2
"""Pixels by which outlines may differ before anything is looked at, and where a place lies best."""
LEAST_CORE, LEAST_LEFT = 6, 8
"""Pixels of a difference at first sight, and after its place was shifted to where it fits best."""
PAD, JOIN = 8, 13
TWO_TONED = 0.8
"""The share of its variance that one level explains in an image of a board, under heavy noise too (Otsu 1979)."""

Bits = NDArray[np.uint8]
FIGURES = (
    Figure(
        "box_f1",
        Message("F1 of boxes"),
        Message("Harmonic mean of precision and recall of fault boxes; a hit has an IoU of at least 0.33."),
        "Tang 2019 (DeepPCB)",
    ),
)


def disc(radius: int) -> Bits:
    """A round brush."""
    side = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def differences(template: Bits, board: Bits, radius: int) -> Bits:
    """Pixels of copper too much or too little that no shift of an outline by `radius` explains."""
    brush = disc(radius)
    missing = (board == 0) & (cv2.erode(template, brush) > 0) | (template > 0) & (cv2.dilate(board, brush) == 0)
    extra = (board > 0) & (cv2.dilate(template, brush) == 0) | (template == 0) & (cv2.erode(board, brush) > 0)
    return np.asarray(missing | extra, np.uint8)


def shift_image(bits: Bits, dx: int, dy: int) -> Bits:
    """A picture moved by whole pixels, its edge repeated."""
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    moved = cv2.warpAffine(bits, matrix, bits.shape[::-1], flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def lay_over(template: Bits, board: Bits) -> Bits:
    """The template moved to where it fits the whole board best."""
    steps = range(-SEARCH, SEARCH + 1)
    ways = [shift_image(template, dx, dy) for dy in steps for dx in steps]
    return min(ways, key=lambda way: np.count_nonzero(way != board))


def find_pieces(core: Bits, unlike: Bits) -> list[tuple[Box, int]]:
    """Differences that hang together or nearly do, with the box around each and its number of core pixels."""
    near = cv2.dilate(core, np.ones((9, 9), np.uint8))
    joined = ((unlike > 0) & (near > 0) | (core > 0)).astype(np.uint8)
    joined = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, disc(JOIN // 2)).astype(np.uint8, copy=False)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    sizes = np.bincount(labels[core > 0], minlength=count)
    return [(Box(*map(float, stats[i, :4])), int(sizes[i])) for i in range(1, count) if sizes[i] >= LEAST_CORE]


def left_at_best(template: Bits, board: Bits, box: Box) -> int:
    """How much of a difference is left where the template is shifted so that it fits this place best."""
    high, wide = board.shape
    x0, y0 = max(REACH, int(box.x) - WIN), max(REACH, int(box.y) - WIN)
    x1, y1 = min(wide - REACH, int(box.x + box.w) + WIN), min(high - REACH, int(box.y + box.h) + WIN)
    place, steps = board[y0:y1, x0:x1], range(-REACH, REACH + 1)
    if not place.size:
        return 0
    return min(
        int(differences(template[y0 + dy : y1 + dy, x0 + dx : x1 + dx], place, TIGHT).sum())
        for dy in steps
        for dx in steps
    )


def _bits(case: JobSample) -> tuple[Bits, Bits]:
    template = case.extra.get("template")
    if template is None:
        raise ImageError(
            "It needs a picture of the faultless board: NAME_temp.png beside NAME_test.png, in a folder for the "
            "command line."
        )
    if template.shape != case.image.shape:
        sizes = ["{1} × {0}".format(*image.shape) for image in (case.image, template)]
        raise ImageError(
            "{name} has {size} pixels and its template {other}; both must be of one size.",
            name=case.name,
            size=sizes[0],
            other=sizes[1],
        )
    board = (to_grey(case.image) > COPPER).astype(np.uint8)
    return lay_over((to_grey(template) > COPPER).astype(np.uint8), board), board


def run_xor(case: JobSample) -> Answer:
    """What differs from the template, opened with a small brush: the plain way."""
    template, board = _bits(case)
    unlike = (template != board).astype(np.uint8)
    opened = cv2.morphologyEx(unlike, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
    boxes = [widen(box, size) for box, size in find_pieces(opened, opened) if size >= 25]
    steps = (
        Step(Message("Different from the template"), grey_image(unlike)),
        Step(Message("Without thin lines"), grey_image(opened)),
        Step(Message("A box around each"), draw_boxes(case.image, boxes, RED)),
    )
    return Answer(boxes, steps)


def run_local(case: JobSample) -> Answer:
    """What differs from the template however the place is shifted by a few pixels."""
    template, board = _bits(case)
    core = differences(template, board, LOOSE)
    places = find_pieces(core, (template != board).astype(np.uint8))
    left = [(box, left_at_best(template, board, box)) for box, _ in places]
    boxes = [widen(box, size) for box, size in left if size >= LEAST_LEFT]
    steps = (
        Step(Message("Different from the template"), grey_image(template != board)),
        Step(Message("What no shifted outline explains"), grey_image(core)),
        Step(Message("Places that fit nowhere"), draw_boxes(case.image, boxes, RED)),
    )
    return Answer(boxes, steps)


def widen(box: Box, size: int) -> Box:
    """A box with the margin that people leave around a fault."""
    return Box(box.x - PAD, box.y - PAD, box.w + 2 * PAD, box.h + 2 * PAD, float(size))


PIPELINES = (
    Pipeline(
        "template_xor",
        Message("Template XOR"),
        Message("What differs from the template."),
        run_xor,
        why=Message(
            "It subtracts the faultless board, so every fault is seen, whatever it looks like. If board and "
            "template don’t lie exactly on each other, each track’s edge becomes a false fault."
        ),
    ),
    Pipeline(
        "local_template",
        Message("Template, place by place"),
        Message("What differs from the template even where each place is shifted to fit best."),
        run_local,
        why=Message(
            "Each small place is shifted until it fits best, so a slightly bent or turned board does no harm. A "
            "fault as small as the shift itself can vanish."
        ),
    ),
)


def count(case: JobSample, value: Sequence[Box] | None) -> Counts:
    """Boxes matched with faults."""
    return match_boxes(case.truth, value or [], LEAST)


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """F1 of the boxes of all boards together."""
    return {"box_f1": f1(*sum_counts(tallies, "tp", "fp", "fn"))}


def draw(case: JobSample, value: Sequence[Box]) -> Image:
    """Boxes found in orange, true ones in blue."""
    return draw_boxes(draw_boxes(case.image, case.truth or (), BLUE, 1), value, RED)


def describe(value: Sequence[Box]) -> Mapping[str, float]:
    """How many faults."""
    return {"count": float(len(value))}


def doubt_board(case: JobSample) -> Message | None:
    """Why nothing is said of an image: its grey values are not those of copper and ground."""
    grey = to_grey(case.image)
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bright = grey > level
    share, apart = bright.mean(), grey[bright].mean() - grey[~bright].mean()
    if share * (1 - share) * apart**2 >= TWO_TONED * grey.var():
        return None
    return Message("This doesn’t look like a printed board in two tones, copper and ground, so nothing is said of it.")


TASK = Task(
    "pcb",
    Message("Printed boards"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    legend=BOX_LEGEND,
    doubt=doubt_board,
    nothing={"count": Message("No fault was found.")},
)


def read(folder: Path) -> list[JobSampleFile]:
    """``images/NAME_test.png`` with ``images/NAME_temp.png``, and ``truth.csv``; without it no truth is known."""
    files = {plain_name(f.stem): f for f in list_images(folder)}
    boards = {f.stem[: -len(TESTED)]: f for stem, f in files.items() if stem.endswith(TESTED)}
    lines = read_boxes(folder / "truth.csv", "name", boards)
    truth = None if lines is None else lines.read(list_boxes)

    def load(name: str) -> JobSample:
        template = files.get(plain_name(f"{name}_temp"))
        extra = {} if template is None else {"template": load_image(template)}
        return JobSample(name, load_image(boards[name]), None if truth is None else truth.find(name, ()), extra)

    notes = {} if lines is None else lines.notes
    return [JobSampleFile(name, partial(load, name), notes.get(name, ())) for name in boards]
