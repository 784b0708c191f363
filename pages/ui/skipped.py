"""Files that were left out, and why."""

from __future__ import annotations

import streamlit as st

from pages.ui.language import escape_markdown, t, translate
from segmethods.datasets.sample_refs import Skipped

MANY = 60
"""Skipped files beyond this many are counted and not named."""


def draw_skipped(skipped: tuple[Skipped, ...]) -> None:
    """The files that take no part, by name, and why."""
    if not skipped:
        return
    with st.expander(t("Left out: {count:file|files}", count=len(skipped))):
        lines = [f"- **{escape_markdown(s.name)}**: {escape_markdown(translate(s.reason))}" for s in skipped[:MANY]]
        if len(skipped) > MANY:
            lines.append("- " + t("{count} more", count=len(skipped) - MANY))
        st.markdown("\n".join(lines))
