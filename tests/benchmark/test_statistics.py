"""Leaderboard statistics against the plain way of computing them, and what is exported."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import segmethods as sm
from segmethods.benchmark import (
    Results,
    by_image,
    compare_pair,
    export_rows,
    find_sweep,
    leaderboard,
    list_metrics,
    open_dataset,
    pareto,
    plan_configs,
    plan_sweep,
    ranking,
    rows,
    statistics,
    sweep,
    verdict,
)
from segmethods.core.messages import Message
from segmethods.datasets.sample_refs import Skipped

QUICK = "shapes:size=48,objects=3,noise=0.15"


@pytest.fixture(scope="module")
def results(run_here: Callable[..., Results]) -> Results:
    return run_here(open_dataset(QUICK, limit=10), plan_configs(["threshold", "kmeans", "histogram"]))


def test_scores_are_those_of_the_scoring_room(results: Results) -> None:
    """Every formula for many sums at once gives what `segmethods.metrics` gives for one."""
    for row in leaderboard(results):
        confusion = sum(results.confusions[row.label][1:], results.confusions[row.label][0])
        tallies = results.tallies[row.label]
        regions = sum((t.regions for t in tallies[1:]), tallies[0].regions)
        boundaries = sum((t.boundaries for t in tallies[1:]), tallies[0].boundaries)
        objects = sum((t.objects for t in tallies[1:]), tallies[0].objects)
        expected = {
            "mean_iou": confusion.mean_iou,
            "pixel_accuracy": confusion.pixel_accuracy,
            "covering": regions.covering,
            "pri": regions.pri,
            "vi": regions.vi,
            "boundary_f": boundaries.f,
            "boundary_precision": boundaries.precision,
            "boundary_recall": boundaries.recall,
            "average_precision": objects.average_precision,
            "panoptic_quality": objects.panoptic_quality,
            "aggregated_jaccard": objects.aggregated_jaccard,
        }
        assert set(expected) <= set(row.scores) == set(list_metrics())
        assert {ident: row.scores[ident] for ident in expected} == pytest.approx(expected, abs=1e-12)


def test_pairs_are_compared_picture_by_picture(results: Results) -> None:
    found, turned = compare_pair(results, "kmeans", "threshold"), compare_pair(results, "threshold", "kmeans")
    table = by_image(results, "mean_iou")
    gaps = table["kmeans"] - table["threshold"]
    assert (found.better, found.worse, found.images) == ((gaps > 0).sum(), (gaps < 0).sum(), 10)
    assert (turned.better, turned.worse, turned.estimate) == (found.worse, found.better, -found.estimate)
    assert found.p == pytest.approx(scipy.stats.wilcoxon(table["kmeans"], table["threshold"]).pvalue)
    assert found == compare_pair(results, "kmeans", "threshold")


def test_lower_variation_of_information_is_better(results: Results) -> None:
    found = compare_pair(results, "threshold", "kmeans", "vi")
    table = by_image(results, "vi")
    assert found.better == (table["threshold"] < table["kmeans"]).sum()


def test_a_method_against_itself(results: Results) -> None:
    found = compare_pair(results, "threshold", "threshold")
    assert (found.estimate, found.low, found.high, found.ties, found.p) == (0, 0, 0, 10, 1)
    assert not found.is_clear


def test_unknown_names_are_refused(results: Results) -> None:
    with pytest.raises(sm.ParameterError, match="no score beauty"):
        compare_pair(results, "threshold", "kmeans", "beauty")
    with pytest.raises(sm.ParameterError, match="no line fcn"):
        compare_pair(results, "threshold", "fcn")
    with pytest.raises(sm.ParameterError, match="no format xls"):
        export_rows(results, "xls")


def test_the_front_leaves_out_what_another_beats_in_both(run_here: Callable[..., Results]) -> None:
    """Among the methods that are ranked: who doesn't clear a blank answer is worth no time at all."""
    dataset = open_dataset("shapes:size=64,objects=3", limit=10)
    results = run_here(dataset, plan_configs(["threshold", "kmeans", "histogram"]))
    placed = ranking(results, "mean_iou").placed
    board = {r.label: r for r in leaderboard(results) if r.label in placed}
    front = pareto(results)
    assert front
    for label, row in board.items():
        beaten = any(o.seconds_median <= row.seconds_median and o.mean_iou > row.mean_iou for o in board.values())
        assert (label in front) == (not beaten)
    assert list(front) == sorted(front, key=lambda label: board[label].seconds_median)


