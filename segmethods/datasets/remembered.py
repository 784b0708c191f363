"""What was found in a file, kept while the process runs: a set that is opened again decodes nothing anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar, cast

from cachetools import LRUCache

from segmethods.core.settings import settings

T = TypeVar("T")

_known: LRUCache[Hashable, object] = LRUCache(50_000)  # answers, none of which holds pixels
_lock = threading.Lock()


def remember(question: Hashable, files: tuple[Path, ...], find: Callable[[], T]) -> T:
    """The answer to a question about files, which are read again once one of them was changed or replaced.

    Parameters
    ----------
    question : hashable
        What is asked of the files.
    files : tuple of path
        What the answer depends on.
    find : callable
        Finds the answer.

    Examples
    --------
    >>> remember("length", (Path(__file__),), lambda: 1), remember("length", (Path(__file__),), lambda: 2)
    (1, 1)
    """
    limits = settings()
    key = question, limits.max_pixels, limits.max_bytes, tuple(map(_sign, files))
    with _lock:
        if key in _known:
            return cast(T, _known[key])
    answer = find()
    with _lock:
        _known[key] = answer
    return answer


def _sign(file: Path) -> tuple[str, *tuple[int, ...]]:
    """A copy may keep the size and the time of what it replaces, but not its number or when that changed."""
    try:
        about = file.stat()
    except OSError:
        return str(file), -1
    return str(file.absolute()), about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino
