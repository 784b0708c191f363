"""Edges stage by stage: the stages lead to what the method edges answers."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from segmethods.execution.compare import segment
from segmethods.introspection.edges import inspect_edges

COINS = np.repeat(data.coins()[..., None], 3, axis=2)


@pytest.mark.parametrize("params", [{}, {"sigma": 0.0, "low": 1.0}, {"high": 0.7, "gap": 0, "min_area": 1}], ids=str)
def test_the_stages_lead_to_the_methods_answer(params: dict[str, float]) -> None:
    whole, stages = segment(COINS, "edges", **params), inspect_edges(COINS, **params)
    assert np.array_equal(stages.labels, whole.labels)
    assert np.array_equal(stages.lines, whole.boundaries)
    assert (stages.low, stages.high) == (whole.trace.low, whole.trace.high)


def test_hysteresis_keeps_all_strong_ridges_and_some_weak_ones() -> None:
    seen = inspect_edges(COINS, low=0.3)
    strong, weak, lines = (seen.strong, seen.weak, seen.lines)
    assert not (strong & weak).any()
    assert (lines[strong]).all()
    assert not (lines & ~strong & ~weak).any()
    assert 0 < np.count_nonzero(lines & weak) < np.count_nonzero(weak)
    assert (seen.ridges | ~lines).all()
