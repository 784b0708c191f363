"""The pages there are, and the way to each of them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.language import say, t
from segmethods.messages import Message


@dataclass(frozen=True)
class Place:
    """A page and where it is found.

    Parameters
    ----------
    address : str
        What follows the dashboard's address: ``"models"`` for ``/models``.
    title : Message
        What the menu and the browser's tab call it.
    file : str
        The page, from the folder of app.py.
    within : str
        The address of the page that it belongs to. The menu shows it only there and on the pages beside it.
    """

    address: str
    title: Message
    file: str
    within: str = ""


PLACES = (
    Place("compare", Message("Compare"), "pages/compare/page.py"),
)  # fmt: skip
"""All pages, in the menu's order; the first one is shown to who asks for none."""


def pages_within(address: str) -> tuple[Place, ...]:
    """The pages that belong to another one, such as the lessons to ``"learn"``."""
    return tuple(place for place in PLACES if place.within == address)


def open_page() -> st.Page:
    """The page that the visitor asked for, beside a menu of all; to be run."""
    asked = _navigate("").url_path
    return _navigate(asked)


def _navigate(here: str) -> st.Page:
    """The page asked for, with the menu as it is for who stands on the page `here`."""
    group = next((place.within or place.address for place in PLACES if place.address == here), "")
    menu = {"": [_page(PLACES[0], default=True, is_shown=here != PLACES[0].address)]}
    for place in PLACES:
        is_shown = place.within == group if place.within else (place is not PLACES[0] or here == place.address)
        section = t("Lessons") if place.within else ""
        menu.setdefault(section, []).append(_page(place, is_shown=is_shown))
    return st.navigation(menu)


def _page(place: Place, *, is_shown: bool, default: bool = False) -> st.Page:
    # The first page has two addresses, one of them empty: a name of its own keeps them apart.
    url = f"{place.address}-first" if default else place.address
    visibility = "visible" if is_shown else "hidden"
    return st.Page(place.file, title=say(place.title), url_path=url, default=default, visibility=visibility)
