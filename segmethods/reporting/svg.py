"""Charts as SVG: drawn here, seen without any library, and printed as sharp as text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 720
NARROW = 400
"""Pixels across: what a chart takes in a report or at a desk, and on a phone, where its letters stay as large."""
NAMES = 170
"""Pixels for the names on the left, on a phone fewer."""
VALUES = 90
"""Pixels for the values on the right."""
LINE_COLOURS = ("#0d8f83", "#c8600a", "#3f7fd0", "#b0559b", "#8a7a10", "#bb3344")
FONTS = "Arial, Helvetica, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
"""First one that every computer has or stands in for: where charts are opened (Word, LibreOffice, Inkscape) often only
the first one counts, and none knows ``system-ui``."""
ROW = 34
HEAD = 40
LINE = 20


@dataclass(frozen=True)
class Bar:
    """A bar of a chart.

    Parameters
    ----------
    name : str
        What it stands for.
    value : float
        Its length; NaN for none.
    colour : str
        ``"#rrggbb"``.
    low, high : float
        An interval drawn over it; NaN for none.
    note : str
        What stands below the name, in small print.
    """

    name: str
    value: float
    colour: str
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def bar_chart(
    bars: Sequence[Bar],
    title: str,
    axis: str,
    text: Callable[[float], str] = "{:.2f}".format,
    top: float = 0.0,
    mark: float = math.nan,
    mark_name: str = "",
    width: int = WIDTH,
) -> str:
    """Bars one below the other, each with its name and its value.

    Parameters
    ----------
    bars : sequence of Bar
        In the order in which they are drawn.
    title, axis : str
        The finding, or what is shown, empty where it stands above the chart; the quantity and its unit.
    text : callable
        A value -> how it is written.
    top : float
        What the full width stands for; the largest value if that is more.
    mark, mark_name : float, str
        A value that a dashed line marks, such as what a blank answer gets; NaN for none.
    width : int
        `WIDTH` or `NARROW`.

    Returns
    -------
    str
        The whole of an SVG file.

    Examples
    --------
    >>> bar_chart([Bar("A", 0.5, "#888888")], "Scores", "IoU", top=1).count("<rect")
    1
    """
    known = [v for bar in bars for v in (bar.value, bar.high) if math.isfinite(v)]
    full = max([top, *known]) or 1.0
    names, values, head = (NAMES if width == WIDTH else 124), (VALUES if width == WIDTH else 50), HEAD if title else 4
    scale = (width - names - values) / full
    end = head + ROW * len(bars)
    lines = [_bar(bar, names, head + ROW * number, scale, text) for number, bar in enumerate(bars)]
    axis_lines = fold(axis, width - names)
    foot = "".join(
        f'<text x="{names}" y="{end + 24 + LINE * i}">{escape(line)}</text>' for i, line in enumerate(axis_lines)
    )
    height = end + 34 + LINE * (len(axis_lines) - 1)
    if mark > 0:
        x = names + mark * scale
        row = 0 if width == WIDTH and len(axis_lines) == 1 else LINE * len(axis_lines)
        foot += f'<path d="M{x:.1f} {head}V{end + 4}" stroke="currentColor" stroke-dasharray="4 3" opacity="0.7"/>'
        foot += f'<text x="{max(x, width / 2):.0f}" y="{end + 24 + row}" font-size="14">┆ {escape(mark_name)}</text>'
        height = end + 34 + row
    headline = f'<text x="0" y="20" font-size="17" font-weight="600">{escape(title)}</text>' if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="{FONTS}" font-size="15" fill="currentColor">'
        f"{headline}{''.join(lines)}{foot}</svg>"
    )


def fold(text: str, room: float) -> list[str]:
    """A text in lines that are no wider than `room`, in pixels at the size of charts.

    Examples
    --------
    >>> fold("0 is nothing right, 1 is everything right", 200)
    ['0 is nothing right, 1 is', 'everything right']
    >>> fold("灰色：上限", 50)
    ['灰色：', '上限']
    """
    lines: list[str] = []
    line = ""
    for piece in re.findall(r"\s*(?:[\u2e80-\uffff]|[^\s\u2e80-\uffff]+)", text):
        if line and _reach(line + piece) > room and piece not in "，。；：、）":
            lines, line = [*lines, line], piece.lstrip()
        else:
            line += piece
    return [*lines, line]


def _reach(text: str) -> float:
    """About how wide a text is, in pixels."""
    return sum(15 if unicodedata.east_asian_width(char) in "WF" else 7.8 for char in text)


def line_chart(
    lines: Mapping[str, Sequence[tuple[float, float]]], title: str, axis: str, right: float = 0.0, width: int = WIDTH
) -> str:
    """Lines over one axis, each named at its end.

    Parameters
    ----------
    lines : mapping
        Name -> its points, (x, y), x rising.
    title, axis : str
        What is shown; what lies along the axis.
    right : float
        The end of the axis; the last point if that lies further.
    width : int
        `WIDTH` or `NARROW`.

    Examples
    --------
    >>> line_chart({"A": [(0, 1.0), (2, 0.5)]}, "Loss", "minutes").count("<polyline")
    1
    """
    points = [point for line in lines.values() for point in line]
    end, top = max([right, *(x for x, _ in points)]) or 1.0, max([0.0, *(y for _, y in points)]) or 1.0
    left, span, height, head = 44, width - 44 - VALUES, 180, HEAD if title else 12
    drawn, names = [], list(lines)
    for number, (name, line) in enumerate(lines.items()):
        places = [(left + span * x / end, head + height * (1 - y / top)) for x, y in line]
        if not places:
            continue
        colour = LINE_COLOURS[number % len(LINE_COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        drawn.append(
            f'<text x="{width - VALUES + 8}" y="{head + 16 + 20 * names.index(name)}" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    foot = head + height
    frame = (
        f'<path d="M{left} {head}V{foot}H{left + span}" fill="none" stroke="currentColor" opacity="0.4"/>'
        f'<text x="{left - 6}" y="{head + 6}" text-anchor="end">{top:.2g}</text>'
        f'<text x="{left - 6}" y="{foot}" text-anchor="end">0</text>'
        f'<text x="{left}" y="{foot + 20}">0</text>'
        f'<text x="{left + span}" y="{foot + 20}" text-anchor="end">{end:g} {escape(axis)}</text>'
    )
    headline = f'<text x="0" y="20" font-size="16" font-weight="600">{escape(title)}</text>' if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {foot + 28}" role="img" '
        f'aria-label="{escape(title)}" font-family="{FONTS}" font-size="14" fill="currentColor">'
        f"{headline}{frame}{''.join(drawn)}</svg>"
    )


def _bar(bar: Bar, names: int, y: int, scale: float, text: Callable[[float], str]) -> str:
    middle = y + ROW / 2
    name = (
        f'<text x="{names - 10}" y="{middle + (-1 if bar.note else 5):.0f}" text-anchor="end">{escape(bar.name)}</text>'
    )
    if bar.note:
        note = f'y="{middle + 13:.0f}" text-anchor="end" font-size="12.5" opacity="0.75">{escape(bar.note)}'
        name += f'<text x="{names - 10}" {note}</text>'
    if not math.isfinite(bar.value):
        return f'{name}<text x="{names + 4}" y="{middle + 5:.0f}">–</text>'
    end = names + bar.value * scale
    drawn = f'<rect x="{names}" y="{y + 4}" width="{max(end - names, 1):.1f}" height="{ROW - 8}" fill="{bar.colour}"/>'
    right = end
    if math.isfinite(bar.low) and math.isfinite(bar.high):
        left, right = names + max(bar.low, 0) * scale, max(end, names + bar.high * scale)
        span = f"M{left:.1f} {middle}H{names + bar.high * scale:.1f}"
        drawn += f'<path d="{span}" stroke="currentColor" stroke-width="2"/>'
    return f'{name}{drawn}<text x="{right + 8:.1f}" y="{middle + 5:.0f}">{escape(text(bar.value))}</text>'
