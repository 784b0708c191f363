"""Groups of people in a folder of data, so that error rates are told for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from segmethods.jobs.tables import read_table

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
    return {row.text("name"): row.text("group") for row in read_table(file, "name", "group")}
