"""Out of stock: where on a shelf products are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.io.images import load_image
from segmethods.jobs._boxes import draw_boxes, f1, match_boxes
from segmethods.jobs._masks import (
    BLUE,
    BOX_LEGEND,
    RED,
    Mask,
    fit_mask,
    grey_image,
    list_images,
    paint,
    shrink_to,
    sum_counts,
    to_grey,
)
from segmethods.jobs.frame import Answer, Counts, Figure, Job, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.learned import predict
from segmethods.jobs.shelf import planogram
from segmethods.jobs.shelf.generated import KNOBS, generate
from segmethods.jobs.tables import list_boxes, read_boxes

FIGURES = (
    Figure(
        "f1_iou30",
        Message("F1 of gaps at IoU 0.3"),
        Message("Harmonic mean of precision and recall of gaps; a hit has an IoU of at least 0.3."),
        "this project",
    ),
    Figure(
        "f1_iou50",
        Message("F1 of gaps at IoU 0.5"),
        Message("The same with an IoU of at least 0.5."),
        "this project",
    ),
    Figure(
        "osa_error",
        Message("Error of on-shelf availability"),
        Message(
            "Points by which the share of the shelf that is on stock is off, mean over images: the share of the "
            "image’s area outside of gaps stands for the share of facings."
        ),
        "this project",
        higher_is_better=False,
    ),
)
SMALLEST, LARGEST = 0.018, 0.5
"""Sides of a gap as shares of the image's."""
NARROW, LOW = 0.035, 0.06
WIDE, TALL = 0.04, 0.1
"""Width and height of the brushes, as shares of the image, that leave gaps of some size, and gaps as high as a pack."""
SIDE = 640
"""Long side, in pixels, at most, of what the rules see: edges of print look alike at one size only."""
LIKELY = 0.45


def to_boxes(mask: Mask, sure: NDArray[np.float32] | None = None) -> list[Box]:
    """A box around each piece of a mask that has the size and fill of a gap."""
    high, wide = mask.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    boxes = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        fits = SMALLEST * wide <= w <= LARGEST * wide and SMALLEST * high <= h <= LARGEST * high
        if fits and area >= 0.45 * w * h:
            inside = labels[y : y + h, x : x + w] == i
            score = float(area) if sure is None else float(sure[y : y + h, x : x + w][inside].mean())
            boxes.append(Box(x, y, w, h, score))
    return boxes


def edge_density(image: Image) -> NDArray[np.float32]:
    """How many edges are around each pixel: products are full of print, gaps are not."""
    grey = to_grey(image)
    edges = cv2.Canny(grey, 60, 140).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(edges, (0, 0), image.shape[1] / 90))


def darkness(image: Image) -> NDArray[np.float32]:
    """How much darker each pixel's surroundings are than the shelf around them, in standard deviations."""
    value = cv2.GaussianBlur(image.max(axis=2).astype(np.float32), (0, 0), image.shape[1] / 160)
    around = cv2.GaussianBlur(value, (0, 0), image.shape[1] / 8)
    return np.asarray((around - value) / (float(np.std(value)) + 1))


def run_edges(case: JobSample) -> Answer:
    """Places with few edges between places with many."""
    seen = shrink_to(case.image, SIDE)
    few = edge_density(seen)
    mask = open_mask(few < 0.35 * float(np.median(few)))
    return _answer(case, few, Message("How many edges"), mask)


def run_dark(case: JobSample) -> Answer:
    """Places that are dark and have few edges: one looks into the depth of the shelf."""
    seen = shrink_to(case.image, SIDE)
    dark, few = darkness(seen), edge_density(seen)
    mask = open_mask((dark > 0.75) & (few < 0.8 * float(np.median(few))))
    return _answer(case, dark, Message("How dark"), mask)


def run_tall(case: JobSample) -> Answer:
    """Dark places with few edges that are as high as a pack."""
    seen = shrink_to(case.image, SIDE)
    dark, few = darkness(seen), edge_density(seen)
    mask = open_mask((dark > 0.75) & (few < 0.8 * float(np.median(few))), WIDE, TALL)
    return _answer(case, dark, Message("How dark"), mask)


def run_network(case: JobSample) -> Answer:
    """A small U-Net that learned from boxes that people drew."""
    likely = predict("shelf", case.image)[1]
    boxes = to_boxes(likely > LIKELY, likely)
    return _steps(case, likely, Message("How likely a gap"), likely > LIKELY, boxes)


def open_mask(mask: Mask, width: float = NARROW, height: float = LOW) -> Mask:
    """A mask without what is narrower or lower than these shares of the image."""
    high, wide = mask.shape
    brush = np.ones((max(3, round(height * high)), max(3, round(width * wide))), np.uint8)
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, brush) > 0)


def _answer(case: JobSample, values: NDArray[np.float32], title: Message, mask: Mask) -> Answer:
    whole = fit_mask(mask, case.image.shape)
    return _steps(case, values, title, whole, to_boxes(whole))


def _steps(case: JobSample, values: NDArray[np.float32], title: Message, mask: Mask, boxes: list[Box]) -> Answer:
    steps = (
        Step(title, grey_image(values)),
        Step(Message("Taken for empty"), paint(case.image, mask)),
        Step(Message("Gaps"), draw_boxes(case.image, boxes, RED)),
    )
    return Answer(boxes, steps)


