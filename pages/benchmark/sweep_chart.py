"""How the score depends on one parameter, as a Plotly figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from pages.benchmark.charts import TICKS, Scores
from pages.ui import numbers
from pages.ui.chart_context import ChartContext
from pages.ui.plotting import fade, label_axis, style_figure
from segmethods.methods import method_colour

MOST_LINES = 60
"""A sweep over more images than this shows their range instead of a line for each."""


@dataclass(frozen=True)
class Trial:
    """One value of a parameter: what it is called and its score over the whole data set."""

    name: str
    score: float


def sweep_curve(
    trials: Sequence[Trial],
    images: Scores,
    best: int,
    ois: float,
    *,
    method: str,
    parameter: str,
    title: str,
    score_name: str,
    context: ChartContext,
    is_ordered: bool = True,
) -> go.Figure:
    """The score for each value of a parameter.

    Parameters
    ----------
    trials : sequence of Trial
        In the parameter's order.
    images : ndarray, shape (N, len(trials))
        The score of each of N images for each value: thin lines behind.
    best : int
        The value that is best for the data set as a whole.
    ois : float
        The score if every image had its own best value.
    method : str
        The method's id, which decides the colour.
    is_ordered : bool
        Whether the values have an order; names are not joined by a line.
    """
    names = [escape(trial.name) for trial in trials]
    colour, grey = method_colour(method), context.colours.muted
    figure = go.Figure()
    for values, look in _background(images, grey, is_ordered):
        figure.add_scatter(x=names, y=values, hoverinfo="skip", showlegend=False, **look)
    figure.add_scatter(
        x=names,
        y=[trial.score for trial in trials],
        mode="lines+markers" if is_ordered else "markers",
        line={"color": colour, "width": 3},
        marker={"color": colour, "size": 9, "line": context.outline},
        customdata=[numbers.score(trial.score) for trial in trials],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    style_figure(figure, title, context, height=400)
    accent = context.colours.accent
    if math.isfinite(ois):
        figure.add_hline(ois, line={"color": accent, "width": 2, "dash": "dot"})
        figure.add_annotation(
            text=context.t("each its own: {score}", score=numbers.score(ois)),
            x=0,
            xref="paper",
            y=ois,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
        )
    if 0 <= best < len(trials):
        figure.add_scatter(
            x=[names[best]],
            y=[trials[best].score],
            mode="markers+text",
            hoverinfo="skip",
            showlegend=False,
            text=[f"<b>{numbers.score(trials[best].score)}</b>"],
            textposition="bottom center",
            marker={"symbol": "circle-open", "size": 20, "color": accent, "line": {"width": 3}},
            cliponaxis=False,
        )
    figure.update_xaxes(
        title_text=label_axis(parameter), type="category", categoryarray=names, showgrid=False, nticks=13
    )
    figure.update_yaxes(
        title_text=label_axis(context.t("{score}, 0 to 1, higher is better", score=score_name)),
        range=[-0.03, 1.06],
        tickvals=TICKS,
    )
    return figure


def _background(images: Scores, grey: str, is_ordered: bool) -> Iterator[tuple[Scores, dict[str, Any]]]:
    """What lies behind the curve, and how it looks: the images' own scores, or of too many lines the middle half."""
    if not is_ordered:
        dots = {"mode": "markers", "marker": {"color": grey, "size": 5}, "opacity": 0.4}
        yield from ((row, dots) for row in images[:MOST_LINES])
    elif len(images) <= MOST_LINES:
        lines = {"mode": "lines", "line": {"color": grey, "width": 1}, "opacity": 0.3}
        yield from ((row, lines) for row in images)
    else:
        with np.errstate(all="ignore"):
            lower, upper = np.nanpercentile(images, [25, 75], axis=0)
        band = {"mode": "lines", "line": {"width": 0}, "fillcolor": fade(grey, 0.2)}
        yield upper, band
        yield lower, band | {"fill": "tonexty"}
