"""Boxes in tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from segmethods.core.messages import ImageError


@dataclass(frozen=True)
class Box:
    """A box in pixels from the top left, with how sure somebody is of it."""

    x: float
    y: float
    w: float
    h: float
    score: float = 1.0


def read_boxes(file: Path, key: str) -> Mapping[str, tuple[Box, ...]]:
    """The boxes of a CSV file with columns `key`, x, y, w, h, by image.

    Raises
    ------
    ImageError
        If a line has no numbers or the file lacks a column.
    """
    boxes: dict[str, list[Box]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as table:
            for row in csv.DictReader(table):
                box = Box(*(float(row[name]) for name in ("x", "y", "w", "h")))
                boxes.setdefault(row[key], []).append(box)
    except FileNotFoundError as error:
        raise ImageError(
            "{name} is missing. Put it there, with the columns {columns}.", name=str(file), columns=f"{key}, x, y, w, h"
        ) from error
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ImageError(
            "{name} can't be read: it needs the columns {columns}.", name=file.name, columns=f"{key}, x, y, w, h"
        ) from error
    return {name: tuple(found) for name, found in boxes.items()}
