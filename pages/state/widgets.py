"""Widgets mirror the session: they show what it says, and what the user changes goes to it before the page is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

import streamlit as st

from pages.state.session import session


class State(Protocol):
    """A page's choices, one attribute each; `widgets` begins the keys of the widgets that show them."""

    widgets: ClassVar[str]


def bind_widget(key: str, value: Any, start: str = "value", *, among: Iterable[Any] = ()) -> dict[str, Any]:
    """Arguments for the widget `key`, with which it shows `value` when it is drawn next.

    The session is what counts and widgets mirror it: a widget's ``on_change`` takes the user's choice into the session
    (see `bind_choice`) before the page is drawn, and everything else that changes the session is seen by the widget.

    A browser is told of a change once. If it is still loading the widget's code then, and the page is drawn anew before
    it has it, the widget starts where its arguments say: so they say the same.

    Parameters
    ----------
    start : str
        The widget's argument for where it starts: ``"default"`` for pills and their kin.
    among : iterable
        The options of a select box or of radio buttons, which start at the number of one.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    session().drawn_widgets.add(key)
    return {"key": key} | ({"index": list(among).index(value)} if among else {start: value})


def bind_choice(
    state: State, name: str, value: Any, start: str = "value", *, among: Iterable[Any] = ()
) -> dict[str, Any]:
    """Arguments for the widget of the choice `name`: it shows `value`, and what the user chooses becomes the choice."""
    bound = bind_widget(f"{state.widgets}{name}", value, start, among=among)
    return {**bound, "on_change": store_choice, "args": (state, name)}


def store_choice(state: State, name: str) -> None:
    """Callback of the widget of the choice `name`: what the user chose becomes the choice."""
    value = st.session_state[f"{state.widgets}{name}"]
    setattr(state, name, tuple(value) if isinstance(value, list) else value)


def bind_draft(key: str, default: Any, start: str = "value", *, among: Iterable[Any] = ()) -> dict[str, Any]:
    """Arguments for the widget `key`, with which it shows again what the user left in it, `default` at first."""
    bound = bind_widget(key, session().drafts.get(key, default), start, among=among)
    return {**bound, "on_change": _keep_draft, "args": (key,)}


def bind_fold(key: str) -> dict[str, Any]:
    """Arguments for an expander that stays as the user left it, also while other pages are looked at.

    It always starts folded and the session unfolds it: with another start it would be another expander.
    """
    return {**bind_draft(key, False, "expanded"), "expanded": False}


def _keep_draft(key: str) -> None:
    session().drafts[key] = st.session_state[key]


def refresh_widgets() -> None:
    """Callback: give all widgets their values again.

    The browser knows a choice by the text of its option, which is another one after the language has changed.
    """
    for key in session().drawn_widgets:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
