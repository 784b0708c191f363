"""Earlier runs: to open, and to lay side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.benchmark.background_runs import delete, is_going, read_run, undelete
from pages.benchmark.charts import runs_side_by_side
from pages.benchmark.run_view import RunView, data_name, date_text, lines_of, metric_name, open_results, score_text
from pages.state.benchmark import BenchmarkState
from pages.state.widgets import bind_choice
from pages.ui.chart_context import chart_context
from pages.ui.charts import CONFIG
from pages.ui.language import escape_markdown, t
from segmethods.benchmark import Run

LISTED = 8


def draw_earlier_runs(chosen: BenchmarkState) -> None:
    """The visitor's runs, newest first, each with a way to open it."""
    runs = [(name, run) for name in chosen.runs if (run := read_run(name))]
    if chosen.undo:
        with st.container(key="benchmark-undo", horizontal=True, vertical_alignment="center", border=True):
            st.markdown(t("A run was deleted."), width="stretch")
            st.button(t("Undo"), key="benchmark.undo", icon=":material/undo:", on_click=bring_back, args=(chosen,))
    if not runs:
        return
    st.header(t("Your earlier runs"))
    for name, run in runs[:LISTED]:
        with st.container(key=f"benchmark-run-{name}", horizontal=True, vertical_alignment="center", border=True):
            st.markdown(_describe(name, run, chosen), width="stretch")
            st.button(t("Open"), key=f"benchmark.show.{name}", on_click=open_run, args=(chosen, name))
            st.button(
                t("Delete"),
                key=f"benchmark.delete.{name}",
                icon=":material/delete:",
                type="tertiary",
                on_click=delete_run,
                args=(chosen, name),
            )
    if len(runs) > LISTED:
        others = dict(runs[LISTED:])
        older = st.selectbox(
            t("Older ones"),
            list(others),
            format_func={n: run_name(r) for n, r in others.items()}.__getitem__,
            index=None,
        )
        if older:
            st.button(t("Open"), key="benchmark.show", on_click=open_run, args=(chosen, older))


def draw_run_comparison(view: RunView, chosen: BenchmarkState) -> None:
    """The open run and others that the visitor chooses, method by method."""
    runs = {name: run for name in chosen.runs if name != view.name and (run := read_run(name)) and run.done}
    picked = [name for name in chosen.beside if name in runs] or list(runs)[:1]
    st.multiselect(
        t("Runs beside this one"),
        list(runs),
        format_func={n: run_name(r) for n, r in runs.items()}.__getitem__,
        max_selections=4,
        **bind_choice(chosen, "beside", picked, "default"),
    )
    others = [found for name in picked if (found := open_results(name, runs[name], view.metric))]
    others = [found for found in others if found.metric == view.metric]
    shown = [*others, view]
    kept = {o.name: [m for m in o.methods if m.label not in o.ranked.bounds] for o in shown}
    table = {run_name(o.run): {o.title(m.label): o.score(m) for m in kept[o.name]} for o in shown}
    lines = {o.title(m.label): m.method for o in reversed(shown) for m in kept[o.name]}
    title = t("{score} in {count} runs", score=metric_name(view.metric), count=len(shown))
    figure = runs_side_by_side(
        [(name, name) for name in lines],
        list(table.items()),
        title=title,
        score_name=metric_name(view.metric),
        context=chart_context(),
    )
    st.plotly_chart(figure, config=CONFIG, theme=None, alt=title)
    st.dataframe(
        pd.DataFrame(table), column_config={n: st.column_config.NumberColumn(format="%.2f") for n in table}, alt=title
    )
    if len({o.run.digest for o in shown}) > 1:
        st.caption(t("These runs are of different pictures, so their numbers can’t be compared one to one."))


def open_run(chosen: BenchmarkState, name: str) -> None:
    """Callback: show a run."""
    chosen.run, chosen.panel = name, ""


def delete_run(chosen: BenchmarkState, name: str) -> None:
    """Callback: delete a run, for now."""
    delete(name)
    chosen.deleted.add(name)
    chosen.runs = [run for run in chosen.runs if run != name]
    chosen.beside = tuple(run for run in chosen.beside if run != name)
    chosen.undo = name


def bring_back(chosen: BenchmarkState) -> None:
    """Callback: the run that was deleted last is there again."""
    if undelete(chosen.undo):
        chosen.deleted.discard(chosen.undo)
        chosen.runs = [chosen.undo, *chosen.runs]
    chosen.undo = ""


def run_name(run: Run) -> str:
    """When a run was started, and of what."""
    return f"{date_text(run.started)} · {data_name(run)} · {lines_of(run)}"


def _describe(name: str, run: Run, chosen: BenchmarkState) -> str:
    if is_going(name):
        state = t("running: {done} of {images}", done=run.done, images=run.images)
    elif run.finished:
        state = t("{count:picture|pictures}", count=run.images)
    else:
        state = t("paused: {done} of {images:picture|pictures}", done=run.done, images=run.images)
    view = open_results(name, run, chosen.metric)
    best = ""
    if view and view.ranked.placed:
        line = view.methods[0]
        best = f" · {view.title(line.label)} {score_text(view.score(line), view.metric)}"
    return f"**{escape_markdown(run_name(run))}**  \n:gray[{escape_markdown(state + best)}]"
