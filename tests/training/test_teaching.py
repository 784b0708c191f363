"""A network is taught a person's own pictures: folds, stop and go on, weights that know what they have seen."""

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import segmethods as sm
from segmethods.datasets.image_sets import open_image_set
from segmethods.io.images import digest
from segmethods.models.weights import get_weights, remove
from segmethods.training import teaching
from segmethods.training.plans import TeachingPlan
from tests.training.toy import draw_squares


def toy_plan(folder: Path, name: str, count: int = 4) -> TeachingPlan:
    root = draw_squares(folder / "toy", count)
    files = [(str(f.relative_to(root)), f.read_bytes()) for f in sorted(root.rglob("*")) if f.is_file()]
    found = open_image_set(files, "squares")
    return TeachingPlan(name, str(found.folder), found.name, minutes=0.01, folds=2)


def test_stopped_and_taken_up_each_picture_is_answered_by_a_network_that_has_not_seen_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = {"side": 96, "batch": 2, "size": 128, "scales": (0.5, 0.8)}
    made = teaching.small_recipe
    monkeypatch.setattr(teaching, "small_recipe", lambda *args: replace(made(*args), **quick))
    monkeypatch.setenv("SEGMETHODS_RUNTIME", "torch")
    monkeypatch.setattr(teaching, "TELL_EVERY", 0.0)
    plan, told, work = (
        replace(toy_plan(tmp_path, "folded"), minutes=0.04),
        [],
        tmp_path / "work",
    )  # one slow step is less

    def stop(step: dict[str, object]) -> None:
        told.append(step)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        teaching.teach(plan, work, stop)
    assert (work / "0.run").is_file()
    assert not (work / "0.safetensors").exists()
    stopped = told[-1]["seconds"]
    teaching.teach(plan, work, told.append)
    assert stopped < told[1]["seconds"] < 2 * plan.minutes * 60 + stopped

    weights = get_weights("deeplab", "folded")
    assert [len(fold.unseen) for fold in weights.folds] == [2, 2]
    assert len({fold.sha256 for fold in weights.folds} | {weights.sha256}) == 3
    assert "has not seen" in weights.score.on
    scores = next(step["scores"] for step in told if "scores" in step)
    assert [name for name, _ in scores] == ["background", "square"]
    pairs, _, _ = teaching.read_images(plan)
    used = []
    for pair in (pairs[0], pairs[1]):
        found = sm.segment(pair.load().image, "deeplab", weights="folded")
        used.append(found.trace.weights)
    assert used == ["deeplab-folded, fold 1", "deeplab-folded, fold 2"]
    stranger = np.zeros((40, 60, 3), np.uint8)
    assert digest(stranger) not in weights.folds[0].unseen
    assert sm.segment(stranger, "deeplab", weights="folded").trace.weights == "deeplab-folded"
    remove(weights)
    assert not any(fold.file.exists() for fold in weights.folds)
