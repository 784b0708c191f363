"""Does a bottle pass: is it there, capped, labelled straight, in shape, and filled to the right level?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message, MethodError
from segmethods.core.types import Image
from segmethods.jobs._masks import BLUE, GREEN, RED, grey_image, ratio, to_grey
from segmethods.jobs.bottles.line import Line, Window
from segmethods.jobs.bottles.vessels import LEVEL_ERROR
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, Pipeline, Step, Task
from segmethods.jobs.learned import predict

RED_SHARE = 0.55
"""A pixel is red where green and blue have less than this share of it."""
PRESENT, CAPPED, LABELLED = 0.2, 0.6, 0.2
TILT, RAGGED, LABEL_OFF = 4.5, 1.3, 4.0
"""Rows by which a label's upper edge may slope over its width, be uneven, and be away from its place."""

FIGURES = (
    Figure(
        "false_accept",
        Message("False accepts"),
        Message("Share of the bad bottles that pass."),
        "machine vision",
        higher_is_better=False,
    ),
    Figure(
        "false_reject",
        Message("False rejects"),
        Message("Share of the good bottles that are rejected."),
        "machine vision",
        higher_is_better=False,
    ),
    Figure(
        "level_error_ml",
        Message("Level error in ml"),
        Message("Millilitres within which 95% of the levels are, where the bottle’s volume is known."),
        "76/211/EEC, WELMEC 6.9",
        higher_is_better=False,
    ),
    LEVEL_ERROR,
)


@dataclass(frozen=True)
class Inspection:
    """What was found: the surface's row or None, and the faults; no fault means pass."""

    surface: float | None
    faults: tuple[str, ...]
    millilitres: float = math.nan

    @property
    def good(self) -> bool:
        """Whether the bottle passes."""
        return not self.faults


def is_red(image: Image) -> NDArray[np.bool_]:
    """Pixels of cap and label."""
    values = image.astype(np.float32)
    high = np.maximum(values[:, :, 1], values[:, :, 2])
    return np.asarray((values[:, :, 0] > 120) & (high < RED_SHARE * values[:, :, 0]))


def part(values: NDArray[np.generic], window: Window) -> NDArray[np.generic]:
    """What is in a window."""
    top, bottom, left, right = window
    return values[top:bottom, left:right]


def label_edge(red: NDArray[np.bool_], line: Line) -> NDArray[np.float64]:
    """Row of the label's upper edge in strips of four columns; the window's end where there is none."""
    _, bottom, left, right = line.label
    top = round(line.label_top) - 28
    edges = []
    for column in range(left + 4, right - 4, 4):
        rows = np.flatnonzero(red[top:bottom, column : column + 4].mean(axis=1) > 0.4)
        edges.append(rows[0] + top if rows.size else bottom)
    return np.array(edges, float)


def find_faults(image: Image, line: Line, surface: float | None) -> tuple[str, ...]:
    """All that is wrong with a bottle, but for a level that was not found at all."""
    red = is_red(image)
    grey = to_grey(image)
    if np.asarray(part((grey < 150) | red, line.body)).mean() < PRESENT and not part(red, line.cap).any():
        return ("missing",)
    faults = []
    if part(red, line.cap).mean() < CAPPED:
        faults.append("cap")
    if part(red, line.label).mean() < LABELLED:
        faults.append("label")
    else:
        edge = label_edge(red, line)
        slope = abs(np.polyfit(np.arange(len(edge)), edge, 1)[0] * len(edge))
        ragged = np.abs(edge - np.median(edge)).mean()
        if slope > TILT or ragged > RAGGED or abs(np.median(edge) - line.label_top) > LABEL_OFF:
            faults.append("label tilted")
    if surface is None or not line.level[0] <= surface <= line.level[1]:
        faults.append("level")
    return tuple(faults)


def profile(image: Image, line: Line) -> NDArray[np.float32]:
    """Brightness along the bottle's axis, a mean over twelve columns, smoothed."""
    top, bottom = line.search
    strip = to_grey(image)[top:bottom, line.axis - 6 : line.axis + 6].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(np.median(strip, axis=1).reshape(-1, 1), (1, 5), 1.0).ravel())


