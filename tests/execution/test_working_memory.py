"""What a method needs is its own: it is the same whatever its process ran before."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

import segmethods as sm
from segmethods.core import working_memory
from segmethods.core.working_memory import WorkingMemory
from segmethods.execution.compare import try_timed
from segmethods.execution.pool import Pool

NEAR = 30_000_000
IMAGE = np.ascontiguousarray(data.chelsea())
LARGE = np.ascontiguousarray(np.tile(IMAGE, (4, 4, 1)))


def needed(image: np.ndarray, *methods: str) -> int:
    """What the last of some methods needs, run one after the other in a fresh process."""
    pool = Pool(workers=1, threads=1, deadline=120, cache_bytes=0)
    outcomes = [pool.call("", try_timed, image, m, {}).result() for m in methods]
    pool.close()
    assert isinstance(outcomes[-1], sm.Segmentation)
    return outcomes[-1].memory


@pytest.fixture(autouse=True)
def _known() -> None:
    if working_memory._reset_peak() is None:
        pytest.skip("the peak can't be reset here")


def test_a_threshold_needs_no_more_after_networks() -> None:
    alone, later = needed(IMAGE, "threshold"), needed(IMAGE, "fcn", "deeplab", "threshold")
    assert 0 < alone < NEAR
    assert abs(later - alone) < NEAR


def test_a_larger_picture_needs_more() -> None:
    assert needed(LARGE, "fcn", "threshold") > needed(IMAGE, "fcn", "threshold") + LARGE.nbytes // 2


def test_weights_are_not_counted_and_parts_that_were_done_before_are() -> None:
    work, loaded = WorkingMemory(), []
    work.begin()
    with work.apart():
        loaded.append(b"x" * 200_000_000)
    assert work.lap() < NEAR
    _used = b"x" * 100_000_000
    part = work.lap()
    assert 90_000_000 < part < 100_000_000 + NEAR
    del _used
    assert work.end() == part
    work.begin()
    work.count(part)
    assert work.end() == part


def test_where_the_peak_can_not_be_reset_nothing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    held = b"x" * 100_000_000
    del held  # the peak lies above what is held
    monkeypatch.setattr(working_memory, "_CLEAR", tmp_path / "none" / "clear_refs")
    outcome = try_timed(IMAGE, "threshold", {})
    assert isinstance(outcome, sm.Segmentation)
    assert outcome.memory == 0
