"""A lesson's part of the address: the picture, and the controls that were moved."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.learn.spec import Lesson
from pages.state.address import OWN_PICTURE, ignored, put_address, read_address, read_value, write_value
from pages.state.session import Session, session
from segmethods.core.messages import ParameterError
from segmethods.io.samples import list_samples

_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


def follow_lesson(lesson: Lesson) -> None:
    """Take the picture and the controls of a link, of what somebody typed, or of a step back in the browser.

    To those who have brought no picture and chosen none the lesson suggests its own sample.
    """
    query, choices = st.query_params.to_dict(), session()
    if choices.lesson != lesson.id:
        choices.lesson = lesson.id
        if "picture" not in query and choices.source == "samples" and choices.sample == choices.suggested:
            choices.sample = choices.suggested = lesson.sample
    context = get_script_run_ctx()
    back = context is not None and context.is_history_navigation
    if query and (_is_new(lesson, query) or back):
        read_address({"picture": query.get("picture", choices.sample)}, choices, [s.id for s in list_samples()])
        read_lesson(query, lesson, choices)


def publish_lesson(lesson: Lesson, own_picture: bool) -> None:
    """Write the picture and the controls of the lesson to the address."""
    query = write_lesson(lesson, session(), own_picture)
    _is_new(lesson, query)
    put_address(query)


def _is_new(lesson: Lesson, query: Mapping[str, str]) -> bool:
    """Whether the lesson meets this address for the first time; later ones are the menu's, and hold nothing new."""
    known, items = session().lesson_addresses, frozenset({**query, "": lesson.id}.items())
    new = items not in known
    known.add(items)
    return new


def write_lesson(lesson: Lesson, session: Session, own_picture: bool = False, shared: bool = False) -> dict[str, str]:
    """The address of a lesson: the picture, the controls that don't stand at their defaults, its words, the language.

    A shared one leaves out the lesson's secrets, and that it is presented.
    """
    query = {"picture": OWN_PICTURE if own_picture else session.sample}
    moved = session.lessons.get(lesson.id, {})
    for control in lesson.controls:
        if moved.get(control.name, control.default) != control.default:
            query[control.name] = write_value(control, moved[control.name])
    query |= {word: moved[word] for word in (*lesson.words, *(() if shared else lesson.secrets)) if moved.get(word)}
    if session.presenting and not shared:
        query["present"] = "true"
    query["lang"] = session.language
    return query


def read_lesson(query: Mapping[str, str], lesson: Lesson, session: Session) -> None:
    """Set the controls of a lesson from an address; what makes no sense is left out, with a note."""
    session.presenting = query.get("present") == "true"
    values = {}
    for control in lesson.controls:
        if control.name in query:
            try:
                values[control.name] = control.check(read_value(control, query[control.name]))
            except (ParameterError, KeyError, ValueError):
                session.notes.append(ignored(control.name, query[control.name]))
    for word in (*lesson.words, *lesson.secrets):
        if _WORD.fullmatch(query.get(word, "")):
            values[word] = query[word]
        elif query.get(word):
            session.notes.append(ignored(word, query[word]))
    session.lessons[lesson.id] = values
