"""What makes the dashboard look like itself; the colours of widgets are in ``.streamlit/config.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.ui import cells
from segmethods.core.settings import settings


@dataclass(frozen=True)
class Colours:
    """The colours of a theme, each ``"#rrggbb"`` or CSS: `muted` is for small print, `edge` lies round marks."""

    accent: str
    background: str
    surface: str
    text: str
    muted: str
    grid: str
    edge: str


LIGHT = Colours("#0d9488", "#ffffff", "#f1f4f5", "#1b2430", "#566270", "#dde3e7", "rgba(15,23,42,0.35)")
DARK = Colours("#5eead4", "#10161c", "#1a222b", "#e7ecf0", "#a3b0bc", "#2c3742", "rgba(255,255,255,0.35)")

ICON = str(settings().assets_dir / "brand" / "icon.png")
"""For ``st.set_page_config(page_icon=...)``."""

_CSS = (Path(__file__).parent / "theme.css").read_text(encoding="utf-8")


def theme_colours() -> Colours:
    """The colours of the theme that the user's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def apply_theme() -> None:
    """The logo, and the style of what Streamlit's own settings don't reach; call it once a run, in app.py."""
    st.logo(str(settings().assets_dir / "brand" / "logo.svg"), size="large")
    st.html(f"<style>{_CSS}</style>{cells.CSS}")
