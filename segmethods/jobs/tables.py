"""The tables of a job's folder, as people and their programs write them.

A table is a CSV file in UTF-8 or UTF-16, with commas, semicolons or tabs; its columns may stand in any order, beside
others. An image is called by its file's name, in any case, with or without its ending and folder.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from segmethods.core.messages import ImageError, Message
from segmethods.datasets.pairing import plain_name
from segmethods.io.boxes import Box
from segmethods.io.files import SUFFIXES

T = TypeVar("T")

SEPARATORS = ",;\t"
BOX = ("x", "y", "w", "h")
NAMED = 3
"""How many names are told at most."""


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Parameters
    ----------
    file : str
        The table's name.
    line : int
        Its line, as editors count them.
    cells : mapping
        Column -> text without blanks around it.
    has_decimal_comma : bool
        Whether a comma may stand in a number: it parts no cells.
    """

    file: str
    line: int
    cells: Mapping[str, str]
    has_decimal_comma: bool = False

    def text(self, column: str) -> str:
        """A cell; empty where the table has no such column."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float:
        """A cell's number."""
        text = self.text(column)
        try:
            value = float(text.replace(",", ".") if self.has_decimal_comma else text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ImageError(
                "Line {line} of {name}: {column} is “{text}”, which is no number.",
                line=self.line,
                name=self.file,
                column=column,
                text=text,
            )
        return value

    @property
    def has_box(self) -> bool:
        """Whether any of x, y, w and h is filled in."""
        return any(self.text(column) for column in BOX)

    def box(self) -> Box:
        """The box of x, y, w and h, which is in pixels."""
        box = Box(*(self.number(column) for column in BOX))
        if min(box.w, box.h) < 1:
            raise ImageError(
                "Line {line} of {name}: the box is {w} × {h}. Give x, y, width and height in pixels.",
                line=self.line,
                name=self.file,
                w=self.text("w"),
                h=self.text("h"),
            )
        return box


def read_table(file: Path, *columns: str) -> list[Row]:
    """The lines of a table that has these columns.

    Raises
    ------
    ImageError
        If it isn't there, is no text, or lacks a column.
    """
    text = _read_text(file, columns)
    lines = text.splitlines()
    head = lines[0] if lines else ""
    separator = max(SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        titles = [title.strip().casefold() for title in next(reader, [])]
        missing = [column for column in columns if column not in titles]
        if missing:
            raise ImageError(
                "{name} can't be read: it needs the columns {columns}.", name=file.name, columns=", ".join(columns)
            )
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                named = dict(zip(titles, (cell.strip() for cell in cells), strict=False))
                rows.append(Row(file.name, reader.line_num, named, separator != ","))
    except csv.Error as error:
        raise ImageError("{name} is no CSV file. Save it as one.", name=file.name) from error
    return rows


def _read_text(file: Path, columns: Sequence[str]) -> str:
    try:
        data = file.read_bytes()
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except FileNotFoundError as error:
        raise ImageError(
            "{name} is missing. Put it there, with the columns {columns}.", name=str(file), columns=", ".join(columns)
        ) from error
    except UnicodeDecodeError as error:
        raise ImageError("{name} is no text in UTF-8. Save it as CSV in UTF-8.", name=file.name) from error
    except OSError as error:
        raise ImageError("{name} can't be opened: {reason}.", name=file.name, reason=error.strerror or "") from error


@dataclass(frozen=True)
class Lines:
    """The lines of each image of a folder.

    Parameters
    ----------
    of_image : mapping
        Name of an image as it was asked for -> its lines, in their order.
    notes : mapping
        Name of the first image -> what else the table names.
    """

    of_image: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    notes: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)

    def read(self, parse: Callable[[Sequence[Row]], T]) -> Truths[T]:
        """What each image's lines say; one that can't be read spoils its own image alone.

        Raises
        ------
        ImageError
            If there are lines, and none can be read.
        """
        known, broken = {}, {}
        for name, rows in self.of_image.items():
            try:
                known[name] = parse(rows)
            except ImageError as error:
                broken[name] = error
        if broken and not known:
            raise next(iter(broken.values()))
        return Truths(known, broken)


@dataclass(frozen=True)
class Truths(Generic[T]):
    """What a table says of images, and why nothing is known of others that it names."""

    known: Mapping[str, T]
    broken: Mapping[str, ImageError]

    def find(self, name: str, other: T) -> T:
        """What is true of an image; of one that the table doesn't name, the other thing.

        Raises
        ------
        ImageError
            If its lines can't be read.
        """
        if name in self.broken:
            raise self.broken[name]
        return self.known.get(name, other)


def match_lines(rows: Sequence[Row], column: str, images: Iterable[str]) -> Lines:
    """Which lines belong to which image, by the name in a column.

    Raises
    ------
    ImageError
        If there are lines and images, and no line belongs to any of them.
    """
    asked = list(images)
    stems = Counter(_stem(name) for name in asked)
    known = {_stem(name): name for name in asked if stems[_stem(name)] == 1} | {plain_name(n): n for n in asked}
    found: dict[str, list[Row]] = {}
    lost: dict[str, None] = {}
    for row in rows:
        told = PurePosixPath(row.text(column).replace("\\", "/")).name
        image = known.get(plain_name(told)) or known.get(_stem(told))
        if image is None:
            lost[row.text(column)] = None
        else:
            found.setdefault(image, []).append(row)
    names = ", ".join([*list(lost)[:NAMED], *(["…"] if len(lost) > NAMED else [])])
    if asked and lost and not found:
        raise ImageError(
            "{name} names none of the images here. It says {others}, and the first image is {image}.",
            name=rows[0].file,
            others=names,
            image=asked[0],
        )
    notes: dict[str, tuple[Message, ...]] = {}
    if lost and asked:
        told_of = {"name": rows[0].file, "count": str(len(lost)), "names": names}
        notes[asked[0]] = (Message("{name} also names images that aren’t here ({count}): {names}.", told_of),)
    return Lines({name: tuple(own) for name, own in found.items()}, notes)


def _stem(name: str) -> str:
    plain = plain_name(name)
    return plain[: -len(Path(plain).suffix)] if Path(plain).suffix in SUFFIXES else plain


def list_boxes(rows: Sequence[Row]) -> tuple[Box, ...]:
    """The boxes of an image's lines; a line without a box says that there is none."""
    return tuple(row.box() for row in rows if row.has_box)


def boxes_of(lines: Lines) -> dict[str, tuple[Box, ...]]:
    """The boxes of each image, all of which must be read."""
    return {name: list_boxes(rows) for name, rows in lines.of_image.items()}


def read_boxes(file: Path, column: str, images: Iterable[str]) -> Lines | None:
    """The lines of boxes of a folder's images; None without the table."""
    return match_lines(read_table(file, column, *BOX), column, images) if file.is_file() else None
