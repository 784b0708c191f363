"""What else there is to know about weights, and what keeps them in order; drawn when somebody opens it."""

from __future__ import annotations

import math
from html import escape

import streamlit as st

from pages.ui import numbers
from pages.ui.language import class_name, t, translate
from segmethods.core.settings import settings
from segmethods.models.weights import READY, State, Weights, WeightsError, remove, verify
from segmethods.training.cards import make_sections


def draw_details(weights: Weights, found: State) -> None:
    """A line that opens: scores by class, the file, verify, remove, the model card."""
    details = st.expander(t("Details"), key=f"details-{weights.name}", type="compact", on_change="rerun")
    if not details.open:
        return
    with details:
        if weights.score.classes:
            st.html(_classes(weights))
        has_card = found in ("embedded", "own")
        _draw_file(weights, found, has_card)
        for heading, text in make_sections(weights, translate) if has_card else ():
            st.markdown(f"##### {heading}\n\n{text}")


def bar(value: float) -> str:
    """A score as the length of a bar."""
    return f'<span class="sm-bar"><i style="width:{0 if math.isnan(value) else 100 * value:.1f}%"></i></span>'


def _classes(weights: Weights) -> str:
    """How well each class is found, the best one first."""
    values = weights.score.classes
    order = sorted(range(len(values)), key=lambda class_id: -values[class_id] if math.isfinite(values[class_id]) else 1)
    cells = (
        f'<div class="sm-class"><span>{escape(class_name(weights.classes, class_id))}</span>'
        f"<span>{numbers.score(values[class_id])}</span>{bar(values[class_id])}</div>"
        for class_id in order
    )
    return f'<div class="sm-classes">{"".join(cells)}</div>'


def _draw_file(weights: Weights, found: State, has_card: bool) -> None:
    """The file itself, where no card tells of it, and what can be done with it."""
    if not has_card:
        st.caption(
            t("File {file}, SHA-256 {digest} …", file=f"`{weights.file.name}`", digest=f"`{weights.sha256[:8]}`")
        )
    is_here = found not in ("not fetched", "missing")
    if not is_here and weights.origin != "own":
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_here:
            st.button(t("Verify"), key=f"verify-{weights.name}", on_click=_verify, args=(weights,))
        if weights.origin != "embedded" and settings().fetching:
            st.button(t("Remove"), key=f"remove-{weights.name}", on_click=_remove, args=(weights,))
        if st.session_state.pop(f"verified-{weights.name}", None) in READY:
            st.caption(t("Every byte is as it should be."), width="content")


def _verify(weights: Weights) -> None:
    st.session_state[f"verified-{weights.name}"] = verify(weights)


def _remove(weights: Weights) -> None:
    try:
        remove(weights)
    except WeightsError as error:
        st.toast(translate(error.message))
