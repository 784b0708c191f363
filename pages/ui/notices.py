"""What the user should know once, such as a part of their link that made no sense."""

import streamlit as st

from pages.state.session import Session
from pages.ui.language import escape_markdown, t, translate_all


def draw_notices(session: Session) -> None:
    """What the user should know about the link they came by, until they have read it."""
    if not session.notes:
        return
    with st.container(border=True, key="notes", horizontal=True, vertical_alignment="center"):
        st.markdown(escape_markdown(translate_all(session.notes)), width="stretch")
        st.button(t("All right"), key="notes.read", on_click=session.notes.clear)
