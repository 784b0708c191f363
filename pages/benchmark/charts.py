"""What a benchmark found, as Plotly figures. Every number comes from the run; nothing is computed here.

Show a figure with ``st.plotly_chart(figure, config=CONFIG, theme=None, alt=title)``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.ui import numbers
from pages.ui.chart_context import ChartContext
from pages.ui.charts import Row, score_against_time
from pages.ui.plotting import (
    fade,
    label_axis,
    legend_above,
    style_figure,
    top_down_bars,
    wrap,
)
from segmethods.core.palette import NEUTRAL, to_hex
from segmethods.methods import method_colour

Scores = NDArray[np.float64]
LINE = 0.06
"""Height of a line of small print on an axis from 0 to 1."""
TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]


@dataclass(frozen=True)
class Spread:
    """One method's scores over the images of a data set, NaN where an image has none."""

    method: str
    title: str
    images: Sequence[str]
    scores: Scores


def accuracy_against_time(
    rows: Sequence[Row],
    front: Sequence[str],
    baselines: Mapping[str, float],
    *,
    title: str,
    score_name: str,
    context: ChartContext,
) -> go.Figure:
    """Every method as a point, a line through those that no other beats in both, and dashed lines for the baselines.

    Parameters
    ----------
    rows : sequence of Row
        The time is the median of an image.
    front : sequence of str
        Ids of the methods on the Pareto front.
    baselines : mapping
        Title -> score.
    """
    figure = score_against_time(rows, title=title, score_name=score_name, context=context)
    points = sorted((r.timings.total, r.score) for r in rows if r.method in front and r.timings.total > 0)
    figure.add_scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        line={"color": context.colours.accent, "width": 2, "dash": "dot", "shape": "hv"},
        zorder=-1,
    )
    below = -1.0
    for name, score in sorted(baselines.items(), key=lambda pair: pair[1]):
        figure.add_hline(score, line={"color": context.colours.muted, "width": 1, "dash": "dash"}, layer="below")
        below = max(score, below + LINE)  # the names of two that are level stand one above the other
        figure.add_annotation(
            text=context.small_print(f"{name} {numbers.score(score)}"),
            xref="paper",
            x=1,
            xanchor="right",
            y=below,
            yanchor="bottom",
            showarrow=False,
        )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text=context.t("Median time of an image (logarithmic)"))
    return figure


def spread_over_images(spreads: Sequence[Spread], *, title: str, score_name: str, context: ChartContext) -> go.Figure:
    """A box for each method, best median first: the line is the median, the box the middle half of the images."""
    spreads = sorted(spreads, key=lambda s: -_median(s.scores))
    names = [_name(s.title) for s in spreads]
    figure = go.Figure()
    for name, spread in zip(names, spreads, strict=True):
        kept = np.isfinite(spread.scores)
        colour = method_colour(spread.method)
        figure.add_box(
            x=spread.scores[kept],
            y=[name] * int(kept.sum()),
            orientation="h",
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            fillcolor=fade(colour, 0.35),
            line={"color": context.colours.text, "width": 1.5},
            marker={"color": colour, "size": 7, "opacity": 0.9, "line": context.outline},
            text=[escape(image) for image, good in zip(spread.images, kept, strict=True) if good],
            hovertemplate="%{text}: %{x:.2f}<extra></extra>",
            hoveron="points",
            showlegend=False,
        )
    style_figure(figure, title, context, height=70 + 58 * len(spreads))
    figure.update_xaxes(
        title_text=label_axis(context.t("{score} of an image, 0 to 1, higher is better", score=score_name)),
        range=[-0.03, 1.03],
        tickvals=TICKS,
    )
    return top_down_bars(figure, names)


