"""What a method's time is told from: a clock of the test's own, on which the first run of anything takes longer."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from segmethods import BINARY, Segmentation, method
from segmethods.core import machine
from segmethods.core.registry import unregister
from segmethods.core.types import Image
from segmethods.execution import compare
from segmethods.execution.compare import LONG, try_timed
from segmethods.methods import _network
from segmethods.methods.ensemble import predict_members
from segmethods.models.runtime import Probabilities

IMAGE = np.zeros((48, 64, 3), np.uint8)


class Clock:
    """Stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.now, self.waited, self.spent = 0.0, 0.0, iter(())

    def __call__(self) -> float:
        return self.now

    def spend(self) -> None:
        self.now += next(self.spent)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    known = Clock()
    monkeypatch.setattr(time, "perf_counter", known)
    monkeypatch.setattr(machine, "waited", lambda: known.waited)
    monkeypatch.setattr(compare, "_known", set())
    return known


@pytest.fixture
def slow(clock: Clock) -> Iterator[str]:
    @method("slow", title="Slow", family="classical", source="this test")
    def slow(image: Image) -> Segmentation:
        """Takes as long as the test says."""
        clock.spend()
        return Segmentation(np.zeros(image.shape[:2], np.uint8), BINARY)

    yield "slow"
    unregister("slow")


@pytest.mark.parametrize(
    ("spent", "most_runs", "told"),
    [
        ([3.0, 0.2, 0.1, 0.3], 5, 0.2),  # the median of what follows the first run
        ([3.0, 0.2], 1, 0.2),
        ([3.0, 0.001, 0.003, 0.002, 0.005, 0.004], 5, 0.003),
        ([LONG], 5, LONG),
    ],
)
def test_the_first_run_in_a_process_does_not_count(
    clock: Clock, slow: str, spent: list[float], most_runs: int, told: float
) -> None:
    clock.spent = iter(spent)
    outcome = try_timed(IMAGE, slow, {}, most_runs)
    assert isinstance(outcome, Segmentation)
    assert outcome.timings.total == pytest.approx(told)
    assert list(clock.spent) == []


def test_what_a_method_waits_for_a_core_is_none_of_its_time(clock: Clock, slow: str) -> None:
    clock.spent = iter([3.0, 0.5])
    wait = clock.spend

    def spend() -> None:
        clock.waited += 0.25
        wait()

    clock.spend = spend
    outcome = try_timed(IMAGE, slow, {}, 1)
    assert isinstance(outcome, Segmentation)
    assert outcome.timings.total == pytest.approx(0.25)


def test_a_wait_between_the_two_clocks_turns_neither_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 15.0])  # five seconds pass right after the first look at it, all of them waiting
    waits = [0.0]

    def look() -> float:
        now = next(clock)
        waits[:] = [5.0]
        return now

    monkeypatch.setattr(time, "perf_counter", look)
    monkeypatch.setattr(machine, "waited", lambda: waits[0])
    assert machine.own_seconds() == 10


def test_later_runs_count_at_once(clock: Clock, slow: str) -> None:
    clock.spent = iter([3.0, 1.0, 0.7])
    try_timed(IMAGE, slow, {})
    outcome = try_timed(IMAGE, slow, {})
    assert isinstance(outcome, Segmentation)
    assert outcome.timings.total == pytest.approx(0.7)


def test_what_a_network_prepares_for_a_size_is_not_timed(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = set()

    def run(images: Image) -> Probabilities:
        clock.now += 1 if images.shape in sizes else 10
        sizes.add(images.shape)
        return np.full((1, 21, *images.shape[1:3]), 1 / 21, np.float32)

    monkeypatch.setattr(_network, "load_runner", lambda _: run)
    for image in (IMAGE, IMAGE[:40], IMAGE):
        outcome = compare.segment(image, "ensemble")
        assert outcome.timings.infer == 3


def test_where_no_time_is_told_a_network_looks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def run(images: Image) -> Probabilities:
        looked.append(images.shape)
        return np.full((1, 21, *images.shape[1:3]), 1 / 21, np.float32)

    monkeypatch.setattr(_network, "load_runner", lambda _: run)
    predict_members(IMAGE, ("fcn",), "voc", "auto")
    assert len(looked) == 1
    compare.segment(IMAGE, "fcn")
    assert len(looked) == 2, "its layers are prepared"
    compare.segment(IMAGE[:40], "fcn")
    assert len(looked) == 4
