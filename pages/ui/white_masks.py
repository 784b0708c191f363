"""The switch by which a visitor says that mostly white masks are right."""

from __future__ import annotations

import streamlit as st

from pages.state.own_images import keep_white_masks
from pages.state.session import Session
from pages.state.widgets import bind_widget
from pages.ui.language import t
from segmethods.datasets.image_sets import ImageSet


def choose_white(found: ImageSet, visitor: Session, key: str) -> None:
    """The switch, where masks of the set seem to be the wrong way round."""
    if not found.has_white:
        return
    st.toggle(
        t("Mostly white masks are right"),
        help=t("White is the object in every mask, also where it covers most of one picture alone."),
        on_change=_take,
        args=(key, visitor),
        **bind_widget(key, visitor.keep_white),
    )


def _take(key: str, visitor: Session) -> None:
    keep_white_masks(bool(st.session_state[key]), visitor)
