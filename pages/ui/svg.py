"""Charts that `segmethods.reporting.svg` draws, on a page: a thousandth of the bytes of Plotly's script."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape

import streamlit as st

from pages.ui.ready_html import ReadyHtml
from pages.ui.theme import theme_colours
from segmethods.reporting.svg import NARROW, WIDTH


def draw_svg(draw: Callable[[int], str], title: str) -> None:
    """A chart under its title: as pictures, since Streamlit lets no SVG into its HTML, in the theme's colour of text.

    Parameters
    ----------
    draw : callable
        Width -> the chart as SVG, without its title. A phone shows the narrow one.
    """
    shown = "".join(
        f'<img class="sm-svg {kind}" alt="{escape(title)}" src="{_address(draw(width))}">'
        for kind, width in (("sm-wide", WIDTH), ("sm-narrow", NARROW))
    )
    st.html(ReadyHtml(f'<div class="sm-svg-title">{escape(title)}</div>{shown}'))


def _address(svg: str) -> str:
    coloured = svg.replace("currentColor", theme_colours().text)
    return f"data:image/svg+xml;base64,{base64.b64encode(coloured.encode()).decode()}"
