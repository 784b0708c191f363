"""One set of weights: what it is, how good it is, what goes on with it, and what can be done next."""

from __future__ import annotations

import time
from dataclasses import replace
from html import escape

import streamlit as st

from pages.models.details import bar, draw_details
from pages.state.address import write_address
from pages.state.fields import compare_fields
from pages.state.session import session
from pages.ui import numbers
from pages.ui.language import t, translate
from pages.ui.outcomes import DownloadJob, find_download, start_download, stop_download
from segmethods.core.messages import Message
from segmethods.core.settings import settings
from segmethods.methods import method_colour
from segmethods.models.weights import READY, State, Weights, own, state

TICK = 0.5
"""Seconds between two looks at weights that are on their way."""

STATES: dict[State, Message] = {
    "embedded": Message("included"),
    "own": Message("ready"),
    "fetched": Message("fetched"),
    "not fetched": Message("not fetched"),
    "missing": Message("missing"),
    "damaged": Message("damaged"),
}


def draw_row(weights: Weights, name: str) -> None:
    """The weights as a row of the list; while they are on their way, the row is drawn again and again."""
    fetching = _on_its_way(weights)
    st.fragment(_draw_row, run_every=TICK if fetching else None)(weights, name, fetching is not None)


def _draw_row(weights: Weights, name: str, was_coming: bool) -> None:
    fetching, found = _on_its_way(weights), state(weights)
    if was_coming != (fetching is not None) or (weights.origin == "own" and weights.name not in own()):
        st.rerun()
    with st.container(key=f"model-{weights.name}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.html(_facts(weights, name, found), width="stretch")
            with st.container(width=112, key=f"do-{weights.name}"):
                _draw_next_step(weights, found, fetching)
        if fetching:
            come, total = fetching.progress
            st.progress(min(1.0, come / max(1, total)), _progress(fetching))
        else:
            _draw_problem(weights, found)
        draw_details(weights, found)


def _on_its_way(weights: Weights) -> DownloadJob | None:
    fetching = find_download(weights)
    return fetching if fetching and fetching.is_active else None


def _facts(weights: Weights, name: str, found: State) -> str:
    score, trouble = weights.score.mean, "" if found in (*READY, "not fetched") else " sm-trouble"
    iou = t("IoU {value}", value=numbers.score(score))
    size = f"{t('{count} M parameters', count=f'{weights.parameters / 1e6:.1f}')} · {weights.bytes / 1e6:.1f} MB"
    return (
        f'<div class="sm-model"><span class="sm-model-name"><i class="sm-dot" '
        f'style="background-color:{method_colour(weights.network)}"></i><b>{escape(name)}</b></span>'
        f'<span class="sm-model-score">{bar(score)}<span>{escape(iou)}</span></span>'
        f'<span class="sm-model-size">{escape(size)}</span>'
        f'<span class="sm-model-state{trouble}">{escape(translate(STATES[found]))}</span></div>'
    )


def _draw_next_step(weights: Weights, found: State, fetching: DownloadJob | None) -> None:
    if fetching:
        st.button(t("Stop"), key=f"stop-{weights.name}", on_click=stop_download, args=(weights,), width="stretch")
    elif found in READY:
        chosen = {**session().params, weights.network: {"weights": weights.variant}}
        there = replace(session(), methods=(weights.network,), params=chosen)
        st.page_link(
            "pages/compare/page.py",
            label=t("Compare"),
            query_params=write_address(compare_fields(), there),
            width="stretch",
        )
    elif weights.url and settings().fetching:
        label = t("Fetch again") if found == "damaged" else t("Fetch")
        st.button(label, key=f"fetch-{weights.name}", on_click=_fetch, args=(weights,), width="stretch")


def _fetch(weights: Weights) -> None:
    start_download(weights)


def _progress(fetching: DownloadJob) -> str:
    come, total = fetching.progress
    megabytes = {"come": f"{come / 1e6:.1f}", "total": f"{total / 1e6:.1f}"}
    if not come:
        return t("Fetching: {come} of {total} MB", **megabytes)
    left = numbers.duration((time.monotonic() - fetching.began) * (total / come - 1))
    return t("Fetching: {come} of {total} MB, about {left} left", left=left, **megabytes)


def _draw_problem(weights: Weights, found: State) -> None:
    """What is wrong with the weights, or why they didn't come."""
    fetching = find_download(weights)
    if fetching and fetching.problem and found not in READY:
        (st.caption if fetching.is_stopped else st.warning)(translate(fetching.problem))
    if found == "damaged" and weights.url:
        st.warning(t("The file is damaged. Fetch it again."))
    elif found in ("damaged", "missing"):
        st.warning(t("The file {file} is damaged or missing. Restore it.", file=f"`{weights.file.name}`"))
