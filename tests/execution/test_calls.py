"""Functions that workers call, in the lines of those who asked."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import pytest

from segmethods.execution.pool import Pool
from segmethods.execution.process import WorkerDied


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(workers=1, threads=1, deadline=60, cache_bytes=1_000_000)
    yield pool
    pool.close()


def test_a_call_gives_the_functions_answer_from_another_process(pool: Pool) -> None:
    assert pool.call("a", math.hypot, 3, 4).result(60) == 5
    assert pool.call("a", os.getpid).result(60) != os.getpid()


def test_lines_are_served_in_turn(pool: Pool) -> None:
    order: list[str] = []
    gate = pool.call("gate", math.factorial, 20_000)
    calls = [pool.call(owner, math.hypot, 3, 4) for owner in ("a", "a", "a", "b")]
    for name, call in zip(("a1", "a2", "a3", "b1"), calls, strict=True):
        call.add_done_callback(lambda _, name=name: order.append(name))
    gate.result(60)
    for call in calls:
        call.result(60)
    assert order.index("b1") <= 1


def test_what_is_given_up_is_never_called(pool: Pool) -> None:
    gate = pool.call("gate", math.factorial, 20_000)
    waiting = pool.call("gone", math.hypot, 3, 4)
    kept = pool.call("kept", math.hypot, 3, 4)
    pool.give_up("gone")
    assert waiting.cancelled()
    assert kept.result(60) == 5
    assert gate.result(60)


def test_a_worker_that_dies_is_replaced_for_the_next_call(pool: Pool) -> None:
    with pytest.raises(WorkerDied):
        pool.call("a", os._exit, 3).result(60)
    assert pool.call("a", math.hypot, 3, 4).result(60) == 5
