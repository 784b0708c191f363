"""One set of weights: what it is, how good it is, and what can be done with it."""

from __future__ import annotations

import math
from dataclasses import replace
from html import escape

import streamlit as st

from pages.ui import numbers
from pages.ui.address import COMPARE, address_of
from pages.ui.language import class_name, say, t
from pages.ui.session import session
from pages.ui.work import fetching_of, start_fetching
from segmethods.messages import Message
from segmethods.method import get_method
from segmethods.settings import settings
from segmethods.weights import READY, State, Weights, WeightsError, remove, state, verify

STATES: dict[State, Message] = {
    "embedded": Message("ready"),
    "own": Message("ready"),
    "fetched": Message("ready"),
    "not fetched": Message("not fetched"),
    "missing": Message("missing"),
    "damaged": Message("damaged"),
}


def is_coming(weights: Weights) -> bool:
    """Whether the weights are on their way to this machine."""
    fetching = fetching_of(weights)
    return fetching is not None and not fetching.is_over


def draw_row(weights: Weights) -> None:
    """The weights as a row of the list, with their details to open."""
    found = state(weights)
    with st.container(key=f"model-{weights.name}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(_facts(weights, found), width="stretch")
            with st.container(horizontal=True, width="content", key=f"do-{weights.name}"):
                _draw_actions(weights, found)
        _draw_state(weights, found)
        with st.expander(t("Classes, terms, model card") if weights.card else t("Classes and terms")):
            _draw_details(weights)


def _facts(weights: Weights, found: State) -> str:
    score = t("mean IoU {value}", value=numbers.score(weights.score.mean))
    facts = (
        t("{count} classes", count=len(weights.classes)),
        t("{count} M parameters", count=f"{weights.parameters / 1e6:.1f}"),
        f"{weights.bytes / 1e6:.1f} MB",
    )
    name = f"{t(get_method(weights.network).title)} · {_family(weights)}"
    return (
        f'<div class="sm-model"><div><b>{escape(name)}</b>'
        f'<span class="sm-state">{escape(say(STATES[found]))}</span></div>'
        f'<div class="sm-facts"><span>{escape(score)}</span>{"".join(f"<span>{escape(f)}</span>" for f in facts)}</div>'
        f"{_bar(weights.score.mean)}</div>"
    )


def _family(weights: Weights) -> str:
    """What the method's form calls these weights."""
    parameter = next(p for p in get_method(weights.network).parameters if p.name == "weights")
    return t(parameter.about.options.get(weights.family, weights.family))


def _bar(value: float) -> str:
    return f'<div class="sm-bar"><i style="width:{0 if math.isnan(value) else 100 * value:.1f}%"></i></div>'


def _draw_actions(weights: Weights, found: State) -> None:
    if found in READY:
        chosen = {**session().params, weights.network: {"weights": weights.family}}
        there = replace(session(), methods=(weights.network,), params=chosen)
        st.page_link("pages/compare/page.py", label=t("Compare"), query_params=address_of(COMPARE, there))
    is_here = found not in ("not fetched", "missing")
    if weights.url and not is_coming(weights) and found not in READY:
        label = t("Fetch again") if found == "damaged" else t("Fetch")
        st.button(
            label, key=f"fetch-{weights.name}", on_click=_fetch, args=(weights,), disabled=not settings().fetching
        )
    if is_here:
        st.button(t("Verify"), key=f"verify-{weights.name}", on_click=_verify, args=(weights,))
    if is_here and weights.origin != "embedded" and settings().fetching:
        st.button(t("Remove"), key=f"remove-{weights.name}", on_click=_remove, args=(weights,))


def _draw_state(weights: Weights, found: State) -> None:
    """What goes on with the weights, and what went wrong."""
    fetching = fetching_of(weights)
    if fetching and not fetching.is_over:
        megabytes = {"come": f"{fetching.come / 1e6:.1f}", "total": f"{fetching.total / 1e6:.1f}"}
        share = min(1.0, fetching.come / max(1, fetching.total))
        st.progress(share, t("Fetching: {come} of {total} MB", **megabytes))
    elif fetching and fetching.problem and found not in READY:
        st.warning(say(fetching.problem))
    if found == "damaged" and weights.url:
        st.warning(t("The file is damaged. Fetch it again."))
    elif found in ("damaged", "missing"):
        st.warning(t("The file {file} is damaged or missing. Restore it.", file=f"`{weights.file.name}`"))


def _fetch(weights: Weights) -> None:
    start_fetching(weights)


def _verify(weights: Weights) -> None:
    found = verify(weights)
    st.toast(t("Every byte is as it should be.") if found in READY else t("The file is damaged."))


def _remove(weights: Weights) -> None:
    try:
        remove(weights)
    except WeightsError as error:
        st.toast(say(error.message))


def _draw_details(weights: Weights) -> None:
    values = weights.score.classes
    st.caption(t("Intersection over union on {pictures}", pictures=weights.score.on))
    cells = (
        f'<div class="sm-class"><span>{escape(class_name(weights.classes, id))}</span>'
        + (f"<span>{numbers.score(values[id])}</span>{_bar(values[id])}" if values else "")
        + "</div>"
        for id in range(len(weights.classes))
    )
    st.html(f'<div class="sm-classes">{"".join(cells)}</div>')
    st.caption(t("Terms: {terms}", terms=weights.terms))
    if weights.card:
        st.markdown(weights.card.read_text(encoding="utf-8").replace("\n# ", "\n#### ").replace("\n## ", "\n##### "))
