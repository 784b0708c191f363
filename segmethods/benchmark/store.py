"""Runs on disk: one SQLite file (WAL) in which every finished picture is recorded at once.

A transaction holds all that is known of one picture, so a process killed at any moment leaves whole pictures behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segmethods.benchmark.count_rows import INSERT, from_row, to_row
from segmethods.benchmark.evaluation import ImageCounts
from segmethods.benchmark.plans import RunConfig
from segmethods.benchmark.run_columns import (
    entry_from_record,
    entry_to_record,
    message_from_text,
    message_to_text,
    messages_from_text,
    messages_to_text,
)
from segmethods.core.faults import describe_fault
from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.settings import settings
from segmethods.core.types import Vocabulary
from segmethods.datasets.assumptions import tell_assumed
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.sample_refs import Skipped

FILE = "benchmark.sqlite"
VERSION = 3
"""Of the file; older ones are read, too: runs in them have no notes."""
WAITING, DONE, SKIPPED = 0, 1, 2
PATIENCE = 60.0
"""Seconds that a write waits for another's."""

SCHEMA = """
create table if not exists runs (
    id integer primary key, dataset text, source text, digest text, classes text, entries text, fingerprint text,
    started text, finished text, notes text
);
create table if not exists pictures (
    run integer references runs on delete cascade, position integer, name text, places text, state integer,
    reason text, notes text, primary key (run, name, position)
) without rowid;
create table if not exists tallies (
    run integer references runs on delete cascade, name text, label text, error text, prepare real, infer real,
    finish real, alignment text, segments integer, classes blob, counts text, primary key (run, name, label)
) without rowid;
"""


class RunError(SegmethodsError):
    """A run that can't be started, found or continued."""


@dataclass(frozen=True)
class Run:
    """A stored run.

    Parameters
    ----------
    id : int
        Its number in the store.
    dataset, source, digest : str
        The data set's name, how it was asked for, and SHA-256 of its content.
    classes : Vocabulary
        What class scores are about; empty where the truth has none.
    entries : tuple of RunConfig
        The lines of the leaderboard.
    images, done : int
        Pictures in the data set, and those that are finished or skipped.
    started, finished : datetime or None
        In UTC; `finished` is None until every picture is done.
    skipped : tuple of Skipped
        Pictures and masks left out, and why.
    notes : tuple of Message
        How the data set was read, and what was assumed of it and of its pictures.
    """

    id: int
    dataset: str
    source: str
    digest: str
    classes: Vocabulary
    entries: tuple[RunConfig, ...]
    images: int
    done: int
    started: datetime
    finished: datetime | None
    skipped: tuple[Skipped, ...]
    notes: tuple[Message, ...] = ()


