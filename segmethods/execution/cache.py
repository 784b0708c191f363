"""Outcomes that were computed once, kept for everyone who asks again."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any, NamedTuple

from cachetools import LRUCache

from segmethods.core.registry import Method
from segmethods.core.types import Failure, Outcome, Trace
from segmethods.core.version import __version__
from segmethods.methods import get_method
from segmethods.models.weights import catalogue


class Key(NamedTuple):
    """Everything that an outcome depends on, and nothing about who asked: no user's name, no file's name."""

    image: str
    """SHA-256 of the decoded picture."""
    method: str
    """The method's id and the module that defines it."""
    params: str
    """All parameters, checked, as JSON with sorted names."""
    weights: str
    """SHA-256 of the weights that the method uses with these parameters, and of no others; empty if it uses none."""
    version: str
    """This package's version."""


def make_key(digest: str, method: str, params: Mapping[str, Any]) -> Key:
    """The key of what `method` makes of the picture with this digest.

    Parameters
    ----------
    digest : str
        SHA-256 of the decoded picture.
    method : str
        A method's id.
    params : mapping
        All its parameters, as :meth:`segmethods.core.registry.Method.validate` gives them.
    """
    known = get_method(method)
    place = f"{known.function.__module__}:{method}"
    return Key(digest, place, json.dumps(params, sort_keys=True), _digest_weights(known, params), __version__)


def make_call_key(digest: str, function: Callable[..., Trace], params: Mapping[str, Any]) -> Key:
    """The key of what a function makes of the picture with this digest.

    Parameters
    ----------
    digest : str
        SHA-256 of the decoded picture.
    function : callable
        Stands at the top of a module. Weights that it uses are those that ship with this version.
    params : mapping
        Its keyword parameters; the others have their defaults.
    """
    place = f"{function.__module__}:{function.__qualname__}"
    defaults = {p.name: p.default for p in signature(function).parameters.values() if p.default is not p.empty}
    return Key(digest, place, json.dumps({**defaults, **params}, sort_keys=True), "", __version__)


def _digest_weights(method: Method, params: Mapping[str, Any]) -> str:
    if method.used_weights is not None:
        return " ".join(method.used_weights(params))
    if method.family == "classical":
        return ""
    # a network that doesn't say which weights it uses may use any of them
    names = sorted(f"{weights.name} {weights.sha256}" for weights in catalogue().values())
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


class Results:
    """A cache of outcomes and traces, bounded in bytes; the one that was not asked for the longest goes first.

    It may be used from any thread. What it holds is shared, so the arrays are made read-only.

    Parameters
    ----------
    limit : int
        Bytes that all outcomes together may take.
    """

    def __init__(self, limit: int) -> None:
        self._outcomes: LRUCache[Key, Outcome | Trace] = LRUCache(limit, getsizeof=_size)
        self._lock = threading.Lock()

    def get(self, key: Key) -> Any:
        """What was put under this key, or None if it isn't here any more."""
        with self._lock:
            return self._outcomes.get(key)

    def put(self, key: Key, outcome: Outcome | Trace) -> None:
        """Keep an outcome, unless it alone is over the limit or is a failure that another try might not meet."""
        if _size(outcome) > self._outcomes.maxsize or (isinstance(outcome, Failure) and not outcome.lasting):
            return
        _freeze(outcome)
        with self._lock:
            self._outcomes[key] = outcome

    def forget(self, image: str) -> None:
        """Let go all outcomes of the picture with this digest."""
        with self._lock:
            for key in [key for key in self._outcomes if key.image == image]:
                del self._outcomes[key]

    @property
    def nbytes(self) -> int:
        """Bytes that the outcomes take now."""
        return int(self._outcomes.currsize)

    def __len__(self) -> int:
        return len(self._outcomes)


OVERHEAD = 2_000
"""Bytes that an outcome takes beside its arrays, roughly."""


def _size(outcome: Outcome | Trace) -> int:
    return OVERHEAD + (0 if isinstance(outcome, Failure) else outcome.nbytes)


def _freeze(outcome: Outcome | Trace) -> None:
    if not isinstance(outcome, Failure):
        for array in outcome.arrays():
            array.flags.writeable = False
