"""What Streamlit's markup tells screen readers wrongly."""

from __future__ import annotations

import streamlit as st

# A field for files has a name and the keyboard, and says that it is an ornament.
_SCRIPT = """
const mend = () => {
  for (const field of document.querySelectorAll('[data-testid="stFileUploaderDropzone"][role="presentation"]')) {
    field.setAttribute('role', 'group');
  }
};
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
mend();
export default function () {}
"""

_mend = st.components.v2.component("mend_markup", js=_SCRIPT)


def mend_markup() -> None:
    """Set it right wherever it appears; call it once a run."""
    _mend(key="mend-markup")
