"""What a lesson's address says: the picture, the controls that were moved, its tokens, whether it is presented."""

from __future__ import annotations

import re
from collections.abc import Container

from pages.learn.spec import Lesson
from pages.state.address import Field, read_value, write_value
from pages.state.fields import IMAGE
from pages.state.session import Session
from segmethods.core.registry import Parameter

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,40}")


def lesson_fields(lesson: Lesson, is_shared: bool = False) -> tuple[Field, ...]:
    """The fields of a lesson's address; one to share leaves out the private tokens, and that it is presented."""
    controls = [_control_field(lesson, control) for control in lesson.controls]
    tokens = [_token_field(lesson, token) for token in lesson.tokens]
    if is_shared:
        return (IMAGE, *controls, *tokens)
    private = [_token_field(lesson, token) for token in lesson.private_tokens]
    return (IMAGE, *controls, *tokens, *private, PRESENT)


def suggest_sample(lesson: Lesson, query: Container[str], session: Session) -> None:
    """Show a lesson's own sample to those who have brought no picture and chosen none, in the address or elsewhere."""
    if session.lesson != lesson.id:
        session.lesson = lesson.id
        if "picture" not in query and session.source == "samples" and session.sample == session.suggested:
            session.sample = session.suggested = lesson.sample


def _control_field(lesson: Lesson, control: Parameter) -> Field:
    def write(session: Session) -> str | None:
        value = session.lessons.get(lesson.id, {}).get(control.name, control.default)
        return None if value == control.default else write_value(control, value)

    def read(session: Session, text: str) -> None:
        _set_value(session, lesson, control.name, read_value(control, text))

    return Field(control.name, write, read, lambda session: _forget_value(session, lesson, control.name))


def _token_field(lesson: Lesson, token: str) -> Field:
    def write(session: Session) -> str | None:
        return session.lessons.get(lesson.id, {}).get(token) or None

    def read(session: Session, text: str) -> None:
        if _TOKEN.fullmatch(text):
            _set_value(session, lesson, token, text)
        elif text:
            raise ValueError(text)

    return Field(token, write, read, lambda session: _forget_value(session, lesson, token))


def _set_value(session: Session, lesson: Lesson, name: str, value: object) -> None:
    session.lessons[lesson.id] = {**session.lessons.get(lesson.id, {}), name: value}


def _forget_value(session: Session, lesson: Lesson, name: str) -> None:
    session.lessons.get(lesson.id, {}).pop(name, None)


def _read_present(session: Session, text: str) -> None:
    session.presenting = text == "true"


PRESENT = Field(
    "present",
    lambda session: "true" if session.presenting else None,
    _read_present,
    lambda session: _read_present(session, ""),
)
