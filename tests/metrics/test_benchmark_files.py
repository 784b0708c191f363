"""The five pictures that the Berkeley benchmark ships: its own result files come out."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from segmethods.io.label_maps import load_maps, spread_thresholds
from segmethods.metrics import (
    BoundaryCounts,
    RegionCounts,
    best_point,
    count_boundaries,
    count_regions,
    outline,
    summarise_boundaries,
    summarise_regions,
    tabulate,
    thinned,
)
from segmethods.metrics.regions import best_of_several

BENCH = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "bsds_bench"
NAMES = ("2018", "3063", "5096", "6046", "8068")
THRESHOLDS = spread_thresholds(5)

pytestmark = pytest.mark.skipif(
    not BENCH.is_dir(), reason="the benchmark's sample files are not part of the project: put them in shared/data"
)


def published(name: str, test: int = 1) -> NDArray[np.float64]:
    return np.loadtxt(BENCH / "results" / f"test_{test}" / f"{name}.txt", ndmin=2)


@cache
def tables(name: str):
    people = load_maps(BENCH / "groundTruth" / f"{name}.mat", truth=True).maps
    cuts = load_maps(BENCH / "segs" / f"{name}.mat").maps
    return [[tabulate(person.labels, cut.labels) for person in people] for cut in cuts]


@cache
def regions() -> list[list[RegionCounts]]:
    return [[count_regions(cut) for cut in tables(name)] for name in NAMES]


@cache
def boundaries() -> list[list[BoundaryCounts]]:
    found = []
    for name in NAMES:
        outlines = [outline(person.labels) for person in load_maps(BENCH / "groundTruth" / f"{name}.mat").maps]
        cuts = load_maps(BENCH / "segs" / f"{name}.mat").maps
        found.append([count_boundaries(outline(cut.labels), outlines) for cut in cuts])
    return found


def test_covering_of_each_image() -> None:
    for (_, threshold, covering, reverse), counts in zip(published("eval_cover_img"), regions(), strict=True):
        best = int(np.argmax([c.covering for c in counts]))
        assert THRESHOLDS[best] == pytest.approx(threshold, abs=1e-6)
        assert counts[best].covering == pytest.approx(covering, abs=5e-6)
        assert counts[best].reverse_covering == pytest.approx(reverse, abs=5e-6)


def test_rand_index_and_variation_of_information() -> None:
    for (_, pri, vi), counts in zip(published("eval_RI_VOI_thr"), zip(*regions(), strict=True), strict=True):
        total = sum(counts, RegionCounts())
        assert total.pri == pytest.approx(pri, abs=5e-6)
        assert total.vi == pytest.approx(vi, abs=5e-6)


def test_best_thresholds_of_regions() -> None:
    summary = summarise_regions(regions(), THRESHOLDS)
    at, ods, ois, best = published("eval_cover")[0]
    assert (summary.covering_at, summary.covering_ods, summary.covering_ois) == pytest.approx((at, ods, ois), abs=5e-6)
    parts = [best_of_several(tables(name)) for name in NAMES]
    assert sum(covered for covered, _ in parts) / sum(area for _, area in parts) == pytest.approx(best, abs=5e-6)
    pri_and_vi = (summary.pri_at, summary.pri_ods, summary.pri_ois, summary.vi_at, summary.vi_ods, summary.vi_ois)
    assert pri_and_vi == pytest.approx(tuple(published("eval_RI_VOI")[0]), abs=6e-6)


def test_boundaries_of_each_image() -> None:
    for (_, threshold, *scores), counts in zip(published("eval_bdry_img"), boundaries(), strict=True):
        best = best_point(counts, THRESHOLDS)
        assert best.threshold == pytest.approx(threshold, abs=1e-6)
        assert best[1:] == pytest.approx(scores, abs=2e-3)


def test_boundaries_at_each_threshold() -> None:
    for (_, *scores), counts in zip(published("eval_bdry_thr"), zip(*boundaries(), strict=True), strict=True):
        total = sum(counts, BoundaryCounts())
        assert (total.recall, total.precision, total.f) == pytest.approx(scores, abs=2e-3)


def test_best_thresholds_of_boundaries() -> None:
    at, *scores, ap = published("eval_bdry")[0]
    summary = summarise_boundaries(boundaries(), THRESHOLDS)
    assert summary.ods.threshold == pytest.approx(at, abs=1e-6)
    assert (*summary.ods[1:], summary.ois.recall, summary.ois.precision, summary.ois.f) == pytest.approx(
        scores, abs=2e-3
    )
    assert summary.ap == pytest.approx(ap, abs=1e-3)


def test_pairs_are_as_many_as_can_be() -> None:
    """The true counts come from a solver of the full problem; the choice among equal optima may move a few pixels."""
    expected = json.loads((BENCH / "expected.json").read_text())
    for name, counts in zip(NAMES, boundaries(), strict=True):
        for cut, mine in zip(expected[name]["segs"], counts, strict=True):
            theirs = cut["bdry"]
            assert (mine.recalled, mine.true, mine.found) == (theirs["cntR"], theirs["sumR"], theirs["sumP"])
            assert abs(mine.right - theirs["cntP"]) <= 3


def test_contour_maps_are_cut_as_the_benchmark_cut_them() -> None:
    cuts = load_maps(BENCH / "ucm2" / "3063.mat", thresholds=5).maps
    for cut, label_map in zip(cuts, load_maps(BENCH / "segs" / "3063.mat").maps, strict=True):
        assert count_regions([tabulate(label_map.labels, cut.labels)]).vi == 0
        np.testing.assert_array_equal(thinned(cut.boundaries), outline(label_map.labels))
