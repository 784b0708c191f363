"""Old links: what hundreds of addresses of all pages restored at version 0.1.0, they restore now.

``addresses.json`` was recorded then: the state of every page untouched, and for each address what it changes.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from pages.learn.address import lesson_fields, suggest_sample
from pages.state.address import LANGUAGE, Field, read_address
from pages.state.fields import benchmark_fields, compare_fields
from pages.state.session import Session
from pages.ui.menu import list_lessons
from segmethods.io.samples import list_samples
from segmethods.methods import list_methods

RECORDED = json.loads((Path(__file__).parent / "addresses.json").read_text(encoding="utf-8"))
PAGES: list[str] = sorted(RECORDED["untouched"])
LESSONS = {spec.address for spec in list_lessons()}


def fresh_session() -> Session:
    first = list_samples()[0].id
    recorded = RECORDED["untouched"]["compare"]["methods"]
    return Session(sample=first, suggested=first, methods=tuple(m.id for m in list_methods() if m.id in recorded))


def open_address(page: str, query: dict[str, str]) -> Session:
    """What a page makes of an address that a first visitor brings; see `pages.state.navigation`."""
    session = fresh_session()
    fields: tuple[Field, ...] = ()
    read_address((LANGUAGE,), query, session)
    if page == "compare":
        fields = compare_fields()
    elif page == "benchmark":
        fields = benchmark_fields(is_run="run" in query)
    elif page in LESSONS:
        lesson = importlib.import_module(f"pages.learn.lessons.{page}").LESSON
        suggest_sample(lesson, query, session)
        fields = lesson_fields(lesson)
    read_address(fields, query, session)
    return session


def describe(page: str, session: Session) -> dict[str, Any]:
    state: dict[str, Any] = {
        "language": session.language,
        "source": session.source,
        "sample": session.sample,
        "methods": session.methods,
        "params": session.params,
        "view": session.compare.view,
        "opacity": session.compare.opacity,
        "alignment": session.compare.alignment,
        "truth": session.truth,
        "presenting": session.presenting,
        "lesson": session.lessons.get(page, {}),
        "notes": sorted(str(note) for note in session.notes),
    }
    if page == "benchmark":
        state |= {"data": session.benchmark.data, "run": session.benchmark.run, "shapes": str(session.benchmark.shapes)}
    return json.loads(json.dumps(state))  # type: ignore[no-any-return]


@pytest.mark.parametrize("page", PAGES)
def test_every_recorded_address_restores_what_it_restored(page: str) -> None:
    addresses = [(query, changed) for where, query, changed in RECORDED["addresses"] if where == page]
    assert addresses
    for text, changed in addresses:
        query = dict(parse_qsl(text, keep_blank_values=True))
        expected = {**RECORDED["untouched"][page], **changed}
        expected["notes"] = sorted(expected["notes"])
        assert describe(page, open_address(page, query)) == expected, f"{page}?{text}"


def test_all_pages_and_lessons_are_recorded() -> None:
    assert {"compare", "benchmark", "models", "learn", *LESSONS} <= set(PAGES)
