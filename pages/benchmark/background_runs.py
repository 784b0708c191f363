"""Runs in the background: they outlive a tab that is reloaded, and pause when nobody has looked for a while.

A run has a name that can't be guessed and a folder of that name. Who knows the name may see the run; that is how a
visitor's runs are their own without a log-in.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pages.benchmark.datasets import open_known
from pages.state.uploads import delete_expired, touch_upload
from segmethods.benchmark import Dataset, Job, Run, RunConfig, RunError, Store
from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.settings import settings

log = logging.getLogger(__name__)

NAME = re.compile(r"[A-Za-z0-9_-]{16}")
ABANDONED = 600.0
"""Seconds without a look after which a run pauses."""
TICK = 1.0
DELETED = ".deleted"
UNDO = 3600.0
"""Seconds for which a deleted run can be brought back."""


@dataclass
class BackgroundRun:
    """A run that this server computes or has computed.

    Parameters
    ----------
    upload : str
        Digest of the visitor's zip file; empty for a data set that everybody has.
    seen : float
        When somebody looked at it last (`time.monotonic`).
    """

    job: Job
    upload: str
    seen: float


_going: dict[str, BackgroundRun] = {}
_lock = threading.Lock()
_watcher: list[threading.Thread] = []


def start(dataset: Dataset, entries: Sequence[RunConfig], upload: str = "", name: str = "") -> str:
    """Start a run, or go on with the one called `name`; returns its name.

    Raises
    ------
    SegmethodsError
        If too many runs are going on.
    """
    _forget_old()
    with _lock:
        if sum(not going.job.is_over for going in _going.values()) >= settings().benchmark_runs:
            raise RunError("Too many benchmarks are running here at the moment. Try again in a few minutes.")
        resume, name = bool(name), name or secrets.token_urlsafe(12)
        job = Job(dataset, entries, Store(_folder(name)), resume=resume, client_id=f"benchmark {name}")
        _going[name] = BackgroundRun(job, upload, time.monotonic())
    keep_watch()
    return name


def keep_watch() -> None:
    """From now on, pause runs that nobody looks at, and delete pictures that nobody needs."""
    with _lock:
        if not _watcher:
            _watcher.append(threading.Thread(target=_watch, daemon=True))
            _watcher[0].start()


def touch_run(name: str) -> BackgroundRun | None:
    """The run, which somebody looks at now; None if this server hasn't computed it."""
    with _lock:
        going = _going.get(name)
        if going is not None:
            going.seen = time.monotonic()
    if going is not None and going.upload:
        touch_upload(going.upload)
    return going


def is_going(name: str) -> bool:
    """Whether a run is being computed now."""
    going = _going.get(name)
    return going is not None and not going.job.is_over


def stop(name: str) -> None:
    """Pause a run; what was finished stays."""
    if going := touch_run(name):
        going.job.stop()
        going.job.wait(5)


def open_store(name: str) -> Store | None:
    """Where a run is recorded; None if there is no such run."""
    if not NAME.fullmatch(name) or not (_folder(name) / "benchmark.sqlite").is_file():
        return None
    return Store(_folder(name))


def read_run(name: str) -> Run | None:
    """What is known of a run; None if there is none, or it has only just been started."""
    store = open_store(name)
    runs = store.runs() if store else []
    return runs[0] if runs else None


def delete(name: str) -> None:
    """Stop a run and lay it aside; `undelete` brings it back within an hour."""
    stop(name)
    with _lock:
        _going.pop(name, None)
    if NAME.fullmatch(name) and _folder(name).is_dir():
        laid_aside = _folder(name).with_suffix(DELETED)
        _folder(name).rename(laid_aside)
        laid_aside.touch()


def undelete(name: str) -> bool:
    """Bring a deleted run back, and say whether it was still there."""
    laid_aside = _folder(name).with_suffix(DELETED)
    if not NAME.fullmatch(name) or not laid_aside.is_dir():
        return False
    laid_aside.rename(_folder(name))
    return True


def find_dataset(name: str, run: Run) -> tuple[Dataset, str] | None:
    """The pictures of a run and the digest of the visitor's zip file, if they are still here."""
    going = touch_run(name)
    if going is not None and going.upload:
        dataset = touch_upload(going.upload)
        return (dataset, going.upload) if dataset else None
    if run.source != "samples" and run.source.partition(":")[0] != "shapes":
        return None
    try:
        return open_known(run.source), ""
    except SegmethodsError:  # a file of a visitor's whose name looks like that
        return None


def _watch() -> None:
    """Pause the runs that nobody looks at or that take too long, and delete pictures that nobody needs."""
    pause = threading.Event()
    while not pause.wait(TICK):
        with _lock:
            going = [g for g in _going.values() if not g.job.is_over]
        for run in going:
            _look_after(run, time.monotonic())
        try:
            delete_expired(settings().keep_uploads)
        except OSError:  # tried again in a moment
            log.exception("what visitors brought can't be deleted")


def _look_after(run: BackgroundRun, now: float) -> None:
    if run.upload:
        touch_upload(run.upload)
    if now - run.seen > ABANDONED:
        run.job.stop(Message("It paused because nobody looked at it for a while."))
    elif now - run.job.began > settings().benchmark_seconds:
        minutes = {"minutes": settings().benchmark_seconds // 60}
        run.job.stop(Message("It paused after {minutes} minutes, so that others have their turn.", minutes))


def _forget_old() -> None:
    if not _runs_folder().is_dir():
        return
    for folder in _runs_folder().iterdir():
        kept = UNDO if folder.suffix == DELETED else settings().keep_runs
        if time.time() - folder.stat().st_mtime > kept:
            shutil.rmtree(folder, ignore_errors=True)


def _folder(name: str) -> Path:
    return _runs_folder() / name


def _runs_folder() -> Path:
    return settings().data_dir / "runs"
