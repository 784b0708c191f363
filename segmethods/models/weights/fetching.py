"""Fetches published weights, whole and unchanged, or not at all."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from tqdm import tqdm

from segmethods.core.atomic import atomic_write
from segmethods.core.settings import settings
from segmethods.models.weights.integrity import state
from segmethods.models.weights.published import fetchable
from segmethods.models.weights.records import Weights, WeightsError

CHUNK = 1 << 18
PATIENCE = 20.0
"""Seconds without a single byte after which a connection counts as dead."""

MOST = 1.1
"""How many times the bytes that are expected may come before it is plain that they are something else."""

Progress = Callable[[int, int], None]
"""Called with the bytes that have come so far and the bytes that are expected."""


def is_fetched(weights: Weights) -> bool:
    """Whether the file is there already, and whole."""
    return state(weights) == "fetched"


def missing(plan: Mapping[str, Mapping[str, object]]) -> dict[str, Weights]:
    """The weights that have to be fetched for methods with parameters, by method."""
    wanted = {(w.network, w.family): w for w in fetchable().values() if not is_fetched(w)}
    keys = {id: (id, str(params.get("weights"))) for id, params in plan.items()}
    return {id: wanted[key] for id, key in keys.items() if key in wanted}


def fetch(weights: Weights, progress: Progress | None = None, *, patience: float = PATIENCE) -> Path:
    """Fetches weights into the cache, unless they are there and whole.

    The file appears under its name only when every byte has come and the checksum is right. What was read before a
    failure is thrown away.

    Parameters
    ----------
    weights : Weights
        With a ``url``.
    progress : callable, optional
        Told how far it is; without one a terminal shows a bar, and anything else shows nothing. An exception that it
        raises stops the fetching.
    patience : float
        Seconds of silence after which the connection counts as dead.

    Raises
    ------
    WeightsError
        If they can't be had; the message says why, and names the embedded weights that do the same.
    """
    if is_fetched(weights):
        return weights.file
    if not settings().fetching:
        raise WeightsError(
            "Fetching is switched off on this server. Use the weights {instead}, which are included.",
            instead=weights.classes.id,
        )
    try:
        weights.file.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(weights.file) as place, place.open("xb") as part:  # which other users may read, too
            _receive(weights, part, progress, patience)
    except (OSError, http.client.HTTPException) as error:
        raise _explained(weights, error) from error
    return weights.file


def _receive(weights: Weights, part: IO[bytes], progress: Progress | None, patience: float) -> None:
    """Writes what the server sends into ``part``, and checks that it is all, and the right thing."""
    found, come = hashlib.sha256(), 0
    with closing(_asked(weights.url, patience)) as answer:
        announced, total = answer.length, weights.bytes
        with tqdm(total=total, desc=weights.name, unit="B", unit_scale=True, disable=True if progress else None) as bar:
            while chunk := answer.read1(CHUNK):
                part.write(chunk)
                found.update(chunk)
                come += len(chunk)
                if come > MOST * total:
                    raise _other_thing(weights)
                bar.update(len(chunk))
                if progress:
                    progress(come, total)
    if announced is not None and come != announced:
        raise ConnectionError(f"{come} of {announced} bytes came")
    if not found.hexdigest().startswith(weights.sha256):
        raise _other_thing(weights)


def _asked(url: str, patience: float) -> Any:
    """The server's answer, of which nothing has been read yet."""
    try:
        return urllib.request.urlopen(url, timeout=patience)
    except ValueError as error:  # it was sent on to what is no address
        raise ConnectionError(str(error)) from error


def _other_thing(weights: Weights) -> WeightsError:
    return WeightsError(
        "What came for the weights {name} is not what was published. Use the weights {instead}, which are included.",
        name=weights.name,
        instead=weights.classes.id,
    )


def _explained(weights: Weights, error: Exception) -> WeightsError:
    """One line for the user: what went wrong, and what works without a network."""
    names = {"name": weights.name, "instead": weights.classes.id}
    if isinstance(error, urllib.error.HTTPError):
        return WeightsError(
            "The server answered {code} when asked for the weights {name}. "
            "Use the weights {instead}, which are included.",
            code=error.code,
            **names,
        )
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return WeightsError(
            "The server of the weights {name} doesn't answer. Use the weights {instead}, which are included.", **names
        )
    if isinstance(error, urllib.error.URLError):
        return WeightsError(
            "The weights {name} can't be fetched: no network. Use the weights {instead}, which are included.", **names
        )
    if isinstance(error, ConnectionError | http.client.HTTPException):
        return WeightsError(
            "The connection broke off while fetching the weights {name}. "
            "Use the weights {instead}, which are included.",
            **names,
        )
    return WeightsError(
        "The weights {name} can't be stored: {reason}. Use the weights {instead}, which are included.",
        reason=getattr(error, "strerror", None) or type(error).__name__,
        **names,
    )
