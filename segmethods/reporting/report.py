"""A report in one HTML file: it asks nothing of the network, can be looked through, and prints on A4.

    report = Report("Which method finds the scratches?", ["DeepLab leads: IoU 0.81."], [
        Section(translate(HEADINGS["pictures"]), [ImageRow("part 7", (show_outcome(...), ...))]),
        Section(translate(HEADINGS["table"]), [Table(["Method", "IoU"], [["DeepLab", "0.81"]])]),
        Section(translate(HEADINGS["terms"]), ["For research only."]),
    ])
    html = write_report(report, say=translate, language="en")

All texts come in the reader's language and as they are: they are escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path

from segmethods.core.messages import Message
from segmethods.core.types import Image, Labels, Vocabulary
from segmethods.core.version import __version__
from segmethods.reporting.layers import data_url, image_layer, mask_layer

Say = Callable[[Message], str]
"""Translates a message; ``str`` gives English."""

HEADINGS: Mapping[str, Message] = {
    "pictures": Message("The pictures"),
    "table": Message("The numbers"),
    "sure": Message("How sure that is"),
    "cost": Message("What it costs"),
    "terms": Message("Terms"),
    "settings": Message("Settings"),
}
"""What the sections of a report are called, in their order."""

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Shown:
    """A picture in a report: what lies over the photo, by view, and the lines below it."""

    title: str
    lines: Sequence[str] = ()
    layers: Mapping[str, bytes] = field(default_factory=dict)
    alt: str = ""


@dataclass(frozen=True)
class ImageRow:
    """One photo (a JPEG) and what was made of it."""

    name: str
    image: bytes = field(repr=False)
    shown: Sequence[Shown]
    ratio: float = 4 / 3


@dataclass(frozen=True)
class Table:
    """A table that can be sorted by its columns; cells are texts as they are to be read."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chart:
    """A whole SVG; see :mod:`segmethods.reporting.svg`."""

    svg: str


@dataclass(frozen=True)
class Code:
    """Lines to be copied, such as a command."""

    text: str


Part = str | Table | Chart | Code | ImageRow
"""A text is a paragraph."""


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Report:
    """What a report says: the question, the answer in a sentence or two, and all that stands behind it."""

    question: str
    verdict: Sequence[str]
    sections: Sequence[Section]
    footer: Sequence[str] = ()


def show_image(name: str, image: Image, shown: Sequence[Shown]) -> ImageRow:
    """A row of a report: a photo, and what was made of it."""
    height, width = image.shape[:2]
    return ImageRow(name, image_layer(image), shown, width / height)


def show_labels(title: str, lines: Sequence[str], labels: Labels, classes: Vocabulary, alt: str = "") -> Shown:
    """A label map over the photo of its row."""
    return Shown(title, lines, {"mask": mask_layer(labels, classes)}, alt or ", ".join([title, *lines]))


def write_report(report: Report, say: Say = str, language: str = "en", when: datetime | None = None) -> str:
    """The whole HTML file of a report.

    Parameters
    ----------
    report : Report
        Its texts are in the reader's language already.
    say : callable
        Translates what is written here: the names of the switches and the footer.
    language : str
        ``"en"`` or ``"zh"``.
    when : datetime, optional
        When it was made; now if left out.

    Examples
    --------
    >>> page = write_report(Report("Which one?", ["This one."], [Section("The numbers", ["No <b>."])]))
    >>> "<h1>This one.</h1>" in page, "No &lt;b&gt;." in page, "http" in page.replace("http-equiv", "")
    (True, True, False)
    """
    style, script = (FOLDER.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    first, *others = report.verdict or [report.question]
    has_images = any(isinstance(part, ImageRow) for section in report.sections for part in section.parts)
    made = f"{(when or datetime.now().astimezone()):%Y-%m-%d %H:%M}"
    footer = say(Message("Made with Segmethods {version}, {date}.", {"version": __version__, "date": made}))
    parts = [
        f"<!DOCTYPE html><html lang='{escape(language)}'><head><meta charset='utf-8'>",
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:; "
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        f"<title>{escape(report.question)}</title><style>{style}</style></head><body><main>",
        f"<p class='question'>{escape(report.question)}</p><h1>{escape(first)}</h1>",
        *(f"<p>{escape(sentence)}</p>" for sentence in others),
        _switches(say) if has_images else "",
        *map(_section, report.sections),
        f"<footer>{' '.join(map(escape, [*report.footer, footer]))}</footer></main>",
        f"<script>{script}</script></body></html>",
    ]
    return "".join(parts)


def _switches(say: Say) -> str:
    views = {"overlay": Message("Overlay"), "labels": Message("Labels"), "photo": Message("Picture")}
    buttons = "".join(
        f"<button type='button' data-view='{view}' aria-pressed='{str(view == 'overlay').lower()}'>"
        f"{escape(say(name))}</button>"
        for view, name in views.items()
    )
    opacity = escape(say(Message("Opacity")))
    slider = f"<label>{opacity} <input type='range' id='opacity' min='0' max='100' value='60'></label>"
    return f"<div class='switches' role='group' aria-label='{escape(say(Message('View')))}'>{buttons}{slider}</div>"


def _section(section: Section) -> str:
    return f"<section><h2>{escape(section.title)}</h2>{''.join(map(_part, section.parts))}</section>"


def _part(part: Part) -> str:
    match part:
        case str():
            return f"<p>{escape(part)}</p>"
        case Code():
            return f"<pre>{escape(part.text)}</pre>"
        case Chart():
            return f"<figure class='chart'>{part.svg}</figure>"
        case Table():
            return _table(part)
        case ImageRow():
            return _row(part)


def _table(table: Table) -> str:
    head = "".join(f"<th scope='col'><button type='button'>{escape(name)}</button></th>" for name in table.head)
    cells = [[escape(cell.replace("≤ ", "≤\u00a0")) for cell in row] for row in table.rows]
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _row(row: ImageRow) -> str:
    ratio = min(max(row.ratio, 0.5), 2.5)
    style = f"--photo:url({data_url(row.image, 'jpeg')});--ratio:{ratio:.4f}"
    cells = "".join(map(_shown, row.shown))
    return f"<h3>{escape(row.name)}</h3><div class='row' style='{style}'>{cells}</div>"


def _shown(shown: Shown) -> str:
    layers = "".join(f"<img class='{k}' alt='' src='{data_url(v, 'png')}'>" for k, v in shown.layers.items())
    lines = "".join(f"<br>{escape(line)}" for line in shown.lines)
    named = escape(shown.alt or shown.title, quote=True)
    return (
        f"<figure><div class='picture' role='img' aria-label='{named}'><i></i>{layers}</div>"
        f"<figcaption><b>{escape(shown.title)}</b>{lines}</figcaption></figure>"
    )