PIPELINES = (
    Pipeline(
        "edge_density",
        Message("Edge density"),
        Message("Places with few edges."),
        run_edges,
        why=Message(
            "Packs are full of print and gaps are not. Plain packs, price rails and glass doors are empty of "
            "edges as well."
        ),
    ),
    Pipeline(
        "dark",
        Message("Dark places"),
        Message("Dark places with few edges."),
        run_dark,
        why=Message(
            "In a gap one looks into the depth of the shelf: dark and plain. Black bottles are dark and plain, "
            "too, and in a lit fridge a gap is bright."
        ),
    ),
    Pipeline(
        "tall",
        Message("Dark places as high as a pack"),
        Message("Dark places as high as a pack."),
        run_tall,
        why=Message(
            "It adds that a gap is as high as a pack, which drops the dark slits above and between packs. Small "
            "gaps and shelves seen from the side are dropped with them."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from gaps that people marked on photos."),
        run_network,
        why=Message(
            "It learned from gaps that people had marked, lit and dark. It is sure only of what it has often "
            "seen: on drawn shelves, which it never saw, the simple rule beats it."
        ),
    ),
)


def count(case: JobSample, value: Sequence[Box] | None) -> Counts:
    """Gaps matched at both levels."""
    at30, at50 = (match_boxes(case.truth, value or [], least) for least in (0.3, 0.5))
    hits = {f"{name}{level}": tally[name] for level, tally in ((30, at30), (50, at50)) for name in ("tp", "fp", "fn")}
    area = case.image.shape[0] * case.image.shape[1]
    return hits | {"off": abs(sum(b.w * b.h for b in value or ()) - sum(b.w * b.h for b in case.truth)) / area}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """F1 of the gaps of all photos together."""
    return {
        "f1_iou30": f1(*sum_counts(tallies, "tp30", "fp30", "fn30")),
        "f1_iou50": f1(*sum_counts(tallies, "tp50", "fp50", "fn50")),
        "osa_error": 100 * float(np.mean([t["off"] for t in tallies])),
    }


def draw(case: JobSample, value: Sequence[Box]) -> Image:
    """Gaps found in orange, true ones in blue."""
    return draw_boxes(draw_boxes(case.image, case.truth or (), BLUE, 2), value, RED)


def describe(value: Sequence[Box]) -> Mapping[str, float]:
    """How many gaps."""
    return {"gaps": float(len(value))}


def list_gaps(value: Sequence[Box]) -> list[Mapping[str, object]]:
    """What to restock: shelf from above, place from the left, and width in pixels.

    Examples
    --------
    >>> list_gaps([Box(50, 12, 10, 20), Box(5, 10, 10, 20), Box(5, 90, 10, 20)])[1]["shelf"]
    1
    """
    rows: list[Mapping[str, object]] = []
    shelves: list[list[Box]] = []
    for box in sorted(value, key=lambda b: b.y + b.h):
        last = shelves[-1][-1] if shelves else None
        if last is not None and box.y + box.h - last.y - last.h < 0.5 * max(box.h, last.h):
            shelves[-1].append(box)
        else:
            shelves.append([box])
    for number, shelf in enumerate(shelves, 1):
        for place, box in enumerate(sorted(shelf, key=lambda b: b.x), 1):
            rows.append({"shelf": number, "place": place, "x": round(box.x), "y": round(box.y), "width": round(box.w)})
    return rows


TASK = Task(
    "all",
    Message("Shelves"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    list_gaps,
    Message("What to restock"),
    BOX_LEGEND,
    familiar="shelf",
    nothing={"gaps": Message("No gap was found, so nothing is to be restocked.")},
)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """``images/`` and ``truth.csv`` with a line for each gap; without it no truth is known."""
    found: dict[str, Sequence[JobSampleFile]] = {}
    if folder.resolve().name == "planogram" and (folder / "plans").is_dir():
        return {"planogram": planogram.read(folder)}
    if files := list_images(folder):
        found["all"] = _read_photos(files, folder / "truth.csv")
    if (folder / "planogram" / "images").is_dir():
        found["planogram"] = planogram.read(folder / "planogram")
    return found


def _read_photos(files: Sequence[Path], table: Path) -> list[JobSampleFile]:
    lines = read_boxes(table, "file", [f.name for f in files])
    truth = None if lines is None else lines.read(list_boxes)

    def load(file: Path) -> JobSample:
        return JobSample(file.stem, load_image(file), None if truth is None else truth.find(file.name, ()))

    notes = {} if lines is None else lines.notes
    return [JobSampleFile(f.stem, partial(load, f), notes.get(f.name, ())) for f in files]


JOB = Job(
    "shelf",
    Message("Shelf gaps"),
    Message(
        "A shop loses a sale wherever a product is missing. The job is a list of what to restock: which shelf, which "
        "place, how wide. A gap is dark and plain, but so is a black bottle, and that is what makes it hard."
    ),
    (TASK, planogram.TASK),
    read,
    generate,
    KNOBS,
    Message(
        "images/ and truth.csv (file, x, y, w, h: one line a gap); planogram/ with images/, plans/NAME.png, "
        "facings.csv (boxes in the plan) and truth.csv (boxes of wrong items)"
    ),
)
