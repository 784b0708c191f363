"""The words of the lessons, from ``assets/lessons/{en,zh}/NAME.md``; see `pages.learn` for what a file looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from segmethods.core.settings import settings

_SECTION = re.compile(r"^## +(?P<heading>.*?) *\{#(?P<id>[a-z0-9-]+)\}$", re.MULTILINE)
_QUESTION = re.compile(r"^### +(?P<question>.+)$", re.MULTILINE)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


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


def find_places(section: Section) -> set[str]:
    """The names of all places of a section that wait for a value."""
    return set(
        _PLACE.findall("\n".join([section.heading, section.body, *(t for pair in section.questions for t in pair)]))
    )


def _read_section(heading: str, markdown: str) -> Section:
    body, *rest = _QUESTION.split(markdown)
    questions = tuple((q.strip(), a.strip()) for q, a in zip(*[iter(rest)] * 2, strict=True))
    return Section(heading.strip(), body.strip(), questions)
