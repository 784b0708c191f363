"""Runs: what is recorded, what is skipped, and what a resumed run repeats (nothing)."""

from __future__ import annotations

import itertools
import json
import math
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.benchmark import (
    Job,
    Results,
    RunError,
    Skipped,
    Store,
    benchmark,
    leaderboard,
    open_dataset,
    plan_configs,
    plan_sweep,
    read_results,
)
from segmethods.benchmark.evaluation import EvalJob, evaluate, evaluate_all
from segmethods.benchmark.plans import list_jobs
from segmethods.core.registry import unregister
from segmethods.core.types import Image as Pixels
from segmethods.metrics.confusion import Confusion, count_classes
from segmethods.metrics.contingency import tabulate
from segmethods.models.weights import Weights
from tests.benchmark.conftest import write_mask

QUICK = "shapes:size=48,objects=3"
RunHere = Callable[..., Results]


def test_class_scores_come_from_counts_summed_over_all_pictures(run_here: RunHere) -> None:
    """Against counts made by hand from the labels, and not the mean of the pictures' scores."""
    dataset = open_dataset(QUICK, limit=6)
    results = run_here(dataset, plan_configs(["threshold"]), alignment="majority")
    total = Confusion(np.zeros((5, 6), np.int64))
    for pair in dataset.pairs:
        case = pair.load()
        assert case.truth is not None
        found = sm.segment(case.image, "threshold")
        aligned = sm.score(found, case.truth, alignment="majority").aligned
        total += count_classes(tabulate(case.truth.labels, aligned), 5)
    row = leaderboard(results)[0]
    assert row.mean_iou == pytest.approx(total.mean_iou, abs=1e-12)
    assert row.class_iou == pytest.approx(total.iou.tolist(), abs=1e-12)
    assert row.pixel_accuracy == pytest.approx(total.pixel_accuracy, abs=1e-12)
    assert abs(row.mean_iou - float(np.nanmean(results.by_image("threshold", "mean_iou")))) > 0.01


def test_baselines_and_their_floor(run_here: RunHere) -> None:
    """One class everywhere: its IoU is its share, all others 0."""
    dataset = open_dataset(QUICK, limit=5)
    labels = np.stack([pair.load().truth.labels for pair in dataset.pairs])  # type: ignore[union-attr]
    rows = {row.label: row for row in leaderboard(run_here(dataset, plan_configs(["threshold"])))}
    share = (labels == 0).mean()
    assert rows["blank"].class_iou == pytest.approx([share, 0, 0, 0, 0])
    assert rows["blank"].pixel_accuracy == pytest.approx(share)
    assert rows["random"].pixel_accuracy == pytest.approx(0.2, abs=0.02)
    assert [rows[label].kind for label in ("threshold", "blank", "random")] == ["method", "baseline", "baseline"]
    assert (rows["blank"].alignment, rows["random"].alignment) == ("fitted", "by name")


def test_classes_drawn_by_lot_differ_from_picture_to_picture_and_not_from_run_to_run(plain: Path) -> None:
    [first, second, _] = open_dataset(plain).pairs
    same = [evaluate(pair, EvalJob("random")).table for pair in (first, first, replace(first, name=second.name))]
    np.testing.assert_array_equal(same[0].counts, same[1].counts)
    assert not np.array_equal(same[0].counts, same[2].counts)


