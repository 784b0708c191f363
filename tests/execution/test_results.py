"""The cache of outcomes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.messages import Message
from segmethods.core.types import Failure, Instances, Trace
from segmethods.execution.cache import Key, Results, make_key


@dataclass(frozen=True, eq=False)
class NestedTrace(Trace):
    """A trace whose arrays lie deep."""

    steps: list[Any]
    nested: Mapping[str, Any]
    level: int


def outcome(nbytes: int) -> sm.Segmentation:
    return sm.Segmentation(np.zeros((1, nbytes), np.uint8), sm.BINARY)


def key(name: str) -> Key:
    return Key(name, "threshold", "{}", "", "1")


def test_keeps_what_was_asked_for_last() -> None:
    results = Results(limit=350_000)
    for name in "abc":
        results.put(key(name), outcome(100_000))
    assert results.get(key("a"))
    results.put(key("d"), outcome(100_000))
    assert results.get(key("b")) is None
    assert all(results.get(key(name)) for name in "acd")
    assert results.nbytes <= 350_000


def test_counts_every_array() -> None:
    labels = np.zeros((10, 10), np.uint8)
    trace = NestedTrace(steps=[np.zeros(1_000)], nested={"a": (np.zeros(1_000), "text")}, level=3)
    found = Instances(np.zeros((10, 10), np.uint16), ())
    result = sm.Segmentation(labels, sm.BINARY, boundaries=labels > 0, instances=found, trace=trace)
    assert trace.nbytes == 16_000
    assert result.nbytes == 100 + 100 + 200 + 16_000


def test_replacing_an_outcome_counts_it_once() -> None:
    results = Results(limit=350_000)
    for _ in range(5):
        results.put(key("a"), outcome(100_000))
    assert len(results) == 1
    assert results.nbytes < 110_000


def test_an_outcome_over_the_limit_pushes_nothing_out() -> None:
    results = Results(limit=250_000)
    results.put(key("a"), outcome(100_000))
    results.put(key("b"), outcome(300_000))
    assert results.get(key("b")) is None
    assert results.get(key("a"))


@pytest.mark.parametrize("lasting", [True, False])
def test_failures_are_kept_if_they_last(lasting: bool) -> None:
    results = Results(limit=1_000_000)
    results.put(key("a"), Failure("threshold", Message("No."), lasting=lasting))
    assert (results.get(key("a")) is not None) == lasting


def test_what_is_shared_cannot_be_changed() -> None:
    results = Results(limit=1_000_000)
    trace = NestedTrace(steps=[np.zeros(3)], nested={}, level=0)
    results.put(key("a"), sm.Segmentation(np.zeros((2, 2), np.uint8), sm.BINARY, trace=trace))
    known = results.get(key("a"))
    assert isinstance(known, sm.Segmentation)
    with pytest.raises(ValueError, match="read-only"):
        known.labels[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        known.trace.steps[0][0] = 1  # type: ignore[union-attr]


def test_keys_differ_with_all_that_matters_and_nothing_else() -> None:
    defaults = sm.get_method("kmeans").validate({})
    base = make_key("d", "kmeans", defaults)
    assert base == make_key("d", "kmeans", dict(reversed(defaults.items())))
    assert base != make_key("e", "kmeans", defaults)
    assert base != make_key("d", "kmeans", {**defaults, "k": 7})
    assert base != make_key("d", "threshold", sm.get_method("threshold").validate({}))


def test_many_threads_keep_the_count_right() -> None:
    results = Results(limit=500_000)

    def fill(start: int) -> None:
        for i in range(300):
            results.put(key(str((start * 37 + i) % 90)), outcome(10_000 + i))
            results.get(key(str(i % 90)))

    threads = [threading.Thread(target=fill, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < results.nbytes <= 500_000
    for name in range(90):  # what is left, taken out one by one, is what was counted
        results.put(key(str(name)), outcome(1))
    assert results.nbytes == len(results) * (1 + 2_000)
