"""Following and writing addresses: which of them say something new, and what leads back to a page as it was left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.state.address import LANGUAGE, Field, read_address, write_address
from pages.state.fields import compare_fields
from pages.state.session import Session, session

COMPARE = "compare"
"""The page whose address every link in the menu writes anew: other pages change what is compared, too."""


def follow_address(page: str) -> None:
    """Find out what the address says that is new, and take the language from it; before anything is drawn.

    A click may still carry an address that a click before it has changed: known ones must not undo anything. A link,
    what somebody typed, and a step back in the browser are new.

    Parameters
    ----------
    page : str
        The page that was asked for. It takes the rest of the address with `take_address`.
    """
    visit, query = session().visit, st.query_params.to_dict()
    if page != visit.page:
        visit.arrived, visit.known = {}, {_items(address_of(page, session()))}
        visit.page = page
    context = get_script_run_ctx()
    is_back = bool(context and context.is_history_navigation)
    if is_back or _items(query) not in visit.known:
        visit.known.add(_items(query))
        visit.arrived, visit.is_back = query, is_back
        read_address((LANGUAGE,), query, session(), is_back)


def take_address(fields: Sequence[Field]) -> None:
    """Take the page's choices from the address, if it says anything new."""
    visit = session().visit
    if visit.arrived:
        read_address(fields, visit.arrived, session(), visit.is_back)
        visit.arrived = {}


def publish_address(fields: Sequence[Field]) -> None:
    """Write the page's choices to the address, which will hold nothing new when a later click carries it."""
    query = write_address(fields, session())
    session().visit.known.add(_items(query))
    if query != st.query_params.to_dict():
        st.query_params.from_dict(query)


def keep_address() -> None:
    """Note the page's address for who returns to the page, the language in it; after the page was drawn."""
    visit, query = session().visit, _in_language(st.query_params.to_dict(), session())
    if query != st.query_params.to_dict():
        st.query_params.from_dict(query)
    visit.arrived = {}
    visit.queries[visit.page] = query
    visit.known.add(_items(visit.queries[visit.page]))


def address_of(page: str, session: Session) -> dict[str, str]:
    """What leads to a page as it was left, or to the open page as it is being opened."""
    if page == session.visit.page and session.visit.arrived:
        return session.visit.arrived
    if page == COMPARE:
        return write_address(compare_fields(), session)
    return _in_language(session.visit.queries.get(page, {}), session)


def _in_language(query: Mapping[str, str], session: Session) -> dict[str, str]:
    """An address with the language that it has to say now, if any."""
    return {key: text for key, text in query.items() if key != LANGUAGE.key} | write_address((), session)


def _items(query: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(query.items())
