"""Values to Plotly figures. Nothing is computed here that a method or a score has not found.

Titles come in translated and say the finding; `t` translates the words of axes. Show a figure with
``st.plotly_chart(figure, config=CONFIG, theme=None, alt=title)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import plotly.graph_objects as go

from pages.ui import numbers
from pages.ui.cells import Chip
from pages.ui.chart_context import ChartContext
from pages.ui.plotting import (
    CONFIG,
    columns_of,
    label_axis,
    legend_above,
    style_figure,
    text_on,
    top_down_bars,
    wrap,
)
from segmethods.core.palette import NEUTRAL, to_hex
from segmethods.core.types import Timings
from segmethods.methods import method_colour

__all__ = ["CONFIG", "Row", "class_shares", "score_against_time", "score_bars", "timing_bars"]


_MOST_CLASSES = 12
"""Parts of one bar of class shares; the others are summed up."""


@dataclass(frozen=True)
class Row:
    """One method in a chart.

    Parameters
    ----------
    method, title : str
        Its id, which decides the colour, and what the user reads.
    score : float
        0 to 1, NaN where there is none.
    note : str
        The score's alignment, in the user's words.
    timings : Timings
        Seconds of the three stages.
    is_placed : bool
        Whether the score has a rank; others are grey.
    """

    method: str
    title: str
    score: float = math.nan
    note: str = ""
    timings: Timings = field(default_factory=Timings)
    is_placed: bool = True

    def colour(self, context: ChartContext) -> str:
        """The method's, or grey where its score has no rank."""
        return method_colour(self.method) if self.is_placed else context.colours.muted


def score_bars(
    rows: Sequence[Row], *, title: str, score_name: str, context: ChartContext, blank: float = math.nan
) -> go.Figure:
    """Score of every method against the truth: ranked ones first, then grey upper bounds; a line for a blank answer."""
    rows = sorted(rows, key=lambda r: (not r.is_placed, -r.score if math.isfinite(r.score) else 1))
    names = [_name_and_note(r, context) for r in rows]
    bars = go.Bar(
        x=[r.score if math.isfinite(r.score) else 0 for r in rows],
        y=names,
        orientation="h",
        marker={"color": [r.colour(context) for r in rows], "line": context.outline, "cornerradius": 3},
        text=[numbers.score(r.score) for r in rows],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure = style_figure(go.Figure(bars), title, context, height=60 + 50 * len(rows))
    figure.update_xaxes(
        title_text=label_axis(context.t("{score}, 0 to 1, higher is better", score=score_name)),
        range=[0, 1.1],
        tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1],
    )
    if blank > 0:
        figure.add_vline(
            blank,
            line={"color": context.colours.muted, "width": 1, "dash": "dash"},
            annotation={"text": context.small_print(context.t("blank answer")), "yanchor": "bottom"},
        )
    return top_down_bars(figure, names)


def timing_bars(rows: Sequence[Row], *, title: str, context: ChartContext) -> go.Figure:
    """Time of every method, fastest first, split into prepare, infer and finish."""
    rows = sorted(rows, key=lambda r: r.timings.total)
    names = [_name(r.title) for r in rows]
    longest = max((r.timings.total for r in rows), default=0.0)
    unit = 1.0 if longest >= 2 else 1000.0
    stages: list[tuple[str, str, dict[str, object]]] = [
        ("prepare", context.t("prepare"), {"shape": "/", "solidity": 0.35}),
        ("infer", context.t("infer"), {"shape": ""}),
        ("finish", context.t("finish"), {"shape": ".", "solidity": 0.45}),
    ]
    figure = go.Figure()
    for stage, label, pattern in stages:
        spent = [getattr(r.timings, stage) for r in rows]
        colours = [method_colour(r.method) for r in rows]
        figure.add_bar(
            x=[s * unit for s in spent],
            y=names,
            orientation="h",
            marker={"color": colours, "pattern": _pattern(pattern, context), "line": context.outline},
            customdata=[numbers.seconds(s) for s in spent],
            hovertemplate=f"%{{y}}, {escape(label)}: %{{customdata}}<extra></extra>",
            showlegend=False,
        )
        grey = {"color": "#8b96a1", "pattern": _pattern(pattern, context), "line": context.outline}
        figure.add_bar(x=[None], y=names[:1], orientation="h", name=escape(label), marker=grey)
    figure.add_scatter(
        x=[r.timings.total * unit for r in rows],
        y=names,
        mode="text",
        text=["  " + numbers.seconds(r.timings.total) for r in rows],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    style_figure(figure, title, context, height=96 + 42 * len(rows))
    figure.update_layout(
        barmode="stack",
        legend=legend_above(),
        margin_t=figure.layout.margin.t + 34,
    )
    figure.update_xaxes(
        title_text=context.t("Time (s)") if unit == 1 else context.t("Time (ms)"),
        range=[0, max(longest * unit * 1.22, 1e-3)],
        nticks=6,
    )
    return top_down_bars(figure, names)


def class_shares(
    rows: Sequence[tuple[str, Sequence[tuple[Chip, float]]]], *, title: str, context: ChartContext
) -> go.Figure:
    """What part of the picture each class covers, one bar a method.

    Parameters
    ----------
    rows : sequence of (str, sequence of (Chip, float))
        A method's title and its classes with the fraction of the picture that each covers, by id.
    """
    names = [_name(name) for name, _ in rows]
    rows = [(name, _largest(parts, context)) for name, parts in rows]
    figure = go.Figure()
    for place in range(max((len(parts) for _, parts in rows), default=0)):
        here = [(name, *parts[place]) for name, (_, parts) in zip(names, rows, strict=True) if place < len(parts)]
        figure.add_bar(
            x=[fraction * 100 for _, _, fraction in here],
            y=[name for name, _, _ in here],
            orientation="h",
            marker={"color": [chip.colour for _, chip, _ in here], "line": context.outline},
            text=[f"{escape(chip.name)} {chip.share}" for _, chip, _ in here],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": [text_on(chip.colour) for _, chip, _ in here], "size": 14},
            hovertemplate="%{y}: %{text}<extra></extra>",
            showlegend=False,
        )
    style_figure(figure, title, context, height=60 + 46 * len(rows))
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title_text=context.t("Share of the picture (%)"), range=[0, 100], tickvals=[0, 25, 50, 75, 100])
    return top_down_bars(figure, names)


