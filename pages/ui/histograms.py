"""The picture's histogram with everything that methods found in it, drawn from their traces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from pages.ui import numbers
from pages.ui.chart_context import ChartContext
from pages.ui.plotting import columns_of, mix, style_figure
from segmethods.core.palette import to_hex
from segmethods.core.types import Segmentation
from segmethods.methods import method_colour
from segmethods.methods._channels import CHANNELS
from segmethods.methods.histogram import HistogramTrace, PeaksTrace
from segmethods.methods.kmeans import KMeansTrace
from segmethods.methods.threshold import ThresholdTrace

_GREY = np.array([0.299, 0.587, 0.114])
_HEIGHT = 300
_LANE = 22
"""Height of a line of labels above the bars, in pixels."""
_LEGEND = 60
"""Height of the legend, where there is anything to explain."""


@dataclass
class Panel:
    """One channel: pixels by level, the methods that read it, and those whose groups have colours to mark on it.

    Parameters
    ----------
    readers, groupers : list of tuple
        A method's id and its trace.
    """

    channel: str
    counts: NDArray[np.int64]
    readers: list[tuple[str, ThresholdTrace | HistogramTrace]] = field(default_factory=list)
    groupers: list[tuple[str, KMeansTrace]] = field(default_factory=list)


def gather_panels(results: Sequence[Segmentation]) -> list[Panel]:
    """The channels of which some result kept a histogram, each once, grey first."""
    panels: dict[str, Panel] = {}
    for result in results:
        if isinstance(result.trace, ThresholdTrace | HistogramTrace):
            channel = str(result.params.get("channel", "grey"))
            panel = panels.setdefault(channel, Panel(channel, result.trace.histogram))
            panel.readers.append((result.method, result.trace))
    if "grey" in panels:
        panels["grey"].groupers += [(r.method, r.trace) for r in results if isinstance(r.trace, KMeansTrace)]
    return sorted(panels.values(), key=lambda panel: panel.channel != "grey")


def histogram_chart(
    panels: Sequence[Panel], *, title: str, titles: Mapping[str, str], context: ChartContext
) -> go.Figure:
    """Pixels by level, with levels, cuts, peaks, valleys and the centroids of colour groups where methods found them.

    Parameters
    ----------
    panels : sequence of Panel
        At least one, see `gather_panels`.
    titles : mapping
        Method id -> what the user reads.
    """
    marks = [_read_lines(panel, titles, context) for panel in panels]
    lanes = [_stack_labels(lines) for lines in marks]
    room = _LANE * (max(max(lane, default=-1) for lane in lanes) + 1)
    gap = (room + 90) / (len(panels) * (_HEIGHT + room + 90))
    figure = make_subplots(rows=len(panels), cols=1, vertical_spacing=gap if len(panels) > 1 else 0)
    style_figure(figure, title, context, height=len(panels) * (_HEIGHT + room + 60) + 60)
    figure.update_layout(
        margin={"t": figure.layout.margin.t + room, "b": 120},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        legend_itemclick=False,
        legend_itemdoubleclick=False,
    )
    for row, (panel, lines, lane) in enumerate(zip(panels, marks, lanes, strict=True), 1):
        _draw_panel(figure, row, panel, titles, context)
        for (value, text, colour, dash), place in zip(lines, lane, strict=True):
            _draw_line(figure, row, value, text, colour, dash, place)
    if all(trace.showlegend is False for trace in figure.data):
        figure.update_layout(height=figure.layout.height - _LEGEND, margin_b=120 - _LEGEND)
    return figure


def _draw_panel(figure: go.Figure, row: int, panel: Panel, titles: Mapping[str, str], context: ChartContext) -> None:
    percent = panel.counts / max(panel.counts.sum(), 1) * 100
    top = ceiling(percent)
    figure.add_scatter(
        x=np.arange(256),
        y=percent,
        mode="lines",
        line={"shape": "hvh", "width": 0},
        fill="tozeroy",
        fillcolor=mix(context.colours.background, context.colours.muted, 0.5),
        hovertemplate="%{x}: %{y:.2f}%<extra></extra>",
        showlegend=False,
        row=row,
        col=1,
    )
    for level in np.flatnonzero(percent > top).tolist():
        share = numbers.share(percent[level] / 100)
        figure.add_annotation(
            x=level, y=top, text=f"↑ {share}", showarrow=False, yanchor="top", xanchor=_side(level), row=row, col=1
        )
    for method, trace in panel.readers:
        if isinstance(trace, PeaksTrace):
            label = context.t("{method}: smoothed", method=titles.get(method, method))
            _draw_curve(figure, row, trace, method_colour(method), label, context)
    for lane, (method, centroids) in enumerate(panel.groupers):
        label = context.t("{method}: centroids", method=titles.get(method, method))
        _draw_groups(figure, row, centroids, -top * 0.075 * (lane + 1), method_colour(method), label)
    channel = context.t(CHANNELS.get(panel.channel, panel.channel))
    figure.update_xaxes(
        title_text=context.t("{channel}, level 0 to 255", channel=channel),
        range=[-2, 257],
        tickvals=[0, 64, 128, 192, 255],
        row=row,
    )
    low = -top * 0.075 * (len(panel.groupers) + 0.7) if panel.groupers else 0
    figure.update_yaxes(
        title_text=context.t("Pixels (%)"), range=[low, top * 1.04], rangemode="nonnegative", nticks=5, row=row
    )


def _draw_curve(figure: go.Figure, row: int, trace: PeaksTrace, colour: str, label: str, context: ChartContext) -> None:
    """The smoothed histogram of a method, with its peaks and valleys."""
    percent = trace.smoothed / max(trace.smoothed.sum(), 1) * 100
    line = {"color": colour, "width": 2.5}
    figure.add_scatter(
        x=np.arange(256), y=percent, mode="lines", line=line, name=escape(label), hoverinfo="skip", row=row, col=1
    )
    marks = ((trace.peaks, context.t("peak"), "triangle-down"), (trace.valleys, context.t("valley"), "triangle-up"))
    for levels, word, symbol in marks:
        figure.add_scatter(
            x=levels,
            y=percent[levels],
            mode="markers",
            name=escape(word),
            marker={
                "symbol": symbol,
                "size": 14,
                "color": colour,
                "line": {**context.outline, "color": context.colours.text},
            },
            hovertemplate=f"{escape(word)}: %{{x}}<extra></extra>",
            cliponaxis=False,
            row=row,
            col=1,
        )


def _draw_groups(figure: go.Figure, row: int, trace: KMeansTrace, y: float, edge_colour: str, label: str) -> None:
    """The centroids of colour groups, each in its own colour, at their grey level under the axis."""
    colours = trace.colours[-1]
    greys = colours @ _GREY
    edge = {"width": 2.5, "color": edge_colour}
    figure.add_scatter(
        x=greys,
        y=np.full(len(greys), y),
        mode="markers",
        marker={"size": 15, "color": [to_hex((r, g, b)) for r, g, b in colours.tolist()], "line": edge},
        name=escape(label),
        hovertemplate=f"{escape(label)}: %{{x:.0f}}<extra></extra>",
        cliponaxis=False,
        row=row,
        col=1,
    )


def _read_lines(panel: Panel, titles: Mapping[str, str], context: ChartContext) -> list[tuple[float, str, str, str]]:
    """Level, label, colour and dash of every vertical line, from left to right."""
    lines = []
    for method, trace in panel.readers:
        name, colour = titles.get(method, method), method_colour(method)
        if isinstance(trace, ThresholdTrace):
            if trace.level is not None:
                lines.append((trace.level, f"{name} {trace.level:.0f}", colour, "solid"))
            continue
        for cut in trace.cuts:
            level = f"{cut:.0f}"
            one = context.t("cut {level}", level=level)
            label = one if len(panel.readers) == 1 else context.t("{method}: cut {level}", method=name, level=level)
            lines.append((float(cut), label, colour, "dash"))
    return sorted(lines)


def _stack_labels(lines: Sequence[tuple[float, str, str, str]]) -> list[int]:
    """The lowest lane for every label in which it meets no other, on the narrowest screen (1.2 px a level)."""
    ends: list[list[tuple[float, float]]] = []
    lanes = []
    for value, text, _, _ in lines:
        width = (columns_of(text) + 2) * 8 / 1.2 + 6
        span = (value, value + width) if _side(value) == "left" else (value - width, value)
        free = [i for i, taken in enumerate(ends) if all(span[1] < a or b < span[0] for a, b in taken)]
        lane = free[0] if free else len(ends)
        if lane == len(ends):
            ends.append([])
        ends[lane].append(span)
        lanes.append(lane)
    return lanes


def _draw_line(figure: go.Figure, row: int, value: float, text: str, colour: str, dash: str, lane: int) -> None:
    axis = figure.layout[f"yaxis{row if row > 1 else ''}"]
    top = axis.range[1]
    figure.add_scatter(
        x=[value, value],
        y=[0, top],
        mode="lines",
        line={"color": colour, "width": 3, "dash": dash},
        hoverinfo="skip",
        cliponaxis=False,
        showlegend=False,
        row=row,
        col=1,
    )
    square = f'<span style="color:{colour}">■</span>'
    figure.add_annotation(
        x=value,
        y=top,
        text=f"{square} {escape(text)}" if _side(value) == "left" else f"{escape(text)} {square}",
        showarrow=False,
        xanchor=_side(value),
        yanchor="bottom",
        yshift=lane * _LANE,
        row=row,
        col=1,
    )


def _side(level: float) -> str:
    return "left" if level < 128 else "right"


def ceiling(percent: NDArray[np.float64]) -> float:
    """Top of the axis: a few levels that tower over all others don't flatten them."""
    present = np.sort(percent[percent > 0])
    if not len(present):
        return 1.0
    usual = present[int(len(present) * 0.97)]
    return float(usual * 1.25 if present[-1] > 4 * usual else present[-1])
