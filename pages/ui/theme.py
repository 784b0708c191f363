"""What makes the dashboard look like itself; the colours of widgets are in ``.streamlit/config.toml``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import cells
from segmethods.core.settings import settings

ACCENT = {"light": "#0d9488", "dark": "#5eead4"}
BACKGROUND = {"light": "#ffffff", "dark": "#10161c"}
SURFACE = {"light": "#f1f4f5", "dark": "#1a222b"}
TEXT = {"light": "#1b2430", "dark": "#e7ecf0"}
MUTED = {"light": "#566270", "dark": "#a3b0bc"}
"""Small print."""

GRID = {"light": "#dde3e7", "dark": "#2c3742"}

ICON = str(settings().assets_dir / "brand" / "icon.png")
"""For ``st.set_page_config(page_icon=...)``."""

_CSS = (Path(__file__).parent / "theme.css").read_text(encoding="utf-8")


def is_dark() -> bool:
    """Whether the user's browser shows the dark theme."""
    return bool(st.context.theme.type == "dark")


def apply_theme() -> None:
    """The logo, and the style of what Streamlit's own settings don't reach; call it once a run, in app.py."""
    st.logo(str(settings().assets_dir / "brand" / "logo.svg"), size="large")
    st.html(f"<style>{_CSS}</style>{cells.CSS}")