class Store:
    """The runs in a folder. It may be used from any thread, and by several processes.

    Parameters
    ----------
    folder : path, optional
        Where the file ``benchmark.sqlite`` lies or will lie; ``benchmark`` in the data folder if left out.

    Raises
    ------
    RunError
        If the folder or the file can't be used.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = settings().data_dir / "benchmark" if folder is None else Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        with self._open() as db:
            found = int(db.execute("pragma user_version").fetchone()[0])
            if found > VERSION:
                raise RunError(
                    "{file} was written by another version of this program. Choose another folder.",
                    file=str(self.folder / FILE),
                )
            if found < VERSION:  # who only reads waits for nobody who writes
                db.execute("pragma journal_mode = wal")
                db.executescript(SCHEMA)
                _add_notes(db)
                db.execute(f"pragma user_version = {VERSION}")

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        with self._open() as db:
            return [_run(db, row) for row in db.execute("select * from runs order by id desc").fetchall()]

    def run(self, run_id: int) -> Run:
        """One run, or `RunError`."""
        with self._open() as db:
            row = db.execute("select * from runs where id = ?", [run_id]).fetchone()
            if row is None:
                raise RunError(
                    "There is no run {id} in {folder}. Choose another one.", id=run_id, folder=str(self.folder)
                )
            return _run(db, row)

    def delete(self, run_id: int) -> None:
        """Forget a run and all that was counted in it."""
        with self._open() as db:
            db.execute("delete from runs where id = ?", [run_id])

    def begin(self, dataset: Dataset, entries: Sequence[RunConfig], resume: bool = False) -> Run:
        """Note a new run, or find the one to go on with.

        Parameters
        ----------
        dataset : Dataset
            Its files are read to see whether they are the same.
        entries : sequence of RunConfig
            The lines of the leaderboard.
        resume : bool
            Go on with the newest run of the same pictures, methods and parameters.

        Raises
        ------
        RunError
            If there are runs to go on with, but none of them is of the same pictures, methods and parameters.
        """
        digest = dataset.digest()
        prints = [entry.fingerprint() for entry in entries]
        with self._open() as db:
            if resume:
                same = "select * from runs where digest = ? and fingerprint = ? order by id desc"
                row = db.execute(same, [digest, json.dumps(prints)]).fetchone()
                newest = db.execute("select * from runs order by id desc").fetchone()
                if row is not None:
                    return _run(db, row)
                if newest is not None:
                    raise self._different(_run(db, newest), dataset, digest, entries)
            return self._create(db, dataset, digest, entries, prints)

    def waiting(self, run_id: int) -> set[str]:
        """Names of the pictures that a run has yet to do."""
        with self._open() as db:
            rows = db.execute("select name from pictures where run = ? and state = ?", [run_id, WAITING])
            return {row["name"] for row in rows}

    def record(self, run_id: int, name: str, answers: Iterable[ImageCounts | Skipped]) -> None:
        """Note that a picture is finished, or skipped; all of it or nothing."""
        tallies = list(answers)
        skipped = next((a for a in tallies if isinstance(a, Skipped)), None)
        with self._open() as db:
            if skipped is None:
                db.executemany(INSERT, [to_row(run_id, tally) for tally in tallies if isinstance(tally, ImageCounts)])
            state, reason = (DONE, None) if skipped is None else (SKIPPED, message_to_text(skipped.reason))
            assumed = next((tally.notes for tally in tallies if isinstance(tally, ImageCounts)), ())
            db.execute(
                "update pictures set state = ?, reason = ?, notes = ? "
                "where run = ? and name = ? and position >= 0 and state = 0",
                [state, reason, messages_to_text(assumed), run_id, name],
            )
            left = db.execute("select 1 from pictures where run = ? and state = ?", [run_id, WAITING]).fetchone()
            if left is None:
                db.execute("update runs set finished = ? where id = ? and finished is null", [_now(), run_id])

    def tallies(self, run_id: int) -> list[ImageCounts]:
        """All that was counted in a run, by picture in the data set's order."""
        with self._open() as db:
            query = (
                "select tallies.* from tallies join pictures using (run, name) "
                "where run = ? and position >= 0 order by position"
            )
            return [from_row(row) for row in db.execute(query, [run_id])]

    def class_ids(self, run_id: int) -> dict[str, tuple[int, ...]]:
        """For pictures whose truth has classes of its own: the id in the run's classes of each of them."""
        with self._open() as db:
            rows = db.execute("select name, places from pictures where run = ? and places is not null", [run_id])
            return {row["name"]: tuple(json.loads(row["places"])) for row in rows}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.folder / FILE, timeout=PATIENCE)) as db:
                db.row_factory = sqlite3.Row
                db.execute("pragma foreign_keys = on")
                db.execute("pragma synchronous = normal")
                with db:
                    yield db
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError | sqlite3.Error) -> RunError:
        """What was recorded before stays; whoever asked can ask again."""
        if fault := describe_fault(error):
            return RunError(fault.template, **fault.values)
        return RunError(
            "{file} can't be used ({reason}). Choose another folder.",
            file=str(self.folder / FILE),
            reason=str(getattr(error, "strerror", None) or error),
        )

    def _create(
        self, db: sqlite3.Connection, dataset: Dataset, digest: str, entries: Sequence[RunConfig], prints: list[str]
    ) -> Run:
        lines = json.dumps(list(map(entry_to_record, entries)))
        classes = json.dumps([dataset.classes.id, dataset.classes.names])
        notes = messages_to_text(dataset.describe())
        row = (dataset.name, dataset.source, digest, classes, lines, json.dumps(prints), _now(), notes)
        db.execute(
            "insert into runs (dataset, source, digest, classes, entries, fingerprint, started, notes) "
            f"values ({', '.join('?' * len(row))})",
            row,
        )
        run_id = int(db.execute("select last_insert_rowid()").fetchone()[0])
        images: list[tuple[Any, ...]] = []
        for position, pair in enumerate(dataset.pairs):
            places = place_classes(pair.classes, dataset.classes)
            images.append((run_id, position, pair.name, None if places is None else json.dumps(places), WAITING, None))
        for position, left in enumerate(dataset.skipped, 1):
            images.append((run_id, -position, left.name, None, SKIPPED, message_to_text(left.reason)))
        columns = "run, position, name, places, state, reason"
        db.executemany(f"insert into pictures ({columns}) values (?, ?, ?, ?, ?, ?)", images)
        return _run(db, db.execute("select * from runs where id = ?", [run_id]).fetchone())

    def _different(self, run: Run, dataset: Dataset, digest: str, entries: Sequence[RunConfig]) -> RunError:
        values: dict[str, object] = {"folder": str(self.folder), "dataset": run.dataset, "now": dataset.name}
        if run.digest != digest:
            return RunError(
                "The run in {folder} is of other pictures ({dataset}: {stored}, now {now}: {given}). "
                "Give it the same ones, or start anew without --resume.",
                **values,
                stored=run.images,
                given=len(dataset.pairs),
            )
        stored, given = ({e.label: dict(e.params) for e in lines} for lines in (run.entries, entries))
        if list(stored) != list(given):
            return RunError(
                "The run in {folder} is of other methods ({stored}; now {given}). "
                "Name the same ones, or start anew without --resume.",
                **values,
                stored=", ".join(stored),
                given=", ".join(given),
            )
        changed = [label for label in stored if json.dumps(stored[label]) != json.dumps(given[label])]
        if changed:
            return RunError(
                "The run in {folder} has other parameters of {methods}. "
                "Give the same ones, or start anew without --resume.",
                **values,
                methods=", ".join(changed),
            )
        if [e.boundaries for e in run.entries] != [e.boundaries for e in entries]:
            return RunError(
                "The run in {folder} scores boundaries and this one doesn't, or the other way round. "
                "Give --no-boundaries as before, or start anew without --resume.",
                **values,
            )
        return RunError(
            "The run in {folder} was made with other weights or another version of this program. "
            "Start anew without --resume.",
            **values,
        )


