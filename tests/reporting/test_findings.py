"""What is said of the samples without a truth: true answers are told, improbable ones are doubted."""

from __future__ import annotations

import pytest

import segmethods as sm
from segmethods.reporting.findings import list_finds, tell_finds


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
