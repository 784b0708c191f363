"""How sure a figure is: what it would be on images drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from segmethods.jobs.frame import Counts, Task

DRAWS, LEVEL, DEVIATIONS = 400, 0.95, 1.96


def draw_again(task: Task, several: Sequence[Sequence[Counts]], seed: int = 0) -> np.ndarray[Any, Any]:
    """The deciding figure of cases drawn again with repetition, shape (pipelines, draws); the same draws for all."""
    rng = np.random.default_rng(seed)
    count = len(several[0])
    found = np.full((len(several), DRAWS), np.nan)
    for draw in range(DRAWS):
        chosen = rng.integers(count, size=count)
        for row, tallies in enumerate(several):
            found[row, draw] = task.score([tallies[i] for i in chosen])[task.main_figure.id]
    return found


def bounds(values: np.ndarray[Any, Any]) -> tuple[float, float] | None:
    """The middle 95 % of values, None if all are undefined."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def widen(interval: tuple[float, float] | None, count: int) -> tuple[float, float] | None:
    """An interval that says how sure a perfect answer is.

    Where all of so many images are right, or all are wrong, drawing them again changes nothing, and the interval has
    no width. Then Wilson's (1927) takes its place: of `count` right ones in `count`, at least ``count / (count + z²)``.

    Examples
    --------
    >>> low, high = widen((1.0, 1.0), 6)
    >>> round(low, 2), high
    (0.61, 1.0)
    >>> widen((0.8, 1.0), 6), widen(None, 6)
    ((0.8, 1.0), None)
    """
    if interval not in ((0.0, 0.0), (1.0, 1.0)):
        return interval
    sure = count / (count + DEVIATIONS**2)
    return (sure, 1.0) if interval[0] else (0.0, 1 - sure)
