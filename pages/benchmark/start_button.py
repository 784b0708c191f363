"""The start of a run, and of what is left of a run that paused."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.benchmark.background_runs import find_dataset, is_going, read_run, start
from pages.state.benchmark import BenchmarkState
from pages.state.session import session
from pages.ui.language import t
from segmethods.benchmark import Dataset, RunConfig
from segmethods.core.messages import SegmethodsError


def draw_start(dataset: Dataset | None, entries: Sequence[RunConfig], chosen: BenchmarkState) -> None:
    """The button, what it will compute, and why it can't be pressed where it can't."""
    busy = next((run for run in chosen.runs if is_going(run)), "")
    upload = session().set_digest if chosen.data == "own" and dataset is not None else ""
    with st.container(key="benchmark-start", horizontal=True, vertical_alignment="center"):
        st.button(
            t("Start"),
            key="benchmark.start",
            type="primary",
            icon=":material/play_arrow:",
            disabled=dataset is None or not entries or bool(busy),
            on_click=_begin,
            args=(chosen, dataset, entries, upload),
        )
        if busy:
            st.markdown(t("Another run of yours is going on; open it below, or stop it there first."))
        elif dataset is None:
            st.markdown(t("Choose pictures with their truth first."))
        elif not entries:
            st.markdown(t("Choose at least one method."))
        else:
            images, lines = len(dataset.pairs), len(entries)
            if chosen.task == "sweep":
                said = t(
                    "{pictures:picture|pictures} × {values:value|values} = {count:result|results}",
                    pictures=images,
                    values=lines,
                    count=images * lines,
                )
            else:
                said = t(
                    "{pictures:picture|pictures} × {methods:method|methods} = {count:result|results}",
                    pictures=images,
                    methods=lines,
                    count=images * lines,
                )
            st.markdown(said)


def resume_run(chosen: BenchmarkState) -> None:
    """Callback: go on with the open run."""
    run = read_run(chosen.run)
    found = find_dataset(chosen.run, run) if run else None
    if run is not None and found is not None:
        _begin(chosen, found[0], run.entries, found[1], chosen.run)


def _begin(chosen: BenchmarkState, dataset: Dataset, entries: Sequence[RunConfig], upload: str, name: str = "") -> None:
    try:
        chosen.run = start(dataset, entries, upload, name)
    except SegmethodsError as error:
        session().notes.append(error.message)
        return
    chosen.panel = ""
    chosen.runs = [chosen.run, *(run for run in chosen.runs if run != chosen.run)]
