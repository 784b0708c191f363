"""What a visitor takes along: the link to the run, and its numbers as CSV, Parquet or JSON."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from pages.benchmark.background_runs import delete
from pages.benchmark.run_view import RunView
from pages.state.benchmark import BenchmarkState
from pages.state.session import session
from pages.ui.language import t
from segmethods.benchmark import FORMATS, export_rows
from segmethods.core.settings import settings

NAMES = {"csv": "CSV", "parquet": "Parquet", "json": "JSON"}
KINDS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json"}


def draw_takeaway(view: RunView | None, chosen: BenchmarkState) -> None:
    """Small menus: share, take away; and the way to a new run."""
    with st.container(key="benchmark-actions", horizontal=True, width="content"):
        if view is not None:
            with st.popover(t("Share"), icon=":material/link:"):
                _draw_share(view)
            with st.popover(t("Take away"), icon=":material/download:"):
                _draw_downloads(view, chosen)
        st.button(t("New run"), key="benchmark.new", icon=":material/add:", on_click=leave_run, args=(chosen,))


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


def _draw_downloads(view: RunView, chosen: BenchmarkState) -> None:
    st.markdown(t("A row for each picture and method: all scores, times and errors."))
    with st.container(horizontal=True):
        for file_format in FORMATS:
            st.download_button(
                NAMES[file_format],
                partial(export_rows, view.results, file_format),
                file_name=f"{view.name}.{file_format}",
                mime=KINDS[file_format],
                key=f"benchmark.export.{file_format}",
                on_click="ignore",
            )
    if view.name in chosen.runs:
        st.divider()
        st.button(
            t("Delete this run"),
            key="benchmark.delete",
            type="tertiary",
            icon=":material/delete:",
            on_click=_delete,
            args=(view.name, chosen),
        )


def _delete(name: str, chosen: BenchmarkState) -> None:
    delete(name)
    chosen.deleted.add(name)
    chosen.runs = [run for run in chosen.runs if run != name]
    chosen.beside = tuple(run for run in chosen.beside if run != name)
    chosen.run = ""
