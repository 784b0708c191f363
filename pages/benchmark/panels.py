"""Why the leaderboard looks as it does: one chart at a time, large."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.benchmark.charts import (
    Spread,
    accuracy_against_time,
    paired_differences,
    spread_over_images,
)
from pages.benchmark.headline import difference_sentence
from pages.benchmark.images import draw_images
from pages.benchmark.run_comparison import draw_run_comparison
from pages.benchmark.run_view import RunView
from pages.benchmark.sweep_chart import Trial, sweep_curve
from pages.state.benchmark import BenchmarkState
from pages.state.session import session
from pages.state.widgets import bind_widget
from pages.ui.actions import draw_switch
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.chart_context import chart_context
from pages.ui.charts import CONFIG, Row
from pages.ui.language import t, translate
from segmethods.benchmark import Difference, compare_all, get_metric, pareto, sweep
from segmethods.benchmark.statistics import unit_of_difference
from segmethods.core.messages import Message
from segmethods.core.types import Timings
from segmethods.metrics import METRICS

PANELS = {
    "sweep": Message("Parameter"),
    "time": Message("Score against time"),
    "spread": Message("Over the pictures"),
    "pair": Message("Two methods"),
    "images": Message("Best and worst pictures"),
    "runs": Message("Runs side by side"),
}


@st.fragment
def draw_panels(view: RunView) -> None:
    """The chart that the visitor chose, or the first that there is something to draw in."""
    chosen = session().benchmark
    draw = available_panels(view, chosen)
    panel = chosen.panel if chosen.panel in draw else next(iter(draw))
    draw_switch(t("Chart"), list(draw), PANELS, chosen, "panel", panel)
    with st.container(key=f"benchmark-{panel}"):
        draw[panel]()


def available_panels(view: RunView, chosen: BenchmarkState) -> dict[str, Callable[[], None]]:
    """Those for which there is something to draw, the most telling one first."""
    several = len(view.methods) > 1
    bounded = METRICS[view.metric].high == 1.0
    drawable: dict[str, tuple[bool, Callable[[], None]]] = {
        "sweep": (view.swept is not None and bounded, partial(_draw_sweep, view)),
        "time": (view.swept is None and bounded, partial(_draw_time, view)),
        "spread": (bounded, partial(_draw_spread, view)),
        "pair": (several, partial(_draw_pair, view, chosen)),
        "images": (True, partial(draw_images, view, chosen)),
        "runs": (any(run != view.name for run in chosen.runs), partial(draw_run_comparison, view, chosen)),
    }
    return {panel: draw for panel, (possible, draw) in drawable.items() if possible}


def _draw_time(view: RunView) -> None:
    rows = [
        Row(
            line.method,
            view.title(line.label),
            view.score(line),
            t(", ").join(translate(ALIGNMENT_NOTES[a]) for a in line.alignment.split(", ") if a),
            Timings(infer=line.seconds_median),
            line.label in view.ranked.placed,
        )
        for line in view.methods
    ]
    front = pareto(view.results, view.metric)
    others = {view.title(s.label): view.score(s) for s in view.lines if s.kind != "method"}
    kept = {title: score for title, score in others.items() if math.isfinite(score)}
    title = tell_front([view.title(label) for label in front], [row.is_placed for row in rows])
    _draw(
        accuracy_against_time(
            rows, front, kept, title=title, score_name=view.name_metric(view.metric), context=chart_context()
        ),
        title,
    )
    st.caption(
        t(
            "On the dotted line no other method is both better and faster. Dashed: answers given without a look at the "
            "picture. Hollow: no rank."
        )
    )


def tell_front(names: Sequence[str], ranked: Sequence[bool]) -> str:
    """Who is worth the time, of those who have a rank: others may well be faster, and are drawn beside them."""
    if not names:
        return t("No method has a rank here")
    if len(names) > 1:
        return t("Worth their time: {names}", names=t(", ").join(names))
    if sum(ranked) == 1 < len(ranked):
        return t("Only {name} has a rank here", name=names[0])
    if not all(ranked):
        return t("Of those with a rank, none scores higher or runs faster than {name}", name=names[0])
    return t("No other scores higher or runs faster than {name}", name=names[0])


def _draw_spread(view: RunView) -> None:
    spreads = [
        Spread(s.method, view.title(s.label), view.results.images, view.results.by_image(s.label, view.metric))
        for s in view.methods
    ]
    spreads = [s for s in spreads if np.isfinite(s.scores).any()]
    title, name = t("How the scores vary from picture to picture"), view.name_metric(view.metric)
    _draw(spread_over_images(spreads, title=title, score_name=name, context=chart_context()), title)
    st.caption(t("Each dot is a picture by itself; the leaderboard sums the counts of all pictures first."))


def _draw_pair(view: RunView, chosen: BenchmarkState) -> None:
    labels = [line.label for line in view.lines]
    first, second = [label for label in chosen.pair if label in labels][:2] or labels[:2]
    sides = (("benchmark.first", t("First"), first), ("benchmark.second", t("Second"), second))
    for column, (key, side, label) in zip(st.columns(2), sides, strict=True):
        column.selectbox(
            side,
            labels,
            format_func=view.titles.__getitem__,
            **bind_widget(key, label, among=labels),
            on_change=_take_pair,
            args=(chosen, first, second),
        )
    if first == second:
        st.info(t("Choose two different ones."))
        return
    found = _compare(view, first, second)
    title, about = difference_sentence(view, found)
    scale, unit = unit_of_difference(view.metric)
    gaps = view.results.by_image(first, view.metric) - view.results.by_image(second, view.metric)
    methods = [next(line.method for line in view.lines if line.label == label) for label in (first, second)]
    _draw(
        paired_differences(
            view.results.images,
            gaps * scale,
            (methods[0], methods[1]),
            (view.title(first), view.title(second)),
            (found.low * scale, found.estimate * scale, found.high * scale),
            unit=translate(unit),
            higher_is_better=get_metric(view.metric).higher_is_better,
            title=translate(title),
            score_name=view.name_metric(view.metric),
            context=chart_context(),
        ),
        translate(title),
    )
    st.caption(translate(about))


def _compare(view: RunView, first: str, second: str) -> Difference:
    """The pair that was picked, corrected for all that could have been."""
    others = [label for label in (*view.ranked.placed, *view.ranked.below) if label not in (first, second)]
    return compare_all(view.results, [first, second, *others], view.metric)[first, second]


def _take_pair(chosen: BenchmarkState, first: str, second: str) -> None:
    """Callback; choosing the one for the other's place swaps them."""
    wanted = (st.session_state["benchmark.first"], st.session_state["benchmark.second"])
    chosen.pair = wanted if wanted[0] != wanted[1] else (second, first)


def _draw_sweep(view: RunView) -> None:
    assert view.swept is not None
    assert view.parameter is not None
    found = sweep(view.results, view.metric)
    entries = [e for e in view.run.entries if e.label in view.results.labels]
    trials = [Trial(view.title(e.label), s) for e, s in zip(entries, found.scores, strict=True)]
    images = np.stack([view.results.by_image(e.label, view.metric) for e in entries], axis=1)
    best = found.values.index(found.ods)
    label = t(view.parameter.about.label)
    title = t("{parameter} = {value} is best for all pictures together", parameter=label, value=trials[best].name)
    _draw(
        sweep_curve(
            trials,
            images,
            best,
            found.ois_score,
            method=view.swept[0],
            parameter=label,
            is_ordered=view.parameter.kind in ("int", "float"),
            title=title,
            score_name=view.name_metric(view.metric),
            context=chart_context(),
        ),
        title,
    )
    st.caption(
        t(
            "Dotted: each picture with its own best value, which nobody knows without the truth. Thin lines are single "
            "pictures."
        )
    )


def _draw(figure: go.Figure, title: str) -> None:
    st.plotly_chart(figure, config=CONFIG, theme=None, alt=title)
