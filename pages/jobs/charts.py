"""The charts of a job's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from pages.ui.chart_context import chart_context
from pages.ui.language import t
from pages.ui.plotting import legend_above, style_figure
from segmethods.jobs._matching import Roc

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
LEGEND = legend_above() | {"y": -0.2, "yanchor": "top"}
"""Below the axis: on a phone a line for each pipeline would cover the title."""


def break_curve(
    values: Sequence[float], lines: Mapping[str, Sequence[float]], titles: Mapping[str, str], knob: str, figure: str
) -> go.Figure:
    """A figure of each pipeline over the values of a knob."""
    chart = go.Figure()
    for i, (name, line) in enumerate(lines.items()):
        style = line_style(i)
        chart.add_scatter(x=list(values), y=list(line), name=titles[name], mode="lines+markers", line=style)
    chart.update_xaxes(title=knob)
    chart.update_yaxes(title=figure)
    style_figure(chart, figure, chart_context())
    chart.update_layout(legend=LEGEND)
    return chart


def roc_curves(curves: Mapping[str, Roc]) -> go.Figure:
    """Rightly over falsely accepted pairs, in per cent, for each pipeline."""
    chart = go.Figure()
    for i, (name, curve) in enumerate(curves.items()):
        chart.add_scatter(
            x=100 * curve.false_accepts, y=100 * curve.true_accepts, name=name, mode="lines", line=line_style(i)
        )
    chart.add_scatter(
        x=[0, 100],
        y=[100, 0],
        mode="lines",
        showlegend=False,
        hoverinfo="skip",
        line={"color": "#888888", "dash": "dot"},
    )
    chart.update_xaxes(title=t("Wrong pairs accepted, %"), range=[-1, 101])
    chart.update_yaxes(title=t("Right pairs accepted, %"), range=[-1, 103])
    style_figure(chart, "", chart_context())  # the page has the title
    chart.update_layout(legend=LEGEND)
    return chart


def line_style(number: int) -> dict[str, object]:
    """The look of a pipeline's line."""
    return {"color": COLOURS[number % len(COLOURS)], "dash": DASHES[number % len(DASHES)], "width": 3}