def surface_by_level(image: Image, line: Line) -> float | None:
    """First row from above where the axis is dark and stays so: halfway between bright and dark, to parts of a row."""
    values = profile(image, line)
    low, high = np.quantile(values, [0.05, 0.9])
    if high - low < 25:
        return None
    level, run = (low + high) / 2, 8
    dark = values < level
    for row in range(1, len(values) - run):
        if dark[row : row + run].all() and not dark[row - 1]:
            return line.search[0] + row - float((level - values[row]) / max(values[row - 1] - values[row], 1e-3)) + 0.5
    return None


def surface_by_edge(image: Image, line: Line) -> float | None:
    """The row across the bottle where brightness falls most, to parts of a row by a parabola."""
    top, bottom = line.search
    strip = to_grey(image)[top:bottom, line.axis - 10 : line.axis + 10].astype(np.float32)
    fall = -cv2.GaussianBlur(
        np.gradient(np.median(strip, axis=1)).astype(np.float32).reshape(-1, 1), (1, 7), 1.5
    ).ravel()
    row = int(fall.argmax())
    if fall[row] < 4 or not 0 < row < len(fall) - 1:
        return None
    before, here, after = fall[row - 1 : row + 2]
    bend = before - 2 * here + after
    return float(top + row + (0.5 * (before - after) / bend if bend else 0.0))


def _inspect(case: JobSample, find: Callable[[Image, Line], float | None], extra: tuple[Step, ...] = ()) -> Answer:
    line = line_of(case)
    surface = find(case.image, line)
    found = Inspection(
        surface, find_faults(case.image, line, surface), line.millilitres(surface) if surface else math.nan
    )
    steps = (
        Step(Message("Brightness along the axis"), draw_profile(profile(case.image, line), len(case.image))),
        Step(Message("Cap and label"), grey_image(is_red(case.image))),
        *extra,
        Step(Message("What was found"), draw(case, found)),
    )
    return Answer(found, steps)


def line_of(case: JobSample) -> Line:
    """The line that a photo was taken at.

    Raises
    ------
    MethodError
        If the photo is too small for it, so that it must be of another line.
    """
    line: Line = case.extra["line"]
    if case.image.shape[0] < line.label[1] or case.image.shape[1] < line.label[3]:
        raise MethodError(
            "This doesn't look like a photo of this line: it has {size} pixels.",
            size=f"{case.image.shape[1]} x {case.image.shape[0]}",
        )
    return line


def run_threshold(case: JobSample) -> Answer:
    """A level of brightness along the axis tells liquid from glass; red tells cap and label."""
    return _inspect(case, surface_by_level)


def run_edges(case: JobSample) -> Answer:
    """The strongest edge across the bottle is the surface."""
    return _inspect(case, surface_by_edge)


def run_template(case: JobSample) -> Answer:
    """The profile of a good bottle, shifted until it fits: by how much is how far the level is off."""
    line = line_of(case)
    middle = sum(line.level) / 2

    def find(image: Image, line: Line) -> float | None:
        values = profile(image, line)
        low, high = np.quantile(values, [0.05, 0.9])
        if high - low < 25:
            return None
        rows = np.arange(len(values))
        fits = [
            float(np.abs(values - np.where(rows < row, high, low))[max(0, row - 25) : row + 15].mean())
            for row in range(5, len(values) - 15)
        ]
        return float(line.search[0] + 5 + int(np.argmin(fits)))

    return _inspect(
        case, find, (Step(Message("Where a good level lies"), mark_row(case.image, middle, line.axis, BLUE)),)
    )


def run_network(case: JobSample) -> Answer:
    """A small U-Net that learned from drawn bottles says where liquid is; the surface is where it begins."""
    line_of(case)
    dry = np.asarray(255 * (1 - predict("bottles", case.image)[1]), np.uint8)
    return _inspect(
        case,
        lambda _image, line: surface_by_level(np.dstack([dry] * 3), line),
        (Step(Message("How likely liquid"), grey_image(255 - dry)),),
    )


