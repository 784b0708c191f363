"""What pages offer in one way: a row of choices, a bar of progress that can be stopped, a file to take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import streamlit as st

from pages.state.session import for_visitor
from pages.state.widgets import State, bind_choice
from pages.ui.language import t, translate_each
from segmethods.core.messages import Message

KINDS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}


def draw_switch(
    label: str,
    options: Sequence[str],
    names: Mapping[str, Message],
    state: State,
    field: str,
    value: str,
    *,
    is_labelled: bool = False,
    **looks: Any,
) -> None:
    """A row of choices, of which one is always chosen.

    Parameters
    ----------
    label : str
        What is chosen; for screen readers alone unless it is labelled.
    options, names : sequence of str, mapping
        The choices, and what each is called.
    state, field : State, str
        Where the choice is kept.
    value : str
        The choice that is shown.
    **looks
        Further arguments of the widget.
    """
    st.segmented_control(
        label,
        options,
        format_func=translate_each(names).__getitem__,
        **bind_choice(state, field, value, "default"),
        required=True,
        label_visibility="visible" if is_labelled else "collapsed",
        **looks,
    )


def draw_bar(share: float, text: str, page: str, on_stop: Callable[..., None], *args: object) -> None:
    """How far work is, from 0 to 1, with a button that stops it; keys begin with the name of the `page`."""
    with st.container(key=f"{page}-progress", horizontal=True, vertical_alignment="center"):
        st.progress(min(max(share, 0.0), 1.0), text=text, width="stretch")
        st.button(t("Stop"), key=f"{page}.stop", icon=":material/stop:", on_click=on_stop, args=args)


def offer_file(label: str, make: Callable[[], bytes], name: str, key: str, **looks: Any) -> None:
    """A button by which a visitor takes a file along; it is made when the button is clicked."""
    st.download_button(
        label, for_visitor(make), name, KINDS[PurePath(name).suffix], key=key, on_click="ignore", **looks
    )


def offer_report(make: Callable[[], str], stem: str, page: str, **looks: Any) -> None:
    """The button for the report in one HTML file."""
    name, icon = f"{stem}-report.html", ":material/description:"
    offer_file(t("Report (HTML)"), lambda: make().encode(), name, f"{page}.report", icon=icon, **looks)


def offer_archive(make: Callable[[], bytes], stem: str, page: str, **looks: Any) -> None:
    """The button for the ZIP with pictures, masks, charts, settings and script."""
    name, icon = f"{stem}-segmethods.zip", ":material/folder_zip:"
    offer_file(t("Everything (ZIP)"), make, name, f"{page}.zip", icon=icon, **looks)