def test_people_against_each_other(tmp_path: Path, plain: Path, run_here: RunHere) -> None:
    (plain / "labels").rename(tmp_path / "gone")
    for number in range(3):
        for person in range(3):
            labels = np.zeros((24, 32), np.uint8)
            labels[:, 10 + person // 2 :] = 1
            write_mask(plain / "segmentations" / f"person{person}" / f"{number}.png", labels)
    rows = {row.label: row for row in leaderboard(run_here(open_dataset(plain), plan_configs(["edges"]), people=True))}
    assert rows["human"].kind == "ceiling"
    assert rows["human"].covering > 0.9 > rows["blank"].covering
    # two draw the same line, the third one beside it: 2 of 6 comparisons fit, and 2 of 3 people find a partner
    assert rows["human"].boundary_f == pytest.approx(2 * (1 / 3 * 2 / 3) / (1 / 3 + 2 / 3))
    assert np.isnan(rows["edges"].mean_iou)
    assert rows["edges"].as_json()["mean_iou"] is None
    assert rows["edges"].as_json()["class_iou"] is None
    assert rows["edges"].alignment == ""


def test_samples_with_different_classes_add_up(run_here: RunHere) -> None:
    results = run_here(open_dataset("samples", limit=3), plan_configs(["threshold"]), alignment="majority")
    row = leaderboard(results)[0]
    iou = dict(zip(results.run.classes.names, row.class_iou, strict=True))
    assert {name for name, value in iou.items() if value is not None} == {"background", "cat", "person", "coin"}
    assert iou["coin"] == pytest.approx(results.confusions["threshold"][2].iou[21])  # type: ignore[union-attr]


def test_a_segment_that_is_nobodys_has_no_class_where_pictures_have_classes_of_their_own(run_here: RunHere) -> None:
    """Matched one to one, two of four segments get the two classes of a picture, and the others none at all."""
    entries = plan_configs(["kmeans"], {"kmeans": {"k": 4}})
    results = run_here(open_dataset("samples", limit=2), entries, alignment="hungarian")
    assert len(results.run.classes) > 2
    for tally, confusion in zip(results.tallies["kmeans"], results.confusions["kmeans"], strict=True):
        sizes = {int(label): int(tally.table.counts[tally.table.columns == label].sum()) for label in range(4)}
        lost = int(confusion.counts[:, -1].sum())
        assert lost in {sum(pair) for pair in itertools.combinations(sizes.values(), 2)}


@pytest.mark.parametrize("alignment", ["majority", "hungarian", "fitted"])
def test_every_alignment_is_named_and_ordered(alignment: str, run_here: RunHere) -> None:
    """By pixels: majority of each picture is at least as good as any other way (protocol, section 5)."""
    dataset, entries = open_dataset(QUICK, limit=4), plan_configs(["kmeans"])
    best = leaderboard(run_here(dataset, entries, "majority"))[0]
    row = leaderboard(run_here(dataset, entries, alignment))[0]
    assert row.alignment == alignment
    assert row.pixel_accuracy <= best.pixel_accuracy


def test_a_method_without_an_answer_counts_as_wrong(plain: Path, run_here: RunHere) -> None:
    @sm.method("refuses", title="Refuses", family="classical", source="the tests")
    def refuses(image: Pixels) -> sm.Segmentation:
        """Never answers bright pictures."""
        raise sm.MethodError("No.")

    try:
        rows = leaderboard(run_here(open_dataset(plain), plan_configs(["refuses", "threshold"])))
    finally:
        unregister("refuses")
    refused, threshold = rows[0], rows[1]
    assert (refused.failed, refused.images, refused.pixel_accuracy, refused.mean_iou) == (3, 3, 0.0, 0.0)
    assert refused.covering == pytest.approx(next(r for r in rows if r.label == "blank").covering)
    assert threshold.pixel_accuracy > 0.9


def test_unreadable_pairs_are_skipped_by_name_and_counted(plain: Path, run_here: RunHere) -> None:
    write_mask(plain / "labels" / "1.png", np.zeros((5, 5), np.uint8))
    write_mask(plain / "labels" / "stray.png")
    results = run_here(open_dataset(plain), plan_configs(["threshold"]))
    assert results.images == ("0", "2")
    assert [(s.name, "5 × 5" in str(s.reason)) for s in results.run.skipped] == [
        ("labels/stray.png", False),
        ("1", True),
    ]
    assert results.run.finished is not None
    assert results.run.finished > results.run.started


def test_processes_give_the_same_as_this_process(tmp_path: Path, run_here: RunHere) -> None:
    dataset, entries = open_dataset(QUICK, limit=5), plan_configs(["threshold"])
    store = Store(tmp_path / "processes")
    steps = list(benchmark(dataset, entries, store, workers=2))
    assert [step.done for step in steps] == [0, 1, 2, 3, 4, 5]
    assert steps[-1].seconds_left == 0
    assert scores(read_results(store, steps[0].run)) == scores(run_here(dataset, entries))


def scores(results: Results) -> list[dict[str, object]]:
    """The leaderboard without what its processes took: their times and their memory."""
    rows = [row.as_json() for row in leaderboard(results)]
    return [{k: v for k, v in row.items() if k != "memory" and not k.startswith("seconds")} for row in rows]


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path: Path, run_here: RunHere) -> None:
    dataset, entries, store = open_dataset(QUICK, limit=6), plan_configs(["threshold"]), Store(tmp_path / "stopped")
    stop = threading.Event()
    for step in benchmark(dataset, entries, store, workers=1, stop=stop):
        if step.done == 2:
            stop.set()
    assert 2 <= store.run(step.run).done < 6
    assert store.run(step.run).finished is None
    before = {tally.image for tally in store.tallies(step.run)}
    rest = [s.image for s in benchmark(dataset, entries, store, resume=True, workers=1) if s.image]
    assert before.isdisjoint(rest)
    assert len(store.runs()) == 1
    assert scores(read_results(store, step.run)) == scores(run_here(dataset, entries))