PIPELINES = (
    Pipeline(
        "row_profile",
        Message("Threshold and row profile"),
        Message("Where the axis turns dark."),
        run_threshold,
        why=Message(
            "It reads a narrow strip along the axis and asks where bright glass turns into dark liquid. Glare beside "
            "the axis and a tilted bottle hardly matter to it; pale liquid, or foam that is as dark as liquid, does."
        ),
    ),
    Pipeline(
        "edges",
        Message("Edges"),
        Message("The strongest edge across the bottle."),
        run_edges,
        why=Message(
            "It trusts the steepest change across the bottle, so it needs no level of brightness, and places the "
            "surface to a fraction of a row. Whatever is steeper than the surface misleads it: foam, a scratch, the "
            "edge of a label."
        ),
    ),
    Pipeline(
        "template",
        Message("Template difference"),
        Message("A good bottle’s profile, shifted to fit."),
        run_template,
        why=Message(
            "It compares many rows at once, so noise averages out. It places the surface to a whole row only, and it "
            "expects each bottle to look like the good one it was shown: another colour or a ring of foam shifts the "
            "fit."
        ),
    ),
    Pipeline(
        "network",
        Message("Network"),
        Message("A small U-Net that learned from drawn bottles."),
        run_network,
        why=Message(
            "It learned from some two hundred drawn bottles with glare, foam and noise, so it knows which changes to "
            "ignore. It knows drawn bottles only: on a photo of a real line it may see liquid where there is a "
            "shadow."
        ),
    ),
)


def draw_profile(values: NDArray[np.float32], height: int) -> Image:
    """A profile as a curve beside the rows that it tells of."""
    drawn = np.full((height, 160, 3), 255, np.uint8)
    rows = np.arange(len(values)) + (height - len(values)) // 2
    points = np.stack([values / 255 * 150 + 5, rows], axis=1).round().astype(np.int32)
    cv2.polylines(drawn, [points], False, BLUE, 1, cv2.LINE_AA)
    return drawn


def mark_row(image: Image, row: float, axis: int, colour: tuple[int, int, int]) -> Image:
    """A line across the bottle."""
    drawn = np.array(image)
    cv2.line(drawn, (axis - 45, round(row)), (axis + 45, round(row)), colour, 2)
    return drawn


def count(case: JobSample, value: Inspection | None) -> Counts:
    """Right or wrong verdict, and how far the surface is off; no answer is a reject."""
    truth = case.truth
    passes = value is not None and value.good
    surface = None if value is None else value.surface
    known = truth.surface is not None
    px = abs(surface - truth.surface) if known and surface is not None else math.inf if known else math.nan
    line: Line = case.extra["line"]
    ml = math.nan
    if known and truth.millilitres is not None:
        ml = math.inf if surface is None else abs(line.millilitres(surface) - truth.millilitres)
    return {"good": truth.good, "passes": passes, "px": px, "ml": ml}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Rates of wrong verdicts, and level errors: median in rows, 95th percentile in millilitres."""
    good = [t for t in tallies if t["good"]]
    bad = [t for t in tallies if not t["good"]]
    px = [t["px"] for t in tallies if not math.isnan(t["px"])]
    ml = [t["ml"] for t in tallies if not math.isnan(t["ml"])]
    return {
        "false_accept": ratio(sum(t["passes"] for t in bad), len(bad)),
        "false_reject": ratio(sum(not t["passes"] for t in good), len(good)),
        "level_error_ml": float(np.quantile(ml, 0.95, method="higher")) if ml else math.nan,
        "level_error_px": float(np.median(px)) if px else math.nan,
    }


def draw(case: JobSample, value: Inspection) -> Image:
    """The surface, and whether the bottle passes: a green or an orange frame."""
    line: Line = case.extra["line"]
    drawn = np.array(case.image)
    if value.surface is not None:
        drawn = mark_row(drawn, value.surface, line.axis, GREEN if value.good else RED)
    cv2.rectangle(drawn, (1, 1), (drawn.shape[1] - 2, drawn.shape[0] - 2), GREEN if value.good else RED, 4)
    return drawn


def describe(value: Inspection) -> Mapping[str, float]:
    """Whether it passes, and the level."""
    surface = math.nan if value.surface is None else value.surface
    return {"passes": float(value.good), "surface_row": surface, "millilitres": value.millilitres}


TASK = Task(
    "all",
    Message("A filling line"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    legend=Message("A green frame passes, an orange one is rejected; the line is the surface found."),
    familiar="bottles",
)
