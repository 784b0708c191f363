"""The methods and their parameters, to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.state.parameters import set_parameter
from pages.state.session import Session
from pages.state.widgets import bind_fold, bind_widget
from pages.ui.controls import parameter_form
from pages.ui.language import t, translate, translate_each
from segmethods.core.messages import Message
from segmethods.methods import get_method, list_methods
from segmethods.models.weights import own as find_own_weights

DEFAULT = "voc"
KNOWLEDGE = {DEFAULT: Message("Everyday things"), "camvid": Message("Streets")}
"""Variant of weights -> what it knows, in two words."""

PRESETS = {
    "classical": Message("Classical"),
    "network": Message("Networks"),
    "all": Message("All"),
}


def choose_methods(session: Session, moved: Callable[[], object] = lambda: None) -> None:
    """Presets, the methods themselves, and a form for each one that is chosen; `moved` is that of its form."""
    with st.container(horizontal=True, gap="xsmall", key="presets"):
        for preset, name in PRESETS.items():
            st.button(translate(name), key=f"preset.{preset}", on_click=take_preset, args=(preset, session))
    titles = {m.id: t(m.title) for m in list_methods()}
    st.pills(
        t("Methods"),
        list(titles),
        selection_mode="multi",
        format_func=titles.__getitem__,
        **bind_widget("methods", list(session.methods), "default"),
        label_visibility="collapsed",
        on_change=_take_methods,
        args=(session,),
    )
    choose_knowledge(session)
    with st.container(key="forms", gap="xsmall"):
        for method_id in session.methods:
            method = get_method(method_id)
            form = st.expander(t(method.title), **bind_fold(f"form.{method_id}"))
            if form.open:  # all forms together would be a third of what a page sends
                with form:
                    st.caption(t(method.summary))
                    parameter_form(method, session, moved)


def choose_knowledge(session: Session) -> None:
    """One switch for what all chosen networks know; weights of one's own are for the network that learned them."""
    having = {m.id: p.options for m in map(get_method, session.methods) for p in m.parameters if p.name == "weights"}
    if not having:
        return
    names = {variant: name for variant, name in KNOWLEDGE.items() if any(variant in o for o in having.values())}
    own = {weights.variant for weights in find_own_weights().values() if weights.network in having}
    labels = translate_each(names) | {variant: variant for variant in sorted(own)}
    st.segmented_control(
        t("What the networks know"),
        list(labels),
        format_func=labels.__getitem__,
        **bind_widget("knowledge", _shared_variant(session, having, [*sorted(own), *reversed(names)]), "default"),
        on_change=_take_knowledge,
        args=(session,),
        help=t("For all networks at once; each one's form below has more to choose from."),
    )


def _shared_variant(session: Session, having: Mapping[str, Sequence[str]], variants: Sequence[str]) -> str | None:
    """What all networks that can know it have been told to know; None if they differ."""
    used = {m: session.params.get(m, {}).get("weights", DEFAULT) for m in having}
    for variant in variants:
        able = [m for m, options in having.items() if variant in options]
        if able and all(used[m] == variant for m in able):
            return variant
    return None


def _take_knowledge(session: Session) -> None:
    """Callback: the chosen networks that can know this, know it."""
    variant = st.session_state["knowledge"] or DEFAULT
    for method in map(get_method, session.methods):
        for parameter in method.parameters:
            if parameter.name == "weights" and variant in parameter.options:
                set_parameter(session, method, "weights", variant)


def _take_methods(session: Session) -> None:
    """Callback: the methods in the registry's order, whatever the order of the clicks."""
    session.methods = tuple(m.id for m in list_methods() if m.id in st.session_state["methods"])


def preset_methods(preset: str) -> tuple[str, ...]:
    """Ids of the methods of a preset; ensembles go with the networks that they are made of."""
    families = {"classical": ("classical",), "network": ("network", "ensemble")}
    return tuple(m.id for m in list_methods() if preset == "all" or m.family in families[preset])


def take_preset(preset: str, session: Session) -> None:
    """Callback: choose the methods of a preset."""
    session.methods = preset_methods(preset)