def score_against_time(rows: Sequence[Row], *, title: str, score_name: str, context: ChartContext) -> go.Figure:
    """Every method as a point: up is better, left is faster (a logarithmic axis)."""
    rows = [r for r in rows if math.isfinite(r.score) and r.timings.total > 0]
    powers = [math.log10(r.timings.total) for r in rows] or [-2.0, 0.0]
    low, high = math.floor(min(powers)), math.ceil(max(powers))
    figure = go.Figure(
        go.Scatter(
            x=[r.timings.total for r in rows],
            y=[r.score for r in rows],
            mode="markers+text",
            marker={
                "color": [r.colour(context) for r in rows],
                "symbol": ["circle" if r.is_placed else "circle-open" for r in rows],
                "size": 15,
                "line": {"width": [1 if r.is_placed else 2 for r in rows], "color": _edges(rows, context)},
            },
            text=[escape(r.title) for r in rows],
            textposition=_place_labels(rows, low, high),
            customdata=[f"{numbers.score(r.score)}, {numbers.seconds(r.timings.total)}" for r in rows],
            hovertemplate="%{text}: %{customdata}<extra></extra>",
            cliponaxis=False,
        )
    )
    style_figure(figure, title, context, height=420)
    decades = [10.0**p for p in range(low, high + 1)]
    figure.update_xaxes(
        type="log",
        range=[low - 0.08, high + 0.08],
        tickvals=decades,
        ticktext=[_decade(d) for d in decades],
        title_text=context.t("Time (logarithmic)"),
    )
    figure.update_yaxes(
        title_text=label_axis(context.t("{score}, 0 to 1, higher is better", score=score_name)),
        range=[-0.04, 1.08],
        tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1],
    )
    return figure


def _edges(rows: Sequence[Row], context: ChartContext) -> list[str]:
    return [context.colours.edge if row.is_placed else context.colours.muted for row in rows]


def _largest(parts: Sequence[tuple[Chip, float]], context: ChartContext) -> list[tuple[Chip, float]]:
    """The largest parts in their order; all others become one grey part at the end."""
    kept = sorted(range(len(parts)), key=lambda i: -parts[i][1])[:_MOST_CLASSES]
    rest = sum(fraction for i, (_, fraction) in enumerate(parts) if i not in kept)
    others = Chip(to_hex(NEUTRAL), context.t("{count} more", count=len(parts) - len(kept)), numbers.share(rest))
    return [parts[i] for i in sorted(kept)] + ([(others, rest)] if rest > 0 else [])


def _name(title: str) -> str:
    return "<br>".join(escape(line) for line in wrap(title, 18))


def _name_and_note(row: Row, context: ChartContext) -> str:
    return f"{_name(row.title)}<br>{context.small_print(row.note)}" if row.note else _name(row.title)


def _pattern(pattern: dict[str, object], context: ChartContext) -> dict[str, object]:
    return {
        **pattern,
        "size": 7,
        "fillmode": "overlay",
        "fgcolor": context.colours.text,
        "fgopacity": 0.55,
    }


def _decade(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 0.1 else f"{seconds * 1000:g} ms"


def _place_labels(rows: Sequence[Row], low: int, high: int) -> list[str]:
    """Beside each point, the first side where its name meets no other point or name (on a plot of 290 x 340 px)."""
    points = [((math.log10(r.timings.total) - low) / (high - low) * 290, r.score * 340) for r in rows]
    taken = [(x - 9, x + 9, y - 9, y + 9) for x, y in points]
    places = []
    for row, (x, y) in zip(rows, points, strict=True):
        width = columns_of(row.title) * 8
        right, left, middle = (x + 10, x + 10 + width), (x - 10 - width, x - 10), (x - width / 2, x + width / 2)
        level, above, below = (y - 9, y + 9), (y + 9, y + 28), (y - 28, y - 9)
        boxes = {
            "middle right": (*right, *level),
            "top right": (x, x + width, *above),
            "bottom right": (x, x + width, *below),
            "top center": (*middle, *above),
            "bottom center": (*middle, *below),
            "middle left": (*left, *level),
            "top left": (x - width, x, *above),
            "bottom left": (x - width, x, *below),
        }
        free = [
            p
            for p, b in boxes.items()
            if b[0] >= 0 and b[1] <= 300 and b[2] >= -14 and not any(_meet(b, o) for o in taken)
        ]
        places.append(free[0] if free else min(boxes, key=lambda p: sum(_meet(boxes[p], o) for o in taken)))
        taken.append(boxes[places[-1]])
    return places


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
