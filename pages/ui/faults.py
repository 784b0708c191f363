"""What a page says when something breaks that nobody foresaw: one line in the user's language."""

import streamlit as st

from pages.ui.language import escape_markdown, t, translate
from segmethods.core.faults import describe_fault
from segmethods.core.messages import SegmethodsError


def show_fault(error: Exception) -> bool:
    """Say what went wrong, in place of Streamlit's own box; for `streamlit.App`. The log has the details."""
    message = error.message if isinstance(error, SegmethodsError) else describe_fault(error)
    ours = t("Something broke here, which is our fault and not yours. Reload the page: its address has your choices.")
    st.error(escape_markdown(translate(message)) if message else ours, icon=":material/error:")
    return True
