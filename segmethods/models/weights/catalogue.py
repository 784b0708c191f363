"""The catalogue of all weights."""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path

from segmethods.core.settings import settings
from segmethods.models.weights.published import fetchable
from segmethods.models.weights.records import Origin, Weights, WeightsError, read_record

log = logging.getLogger(__name__)


def catalogue() -> dict[str, Weights]:
    """Every set of weights by name: the embedded ones, the user's own, those that can be fetched."""
    return {**embedded(), **own(), **fetchable()}


def embedded() -> dict[str, Weights]:
    """The weights that ship with the project, from the JSON files in ``assets/weights``."""
    return _entries(settings().assets_dir / "weights", "embedded")


def own() -> dict[str, Weights]:
    """The weights that the user trained, from the JSON files in the data folder."""
    return _entries(own_folder(), "own")


def own_folder() -> Path:
    """Where the user's own weights lie."""
    return settings().data_dir / "weights"


def get_weights(network: str, variant: str) -> Weights:
    """The weights of a network.

    Parameters
    ----------
    network : str
        Id of the network.
    variant : str
        What its parameter ``weights`` calls them.

    Raises
    ------
    WeightsError
        If there are none; the message names those there are.
    """
    known = catalogue()
    for weights in known.values():
        if (weights.network, weights.variant) == (network, variant):
            return weights
    there = ", ".join(weights.variant for weights in known.values() if weights.network == network)
    if not there:
        raise WeightsError(
            "No weights for {network} are in this copy. Restore assets/weights, or choose another method.",
            network=network,
        )
    raise WeightsError(
        "There are no weights {variant} for {network}. Use one of these: {choices}.",
        variant=variant,
        network=network,
        choices=there,
    )


def by_name(name: str) -> Weights:
    """The weights of this name, such as ``"fcn-voc"``, or the only ones of this variant.

    Raises
    ------
    WeightsError
        If there are none; the message names those there are.
    """
    known = catalogue()
    variant = [weights for weights in known.values() if weights.variant == name]
    if name not in known and len(variant) == 1:
        return variant[0]
    if name not in known:
        raise WeightsError("There are no weights {name}. Choose from {choices}.", name=name, choices=", ".join(known))
    return known[name]


def _entries(folder: Path, origin: Origin) -> dict[str, Weights]:
    return dict(_read_all(tuple(_list_records(folder)), origin))


def _list_records(folder: Path) -> list[tuple[str, int]]:
    """The records in a folder and when each was last changed, in nanoseconds; every run of a page asks many times."""
    try:
        with os.scandir(folder) as found:
            return sorted((file.path, _mtime(file)) for file in found if file.name.endswith(".json"))
    except OSError:  # there is no such folder yet
        return []


def _mtime(file: os.DirEntry[str]) -> int:
    """When a file was last changed, in nanoseconds; 0 if it is gone."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _read_all(files: tuple[tuple[str, int], ...], origin: Origin) -> dict[str, Weights]:
    found = (_entry(Path(file), changed, origin) for file, changed in files)
    return {weights.name: weights for weights in found if weights is not None}


@lru_cache(maxsize=256)
def _entry(file: Path, _changed: int, origin: Origin) -> Weights | None:
    """The record in a file, cached until the file changes; None, and a line in the log, if it can't be read."""
    try:
        return read_record(file, origin)
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        log.warning("%s is left out: %s: %s", file, type(error).__name__, error)
        return None
