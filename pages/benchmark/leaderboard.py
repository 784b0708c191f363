"""The leaderboard: methods, baselines and people by score, time and class."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from pages.benchmark.run_view import RunView
from pages.state.benchmark import BenchmarkState
from pages.state.widgets import bind_choice
from pages.ui.alignment import ALIGNMENT_NOTES
from pages.ui.language import class_name, join_sentences, t, translate
from pages.ui.tables import fit_columns
from pages.ui.theme import theme_colours
from segmethods.benchmark import Summary
from segmethods.metrics import METRICS, POLICY

ROW = 36


def choose_metric(view: RunView, chosen: BenchmarkState) -> None:
    """The score that decides about the order, the verdict and the charts."""
    names = {metric: view.name_metric(metric) for metric in view.metrics}
    st.selectbox(
        t("Score that decides"),
        list(names),
        format_func=names.__getitem__,
        **bind_choice(chosen, "metric", view.metric, among=names),
        width=260,
        help=_explain(view.metric),
    )


def draw_leaderboard(view: RunView) -> None:
    """The table; a click on a column sorts it, and it scrolls in itself."""
    table = make_table(view)
    quiet = f"color: {theme_colours().muted}"
    placed = [line.label in view.ranked.placed for line in view.lines]
    styled = table.style.apply(lambda row: ["" if placed[row.name] else quiet] * len(row), axis=1)
    st.dataframe(
        styled,
        hide_index=True,
        row_height=ROW,
        height=ROW * (len(table) + 1) + 3,
        column_config=fit_columns(table, _columns(view)),
        placeholder="–",
        alt=t("Leaderboard: {count:line|lines}, best first", count=len(table)),
    )


def draw_small_print(view: RunView) -> None:
    """What the numbers mean, and the rule for what is absent or not judged."""
    with st.expander(t("What the numbers mean")):
        st.markdown(
            "\n".join(f"- **{view.name_metric(m)}** – {_explain(m)}" for m in view.metrics)
            + f"\n\n{translate(POLICY)}\n\n"
            + t(
                "Classes: a method that names classes of the data set is taken at its word (by name). Segments without "
                "names are named by a rule that was learned on other pictures of the set, so it could be used on new "
                "ones. What a method would reach if the truth named its segments is an upper bound, without a rank."
            )
            + "\n\n"
            + t(
                "Grey lines have no rank: a blank answer (the commonest class everywhere), random classes, people "
                "where several drew the truth, and methods that had the truth's help or are no better than blank."
            )
        )


def make_table(view: RunView) -> pd.DataFrame:
    """One row a line, best first; columns are texts of the visitor's language."""
    return pd.DataFrame([_row(view, line) for line in view.lines])


def _row(view: RunView, line: Summary) -> dict[str, Any]:
    row: dict[str, Any] = {
        _subject(view): view.title(line.label),
        view.name_metric(view.metric): _known(view.score(line)),
    }
    if any(view.metric in other.bounds for other in view.lines):
        row[t("Upper bound")] = line.bounds.get(view.metric)
    row |= {
        t("Time a picture (s)"): _known(line.seconds_median),
        t("90% take at most (s)"): _known(line.seconds_p90),
    }
    if view.run.classes.names:
        row[t("Classes")] = t(", ").join(translate(ALIGNMENT_NOTES[a]) for a in line.alignment.split(", ") if a)
    if any(other.failed for other in view.lines):
        row[t("No answer")] = line.failed
    row |= {view.name_metric(m): _known(line.scores[m]) for m in view.metrics if m != view.metric}
    for class_id, iou in enumerate(line.class_iou):
        if any(len(o.class_iou) > class_id and o.class_iou[class_id] is not None for o in view.methods):
            row[f"IoU {class_name(view.run.classes, class_id)}"] = iou
    return row


def _columns(view: RunView) -> dict[str, Any]:
    column = st.column_config
    numbers: dict[str, Any] = {
        view.name_metric(m): column.NumberColumn(format="%.2f", help=_explain(m)) for m in view.metrics
    }
    bound = t("What the score would be if the truth of the very picture named the segments. No new picture gives it.")
    numbers[t("Upper bound")] = column.NumberColumn(format="%.2f", help=bound)
    if METRICS[view.metric].high == 1.0:
        numbers[view.name_metric(view.metric)] = column.ProgressColumn(
            format="%.2f", min_value=0.0, max_value=1.0, help=_explain(view.metric), width=150, color="primary"
        )
    classes = {
        f"IoU {class_name(view.run.classes, class_id)}": column.NumberColumn(format="%.2f")
        for class_id in range(len(view.run.classes))
    }
    return {
        _subject(view): column.TextColumn(pinned=True, width=130),
        **numbers,
        t("Time a picture (s)"): column.NumberColumn(
            format="%.3f", help=t("Median over the pictures, of the method alone; without reading and scoring.")
        ),
        t("90% take at most (s)"): column.NumberColumn(format="%.3f"),
        t("Classes"): column.TextColumn(help=t("How segments got their class.")),
        **classes,
    }


def _subject(view: RunView) -> str:
    """What the lines differ in: the method, or the value of a parameter."""
    return t("Method") if view.parameter is None else t(view.parameter.about.label)


def _explain(metric: str) -> str:
    return join_sentences([t(METRICS[metric].explanation), t(METRICS[metric].undefined)])


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
