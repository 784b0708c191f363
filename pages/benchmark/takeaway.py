"""What a visitor takes along: the link to the run, and its numbers as CSV, Parquet or JSON."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from pages.benchmark.run_report import make_archive, make_report, run_stem
from pages.benchmark.run_view import RunView
from pages.state.benchmark import BenchmarkState
from pages.state.session import session
from pages.ui.actions import offer_archive, offer_file, offer_report
from pages.ui.language import t
from segmethods.benchmark import FORMATS, export_rows
from segmethods.core.settings import settings
from segmethods.reporting.snippets import as_benchmark_command, as_benchmark_python

NAMES = {"csv": "CSV", "parquet": "Parquet", "json": "JSON"}


def draw_takeaway(view: RunView | None, chosen: BenchmarkState) -> None:
    """Small menus: share, take away; and the way to a new run."""
    with st.container(key="benchmark-actions", horizontal=True, width="content"):
        if view is not None:
            with st.popover(t("Share"), icon=":material/link:"):
                _draw_share(view)
            with st.popover(t("Take away"), icon=":material/download:"):
                _draw_downloads(view)
        st.button(t("New run"), key="benchmark.new", icon=":material/add:", on_click=leave_run, args=(chosen,))


def is_known(source: str) -> bool:
    """Whether every installation has this data set."""
    return source.partition(":")[0] in ("samples", "shapes")


def leave_run(chosen: BenchmarkState) -> None:
    """Callback: back to the choice of data set and methods."""
    chosen.run = ""


def _draw_share(view: RunView) -> None:
    st.markdown(
        t(
            "Whoever has this link sees this run for {days} days, and its pictures while they are kept.",
            days=settings().keep_runs // 86_400,
        )
    )
    query = urlencode({"run": view.name, "lang": session().language})
    st.code(f"{st.context.url}?{query}", language=None, wrap_lines=True)
    if view.swept:
        return
    plan = {entry.method: entry.params for entry in view.run.entries}
    boundaries = all(entry.boundaries for entry in view.run.entries)
    st.markdown(t("The same as a command, and as Python:"))
    if not is_known(view.run.source):
        st.caption(t("PICTURES stands for your folder or ZIP with pictures and masks."))
    source = view.run.source if is_known(view.run.source) else "PICTURES"
    st.code(as_benchmark_command(source, plan, boundaries), language="shell", wrap_lines=True)
    st.code(as_benchmark_python(source, plan, boundaries), language="python", wrap_lines=True)


def _draw_downloads(view: RunView) -> None:
    stem = run_stem(view)
    with st.container(horizontal=True):
        offer_report(lambda: make_report(view), stem, "benchmark")
        offer_archive(lambda: make_archive(view), stem, "benchmark")
    st.markdown(t("A row for each picture and method: all scores, times and errors."))
    with st.container(horizontal=True):
        for file_format in FORMATS:
            make = partial(export_rows, view.results, file_format)
            offer_file(NAMES[file_format], make, f"{stem}.{file_format}", f"benchmark.export.{file_format}")
