"""The dress that all charts wear, light or dark: type of 14 px and more, quiet grids, room that follows the words."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from pages.ui.theme import BACKGROUND, GRID, MUTED, TEXT

Translate = Callable[..., str]
"""`pages.ui.language.t`: an English text and its values -> the user's language."""

CONFIG: dict[str, Any] = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}
"""For ``st.plotly_chart(figure, config=CONFIG, theme=None)``."""

FONT = "'Source Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
SIZE, TITLE_SIZE = 15, 18
_TITLE_COLUMNS = 40


def dress(figure: go.Figure, title: str, dark: bool, height: int = 420) -> go.Figure:
    """Give a figure its title, type, colours and margins; returns the figure."""
    mode = "dark" if dark else "light"
    lines = wrap(title, _TITLE_COLUMNS)
    top = 26 * len(lines) + 22
    figure.update_layout(
        template="none",
        height=height + top,
        margin={"l": 8, "r": 12, "t": top, "b": 8, "pad": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": SIZE, "color": TEXT[mode]},
        title={
            "text": "<br>".join(f"<b>{escape(line)}</b>" for line in lines),
            "font": {"size": TITLE_SIZE},
            "x": 0, "xref": "container", "xanchor": "left", "pad": {"l": 8},
            "y": 1, "yref": "container", "yanchor": "top",
        },
        hoverlabel={"font": {"family": FONT, "size": SIZE, "color": TEXT[mode]}, "bgcolor": BACKGROUND[mode]},
        hoverlabel_bordercolor=GRID[mode],
        dragmode=False,
        bargap=0.32,
        uniformtext={"minsize": 14, "mode": "hide"},
    )  # fmt: skip
    axis = {
        "automargin": True, "fixedrange": True, "gridcolor": GRID[mode], "zeroline": False, "linecolor": GRID[mode],
        "tickfont": {"size": SIZE}, "title": {"font": {"size": SIZE, "color": MUTED[mode]}, "standoff": 10},
    }  # fmt: skip
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def outline(dark: bool) -> dict[str, Any]:
    """A thin edge that keeps pale marks visible on white and dark ones on black."""
    return {"width": 1, "color": "rgba(255,255,255,0.35)" if dark else "rgba(15,23,42,0.35)"}


def muted(text: str, dark: bool) -> str:
    """`text`, escaped, in the colour of small print."""
    return f'<span style="color:{MUTED["dark" if dark else "light"]}">{escape(text)}</span>'


def text_on(colour: str) -> str:
    """Near-black or white, whichever is read better on ``"#rrggbb"``."""
    ink = "#14181d"
    return ink if contrast(ink, colour) >= contrast("#ffffff", colour) else "#ffffff"


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


def columns_of(text: str) -> int:
    """Width of a text in Latin letters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def upside_down(figure: go.Figure, names: Sequence[str]) -> go.Figure:
    """Horizontal bars from the top down, in the order of `names`."""
    figure.update_yaxes(autorange="reversed", type="category", categoryarray=list(names), showgrid=False, ticks="")
    return figure


def _pieces(text: str) -> list[str]:
    """Where a line may end: after spaces, and after Chinese characters unless closing punctuation follows."""
    pieces = [""]
    for before, c in zip(" " + text, text, strict=False):
        wide = "W" in (unicodedata.east_asian_width(before), unicodedata.east_asian_width(c))
        if (before == " " or wide) and c not in " ,.:;)，。：；、）！？%" and pieces[-1]:
            pieces.append("")
        pieces[-1] += c
    return pieces


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
