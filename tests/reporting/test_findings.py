"""What is said of the samples without a truth: true answers are told, improbable ones are doubted."""

from __future__ import annotations

import pytest

import segmethods as sm
from segmethods.reporting.findings import Find, Finds, list_finds, tell_finds


@pytest.mark.parametrize(
    ("sample", "doubt"),
    [
        ("chelsea", ""),
        ("astronaut", ""),
        ("camera", ""),
        ("horse", ""),
        ("motorcycle", ""),
        ("coffee", "one class rarely fills a picture"),
        ("ihc", "sure"),
    ],
)
def test_only_improbable_answers_are_doubted(sample: str, doubt: str) -> None:
    image = sm.get_sample(sample).image()
    told = tell_finds({method: list_finds(sm.segment(image, method)) for method in ("fcn", "deeplab")})
    doubts = [str(message) for message in told if str(message).startswith("Doubtful")]
    assert len(doubts) == bool(doubt)
    assert doubt in "".join(doubts)


def test_networks_that_see_a_thing_without_being_sure_are_told_apart_from_those_that_do_not_see_it() -> None:
    sure, unsure = (Finds((Find("sheep", 0.2, confidence),), ("sheep",)) for confidence in (0.9, 0.5))
    told = [str(m) for m in tell_finds({"fcn": sure, "deeplab": sure, "segnet": unsure, "patch_cnn": Finds()})]
    assert told[0] == "Found: sheep, by 2 of 4 networks (20% of the picture)."
    assert told[1] == "1 more network sees sheep without being sure."


@pytest.mark.parametrize(("weights", "name"), [("voc", "DeepLab"), ("leaves", "DeepLab (leaves)")])
def test_a_doubt_names_the_weights_that_a_user_taught(weights: str, name: str) -> None:
    doubtful = Finds((Find("leaf", 0.2, 0.5),), ("leaf",), {"weights": weights})
    assert f"leaf 20% by {name}, only 50% sure." in "".join(map(str, tell_finds({"deeplab": doubtful})))