def test_a_picture_is_recorded_whole_or_not_at_all(tmp_path: Path) -> None:
    dataset, entries, store = open_dataset(QUICK, limit=2), plan_configs(["threshold"]), Store(tmp_path)
    run = store.begin(dataset, entries)
    tallies = evaluate_all(dataset.pairs[0], list_jobs(entries, False))

    def torn():
        yield tallies[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.record(run.id, dataset.pairs[0].name, torn())
    assert store.tallies(run.id) == []
    assert store.waiting(run.id) == {pair.name for pair in dataset.pairs}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"limit": 3}, r"of other pictures \(shapes:objects=3,size=48: 2, now .*: 3\)"),
        ({"methods": ["kmeans"]}, r"of other methods \(threshold; now kmeans\)"),
        ({"params": {"threshold": {"level": 9}}}, "has other parameters of threshold"),
    ],
)
def test_resuming_something_else_is_refused_in_a_line(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    store = Store(tmp_path)
    asked: dict[str, object] = {"limit": 2, "methods": ["threshold"], "params": {}}

    def begin(limit: int, methods: list[str], params: dict[str, dict[str, object]], resume: bool) -> int:
        return store.begin(open_dataset(QUICK, limit=limit), plan_configs(methods, params), resume).id

    first = begin(**asked, resume=True)  # type: ignore[arg-type]
    assert begin(**asked, resume=True) == first  # type: ignore[arg-type]
    with pytest.raises(RunError, match=problem):
        begin(**(asked | change), resume=True)  # type: ignore[arg-type]
    assert begin(**(asked | change), resume=False) != first  # type: ignore[arg-type]
    assert begin(**asked, resume=True) == first  # type: ignore[arg-type]


def test_boundaries_may_be_left_out(tmp_path: Path, run_here: RunHere) -> None:
    dataset = open_dataset(QUICK, limit=2)
    with_them, without = (run_here(dataset, plan_configs(["threshold"], boundaries=b)) for b in (True, False))
    for line, other in zip(leaderboard(with_them), leaderboard(without), strict=True):
        assert line.scores["mean_iou"] == other.scores["mean_iou"]
        assert math.isnan(other.scores["boundary_f"])
        assert not math.isnan(line.scores["boundary_f"])
    store = Store(tmp_path)
    run = store.begin(dataset, plan_configs(["threshold"], boundaries=False))
    assert not store.run(run.id).entries[0].boundaries
    assert store.begin(dataset, store.run(run.id).entries, resume=True).id == run.id
    with pytest.raises(RunError, match="scores boundaries and this one doesn't, or the other way round"):
        store.begin(dataset, plan_configs(["threshold"]), resume=True)


def test_the_file_is_in_write_ahead_mode_and_keeps_every_count(tmp_path: Path) -> None:
    dataset, entries, store = open_dataset(QUICK, limit=1), plan_configs(["threshold"]), Store(tmp_path)
    run = store.begin(dataset, entries)
    tallies = evaluate_all(dataset.pairs[0], list_jobs(entries, False))
    store.record(run.id, dataset.pairs[0].name, tallies)
    with sqlite3.connect(tmp_path / "benchmark.sqlite") as db:
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
    stored = {tally.label: tally for tally in store.tallies(run.id)}
    for tally in tallies:
        assert not isinstance(tally, Skipped)
        again = stored[tally.label]
        assert (again.regions, again.boundaries, again.timings) == (tally.regions, tally.boundaries, tally.timings)
        assert again.table is not None
        assert tally.table is not None
        assert (again.table.counts == tally.table.counts).all()
        assert again.objects is not None
        assert tally.objects is not None
        assert again.objects.panoptic_quality == tally.objects.panoptic_quality
    store.delete(run.id)
    assert (store.runs(), store.tallies(run.id)) == ([], [])


def test_files_of_version_1_are_read(tmp_path: Path) -> None:
    """They hold counts as lists, in the order of the fields."""
    dataset, entries, store = open_dataset(QUICK, limit=1), plan_configs(["threshold"]), Store(tmp_path)
    run = store.begin(dataset, entries)
    store.record(run.id, dataset.pairs[0].name, evaluate_all(dataset.pairs[0], list_jobs(entries, False)))
    expected = store.tallies(run.id)
    with sqlite3.connect(tmp_path / "benchmark.sqlite") as db:
        for label, text in db.execute("select label, counts from tallies").fetchall():
            named = json.loads(text)
            counts = {name: list(named[name].values()) for name in ("regions", "boundaries", "objects")}
            db.execute("update tallies set counts = ? where label = ?", [json.dumps(counts), label])
        db.execute("pragma user_version = 1")
    for old, new in zip(Store(tmp_path).tallies(run.id), expected, strict=True):
        assert (old.regions, old.boundaries) == (new.regions, new.boundaries)
        assert old.objects is not None
        assert new.objects is not None
        assert (old.objects.found, old.objects.pairs.tolist()) == (new.objects.found, new.objects.pairs.tolist())
        assert old.objects.average_precision == new.objects.average_precision
    with sqlite3.connect(tmp_path / "benchmark.sqlite") as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(RunError, match="another version of this program"):
        Store(tmp_path)


def test_what_was_assumed_stays_with_the_run(plain: Path, run_here: RunHere) -> None:
    for number in range(2):
        deep = np.random.default_rng(number).integers(0, 4096, (24, 32)).astype(np.uint16)
        Image.fromarray(deep).save(plain / "images" / f"{number}.png")
    dataset = open_dataset(plain)
    told = list(map(str, run_here(dataset, plan_configs(["threshold"])).run.notes))
    assert told == [
        *map(str, dataset.describe()),
        "0, and 1 other file likewise: Values from 0 to 4095 became black to white.",
    ]


def test_a_photo_that_was_turned_is_told_of_with_the_run(plain: Path, run_here: RunHere) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    with Image.open(plain / "images" / "2.png") as image:
        image.save(plain / "images" / "2.png", exif=exif)
    told = run_here(open_dataset(plain), plan_configs(["threshold"])).run.notes
    assert "2: The picture was turned (EXIF), the mask was not: it fits as it is." in map(str, told)


def test_runs_of_files_of_version_2_have_no_notes_and_go_on(plain: Path, tmp_path: Path) -> None:
    write_mask(plain / "labels" / "stray.png")
    dataset, entries, store = open_dataset(plain), plan_configs(["threshold"]), Store(tmp_path)
    run = store.begin(dataset, entries)
    with sqlite3.connect(tmp_path / "benchmark.sqlite") as db:
        for table in ("runs", "pictures"):
            db.execute(f"alter table {table} drop column notes")
        reason = json.dumps([run.skipped[0].reason.template, {}])
        db.execute("update pictures set reason = ? where position < 0", [reason])
        db.execute("pragma user_version = 2")
    again = Store(tmp_path).run(run.id)
    assert (again.notes, again.skipped) == ((), run.skipped)
    store = Store(tmp_path)
    going = store.begin(dataset, entries, resume=True)
    store.record(going.id, "0", evaluate_all(dataset.pairs[0], list_jobs(entries, False)))
    assert (going.id, store.run(going.id).done) == (run.id, 1)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "benchmark.sqlite").write_bytes(b"something else entirely" * 99)
    with pytest.raises(RunError, match="can't be used"):
        Store(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="can't be used"):
        Store(tmp_path / "file")


