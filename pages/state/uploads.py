"""Pictures that visitors gave: kept while somebody looks at them or computes with them, then deleted."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pages.state.presence import client_id, when_gone
from segmethods.benchmark import Dataset
from segmethods.core.faults import describe_fault
from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.settings import settings
from segmethods.datasets.archives import unpack
from segmethods.datasets.image_sets import ImageSet, open_image_set

log = logging.getLogger(__name__)

FAREWELL = 180.0
"""Seconds for which a visitor's pictures are kept after they have gone: so long Streamlit takes them back."""


@dataclass
class _Kept:
    """A set of pictures, when somebody last wanted it (`time.monotonic`), and the visitors who brought it."""

    images: ImageSet
    wanted: float
    owners: set[str]


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def open_images(files: Sequence[tuple[str, bytes]], name: str = "", keep_white: bool = False) -> ImageSet | Message:
    """A visitor's files as a set of pictures, or what is wrong with them."""
    try:
        found = open_image_set(files, name, keep_white)
        _mark(found.digest).touch()
    except SegmethodsError as error:
        return error.message
    except OSError as error:
        log.exception("what a visitor brought can't be kept")
        return describe_fault(error) or Message(
            "The files can't be kept here ({reason}). Tell who runs this server.", {"reason": error.strerror or "?"}
        )
    limit = settings().benchmark_images
    if found.dataset is not None:
        found = replace(found, dataset=replace(found.dataset, pairs=found.dataset.pairs[:limit]))
    with _lock:
        owners = _kept[found.digest].owners if found.digest in _kept else set()
        _kept[found.digest] = _Kept(found, time.monotonic(), owners | {client_id()})
    when_gone(f"pictures {found.digest}", partial(_release, found.digest, client_id()))
    return found


def _release(digest: str, owner: str) -> None:
    """A visitor who brought pictures has gone: they go as well, unless somebody else wants them meanwhile."""
    with _lock:
        kept = _kept.get(digest)
        if kept is None:
            return
        kept.owners.discard(owner)
        if not kept.owners:
            kept.wanted = min(kept.wanted, time.monotonic() - settings().keep_uploads + FAREWELL)


def touch_images(digest: str) -> ImageSet | None:
    """A set of pictures, which somebody needs now; None if it is gone."""
    with _lock:
        kept = _kept.get(digest)
        if kept is None:
            return None
        kept.wanted = time.monotonic()
        return kept.images


def touch_upload(digest: str) -> Dataset | None:
    """Those pictures of a set that have a truth, which somebody needs now; None if they are gone."""
    found = touch_images(digest)
    return found.dataset if found else None


def delete_expired(seconds: float) -> None:
    """Delete the pictures that nobody has wanted for so long, those of an earlier server included."""
    now = time.monotonic()
    with _lock:
        expired = [d for d, kept in _kept.items() if now - kept.wanted > seconds]
        for digest in expired:
            del _kept[digest]
        for mark in _datasets_folder().glob("*.visitor"):
            is_old = time.time() - mark.stat().st_mtime > seconds
            if mark.stem in expired or (mark.stem not in _kept and is_old):
                shutil.rmtree(mark.with_suffix(""), ignore_errors=True)
                mark.with_suffix(".names").unlink(missing_ok=True)
                mark.unlink(missing_ok=True)


def unpack_upload(data: bytes, name: str) -> Path:
    """The folder with the files of a visitor's archive, which is deleted like all that visitors bring.

    Raises
    ------
    SegmethodsError
        If it is no archive, or refused.
    """
    folder = unpack(data, name)
    with _lock:
        _mark(folder.name).touch()
    return folder


def _mark(digest: str) -> Path:
    """The file that says that a visitor brought a data set, and when; others' data sets aren't ours to delete."""
    return _datasets_folder() / f"{digest}.visitor"


def _datasets_folder() -> Path:
    return settings().cache_dir / "datasets"
