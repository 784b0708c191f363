"""A clip that plays in the page, and its files to take away."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from pages.ui.language import t

_film = st.components.v2.component(
    "film", js="\n" + (Path(__file__).parent / "film.js").read_text(encoding="utf-8"), isolate_styles=False
)


def show_film(webm: bytes, poster: str, table: bytes = b"", *, name: str, label: str = "") -> None:
    """A player with its poster, the clip as WebM and its table as CSV.

    Parameters
    ----------
    webm : bytes
    poster : str
        The picture that is seen before it plays, as an address that a browser reads.
    table : bytes
        CSV; none if empty.
    name : str
        What the files are called, without suffix; also the key of the buttons.
    label : str
        What is seen, for those who can't see it.
    """
    source = f"data:video/webm;base64,{base64.b64encode(webm).decode()}"
    says = label or t("The clip with the answer drawn into it")
    _film(key=f"player.{name}", data={"src": source, "poster": poster, "label": says})
    with st.container(horizontal=True, key=f"film.{name}"):
        st.download_button(
            t("Clip as WebM"), webm, f"{name}.webm", "video/webm", key=f"{name}.webm", icon=":material/download:"
        )
        if table:
            st.download_button(
                t("Table as CSV"), table, f"{name}.csv", "text/csv", key=f"{name}.csv", icon=":material/download:"
            )
