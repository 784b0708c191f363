"""Where hand-ins lie: as files, in folders of folders, or in the one ZIP that a learning platform makes of a class."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from segmethods.classroom.handin import LIMITS, find_folder
from segmethods.core.messages import ParameterError

MOST_HAND_INS = 2000
"""In one ZIP."""
DEEPEST = 3
"""ZIPs of ZIPs are opened so many times."""
MOST_BYTES = sum(LIMITS.values()) + 1_000_000
"""Of one file in a ZIP; what is cut off there is called damaged."""


def collect_hand_ins(places: Iterable[str | Path]) -> Iterator[tuple[str, Path | bytes]]:
    """The hand-ins of files, of folders with all that they hold, and of ZIPs of ZIPs, each with what to call it.

    What is no hand-in comes along, to be named as such.

    Raises
    ------
    ParameterError
        If a ZIP holds more hand-ins than any class.
    """
    for place in map(Path, places):
        for file in sorted(place.rglob("*.zip")) if place.is_dir() else [place]:
            for count, found in enumerate(_open(str(file), file)):
                if count == MOST_HAND_INS:
                    raise ParameterError(
                        "{name} holds more than {most} ZIP files, and no class is that large. "
                        "Unpack it, and give the folder.",
                        name=file.name,
                        most=MOST_HAND_INS,
                    )
                yield found


def _open(name: str, source: Path | bytes, depth: int = 0) -> Iterator[tuple[str, Path | bytes]]:
    """A file, or the ZIPs inside it: a platform packs those of students, who may have packed theirs once more."""
    inside = _list_inside(source) if depth < DEEPEST else []
    if not inside:
        yield name, source
        return
    with zipfile.ZipFile(_readable(source)) as archive:
        for one in inside:
            yield from _open(f"{name}/{one}", _read(archive, one), depth + 1)


def _readable(source: Path | bytes) -> Path | io.BytesIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source


def _list_inside(source: Path | bytes) -> list[str]:
    """The ZIPs inside a ZIP that is no hand-in itself."""
    try:
        with zipfile.ZipFile(_readable(source)) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return []  # `read_hand_in` says what is wrong with it
    if find_folder(names) is not None:
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
