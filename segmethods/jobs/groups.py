"""Groups of people in a folder of data, so that error rates are told for each of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from segmethods.core.messages import ImageError

FILE = "groups.csv"


def read_groups(folder: Path) -> Mapping[str, str]:
    """The group of each person, eye or image of a folder, from its ``groups.csv``; empty without it.

    Raises
    ------
    ImageError
        If it can't be read, or a column is missing.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as table:
            return {row["name"].strip(): row["group"].strip() for row in csv.DictReader(table)}
    except (KeyError, AttributeError, ValueError, OSError) as error:
        raise ImageError(
            "{name} can't be read: it needs the columns {columns}.", name=FILE, columns="name, group"
        ) from error
