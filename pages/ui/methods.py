"""The methods and their parameters, to choose from."""

from __future__ import annotations

import streamlit as st

from pages.state.session import Session
from pages.state.widgets import bind_widget
from pages.ui.controls import parameter_form
from pages.ui.language import t, translate
from segmethods.core.messages import Message
from segmethods.methods import get_method, list_methods

PRESETS = {
    "classical": Message("Classical"),
    "network": Message("Networks"),
    "all": Message("All"),
}


def choose_methods(session: Session) -> None:
    """Presets, the methods themselves, and a form for each one that is chosen."""
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
    with st.container(key="forms", gap="xsmall"):
        for method_id in session.methods:
            method = get_method(method_id)
            with st.expander(t(method.title), key=f"form.{method_id}"):
                st.caption(t(method.summary))
                parameter_form(method, session)


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
