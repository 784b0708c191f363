"""What a page says aloud where small things stand out from uneven ground: without the background they are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import streamlit as st

from pages.state.parameters import set_parameter
from pages.state.session import Session
from pages.ui.language import t, translate
from segmethods.core.types import Image
from segmethods.methods import get_method
from segmethods.reporting.suggestion import Suggestion, suggest_background

LOOKED_AT = 5
"""So many pictures of a set are looked at."""

Opener = tuple[str, Callable[[], Image | None]]
"""What tells a picture from others, and what reads it; None where it can't be read."""


def draw_suggestion(images: Sequence[Opener], visitor: Session) -> None:
    """One line and a button, if most of the pictures ask for it and a method that can follow is chosen."""
    found = suggest_for([_suggest(opener) for opener in images[:LOOKED_AT]])
    able = [] if found is None else [method for method in visitor.methods if method in found.params]
    if found is None or not able:
        return
    names = t(", ").join(t(get_method(method).title) for method in able)
    with st.container(key="suggestion", horizontal=True, vertical_alignment="center", border=True):
        if is_followed(able, visitor):
            st.markdown(t("The background is removed before {names}.", names=names), width="stretch")
            st.button(t("Undo"), key="suggestion.undo", icon=":material/undo:", on_click=leave, args=(found, visitor))
            return
        st.markdown(translate(found.message), width="stretch")
        st.button(
            t("Remove the background"),
            key="suggestion.follow",
            icon=":material/contrast:",
            on_click=follow,
            args=(found, visitor),
            help=t("For {names}; each one's form has these settings.", names=names),
        )


def suggest_for(suggestions: Sequence[Suggestion | None]) -> Suggestion | None:
    """What more than half of the pictures ask for."""
    sides = Counter(one.is_dark for one in suggestions if one is not None)
    if not sides or sides.most_common(1)[0][1] * 2 <= len(suggestions):
        return None
    return next(one for one in suggestions if one is not None and one.is_dark == sides.most_common(1)[0][0])


def is_followed(methods: Sequence[str], visitor: Session) -> bool:
    """Whether all of these methods have the background removed."""
    return all(visitor.params.get(method, {}).get("background", "none") != "none" for method in methods)


def follow(found: Suggestion, visitor: Session) -> None:
    """Callback: the settings of the suggestion."""
    for method, params in found.params.items():
        for name, value in params.items():
            set_parameter(visitor, get_method(method), name, value)


def leave(found: Suggestion, visitor: Session) -> None:
    """Callback: what the suggestion set is at its defaults again."""
    for method, params in found.params.items():
        defaults = {p.name: p.default for p in get_method(method).parameters}
        for name in params:
            set_parameter(visitor, get_method(method), name, defaults[name])


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={tuple: lambda opener: opener[0]})
def _suggest(opener: Opener) -> Suggestion | None:
    image = opener[1]()
    return None if image is None else suggest_background(image)
