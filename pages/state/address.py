"""The address of a page carries the user's choices, so that a link opens the same comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.state.session import ALIGNMENTS, LANGUAGES, VIEWS, Session, session, set_parameter
from segmethods.core.messages import Message, ParameterError
from segmethods.core.registry import Parameter
from segmethods.io.samples import list_samples
from segmethods.methods import get_method, list_methods

Choice = TypeVar("Choice", bound=str)

COMPARE = "compare"
"""The page whose address says what is compared."""

OWN_PICTURE = "own"
"""What the address says instead of a sample's id when the picture is the user's own, which no link can carry."""


def follow_address(page: str) -> None:
    """Take the choices of an address that is none of this session's own: a link, what somebody typed, a step back.

    Parameters
    ----------
    page : str
        The page that was asked for. Only that of `COMPARE` says what is compared; every address says the language.
    """
    choices, query = session(), st.query_params.to_dict()
    if page != choices.page:
        choices.page = page
        choices.addresses.clear()
    back = _is_step_back()
    if not query or not (_is_new(query) or back):
        return
    if page != COMPARE:
        choices.language = _choose(query, "lang", LANGUAGES, choices.language, choices.notes)
        return
    if back:
        forget_choices(choices)
    read_address(query, choices, [s.id for s in list_samples()])


def publish_address(own_picture: bool) -> None:
    """Write what is compared to the address."""
    put_address(write_address(session(), own_picture))


def put_address(query: dict[str, str]) -> None:
    """Write an address of this session's own, which will hold nothing new when a later click carries it."""
    _is_new(query)
    if query != st.query_params.to_dict():
        st.query_params.from_dict(query)


def keep_address() -> None:
    """Note the page's address for who returns to the page, the language in it; after the page was drawn."""
    choices = session()
    if st.query_params.get("lang") != choices.language:
        st.query_params["lang"] = choices.language
    choices.queries[choices.page] = st.query_params.to_dict()
    _is_new(choices.queries[choices.page])


def address_of(page: str, session: Session) -> dict[str, str]:
    """What leads to a page as it was left."""
    if page == COMPARE:
        return write_address(session, _has_own_picture(session))
    return {**session.queries.get(page, {}), "lang": session.language}


def _has_own_picture(session: Session) -> bool:
    match session.source:
        case "files":
            return bool(session.uploads)
        case "camera":
            return session.photo is not None
        case _:
            return False


def _is_new(query: Mapping[str, str]) -> bool:
    """Whether the page meets this address for the first time.

    A click may still carry an address that a click before it has changed: known ones must not undo anything.
    """
    known, items = session().addresses, frozenset(query.items())
    new = items not in known
    known.add(items)
    return new


def _is_step_back() -> bool:
    """Whether the browser's Back or Forward led here."""
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def forget_choices(session: Session) -> None:
    """Set everything that `write_address` leaves out to what its absence means."""
    default = Session()
    session.params = {}
    session.alignment, session.opacity = default.alignment, default.opacity
    if session.truth == "none":
        session.truth = default.truth


def write_address(session: Session, own_picture: bool = False) -> dict[str, str]:
    """The address of the session's comparison: what differs from the defaults, or has a default that may change."""
    query = {"picture": OWN_PICTURE if own_picture else session.sample}
    query["methods"] = ",".join(session.methods)
    for id in session.methods:
        known = {p.name: p for p in get_method(id).parameters}
        for name, value in session.params.get(id, {}).items():
            query[f"{id}.{name}"] = write_value(known[name], value)
    query["view"] = session.view
    default = Session()
    if session.truth == "none":
        query["truth"] = "none"
    if session.alignment != default.alignment:
        query["alignment"] = session.alignment
    if session.opacity != default.opacity:
        query["opacity"] = str(session.opacity)
    query["lang"] = session.language
    return query


def read_address(query: Mapping[str, str], session: Session, samples: Sequence[str]) -> None:
    """Set the session's choices from an address.

    What makes no sense leaves the choice as it is and adds a note to the session; nothing is raised.

    Parameters
    ----------
    query : mapping
        The part of the address after the question mark.
    session : Session
        Changed in place.
    samples : sequence of str
        Ids of the samples there are.
    """
    notes = session.notes
    picture = query.get("picture", session.sample)
    if picture in samples:
        session.source, session.sample = "samples", picture
    elif picture == OWN_PICTURE and (session.uploads or session.photo):
        session.source = "files" if session.uploads else "camera"
    elif picture == OWN_PICTURE:
        notes.append(Message("This link was made from somebody's own picture, which no link carries. Add yours here."))
    elif picture:
        notes.append(Message("There is no sample called {name}; another one is shown.", {"name": picture}))
    session.view = _choose(query, "view", VIEWS, session.view, notes)
    session.alignment = _choose(query, "alignment", ALIGNMENTS, session.alignment, notes)
    session.language = _choose(query, "lang", LANGUAGES, session.language, notes)
    session.truth = _choose(query, "truth", ("own", "none"), session.truth, notes)
    session.opacity = _read_opacity(query, session.opacity, notes)
    if "methods" in query:
        session.methods = _read_methods(query["methods"], notes)
    for key, text in query.items():
        if "." in key:
            _read_parameter(key, text, session, notes)


def _choose(
    query: Mapping[str, str], key: str, options: Sequence[Choice], default: Choice, notes: list[Message]
) -> Choice:
    value = query.get(key, default)
    for option in options:
        if option == value:
            return option
    notes.append(ignored(key, value))
    return default


def _read_opacity(query: Mapping[str, str], default: int, notes: list[Message]) -> int:
    text = query.get("opacity")
    if text is None:
        return default
    if text.isdecimal() and int(text) <= 100:
        return int(text)
    notes.append(ignored("opacity", text))
    return default


def _read_methods(text: str, notes: list[Message]) -> tuple[str, ...]:
    wanted = [id for id in text.split(",") if id]
    known = [m.id for m in list_methods()]
    notes.extend(Message("There is no method called {name}.", {"name": id}) for id in wanted if id not in known)
    return tuple(id for id in known if id in wanted)


def _read_parameter(key: str, text: str, session: Session, notes: list[Message]) -> None:
    id, _, name = key.partition(".")
    try:
        method = get_method(id)
        parameter = {p.name: p for p in method.parameters}[name]
        value = parameter.check(read_value(parameter, text))
    except (ParameterError, KeyError, ValueError):
        notes.append(ignored(key, text))
        return
    set_parameter(session, method, name, value)


def read_value(parameter: Parameter, text: str) -> Any:
    """A parameter's value from its text in an address, not yet checked; KeyError or ValueError for nonsense."""
    match parameter.kind:
        case "int" | "float":
            return float(text)
        case "bool":
            return {"true": True, "false": False}[text.lower()]
        case "choices":
            return text.split(",")
        case _:
            return text


def write_value(parameter: Parameter, value: Any) -> str:
    """A parameter's value as the text that `read_value` reads."""
    match parameter.kind:
        case "int" | "float":
            return f"{value:.10g}"
        case "bool":
            return str(value).lower()
        case "choices":
            return ",".join(value)
        case _:
            return str(value)


def ignored(key: str, value: str) -> Message:
    """The note about a part of an address that makes no sense."""
    return Message(
        "The address says {key}={value}, which makes no sense here and was left out.", {"key": key, "value": value[:40]}
    )