def paired_differences(
    images: Sequence[str],
    differences: Scores,
    methods: tuple[str, str],
    titles: tuple[str, str],
    interval: tuple[float, float, float],
    *,
    unit: str,
    higher_is_better: bool = True,
    title: str,
    score_name: str,
    context: ChartContext,
) -> go.Figure:
    """By how much one method beats the other, image by image, and the interval of the difference.

    Parameters
    ----------
    images, differences : sequence of str, ndarray
        The first method's score less the second's, in `unit`.
    methods, titles : (str, str)
        The two methods: their ids, which decide the colours, and what the user reads.
    interval : (float, float, float)
        Low end, estimate and high end, in `unit`.
    unit, higher_is_better : str, bool
        Of the score.
    """
    order = [i for i in np.argsort(-differences, kind="stable") if math.isfinite(differences[i])]
    values = differences[order]
    low, estimate, high = interval
    above, below = (0, 1) if higher_is_better else (1, 0)
    figure = go.Figure(
        go.Bar(
            x=list(range(1, len(order) + 1)),
            y=values,
            marker={
                "color": [method_colour(methods[above if v >= 0 else below]) for v in values],
                "line": context.outline if len(order) <= 100 else {"width": 0},
            },
            customdata=[[escape(images[i]), f"{differences[i]:+.1f}"] for i in order],
            hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
            showlegend=False,
        )
    )
    if math.isfinite(low) and math.isfinite(high):
        figure.add_hrect(low, high, fillcolor=context.colours.accent, opacity=0.22, line_width=0, layer="below")
    if math.isfinite(estimate):
        figure.add_hline(estimate, line={"color": context.colours.accent, "width": 2})
    style_figure(figure, title, context, height=380)
    better = [
        context.t("↑ {method} better", method=titles[above]),
        context.t("↓ {method} better", method=titles[below]),
    ]
    for text, y, anchor in ((better[0], 1, "top"), (better[1], 0, "bottom")):
        figure.add_annotation(
            text=context.small_print(text),
            xref="paper",
            yref="paper",
            x=1,
            y=y,
            xanchor="right",
            yanchor=anchor,
            showarrow=False,
        )
    reach = max([1.0, *np.abs(values).tolist(), *(abs(v) for v in interval if math.isfinite(v))]) * 1.15
    figure.update_yaxes(
        title_text=context.t("Difference in {score} ({unit})", score=score_name, unit=unit), range=[-reach, reach]
    )
    figure.update_yaxes(zeroline=True, zerolinecolor=context.colours.muted)
    figure.update_xaxes(
        title_text=context.t("Images, sorted by the difference"), showgrid=False, range=[0.3, len(order) + 0.7]
    )
    figure.update_xaxes(tickformat="d", nticks=min(len(order) + 1, 12))
    return figure


def runs_side_by_side(
    rows: Sequence[tuple[str, str]],
    runs: Sequence[tuple[str, Mapping[str, float]]],
    *,
    title: str,
    score_name: str,
    context: ChartContext,
) -> go.Figure:
    """The scores of the same methods in several runs: one line a method, one mark a run.

    Parameters
    ----------
    rows : sequence of (str, str)
        Id and title of each method.
    runs : sequence of (str, mapping)
        What a run is called, and its scores by method id; the last one is the one that is open.
    """
    names = {method_id: _name(text) for method_id, text in rows}
    shapes = ("circle", "square", "diamond", "triangle-up", "x", "cross")
    figure = go.Figure()
    for method_id, name in names.items():
        reached = [scores[method_id] for _, scores in runs if math.isfinite(scores.get(method_id, math.nan))]
        figure.add_scatter(
            x=reached,
            y=[name] * len(reached),
            mode="lines",
            line={"color": context.colours.muted, "width": 1.5},
            hoverinfo="skip",
            showlegend=False,
        )
    for place, (run, scores) in enumerate(runs):
        is_open = place == len(runs) - 1
        colour = context.colours.accent if is_open else to_hex(NEUTRAL)
        here = [method_id for method_id in names if math.isfinite(scores.get(method_id, math.nan))]
        figure.add_scatter(
            x=[scores[method_id] for method_id in here],
            y=[names[method_id] for method_id in here],
            mode="markers",
            name=escape(run),
            marker={"symbol": shapes[place % len(shapes)], "size": 13, "color": colour, "line": context.outline},
            customdata=[numbers.score(scores[method_id]) for method_id in here],
            hovertemplate=f"%{{y}}, {escape(run)}: %{{customdata}}<extra></extra>",
            cliponaxis=False,
        )
    style_figure(figure, title, context, height=70 + 46 * len(names) + 26 * len(runs))
    figure.update_layout(legend=legend_above() | {"orientation": "v"}, margin_t=figure.layout.margin.t + 26 * len(runs))
    figure.update_xaxes(
        title_text=label_axis(context.t("{score}, 0 to 1, higher is better", score=score_name)),
        range=[-0.03, 1.03],
        tickvals=TICKS,
    )
    return top_down_bars(figure, list(names.values()))


def _median(values: Scores) -> float:
    kept = values[np.isfinite(values)]
    return float(np.median(kept)) if len(kept) else -1.0


def _name(title: str) -> str:
    return "<br>".join(escape(line) for line in wrap(title, 18))
