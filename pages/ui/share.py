"""A link for others: it opens the page as it stands, in the reader's own language unless the sender's goes along."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.state.address import Field, share_address
from pages.state.session import session
from pages.ui.language import t


@st.fragment
def draw_link(fields: Sequence[Field]) -> None:
    """The link, to be copied, and the choice whether it says the language."""
    in_language = st.toggle(
        t("Open it in English"),  # each language names itself
        key="share.language",
        help=t("Off: everybody reads it in the language of their own browser."),
    )
    query = share_address(fields, session(), in_language)
    st.code(f"{st.context.url}?{query}", language=None, wrap_lines=True)
