"""Benchmark: many methods over a data set, which of them leads, how sure that is, and what it costs."""

from functools import partial
from pathlib import Path

import streamlit as st

from pages.benchmark.background_runs import is_going, read_run
from pages.benchmark.datasets import choose_dataset, read_pixels
from pages.benchmark.headline import draw_headline, facts
from pages.benchmark.leaderboard import choose_metric, draw_leaderboard, draw_small_print
from pages.benchmark.local_storage import remember_runs
from pages.benchmark.panels import draw_panels
from pages.benchmark.plans import choose_plan
from pages.benchmark.predictions import draw_predictions, is_by_link
from pages.benchmark.progress import draw_no_run, draw_paused, draw_progress
from pages.benchmark.run_comparison import draw_earlier_runs
from pages.benchmark.run_view import open_results
from pages.benchmark.start_button import draw_start
from pages.benchmark.takeaway import draw_takeaway
from pages.state.benchmark import BenchmarkState
from pages.state.fields import benchmark_fields
from pages.state.navigation import publish_address, take_address
from pages.state.session import session
from pages.ui.language import escape_markdown, t, translate
from pages.ui.notices import draw_notices
from pages.ui.skipped import draw_skipped
from pages.ui.suggestion import draw_suggestion
from segmethods.benchmark import Run, explain_nothing

STYLE = (Path(__file__).parent / "benchmark.css").read_text(encoding="utf-8")


def main() -> None:
    st.html(f"<style>{STYLE}</style>")
    chosen = session().benchmark
    take_address(benchmark_fields(is_run="run" in session().visit.arrived))
    draw_notices(session())
    if not chosen.run:
        prepare_run(chosen)
    elif is_going(chosen.run):
        draw_progress(chosen.run)
        draw_takeaway(None, chosen)
    else:
        show_run(chosen)
    publish_address(benchmark_fields(is_run=bool(chosen.run)))
    remember_runs(chosen)


def prepare_run(chosen: BenchmarkState) -> None:
    st.title(t("Which method would do for your pictures?"), anchor=False)
    st.markdown(
        t("Choose pictures whose truth is known, and methods: you get a ranking, how sure it is, and its price.")
    )
    by_link = is_by_link(chosen)
    if by_link:
        draw_predictions(chosen)
    left, right = st.columns(2, gap="large")
    with left:
        dataset = choose_dataset(chosen)
        place = st.container()
    with right:
        suggestion = st.container()
        entries = choose_plan(chosen, session())
    if dataset is not None and chosen.task == "methods":
        with suggestion:
            draw_suggestion([(repr(p.image), partial(read_pixels, p)) for p in dataset.pairs], session())
    with place:
        draw_start(dataset, entries, chosen)
    draw_earlier_runs(chosen)
    if not by_link:
        draw_predictions(chosen)


def show_run(chosen: BenchmarkState) -> None:
    run = read_run(chosen.run)
    if run is None:
        draw_no_run(chosen)
        return
    view = open_results(chosen.run, run, chosen.metric)
    if problem := explain_nothing(run, view.results if view else None):
        st.title(t("Nothing to show"), anchor=False)
        st.error(escape_markdown(translate(problem)))
        draw_notes(run)
        draw_takeaway(None, chosen)
        return
    with st.container(key="benchmark-top", horizontal=True):
        if view is not None:
            draw_headline(view)
        draw_takeaway(view, chosen)
    st.caption(facts(run))
    draw_notes(run)
    if run.finished is None:
        draw_paused(chosen, run)
    if view is not None:
        choose_metric(view, chosen)
        draw_leaderboard(view)
        draw_small_print(view)
        draw_panels(view)


def draw_notes(run: Run) -> None:
    """How the pictures were read, and what was left out."""
    for note in run.notes:
        st.caption(escape_markdown(translate(note)))
    draw_skipped(run.skipped, run.notes)


main()
