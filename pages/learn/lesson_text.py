"""The words of the lessons, from ``assets/lessons/{en,zh}/NAME.md``, and of the glossary.

See `pages.learn` for what a file looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pages.state.address import bare_address
from pages.state.session import Session
from segmethods.core.settings import settings

_SECTION = re.compile(r"^## +(?P<heading>.*?) *\{#(?P<id>[a-z0-9-]+)\}$", re.MULTILINE)
_QUESTION = re.compile(r"^### +(?P<question>.+)$", re.MULTILINE)
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_WORD = re.compile(r"\]\(word:([a-z-]+)\)")


@dataclass(frozen=True)
class Section:
    """A part of a lesson: its heading, its Markdown, and the questions to try, each with its answer."""

    heading: str
    body: str
    questions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Text:
    """A lesson in one language: the line that the index shows, and the sections by id."""

    title: str
    line: str
    sections: dict[str, Section]


@cache
def read_text(lesson: str, language: str) -> Text:
    """The text of a lesson.

    Examples
    --------
    >>> read_text("threshold", "en").title
    'Threshold'
    """
    path = settings().assets_dir / "lessons" / language / f"{lesson}.md"
    return parse_text(path.read_text(encoding="utf-8"))


@cache
def read_glossary(language: str) -> Text:
    """The words of the field that lessons link to, one section each."""
    path = settings().assets_dir / "glossary" / f"{language}.md"
    return parse_text(path.read_text(encoding="utf-8"))


def link_words(markdown: str, session: Session) -> str:
    """Markdown in which ``[IoU](word:iou)`` leads to the glossary.

    Examples
    --------
    >>> link_words("The [IoU](word:iou).", Session(language="zh"))
    'The [IoU](glossary?lang=zh#iou).'
    """
    return _WORD.sub(rf"]({bare_address('glossary', session)}#\1)", markdown)


def parse_text(markdown: str) -> Text:
    """A lesson's file, taken apart.

    Examples
    --------
    >>> text = parse_text("# Sums\\n\\nTwo and two.\\n\\n## Add {#add}\\n\\nIt is {{sum}}.\\n\\n### Why?\\n\\nIt is.")
    >>> text.line, text.sections["add"]
    ('Two and two.', Section(heading='Add', body='It is {{sum}}.', questions=(('Why?', 'It is.'),)))
    """
    head, *parts = _SECTION.split(markdown)
    title, _, line = head.strip().removeprefix("# ").partition("\n")
    sections = {
        section_id: _read_section(heading, body) for heading, section_id, body in zip(*[iter(parts)] * 3, strict=True)
    }
    return Text(title.strip(), line.strip(), sections)


def fill(markdown: str, values: dict[str, str]) -> str:
    """Markdown with its ``{{places}}`` filled; braces of formulas stay as they are.

    Examples
    --------
    >>> fill(r"$t^{*} = {{level}}$", {"level": "101"})
    '$t^{*} = 101$'
    """
    return _PLACE.sub(lambda match: values[match[1]], markdown)


def _read_section(heading: str, markdown: str) -> Section:
    body, *rest = _QUESTION.split(markdown)
    questions = tuple((q.strip(), a.strip()) for q, a in zip(*[iter(rest)] * 2, strict=True))
    return Section(heading.strip(), body.strip(), questions)
