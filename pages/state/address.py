"""The address of a page carries the user's choices: one list of fields for each page, written and read in one way.

What makes no sense in an address leaves the choice as it is and adds a note to the session; nothing is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pages.state.session import LANGUAGES, Session
from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.registry import Parameter


@dataclass(frozen=True)
class Field:
    """One thing that an address says.

    Parameters
    ----------
    key : str
        What the address calls it.
    write : callable
        The session -> its text; None leaves it out.
    read : callable
        Sets it in the session from a text. ValueError, KeyError and SegmethodsError say that the text makes no sense.
    reset : callable, optional
        Sets it to what its absence means; left out where the address always says it.
    """

    key: str
    write: Callable[[Session], str | None]
    read: Callable[[Session, str], None]
    reset: Callable[[Session], None] = lambda _session: None


def write_address(fields: Iterable[Field], session: Session) -> dict[str, str]:
    """What an address says: every field that has a text, and the language if it is another than the browser's."""
    texts = {field.key: field.write(session) for field in (*fields, LANGUAGE)}
    return {key: text for key, text in texts.items() if text is not None}


def share_address(fields: Iterable[Field], session: Session, in_language: bool = False) -> str:
    """The end of a link for others, who read the page in the language of their own browser or in the sender's."""
    texts = {key: text for key, text in write_address(fields, session).items() if key != LANGUAGE.key}
    return urlencode(texts | ({LANGUAGE.key: session.language} if in_language else {}), safe=",")


def bare_address(page: str, session: Session) -> str:
    """A page as texts link to it: a tab of its own, in which nothing is known but the language.

    Examples
    --------
    >>> bare_address("glossary", Session()), bare_address("glossary", Session(language="zh"))
    ('glossary', 'glossary?lang=zh')
    """
    query = urlencode(write_address((), session))
    return f"{page}?{query}" if query else page


def read_address(fields: Sequence[Field], query: Mapping[str, str], session: Session, is_back: bool = False) -> None:
    """Set the session's choices from an address.

    Parameters
    ----------
    fields : sequence of Field
        What the page's address may say. Where it may say parameters, unknown ones are named.
    query : mapping
        The part of the address after the question mark.
    session : Session
        Changed in place.
    is_back : bool
        Whether what the address leaves out goes back to its default, too.
    """
    for field in fields:
        if field.key not in query:
            if is_back:
                field.reset(session)
            continue
        try:
            field.read(session, query[field.key])
        except (SegmethodsError, KeyError, ValueError):
            session.notes.append(ignored(field.key, query[field.key]))
    known = {field.key for field in fields}
    if any("." in key for key in known):
        session.notes += [ignored(key, text) for key, text in query.items() if "." in key and key not in known]


def choice_field(
    key: str,
    options: Sequence[str],
    get: Callable[[Session], str],
    put: Callable[[Session, str], None],
    default: str | None = None,
) -> Field:
    """A field with one of several values; a default is not written."""

    def write(session: Session) -> str | None:
        return None if get(session) == default else get(session)

    def read(session: Session, text: str) -> None:
        if text not in options:
            raise ValueError(text)
        put(session, text)

    return Field(key, write, read, lambda session: None if default is None else put(session, default))


def _write_language(session: Session) -> str | None:
    return None if session.language == session.browser_language else session.language


def _read_language(session: Session, text: str) -> None:
    if text not in LANGUAGES:
        raise ValueError(text)
    session.language = text


def _reset_language(session: Session) -> None:
    session.language = session.browser_language


LANGUAGE = Field("lang", _write_language, _read_language, _reset_language)
"""The language, if it was chosen: whoever reads what the browser asks for passes on no language to others."""


def read_value(parameter: Parameter, text: str) -> Any:
    """A parameter's value from its text in an address, checked; an error for nonsense.

    Raises
    ------
    ParameterError, KeyError, ValueError
        If the text is no value that the parameter allows.
    """
    match parameter.kind:
        case "int" | "float":
            return parameter.check(float(text))
        case "bool":
            return {"true": True, "false": False}[text.lower()]
        case "choices":
            return parameter.check(text.split(","))
        case _:
            return parameter.check(text)


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
