"""What was made of pictures: kept for all visitors within limits of bytes, until the last who looked has gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

from cachetools import LRUCache

from pages.state.presence import client_id, when_gone
from segmethods.core.machine import return_memory
from segmethods.execution.pool import pool

Value = TypeVar("Value")

CALM = 2.0
"""Seconds after which memory goes back to the system: visitors often leave together."""


class Keeper(Generic[Value]):
    """Values by the digest of the picture, or of the file, that they were made of, and whatever else they depend on.

    Unlike Streamlit's caches it gives everybody the same object, which must not be changed, and counts bytes.

    Parameters
    ----------
    limit : int
        Bytes that all of them together may take; the one that was not asked for the longest goes first.
    size : callable
        A value -> its bytes.
    """

    def __init__(self, limit: int, size: Callable[[Value], int]) -> None:
        self._values: LRUCache[tuple[str, Hashable], Value] = LRUCache(limit, getsizeof=size)
        self._lock = threading.Lock()
        self.made = 0
        """How many values were made: for tests, which count."""
        _keepers.append(self)

    def get(self, digest: str, rest: Hashable, make: Callable[[], Value]) -> Value:
        """What is kept under this key, or what `make` gives, which is kept then."""
        known = self.find(digest, rest)
        if known is None:
            known = make()
            self.put(digest, known, rest)
        return known

    def find(self, digest: str, rest: Hashable = ()) -> Value | None:
        """What is kept under this key, or None."""
        with self._lock:
            return self._values.get((digest, rest))

    def put(self, digest: str, value: Value, rest: Hashable = ()) -> None:
        """Keep a value, unless it alone is over the limit."""
        with self._lock:
            self.made += 1
            if self._values.getsizeof(value) <= self._values.maxsize:
                self._values[digest, rest] = value

    def forget(self, digest: str) -> None:
        """Let go what was made of a picture."""
        with self._lock:
            for key in [key for key in self._values if key[0] == digest]:
                del self._values[key]

    def __len__(self) -> int:
        return len(self._values)


_keepers: list[Keeper[Any]] = []
_viewers: dict[str, set[str]] = {}
_lock = threading.Lock()
_calming: list[threading.Timer] = []


def look_at(digest: str) -> None:
    """Note that this visitor looks at a picture or file of their own: what was made of it goes when all such left."""
    visitor = client_id()
    with _lock:
        viewers = _viewers.setdefault(digest, set())
        is_new = visitor not in viewers
        viewers.add(visitor)
    if is_new:
        when_gone(f"kept {digest}", partial(_look_away, digest, visitor))


def _look_away(digest: str, visitor: str) -> None:
    with _lock:
        viewers = _viewers.get(digest, set())
        viewers.discard(visitor)
        if viewers:
            return
        _viewers.pop(digest, None)
        for timer in _calming:
            timer.cancel()
        _calming[:] = [threading.Timer(CALM, return_memory)]
        _calming[0].daemon = True
        _calming[0].start()
    for keeper in _keepers:
        keeper.forget(digest)
    pool().results.forget(digest)
