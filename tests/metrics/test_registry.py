"""A metric is one entry: added while the program runs, it is seen wherever scores are."""

import io
import json
import math

import numpy as np
import pytest
from PIL import Image

from segmethods import BINARY, GroundTruth, Segmentation, score
from segmethods.__main__ import main
from segmethods.benchmark import Store, leaderboard, open_dataset, plan_configs, read_results
from segmethods.benchmark.evaluation import ImageCounts, evaluate
from segmethods.core.messages import ParameterError
from segmethods.metrics import METRICS, Metric, register
from segmethods.metrics.formulas import ratio, share

TEXTS = ("W", "1", "One in a test.", "Never.")


@pytest.fixture
def added():
    """A metric of counts that exist, and one that brings its counts along: how many labels the answer has."""
    pixels = METRICS["pixel_accuracy"].count
    accuracy = Metric("wrong", "Wrong", *TEXTS, pixels, lambda sums: 1 - ratio(sums[..., 0], sums[..., 1]))
    labels = Metric(
        "labels_found",
        "Labels found",
        *TEXTS,
        lambda counts: counts.more["labels_found"],
        share(),
        "region",
        high=None,
        measure=lambda maps: np.array([len(np.unique(maps.segments)), 1]),
    )
    for metric in (accuracy, labels):
        register(metric)
    yield
    for metric in (accuracy, labels):
        del METRICS[metric.id]


def run(*words: str) -> dict:
    out = io.StringIO()
    assert main([*words, "--json"], out) == 0
    return json.loads(out.getvalue())


def test_it_is_in_python(added) -> None:
    labels = np.array([[0, 1, 1, 1]], np.uint8)
    scores = score(Segmentation(labels, BINARY), GroundTruth(np.array([[0, 1, 1, 0]], np.uint8), BINARY))
    assert (scores.wrong, scores.labels_found) == (0.25, 2)
    assert scores.as_dict()["wrong"] == 0.25
    assert scores.hausdorff == 1


def test_it_is_in_compare_and_score(added, tmp_path) -> None:
    square, mask = str(tmp_path / "square.png"), str(tmp_path / "mask.png")
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 10:30] = 255
    Image.fromarray(labels // 2 + 40).save(square)
    Image.fromarray(np.roll(labels, 2, 1)).save(mask)
    found = run("compare", square, "--methods", "threshold", "--truth", mask)["results"][0]["scores"]
    assert found["wrong"] == pytest.approx(1 - found["pixel_accuracy"])
    assert found["labels_found"] == 2
    assert 0 < found["boundary_f"] <= 1
    for name, values in (("found", [[0, 1, 1, 1]]), ("truth", [[0, 1, 1, 0]])):
        Image.fromarray(np.array(values, np.uint8)).save(tmp_path / f"{name}.png")
    (row,) = run("score", str(tmp_path / "found.png"), str(tmp_path / "truth.png"))["results"]
    assert (row["wrong"], row["labels_found"]) == (0.25, 2)
    assert row["dice"] == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_it_is_in_a_benchmark(added, tmp_path) -> None:
    dataset, store = open_dataset("shapes:count=2"), Store(tmp_path)
    entries = plan_configs(["threshold"])
    identity = store.begin(dataset, entries).id
    for pair in dataset.pairs:
        tally = evaluate(pair, entries[0].job())
        assert isinstance(tally, ImageCounts)
        store.record(identity, pair.name, [tally])
    (line,) = leaderboard(read_results(store, identity))
    assert line.scores["wrong"] == pytest.approx(1 - line.scores["pixel_accuracy"])
    assert line.as_json()["labels_found"] == 2


def test_an_id_is_taken_once(added) -> None:
    with pytest.raises(ParameterError, match="a score wrong already"):
        register(METRICS["wrong"])
    assert math.isnan(METRICS["average_precision"].score(score_of_nothing().counts))


def score_of_nothing():
    void = np.full((1, 2), 255, np.uint8)
    return score(Segmentation(void * 0, BINARY), GroundTruth(void, BINARY))