def test_weights_are_fetched_once_before_the_work_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    stop = threading.Event()

    def fetch(weights: Weights, progress: Callable[[int, int], None]) -> None:
        asked.append(weights.name)
        progress(0, weights.bytes)
        stop.set()
        progress(1, weights.bytes)

    monkeypatch.setattr("segmethods.benchmark.runs.fetch", fetch)
    monkeypatch.setattr("segmethods.benchmark.runs.evaluate_dataset", lambda *_: iter(()))
    params = {"fcn": {"weights": "torchvision"}, "deeplab": {"weights": "torchvision"}}
    entries = plan_configs(["threshold", "fcn", "deeplab"], params)
    assert len(list(benchmark(open_dataset(QUICK, limit=1), entries, Store(tmp_path), stop=stop))) == 1
    assert asked == ["fcn-torchvision"]  # and the rest is stopped


def test_a_job_runs_in_the_background_and_says_what_went_wrong(tmp_path: Path) -> None:
    dataset, store = open_dataset(QUICK, limit=2), Store(tmp_path)
    job = Job(dataset, plan_configs(["threshold"]), store, workers=1)
    assert job.wait(240)
    assert job.problem is None
    assert job.run is not None
    assert store.run(job.run).finished is not None
    other = Job(dataset, plan_configs(["edges"]), store, resume=True, workers=1)
    assert other.wait(240)
    assert "other methods" in str(other.problem)


def test_sweeps_are_planned_with_checked_values() -> None:
    entries = plan_sweep("kmeans", "k", [2, 3, 3], {"seed": 7})
    assert [(e.label, e.params["k"], e.params["seed"]) for e in entries] == [("kmeans k=2", 2, 7), ("kmeans k=3", 3, 7)]
    for arguments, problem in [
        (("kmeans", "q", [1, 2]), "has no parameter q"),
        (("kmeans", "k", [2, 99]), "k must lie between"),
        (("kmeans", "k", [2]), "at least two values"),
    ]:
        with pytest.raises(sm.ParameterError, match=problem):
            plan_sweep(*arguments)
