"""What the user should know once, such as a part of their link that made no sense."""

import streamlit as st

from pages.state.session import Session
from pages.ui.language import say_all, t, verbatim


def draw_notes(session: Session) -> None:
    """What the user should know about the link they came by, until they have read it."""
    if not session.notes:
        return
    with st.container(border=True, key="notes", horizontal=True, vertical_alignment="center"):
        st.markdown(verbatim(say_all(session.notes)), width="stretch")
        st.button(t("All right"), key="notes.read", on_click=session.notes.clear)
