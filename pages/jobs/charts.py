"""The chart of a job's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from pages.ui.chart_context import chart_context
from pages.ui.plotting import legend_above, style_figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def break_curve(
    values: Sequence[float], lines: Mapping[str, Sequence[float]], titles: Mapping[str, str], knob: str, figure: str
) -> go.Figure:
    """A figure of each pipeline over the values of a knob."""
    chart = go.Figure()
    for i, (name, line) in enumerate(lines.items()):
        style = {"color": COLOURS[i % len(COLOURS)], "dash": DASHES[i % len(DASHES)], "width": 3}
        chart.add_scatter(x=list(values), y=list(line), name=titles[name], mode="lines+markers", line=style)
    chart.update_xaxes(title=knob)
    chart.update_yaxes(title=figure)
    style_figure(chart, figure, chart_context())
    chart.update_layout(legend=legend_above())
    return chart
