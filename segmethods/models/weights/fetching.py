"""Downloads published weights, all or nothing, and checks their digest."""

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
"""Seconds without a byte after which a connection counts as dead."""

MOST = 1.1
"""A download is stopped when it is this many times larger than expected: it is another file."""

Progress = Callable[[int, int], None]
"""Called with the bytes received so far and the bytes expected."""


def is_fetched(weights: Weights) -> bool:
    """Whether the file is there and whole."""
    return state(weights) == "fetched"


def list_missing(plan: Mapping[str, Mapping[str, object]]) -> dict[str, Weights]:
    """The weights that have to be fetched for methods with parameters, by method."""
    wanted = {(w.network, w.variant): w for w in fetchable().values() if not is_fetched(w)}
    keys = {method: (method, str(params.get("weights"))) for method, params in plan.items()}
    return {method: wanted[key] for method, key in keys.items() if key in wanted}


def fetch(weights: Weights, progress: Progress | None = None, *, patience: float = PATIENCE) -> Path:
    """Download weights into the cache, unless they are there and whole.

    The file appears under its name only when it is complete and its digest is right. A failed download leaves nothing.

    Parameters
    ----------
    weights : Weights
        With a ``url``.
    progress : callable, optional
        Called as the download proceeds; without one a terminal shows a bar. An exception that it raises stops the
        download.
    patience : float
        Seconds of silence after which the connection counts as dead.

    Raises
    ------
    WeightsError
        If they can't be downloaded; the message says why and names embedded weights for the same classes.
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
    """Write what the server sends into ``part``, and check that it is complete and the right file."""
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
    """The server's response, of which nothing has been read yet."""
    try:
        return urllib.request.urlopen(url, timeout=patience)
    except ValueError as error:  # it was redirected to an invalid address
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
