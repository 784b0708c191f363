"""The class under the pointer: its name stands beside it, on results and on the truth."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_script = (Path(__file__).parent / "under_pointer.js").read_text(encoding="utf-8")
_under_pointer = st.components.v2.component("under_pointer", js=f"\n{_script}")


def name_under_pointer() -> None:
    """Let the pictures of cells name what the pointer, or a finger, is on; call it once a run."""
    _under_pointer(key="under-pointer")
