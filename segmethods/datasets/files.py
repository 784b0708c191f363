"""The files of a folder, without the junk that systems and tools leave there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from segmethods.core.messages import ParameterError

DEPTH = 10
"""How many folders deep files are looked for."""

MOST_FILES = 2_000_000

JUNK_FOLDERS = frozenset(
    (
        *("@eadir", "__macosx", "$recycle.bin", "lost+found", "system volume information", "__pycache__"),
        *("rejected", "rejects", "trash", "deleted", "discarded"),
    )
)
"""Folders that are passed over, in lower case: those of systems, and those in which people put what they don't want."""

KEEP_WHITE = ".keep-white"
"""A file of ours in a set whose mostly white masks are right, as its owner says; it isn't counted."""

JUNK_FILES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"))
"""Files that are passed over, in lower case; so are all whose names begin with a dot."""


@dataclass(frozen=True)
class FolderFiles:
    """The files in a folder and in the folders in it.

    Parameters
    ----------
    root : Path
        The folder.
    folders : mapping of str to tuple of Path
        The files of each folder in order of name, by the folder's path from the root, ``""`` for the root itself and
        ``"images/train/"`` for one in it.
    junk : tuple of str
        The files that were passed over, by their paths from the root.
    """

    root: Path
    folders: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    junk: tuple[str, ...] = ()

    def under(self, prefix: str) -> Iterator[tuple[str, tuple[Path, ...]]]:
        """The folders whose paths begin so, each with its files."""
        return ((path, files) for path, files in self.folders.items() if path.startswith(prefix))


def list_files(root: Path) -> FolderFiles:
    """List the files of a folder.

    Parameters
    ----------
    root : Path
        The folder. Links are followed, each folder once.

    Raises
    ------
    ParameterError
        If there are more than 2 million.
    """
    folders: dict[str, tuple[Path, ...]] = {}
    junk: list[str] = []
    seen: set[str] = set()
    count = 0
    for place, names, files in os.walk(root, followlinks=True):
        path = Path(place).relative_to(root).as_posix()
        path = "" if path == "." else f"{path}/"
        real = os.path.realpath(place)
        if real in seen or path.count("/") > DEPTH:
            names.clear()
            continue
        seen.add(real)
        junk += [f"{path}{name}/" for name in names if _is_junk_folder(name)]
        junk += [f"{path}{name}" for name in files if _is_junk_file(name) and name != KEEP_WHITE]
        names[:] = sorted(name for name in names if not _is_junk_folder(name))
        folders[path] = tuple(Path(place, name) for name in sorted(files) if not _is_junk_file(name))
        count += len(folders[path])
        if count > MOST_FILES:
            raise ParameterError("{folder} has too many files for a data set. Name a folder in it.", folder=str(root))
    return FolderFiles(root, folders, tuple(junk))


def _is_junk_folder(name: str) -> bool:
    return name.startswith(".") or name.lower() in JUNK_FOLDERS


def _is_junk_file(name: str) -> bool:
    return name.startswith(".") or name.lower() in JUNK_FILES


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is passed over."""
    return _is_junk_folder(name) or _is_junk_file(name)
