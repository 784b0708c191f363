"""A disk that is full, a folder that is closed, a data base that is locked: one line, and what was finished is kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from segmethods.benchmark import Job, RunError, Store, benchmark, open_dataset, plan_configs
from segmethods.benchmark import store as stores

connect = sqlite3.connect


class Small(sqlite3.Connection):
    """A data base on a disk that has room for `pages` of it."""

    pages = 0

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.execute(f"pragma max_page_count = {self.pages}")


def test_a_run_whose_disk_is_full_pauses_and_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, entries, store = (
        open_dataset("shapes:size=48,objects=3", limit=12),
        plan_configs(["threshold"]),
        Store(tmp_path),
    )
    run = store.begin(dataset, entries)
    with connect(tmp_path / "benchmark.sqlite") as base:
        pages = base.execute("pragma page_count").fetchone()[0]
    monkeypatch.setattr(Small, "pages", pages + 3)
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=Small, **named))
    job = Job(dataset, entries, store, resume=True, workers=1)
    assert job.wait(240)
    assert str(job.problem) == "The disk is full. Make room on it, and try again."
    done = store.run(run.id).done
    assert 0 < done < 12
    finished = {tally.image: tally.timings for tally in store.tallies(run.id)}
    monkeypatch.undo()
    *_, last = benchmark(dataset, entries, Store(tmp_path), resume=True, workers=1)
    assert last.done == 12
    assert {t.image: t.timings for t in store.tallies(run.id) if t.image in finished} == finished


def test_a_locked_data_base_is_one_line_and_readers_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 0.01)
    dataset, entries, store = open_dataset("shapes:size=48", limit=1), plan_configs(["threshold"]), Store(tmp_path)
    run = store.begin(dataset, entries)
    with connect(tmp_path / "benchmark.sqlite") as other:
        other.execute("begin immediate")
        with pytest.raises(RunError, match="Another process keeps the data base busy"):
            store.record(run.id, dataset.pairs[0].name, [])
        assert Store(tmp_path).run(run.id) == run
    store.record(run.id, dataset.pairs[0].name, [])
    assert store.run(run.id).done == 1


def test_a_closed_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(tmp_path)
    place = f"file:{tmp_path / 'benchmark.sqlite'}?mode=ro"
    monkeypatch.setattr(sqlite3, "connect", lambda *_, **named: connect(place, uri=True, **named))
    with pytest.raises(RunError, match="can't be written"):
        Store(tmp_path).begin(open_dataset("shapes:size=48", limit=1), plan_configs(["threshold"]))