def _run(db: sqlite3.Connection, row: sqlite3.Row) -> Run:
    run_id = row["id"]
    query = "select count(*), sum(state > 0) from pictures where run = ? and position >= 0"
    images, done = db.execute(query, [run_id]).fetchone()
    left_out = db.execute(
        "select name, reason from pictures where run = ? and state = ? order by position", [run_id, SKIPPED]
    )
    assumed = db.execute(
        "select name, notes from pictures where run = ? and notes is not null order by position", [run_id]
    )
    of_images = tell_assumed((r["name"], note) for r in assumed.fetchall() for note in messages_from_text(r["notes"]))
    name, names = json.loads(row["classes"])
    return Run(
        id=run_id,
        dataset=row["dataset"],
        source=row["source"],
        digest=row["digest"],
        classes=Vocabulary(name, tuple(names)),
        entries=tuple(map(entry_from_record, json.loads(row["entries"]))),
        images=images,
        done=done or 0,
        started=datetime.fromisoformat(row["started"]),
        finished=None if row["finished"] is None else datetime.fromisoformat(row["finished"]),
        skipped=tuple(Skipped(r["name"], message_from_text(r["reason"])) for r in left_out.fetchall()),
        notes=(*messages_from_text(row["notes"]), *of_images),
    )


def place_classes(own: Vocabulary, every: Vocabulary) -> tuple[int, ...] | None:
    """The id in `every` of each class of a picture's own; None where they are the same."""
    return None if own.names == every.names else tuple(every.names.index(name) for name in own.names)


def _add_notes(db: sqlite3.Connection) -> None:
    """The columns that files before version 3 lack; whoever comes second finds them there."""
    db.execute("begin immediate")
    for table in ("runs", "pictures"):
        if all(column["name"] != "notes" for column in db.execute(f"pragma table_info({table})")):
            db.execute(f"alter table {table} add column notes text")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
