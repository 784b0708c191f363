"""Whether the visitor's browser draws in three dimensions."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ setStateValue }) {
  const canvas = document.createElement('canvas');
  if (!(canvas.getContext('webgl2') || canvas.getContext('webgl'))) setStateValue('missing', true);
}
"""

_asked = st.components.v2.component("webgl", js=_JS)


def lacks_webgl() -> bool:
    """Whether the browser has said that it has no WebGL; it says so after the page was drawn once."""
    return bool(_asked(key="webgl", default={"missing": False}, on_missing_change=lambda: None).missing)
