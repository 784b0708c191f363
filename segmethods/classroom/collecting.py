"""Where hand-ins lie: as files, in folders of folders, or in the one ZIP that a learning platform makes of a class."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from segmethods.classroom.handin import LIMITS
from segmethods.core.messages import ParameterError

MOST_HAND_INS = 2000
"""In one ZIP."""
MOST_BYTES = sum(LIMITS.values()) + 1_000_000
"""Of one hand-in in a ZIP; what is cut off there is called damaged."""


def collect_hand_ins(places: Iterable[str | Path]) -> Iterator[tuple[str, Path | bytes]]:
    """The hand-ins of files, of folders with all that they hold, and of ZIPs of ZIPs, each with what to call it.

    What is no hand-in comes along, to be named as such.

    Raises
    ------
    ParameterError
        If a ZIP holds more hand-ins than any class.
    """
    for place in map(Path, places):
        files = sorted(place.rglob("*.zip")) if place.is_dir() else [place]
        for file in files:
            inside = _list_inside(file)
            if len(inside) > MOST_HAND_INS:
                raise ParameterError(
                    "{name} holds {count} ZIP files, and no class is that large. Unpack it, and give the folder.",
                    name=file.name,
                    count=len(inside),
                )
            if not inside:
                yield str(file), file
                continue
            with zipfile.ZipFile(file) as archive:
                for name in inside:
                    yield f"{file}/{name}", _read(archive, name)


def _list_inside(file: Path) -> list[str]:
    """The ZIPs inside a ZIP that is no hand-in itself."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return []  # `read_hand_in` says what is wrong with it
    if "hand-in.json" in names:
        return []
    return sorted(
        name
        for name in names
        if name.lower().endswith(".zip")
        and not name.startswith("__MACOSX/")
        and not PurePosixPath(name).name.startswith("._")
    )


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """One of the inner files; empty if it can't be unpacked, which is named as damaged then."""
    try:
        with archive.open(name) as stream:
            return stream.read(MOST_BYTES)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError):
        return b""
