"""Objects that cross a line, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmethods.jobs.surveillance.tracking import Seen, middle


@dataclass(frozen=True)
class Line:
    """A line across the image that objects are counted at: a row crossed downwards, or a column crossed either way."""

    row: float | None = None
    column: float | None = None


def count_crossings(frames: Sequence[Sequence[Seen]], line: Line) -> list[tuple[int, int]]:
    """Frame and number of each object that crosses a line; each counts once.

    Examples
    --------
    >>> from segmethods.io.boxes import Box
    >>> path = [[Seen(1, Box(0, y, 4, 4))] for y in (0, 4, 8)]
    >>> count_crossings(path, Line(row=5))
    [(1, 1)]
    """
    sides: dict[int, bool] = {}
    found: dict[int, int] = {}
    for at, seen in enumerate(frames):
        for one in seen:
            x, y = middle(one.box)
            beyond = bool(y >= line.row) if line.row is not None else bool(x >= (line.column or 0))
            before = sides.setdefault(one.number, beyond)
            crossed = (beyond and not before) if line.row is not None else beyond != before
            if crossed:
                found.setdefault(one.number, at)
    return sorted((at, number) for number, at in found.items())
