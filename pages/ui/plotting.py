"""The style of all charts, light or dark: type of 14 px and more, quiet grids, room that follows the words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from pages.ui.chart_context import ChartContext

CONFIG: dict[str, Any] = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}
"""For ``st.plotly_chart(figure, config=CONFIG, theme=None)``."""

FONT = "'Source Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
SIZE, TITLE_SIZE = 15, 18
_COLUMNS = 40
_WIDE_COLUMNS = 36
"""Columns of a line that a phone has room for; Chinese fills them, Latin letters are narrower on average."""
_LINE = round(1.3 * TITLE_SIZE)
"""Height of a title's line; plotly anchors a title of several lines by its last one."""


def style_figure(figure: go.Figure, title: str, context: ChartContext, height: int = 420) -> go.Figure:
    """Give a figure its title, type, colours and margins; returns the figure."""
    colours = context.colours
    lines = balance(title, _room(title))
    top = 28 + _LINE * len(lines)
    layout = {
        "template": "none",
        "height": height + top,
        "margin": {"l": 8, "r": 12, "t": top, "b": 8, "pad": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": SIZE, "color": colours.text},
        "title": {
            "text": "<br>".join(f"<b>{escape(line)}</b>" for line in lines),
            "font": {"size": TITLE_SIZE},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "pad": {"l": 8, "t": 6 + _LINE * (len(lines) - 1)},
            "y": 1,
            "yref": "container",
            "yanchor": "top",
        },
        "hoverlabel": {
            "font": {"family": FONT, "size": SIZE, "color": colours.text},
            "bgcolor": colours.background,
            "bordercolor": colours.grid,
        },
        "dragmode": False,
        "bargap": 0.32,
        "uniformtext": {"minsize": 14, "mode": "hide"},
    }
    title_of_axis = {"font": {"size": SIZE, "color": colours.muted}, "standoff": 10}
    axis = {
        "automargin": True,
        "fixedrange": True,
        "gridcolor": colours.grid,
        "zeroline": False,
        "linecolor": colours.grid,
        "tickfont": {"size": SIZE},
    }
    own = figure.layout.to_plotly_json()
    axes = {"xaxis": {}, "yaxis": {}} | {name: own[name] for name in own if name.startswith(("xaxis", "yaxis"))}
    # All at once: plotly takes a millisecond for each single thing that is changed in a figure.
    styled = {
        name: {**of_chart, **axis, "title": {**title_of_axis, **of_chart.get("title", {})}}
        for name, of_chart in axes.items()
    }
    figure.layout = {**own, **layout, **styled}
    return figure


def label_axis(text: str) -> str:
    """An axis's title, on as many lines as a phone needs."""
    return "<br>".join(escape(line) for line in wrap(text, _room(text)))


def legend_above() -> dict[str, Any]:
    """A legend in one line between title and plot, which explains and can't be clicked."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "traceorder": "normal",
        "itemclick": False,
        "itemdoubleclick": False,
        "font": {"size": SIZE},
    }


def text_on(colour: str) -> str:
    """Black or white, whichever is read better on ``"#rrggbb"``: at least 4.58 to 1, which no softer black reaches."""
    return "#000000" if contrast("#000000", colour) >= contrast("#ffffff", colour) else "#ffffff"


def fade(colour: str, opacity: float) -> str:
    """A colour, #rrggbb, with this opacity.

    Examples
    --------
    >>> fade("#ff0080", 0.5)
    'rgba(255,0,128,0.5)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def mix(first: str, second: str, part: float) -> str:
    """The colour between two, 0 for the first and 1 for the second, as a linear colour scale shows it."""
    part = min(max(part, 0.0), 1.0)
    pairs = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """Contrast of two colours by WCAG 2: 1 for equal ones, 21 for black on white."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` Latin letters; a Chinese character takes two and may end a line."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and columns_of(line + piece.rstrip()) > columns:
            lines.append(line.strip())
            line = ""
        line += piece
    return [*lines, line.strip()]


def balance(text: str, columns: int) -> list[str]:
    """`wrap` into lines of about one length, so that no word stands alone on the last one.

    Chinese has no spaces to show where its words end: where its lines can end with a phrase instead, they do.
    """
    count = len(wrap(text, columns))
    choices = [lines for c in range(1, columns + 1) if len(lines := wrap(text, c)) <= count]
    return next((lines for lines in choices if all(_is_phrase(line) for line in lines[:-1])), choices[0])


def _is_phrase(line: str) -> bool:
    return line[-1] in "，、；：。" or not _is_wide(line[-1])


def _is_wide(c: str) -> bool:
    return unicodedata.east_asian_width(c) in "WF"


def columns_of(text: str) -> int:
    """Width of a text in Latin letters."""
    return sum(1 + _is_wide(c) for c in text)


def top_down_bars(figure: go.Figure, names: Sequence[str]) -> go.Figure:
    """Horizontal bars from the top down, in the order of `names`."""
    figure.update_yaxes(autorange="reversed", type="category", categoryarray=list(names), showgrid=False, ticks="")
    return figure


def _room(text: str) -> int:
    return _COLUMNS if columns_of(text) == len(text) else _WIDE_COLUMNS


def _pieces(text: str) -> list[str]:
    """Where a line may end: after spaces, and after Chinese characters unless closing punctuation follows."""
    pieces = [""]
    for before, c in zip(" " + text, text, strict=False):
        wide = "W" in (unicodedata.east_asian_width(before), unicodedata.east_asian_width(c))
        if (before == " " or wide) and c not in " ,.:;)，。：；、）！？”%" and pieces[-1]:
            pieces.append("")
        pieces[-1] += c
    return pieces


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
