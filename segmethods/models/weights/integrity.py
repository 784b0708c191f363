"""Whether weights are there and whole, and how to delete them."""

from __future__ import annotations

import hashlib
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Literal

from segmethods.core.settings import settings
from segmethods.models.weights.records import Weights, WeightsError

State = Literal["embedded", "own", "fetched", "not fetched", "missing", "damaged"]
"""The first three are whole and ready to run."""

READY: tuple[State, ...] = ("embedded", "own", "fetched")


def state(weights: Weights) -> State:
    """Where weights come from if they are whole, or else what is wrong with them.

    The file is read once, and again only when its size or modification time has changed.
    """
    try:
        found = _digest_of(weights.file, *_signature(weights.file))
    except (FileNotFoundError, NotADirectoryError):
        return "not fetched" if weights.origin == "fetched" else "missing"
    except OSError:  # it can't be read
        return "damaged"
    return weights.origin if weights.sha256 and found.startswith(weights.sha256) else "damaged"


def verify(weights: Weights) -> State:
    """Like `state`, but reads every byte again."""
    _digest_of.cache_clear()
    return state(weights)


def verified_path(weights: Weights) -> Path:
    """The file of the weights, after its SHA-256 was checked.

    Raises
    ------
    WeightsError
        If the file is missing or damaged.
    """
    found = state(weights)
    names = {"name": weights.name, "file": weights.file.name, "instead": weights.classes.id}
    if found == "not fetched":
        raise WeightsError(
            "The weights {name} are not here yet. Fetch them, or use the weights {instead}, which are included.",
            **names,
        )
    if found == "damaged" and weights.origin == "fetched":
        raise WeightsError(
            "The weights {name} are damaged. Fetch them again, or use the weights {instead}, which are included.",
            **names,
        )
    if found == "missing":
        raise WeightsError("The weights {name} are missing. Restore {file}.", **names)
    if found == "damaged":
        raise WeightsError("The weights {name} are damaged. Restore {file}.", **names)
    return weights.file


def remove(weights: Weights) -> None:
    """Delete weights that were fetched or are the user's own, and the models converted from them.

    Raises
    ------
    WeightsError
        If they ship with the project, or can't be deleted.
    """
    if weights.origin == "embedded":
        raise WeightsError("The weights {name} are a part of the project and stay.", name=weights.name)
    try:
        for suffix in (weights.file.suffix, ".json", ".csv", ".md"):
            weights.file.with_suffix(suffix).unlink(missing_ok=True)
        for fold in weights.folds:
            fold.file.unlink(missing_ok=True)
    except OSError as error:
        raise WeightsError(
            "{file} can't be deleted: {reason}. Delete it by hand.",
            file=str(weights.file),
            reason=error.strerror or "?",
        ) from error
    for sha256 in (weights.sha256, *(fold.sha256 for fold in weights.folds)):
        for converted in (settings().cache_dir / "converted").glob(f"{sha256[:16]}-*"):
            shutil.rmtree(converted, ignore_errors=True)


def digest(file: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=256)
def _digest_of(file: Path, _size: int, _changed: int) -> str:
    return digest(file)


def _signature(file: Path) -> tuple[int, int]:
    about = file.stat()
    return about.st_size, about.st_mtime_ns
