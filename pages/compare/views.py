"""How the results are looked at: the view, how strongly it covers the picture, and how segments get their class."""

from __future__ import annotations

import streamlit as st

from pages.state.images import KnownTruth
from pages.state.session import ALIGNMENTS, VIEWS, Session
from pages.state.widgets import bind_choice
from pages.ui import cells
from pages.ui.actions import draw_switch
from pages.ui.language import t, translate
from segmethods.core.messages import Message

VIEW_NAMES = {
    "overlay": Message("Overlay"),
    "labels": Message("Labels"),
    "boundaries": Message("Boundaries"),
    "errors": Message("Error map"),
}
ALIGNMENT_NAMES = {
    "auto": Message("Automatic"),
    "hungarian": Message("One-to-one"),
    "majority": Message("Majority"),
}
ALIGNMENT_MEANINGS = {
    "auto": Message(
        "Names are compared as they are; an object may be either side; segments get their commonest class."
    ),
    "hungarian": Message("Each class gets the one segment that fits it best; the other segments count as wrong."),
    "majority": Message("Each segment gets the class that it covers most; many small segments score high this way."),
}


def choose_view(truth: KnownTruth | None, session: Session) -> None:
    """The row of switches above the cells. Errors need a truth; without one the overlay is shown instead."""
    views = VIEWS if truth else VIEWS[:-1]
    view = session.compare.view if session.compare.view in views else VIEWS[0]
    with st.container(horizontal=True, key="views", vertical_alignment="top"):
        draw_switch(t("View"), views, VIEW_NAMES, session.compare, "view", view, is_labelled=True)
        st.slider(
            t("Opacity"),
            0,
            100,
            step=5,
            format="%d %%",
            **bind_choice(session.compare, "opacity", session.compare.opacity),
            width=200,
            disabled=view != "overlay",
        )
        if truth:
            draw_switch(
                t("Classes for segments"),
                ALIGNMENTS,
                ALIGNMENT_NAMES,
                session.compare,
                "alignment",
                session.compare.alignment,
                is_labelled=True,
                help=_explain_alignments(),
            )
        else:
            st.empty()  # takes the place of the last picture's switch, which would stay until every method has finished
    st.html(cells.view_style(view, session.compare.opacity / 100))
    if view == "errors":
        st.html(cells.chips_html(cells.error_legend(t("missed"), t("false"), t("not judged"))))


def _explain_alignments() -> str:
    return "\n\n".join(f"**{translate(ALIGNMENT_NAMES[a])}** – {translate(ALIGNMENT_MEANINGS[a])}" for a in ALIGNMENTS)
