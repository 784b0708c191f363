"""Data sets that visitors gave: kept while somebody looks at them or computes with them, then deleted."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from pages.state.images import Upload
from segmethods.benchmark import Dataset, open_dataset
from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.settings import settings


@dataclass
class StoredUpload:
    """An unpacked zip file and when somebody last wanted it (`time.monotonic`)."""

    dataset: Dataset
    wanted: float


_kept: dict[str, StoredUpload] = {}
_lock = threading.Lock()


def open_upload(upload: Upload) -> Dataset | Message:
    """A visitor's zip file as a data set, or what is wrong with it."""
    with _lock:
        if upload.digest not in _kept:
            try:
                dataset = open_dataset(upload.data, limit=settings().benchmark_images, name=upload.name)
            except SegmethodsError as error:
                return error.message
            _kept[upload.digest] = StoredUpload(dataset, 0.0)
            _mark(upload.digest).touch()
        kept = _kept[upload.digest]
        kept.wanted = time.monotonic()
        return replace(kept.dataset, name=PurePath(upload.name).stem)  # others may call the same file otherwise


def touch_upload(digest: str) -> Dataset | None:
    """The data set of a zip file, which somebody needs now; None if it is gone."""
    with _lock:
        kept = _kept.get(digest)
        if kept is None:
            return None
        kept.wanted = time.monotonic()
        return kept.dataset


def delete_expired(seconds: float) -> None:
    """Delete the pictures that nobody has wanted for so long, those of an earlier server included."""
    now = time.monotonic()
    with _lock:
        for digest in [d for d, kept in _kept.items() if now - kept.wanted > seconds]:
            del _kept[digest]
        for mark in _datasets_folder().glob("*.visitor"):
            if mark.stem not in _kept and time.time() - mark.stat().st_mtime > seconds:
                shutil.rmtree(mark.with_suffix(""), ignore_errors=True)
                mark.unlink(missing_ok=True)


def _mark(digest: str) -> Path:
    """The file that says that a visitor brought a data set, and when; others' data sets aren't ours to delete."""
    return _datasets_folder() / f"{digest}.visitor"


def _datasets_folder() -> Path:
    return settings().cache_dir / "datasets"
