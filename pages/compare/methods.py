"""What is on the page while no method is chosen."""

from __future__ import annotations

import streamlit as st

from pages.state.session import Session
from pages.ui.language import t
from pages.ui.methods import take_preset


def draw_no_methods(session: Session) -> None:
    """A way out, in place of the results."""
    with st.container(border=True, key="no-methods"):
        st.title(t("No method is chosen"), anchor=False)
        st.markdown(t("Choose some in the sidebar, or start with all of them."))
        st.button(t("Compare all methods"), type="primary", on_click=take_preset, args=("all", session))
