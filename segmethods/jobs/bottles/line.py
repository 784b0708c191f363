"""A filling line as its camera sees it: where bottle, cap and label are, and how many millilitres a row holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Window = tuple[int, int, int, int]
"""Rows from and to, columns from and to."""


@dataclass(frozen=True)
class Truth:
    """Whether a bottle is good, and the row of its liquid's surface where that is known."""

    good: bool
    surface: float | None = None
    millilitres: float | None = None


@dataclass(frozen=True, eq=False)
class Line:
    """Where things are on a line, taught on good bottles.

    Parameters
    ----------
    axis : int
        Column of the middle of the bottle.
    level : tuple of float
        Rows between which the surface of a good bottle lies.
    search : tuple of int
        Rows between which the surface is looked for.
    cap, label, body : Window
        Where cap, label and bottle are.
    label_top : float
        Row of the label's upper edge.
    above : ndarray of float or None
        Millilitres of liquid when its surface is at each row; None where nobody knows the bottle's volume.
    """

    axis: int
    level: tuple[float, float]
    search: tuple[int, int]
    cap: Window
    label: Window
    body: Window
    label_top: float
    above: NDArray[np.float64] | None = None

    def millilitres(self, row: float) -> float:
        """What is in a bottle whose surface is at this row; NaN where the volume is not known."""
        if self.above is None:
            return float("nan")
        return float(np.interp(row, np.arange(len(self.above)), self.above))


REAL_LINE = Line(
    axis=176,
    level=(132.0, 143.5),
    search=(45, 186),
    cap=(3, 48, 158, 194),
    label=(190, 285, 136, 216),
    body=(150, 285, 140, 212),
    label_top=188.0,
)
"""The line of the photos of 352 x 288 pixels, taught on 18 good bottles: surfaces at rows 134 to 137."""
