"""What a run is said to come to, and that nobody is called better who can't be used on the next image."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from segmethods.benchmark import (
    Results,
    RunConfig,
    Summary,
    leaderboard,
    open_dataset,
    pareto,
    plan_configs,
    ranking,
    statistics,
    verdict,
)
from segmethods.benchmark.verdict import name_line
from segmethods.core.messages import Message

ALIGNMENTS = ("by name", "learned", "better polarity", "by name, majority")
HELPED = ALIGNMENTS[2:]


@pytest.fixture(scope="module")
def results(run_here: Callable[..., Results]) -> Results:
    dataset = open_dataset("shapes:size=48,objects=3,noise=0.15", limit=7)
    return run_here(dataset, plan_configs(["threshold", "kmeans", "histogram"]))


def show(monkeypatch: pytest.MonkeyPatch, rows: Sequence[Summary]) -> None:
    """Have these lines on the leaderboard."""
    for module in (statistics, sys.modules["segmethods.benchmark.verdict"]):
        monkeypatch.setattr(module, "leaderboard", lambda _: list(rows))


def names_in(message: Message) -> set[str]:
    """The titles of methods that a sentence speaks of."""
    values = [v for v in message.values.values() if isinstance(v, Message)]
    return {str(v) for v in values} | set().union(*map(names_in, values))


def test_no_sentence_names_a_winner_that_the_truth_helped(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every alignment of three methods, with scores drawn anew: only the sentence on upper bounds names helped ones."""
    random = np.random.default_rng(0)
    [*methods, _, _] = leaderboard(results)
    titles = {"threshold": "Threshold", "kmeans": "K-means", "histogram": "Histogram"}
    for alignments in itertools.product(ALIGNMENTS, repeat=3):
        rows = [
            replace(row, alignment=alignment, scores={**row.scores, "mean_iou": random.uniform(0.1, 1)})
            for row, alignment in zip(methods, alignments, strict=True)
        ]
        show(monkeypatch, rows)
        helped = {titles[row.label] for row in rows if row.alignment in HELPED}
        sentences = verdict(results, "mean_iou")
        for sentence in sentences:
            if "upper bound" not in sentence.template:
                assert not names_in(sentence) & helped, (alignments, str(sentence))
        assert not {row.label for row in rows if row.alignment in HELPED} & {*pareto(results), *ranking(results).placed}
        if len(helped) == 3:
            assert str(sentences[0]) == "None of these can name what the truth shows, so nothing is ranked."


def test_a_network_that_was_taught_goes_by_the_name_that_its_owner_gave(results: Results) -> None:
    shipped, taught = (RunConfig("deeplab", "deeplab", {"weights": name}) for name in ("camvid", "my-scratches"))
    for entry, name in ((shipped, "DeepLab"), (taught, "DeepLab (my-scratches)")):
        assert str(name_line(replace(results, run=replace(results.run, entries=(entry,))), "deeplab")) == name


def test_segments_are_named_by_what_was_learned_on_other_images(results: Results) -> None:
    row = leaderboard(results)[1]
    assert (row.label, row.alignment, row.is_helped) == ("kmeans", "learned", False)
    assert row.bounds["mean_iou"] >= row.mean_iou
    assert "covering" not in row.bounds
    said = [str(sentence) for sentence in verdict(results)]
    assert any("upper bound that no new image gives" in sentence for sentence in said)


def test_nobody_leads_who_is_no_better_than_a_blank_answer(run_here: Callable[..., Results]) -> None:
    """One class of interest: its own IoU decides, and some of it alone is no success."""
    dataset = open_dataset("shapes:size=48,objects=3,noise=0.15", limit=6)
    results = run_here(dataset, plan_configs(["threshold"]))
    worse = {"foreground_iou": 0.02, "mean_iou": results.blank_scores["mean_iou"] - 0.01}
    told = statistics.rank(
        [statistics.Candidate("threshold", worse, "by name")], results.blank_scores, "foreground_iou"
    )
    assert (told.placed, told.below) == ((), ("threshold",))


def test_interval_and_p_are_told_and_few_images_are_said(
    results: Results, run_here: Callable[..., Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = run_here(open_dataset("shapes:size=48,objects=3,noise=0.15", limit=3), plan_configs(["threshold", "kmeans"]))
    for run, first in ((results, "can't be told apart"), (few, "too few to")):
        rows = [replace(row, alignment="by name", scores={**row.scores, "mean_iou": 0.8}) for row in leaderboard(run)]
        show(monkeypatch, rows)
        said = " ".join(map(str, verdict(run, "mean_iou")))
        assert first in said
        assert "95% interval" in said
        assert "±" not in said


def test_in_how_many_images_a_rare_class_is(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [replace(row, alignment="by name") for row in leaderboard(results)]
    show(monkeypatch, [replace(row, scores={**row.scores, "mean_iou": 0.9}) for row in rows])
    shown = (results.true_pixels > 0).sum(axis=0)
    rare = [int(count) for count in shown if 0 < count < 6]
    assert len(rare) > 1
    said = " ".join(map(str, verdict(results, "mean_iou")))
    assert f"{len(rare)} classes are in fewer than 6 of 7 images, such as " in said
    assert f"(in {min(rare)})" in said
