"""Liquids in laboratory glass: the row of the upper surface inside a given vessel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message, MethodError
from segmethods.core.types import Image
from segmethods.jobs._masks import BLUE, GREEN, paint
from segmethods.jobs.frame import Answer, Counts, Figure, JobSample, Pipeline, Step, Task

LEVEL_ERROR = Figure(
    "level_error_px",
    Message("Level error in rows"),
    Message("Median distance of the surface from its true row."),
    "this project",
    higher_is_better=False,
)


WIDE, EDGE = 0.5, 0.15
"""Share of the largest width that a row must have, and share of the height that is left out above and below."""


def area_of(case: JobSample) -> NDArray[np.bool_]:
    """Where the vessel is."""
    area = case.extra.get("area")
    if area is None or not np.any(area):
        raise ImageError(
            "It needs the place of its vessel: labels/ with index PNGs, 1 inside the vessel, in a folder for the "
            "command line."
        )
    return np.asarray(area, bool)


def rows_of(case: JobSample) -> tuple[NDArray[np.float32], int]:
    """Mean colour in L*a*b* of each row inside the vessel, and the first row."""
    area = area_of(case)
    inner = cv2.erode(area.astype(np.uint8), np.ones((1, 9), np.uint8)) > 0
    inner = inner if inner.any() else area
    lab = cv2.cvtColor(cv2.GaussianBlur(case.image, (0, 0), 1), cv2.COLOR_RGB2LAB).astype(np.float32)
    rows = np.flatnonzero(inner.any(axis=1))
    means = [np.median(lab[row][inner[row]], axis=0) for row in range(rows[0], rows[-1] + 1) if inner[row].any()]
    return np.array(means, np.float32), int(rows[0])


def run_across(case: JobSample) -> Answer:
    """The row where the colour changes from above to below across the whole width of the vessel.

    A surface runs across; reflections and the marks of the glass don't. Necks and stopcocks, which are narrow, and the
    rim and the bottom are left out. On the nine development photos the median error is 1 to 3 rows at sixteen settings
    of these shares.
    """
    area = area_of(case)
    blur = max(1.0, case.image.shape[1] / 60)
    lab = cv2.cvtColor(case.image, cv2.COLOR_RGB2LAB).astype(np.float32)
    change = np.abs(cv2.Sobel(cv2.GaussianBlur(lab, (0, 0), sigmaX=blur, sigmaY=0.7), cv2.CV_32F, 0, 1))
    strength = np.linalg.norm(change, axis=2)
    widths = area.sum(axis=1)
    wide = widths >= WIDE * widths.max()
    first, last = np.flatnonzero(wide)[[0, -1]]
    margin = max(3, round(EDGE * (last - first)))
    rows = [row for row in range(first + margin, last - margin) if wide[row]]
    if not rows:
        raise MethodError("{name} shows too small a vessel. Take a larger image.", name=case.name)
    return _answer(case, max(rows, key=lambda row: across(strength[row], area[row])))


def across(strength: NDArray[np.float32], inside: NDArray[np.bool_]) -> float:
    """The median of a row inside the vessel, an eighth left out at either side."""
    columns = np.flatnonzero(inside)
    side = len(columns) // 8
    return float(np.median(strength[columns[side : len(columns) - side]]))


def run_edges(case: JobSample) -> Answer:
    """The row at which the colour inside the vessel changes most."""
    means, first = rows_of(case)
    smooth = cv2.GaussianBlur(means, (1, 0), 0.01, sigmaY=2.0) if len(means) > 9 else means
    change = np.linalg.norm(np.gradient(smooth, axis=0), axis=1)
    edge = max(3, len(change) // 20)
    change[:edge] = 0
    change[-edge:] = 0
    return _answer(case, first + int(change.argmax()))


def run_two_parts(case: JobSample) -> Answer:
    """The row that cuts the vessel into two parts, each as even in colour as can be (Otsu's idea, along the rows)."""
    means, first = rows_of(case)
    count = len(means)
    sums, squares = np.cumsum(means, axis=0), np.cumsum(means**2, axis=0)
    n = np.arange(1, count)[:, None]
    above = squares[:-1] - sums[:-1] ** 2 / n
    below = (squares[-1] - squares[:-1]) - (sums[-1] - sums[:-1]) ** 2 / (count - n)
    edge = max(3, count // 20)
    cost = (above + below).sum(axis=1)
    return _answer(case, first + edge + int(cost[edge : count - edge].argmin()))


def _answer(case: JobSample, row: int) -> Answer:
    steps = (
        Step(Message("Inside the vessel"), paint(case.image, area_of(case), BLUE, 0.2)),
        Step(Message("The surface"), draw(case, float(row))),
    )
    return Answer(float(row), steps)


PIPELINES = (
    Pipeline(
        "across",
        Message("Change across"),
        Message("Where the colour changes across the whole width."),
        run_across,
        why=Message(
            "A surface runs across the whole vessel, while a reflection or a mark covers a part of a row. The "
            "median along each row keeps the first and forgets the second. A pale liquid in a wide flask stays "
            "hard."
        ),
    ),
    Pipeline(
        "edges",
        Message("Strongest change"),
        Message("Where the colour changes most."),
        run_edges,
        why=Message(
            "It takes the largest change of colour from row to row. With dark liquid that is the surface; with "
            "clear liquid the bench behind the glass or the bottom changes more."
        ),
    ),
    Pipeline(
        "two_parts",
        Message("Two even parts"),
        Message("The cut that leaves two even parts."),
        run_two_parts,
        why=Message(
            "It weighs all rows above against all rows below, so that one odd row can’t decide. It is off as soon "
            "as there are three parts: air, liquid and sediment."
        ),
    ),
)


def count(case: JobSample, value: float | None) -> Counts:
    """Rows between the found surface and the true one."""
    return {"px": math.inf if value is None else abs(value - case.truth)}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """The median of the distances."""
    return {"level_error_px": float(np.median([t["px"] for t in tallies]))}


def draw(case: JobSample, value: float) -> Image:
    """The surface as a line across the image; the true one in blue."""
    drawn = np.array(case.image)
    if case.truth is not None:
        cv2.line(drawn, (0, round(case.truth)), (drawn.shape[1], round(case.truth)), BLUE, 1)
    cv2.line(drawn, (0, round(value)), (drawn.shape[1], round(value)), GREEN, 2)
    return drawn


def describe(value: float) -> Mapping[str, float]:
    """The row of the surface."""
    return {"surface_row": value}


TASK = Task(
    "vessels",
    Message("Laboratory glass"),
    PIPELINES,
    (LEVEL_ERROR,),
    count,
    score,
    draw,
    describe,
    legend=Message("Green is the surface found, blue the true one."),
)
