"""How alike the methods' segments are, pair by pair, as SVG: a run draws it in a hundredth of Plotly's time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from pages.ui import numbers
from pages.ui.chart_context import ChartContext
from pages.ui.plotting import mix, text_on, wrap
from segmethods.reporting.svg import FONTS, LINE, fold

ROW = 44
DESK = 560
"""Pixels across at a desk, where the map stands beside a picture."""
SLANT = 38
"""Degrees by which the names below lean, so that long ones have room."""


def agreement_map(titles: Sequence[str], matrix: ArrayLike, *, context: ChartContext, width: int = DESK) -> str:
    """Every pair once, in a triangle; the stronger the colour, the more alike.

    Parameters
    ----------
    titles : sequence of str
        The methods, n of them.
    matrix : array_like, shape (n, n)
        Adjusted Rand index of every pair, about 0 to 1; NaN where there is none.
    width : int
        Pixels across; from `DESK` on there is room for longer names.

    Returns
    -------
    str
        The whole of an SVG file.
    """
    values = np.array(matrix, float)
    names = 130 if width >= DESK else 104
    column = (width - names - 4) / (len(titles) - 1)
    rows = [_row(titles[i], [values[i, j] for j in range(i)], names, column, i - 1, context) for i in _rows(titles)]
    end = ROW * (len(titles) - 1)
    below = [_name_below(title, names + column * (i + 0.5), end + 16) for i, title in enumerate(titles[:-1])]
    deep = end + 34 + round(math.sin(math.radians(SLANT)) * max(_reach(title) for title in titles[:-1]))
    told = context.t("Adjusted Rand index: 1 the same segments, 0 no more alike than by chance")
    lines = fold(told, 0.85 * width)
    foot = "".join(
        f'<text x="{width / 2:.0f}" y="{deep + 22 + LINE * i}" text-anchor="middle" fill="{context.colours.muted}">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {deep + 30 + LINE * (len(lines) - 1)}" '
        f'role="img" font-family="{FONTS}" font-size="15" fill="currentColor">'
        f"{''.join(rows)}{''.join(below)}{foot}</svg>"
    )


def _rows(titles: Sequence[str]) -> range:
    return range(1, len(titles))


def _row(title: str, values: Sequence[float], names: int, column: float, row: int, context: ChartContext) -> str:
    top = row * ROW
    lines = wrap(title, 18 if names > 120 else 12)
    first = top + ROW / 2 + 5 - 9 * (len(lines) - 1)
    drawn = [
        f'<text x="{names - 10}" y="{first + 18 * i:.0f}" text-anchor="end">{escape(line)}</text>'
        for i, line in enumerate(lines)
    ]
    for place, value in enumerate(values):
        if math.isfinite(value):
            colour = mix(context.colours.surface, context.colours.accent, value)
            left = names + place * column
            drawn.append(
                f'<rect x="{left:.1f}" y="{top}" width="{column - 2:.1f}" height="{ROW - 2}" fill="{colour}"/>'
                f'<text x="{left + column / 2 - 1:.1f}" y="{top + ROW / 2 + 4:.0f}" text-anchor="middle" '
                f'font-size="{14 if column > 36 else 12.5}" fill="{text_on(colour)}">{numbers.score(value)}</text>'
            )
    return "".join(drawn)


def _name_below(title: str, x: float, y: float) -> str:
    return f'<text transform="translate({x:.1f} {y}) rotate(-{SLANT})" text-anchor="end">{escape(title)}</text>'


def _reach(title: str) -> float:
    """About how long a name is, in pixels."""
    return sum(15 if ord(char) > 0x2E80 else 8 for char in title)