@pytest.mark.parametrize(
    ("metric", "scores", "front"),
    [
        ("mean_iou", {"slow": 0.9, "quick": 0.5, "poor": 0.4, "late": 0.9}, ("quick", "slow")),
        ("vi", {"slow": 0.9, "quick": 2.0, "poor": 2.4, "late": 0.9}, ("quick", "slow")),
        ("vi", {"slow": 2.0, "quick": 0.9, "poor": 2.4, "late": 3.0}, ("quick",)),
        ("mean_iou", {"slow": math.nan, "quick": 0.5, "poor": 0.6, "late": 0.6}, ("quick", "poor")),
    ],
)
def test_the_front_knows_which_way_is_better_and_who_was_first(
    metric: str, scores: dict[str, float], front: tuple[str, ...], results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quick takes a second, poor two, slow three, late four; late reaches what slow has reached before."""
    [row, *_] = leaderboard(results)
    seconds = {"quick": 1.0, "poor": 2.0, "slow": 3.0, "late": 4.0}
    board = [replace(row, label=n, scores={metric: s}, seconds_median=seconds[n]) for n, s in scores.items()]
    board = [replace(line, alignment="by name") for line in board]
    monkeypatch.setattr(statistics, "leaderboard", lambda _: board)
    assert pareto(replace(results, labels=()), metric) == front


def test_times_are_told_by_their_median_and_by_what_nine_of_ten_keep(results: Results) -> None:
    timed = [replace(t, timings=sm.Timings(infer=i + 1.0)) for i, t in enumerate(results.tallies["kmeans"])]
    slow = replace(results, tallies={**results.tallies, "kmeans": timed})
    row = next(row for row in leaderboard(slow) if row.label == "kmeans")
    assert (row.seconds_median, row.seconds_p90) == pytest.approx((5.5, 9.1))


def test_one_method_and_no_score(run_here: Callable[..., Results]) -> None:
    results = run_here(open_dataset(QUICK, limit=2), plan_configs(["threshold"]))
    assert str(verdict(results)[0]) == "None of these does better than a blank answer."
    assert pareto(results) == ()
    assert find_sweep(results) is None
    with pytest.raises(sm.ParameterError, match="is no sweep"):
        sweep(results)


def test_ods_is_the_best_single_value_and_ois_the_best_of_each_picture(run_here: Callable[..., Results]) -> None:
    values = [60, 110, 160]
    entries = plan_sweep("threshold", "level", values, {"algorithm": "fixed"})
    results = run_here(open_dataset(QUICK, limit=8), entries)
    assert find_sweep(results) == ("threshold", "level")
    found, table = sweep(results), by_image(results, "mean_iou")
    assert found.values == tuple(values)
    assert found.scores == tuple(results.score(e.label, "mean_iou") for e in entries)
    assert (found.ods, found.ods_score) == (values[int(np.argmax(found.scores))], max(found.scores))
    labels = [e.label for e in entries]
    own = {
        image: labels[int(np.argmax(line))]
        for image, line in zip(results.images, table[labels].to_numpy(), strict=True)
    }
    chosen = [results.confusions[own[image]][i] for i, image in enumerate(results.images)]
    assert found.ois_score == pytest.approx(sum(chosen[1:], chosen[0]).mean_iou)
    assert found.best_of_image == {i: values[labels.index(label)] for i, label in own.items()}
    lowest = sweep(results, "vi")
    assert lowest.ods_score == min(lowest.scores) >= lowest.ois_score


def test_among_equally_good_settings_the_first_one_stands(run_here: Callable[..., Results]) -> None:
    entries = plan_sweep("threshold", "level", [110, 111, 112], {"algorithm": "fixed"})
    results = run_here(open_dataset("shapes:size=48,objects=2,noise=0", limit=3), entries)
    same = [results.confusions[entries[0].label]] * 3
    found = sweep(replace(results, confusions={e.label: c for e, c in zip(entries, same, strict=True)}))
    assert found.ods == 110
    assert set(found.best_of_image.values()) == {110}


def test_exports_hold_the_same_rows(results: Results) -> None:
    table = rows(results)
    assert len(table) == 10 * 5
    csv = pd.read_csv(io.BytesIO(export_rows(results, "csv")))
    parquet = pd.read_parquet(io.BytesIO(export_rows(results, "parquet")))
    listed = json.loads(export_rows(results, "json"))
    assert list(csv) == list(parquet) == list(listed[0]) == list(table)
    for column in ("mean_iou", "seconds_total", "iou_disc"):
        assert csv[column].to_numpy() == pytest.approx(table[column].to_numpy(), nan_ok=True)
        assert parquet[column].to_numpy() == pytest.approx(table[column].to_numpy(), nan_ok=True)
    assert listed[3]["seconds_total"] is None
    assert listed[0]["mean_iou"] == pytest.approx(table["mean_iou"][0])
    assert math.isnan(table["seconds_total"][3])


def test_exports_say_what_was_left_out(results: Results) -> None:
    left_out = Skipped("b.png", Message("{name} is empty.", {"name": "b.png"}))
    told = replace(results, run=replace(results.run, skipped=(left_out,)))
    last = pd.read_csv(io.BytesIO(export_rows(told, "csv"))).iloc[-1]
    assert (last["image"], last["error"]) == ("b.png", "left out: b.png is empty.")
    assert len(pd.read_parquet(io.BytesIO(export_rows(told, "parquet")))) == len(rows(results)) + 1
