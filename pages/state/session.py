"""What a user has chosen: one typed object that outlives runs and changes of page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import streamlit as st

from segmethods.core.messages import Message, ParameterError
from segmethods.core.registry import Method
from segmethods.io.samples import list_samples
from segmethods.methods import get_method, list_methods

LANGUAGES = ("en", "zh")
View = Literal["overlay", "labels", "boundaries", "errors"]
VIEWS: tuple[View, ...] = get_args(View)
AlignmentWish = Literal["auto", "hungarian", "majority"]
ALIGNMENTS: tuple[AlignmentWish, ...] = get_args(AlignmentWish)
SOURCES = ("samples", "files", "camera")


@dataclass(frozen=True)
class Upload:
    """A file that the user gave: its name, its bytes and their digest."""

    name: str
    data: bytes = field(repr=False)
    digest: str


@dataclass
class Session:
    """The choices of one user.

    Parameters
    ----------
    source : str
        Where the picture comes from, one of `SOURCES`.
    sample : str
        The sample's id; it is kept while another source is shown.
    uploads, shown : tuple of Upload, str
        The pictures that the user gave, and the digest of the one that is shown.
    folder, photo : bool, Upload
        Whether a whole folder is asked for; what the camera gave.
    truth : str
        ``"own"`` for what comes with the picture, ``"none"``, or ``"file"``.
    truth_file : Upload, optional
        The mask that the user gave.
    opacity : int
        Of what lies over the picture, in per cent.
    params : dict
        Method id -> those of its parameters that differ from their defaults.
    notes : list of Message
        What the user should know once, such as a part of the address that made no sense.
    page : str
        The page that is shown.
    addresses : set
        All addresses that were written or read since this page was opened; they hold nothing new.
    queries : dict
        Page -> what its address said last.
    headline : tuple of str
        The last verdict: its first sentence, and the others.
    drawn : dict
        Method id -> what its cell last showed, which stays there, dimmed, while it is computed again.
    lessons : dict
        Lesson -> its controls that were moved, and where they stand.
    lesson_addresses : set
        All addresses that lessons wrote or read, each with its lesson.
    lesson, suggested : str
        The lesson that was opened last, and the sample that a page chose because the user hadn't.
    presenting : bool
        Whether lessons are shown to a classroom, large and without anything beside them.
    drafts : dict
        What was written or chosen in forms, by the widget's key; Streamlit forgets a widget that isn't drawn.
    """

    language: str = "en"
    source: str = "samples"
    sample: str = ""
    uploads: tuple[Upload, ...] = ()
    shown: str = ""
    folder: bool = False
    photo: Upload | None = None
    truth: str = "own"
    truth_file: Upload | None = None
    methods: tuple[str, ...] = ()
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    view: View = "overlay"
    opacity: int = 60
    alignment: AlignmentWish = "auto"
    chart: str = ""
    notes: list[Message] = field(default_factory=list)
    page: str = ""
    addresses: set[frozenset[tuple[str, str]]] = field(default_factory=set, repr=False)
    queries: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    headline: tuple[str, str] = ("", "")
    drawn: dict[str, Any] = field(default_factory=dict)
    lessons: dict[str, dict[str, Any]] = field(default_factory=dict)
    lesson_addresses: set[frozenset[tuple[str, str]]] = field(default_factory=set, repr=False)
    lesson: str = ""
    suggested: str = ""
    presenting: bool = False
    drafts: dict[str, Any] = field(default_factory=dict)
    widgets: set[str] = field(default_factory=set, repr=False)


def session() -> Session:
    """The choices of the user whose page is being drawn; at first, all methods on the first sample."""
    known: Session | None = st.session_state.get("session")
    if known is None:
        known = st.session_state["session"] = Session(
            language=guess_language(st.context.locale),
            sample=list_samples()[0].id,
            suggested=list_samples()[0].id,
            methods=tuple(m.id for m in list_methods()),
        )
    return known


def guess_language(locale: str | None) -> str:
    """The language for a browser's locale, such as ``"zh-CN"``; English for those that we don't speak."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


def show(key: str, value: Any, start: str = "value", *, among: Iterable[Any] = ()) -> dict[str, Any]:
    """Arguments for the widget `key`, with which it shows `value` when it is drawn next.

    The session is what counts and widgets mirror it: a widget's ``on_change`` takes the user's choice into the session
    (see `take`) before the page is drawn, and everything else that changes the session is seen by the widget here.

    A browser is told of a change once. If it is still loading the widget's code then, and the page is drawn anew before
    it has it, the widget starts where its arguments say: so they say the same.

    Parameters
    ----------
    start : the widget's argument for where it starts: ``"default"`` for pills and their kin.
    among : the options of a select box or of radio buttons, which start at the number of one.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    session().widgets.add(key)
    return {"key": key} | ({"index": list(among).index(value)} if among else {start: value})


def take(name: str) -> None:
    """Callback of the widget `name`: the user's choice becomes the session's."""
    value = st.session_state[name]
    setattr(session(), name, tuple(value) if isinstance(value, list) else value)


def draft(key: str, default: Any, start: str = "value", *, among: Iterable[Any] = ()) -> dict[str, Any]:
    """Arguments for the widget `key`, with which it shows again what the user left in it, `default` at first."""
    shown = show(key, session().drafts.get(key, default), start, among=among)
    return {**shown, "on_change": _keep_draft, "args": (key,)}


def _keep_draft(key: str) -> None:
    session().drafts[key] = st.session_state[key]


def refresh_widgets() -> None:
    """Callback: give all widgets their values again.

    The browser knows a choice by the text of its option, which is another one after the language has changed.
    """
    for key in session().widgets:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def set_parameter(session: Session, method: Method, name: str, value: Any) -> None:
    """Note a parameter's value in the session, which keeps only those that differ from the default."""
    default = next(p.default for p in method.parameters if p.name == name)
    chosen = {n: v for n, v in session.params.get(method.id, {}).items() if n != name}
    if value != default:
        chosen[name] = value
    session.params = {id: v for id, v in {**session.params, method.id: chosen}.items() if v}


def drop_what_is_gone(session: Session) -> None:
    """Go back to the default where a chosen value is no longer there, such as weights that were removed; say so."""
    for id, params in list(session.params.items()):
        method = get_method(id)
        for parameter in method.parameters:
            value = params.get(parameter.name, parameter.default)
            try:
                parameter.check(value)
            except ParameterError:
                set_parameter(session, method, parameter.name, parameter.default)
                values = {
                    "value": str(value),
                    "method": Message(method.title),
                    "parameter": Message(parameter.about.label),
                }
                session.notes.append(
                    Message("“{value}” ({method}, {parameter}) is gone; the default is used instead.", values)
                )
