"""The pool: fair lines, deadlines, deaths, and one computation for all who ask for the same."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import segmethods as sm
from segmethods.core.registry import unregister
from segmethods.core.types import Failure, Image, Outcome, Segmentation
from segmethods.execution import pool as workers
from segmethods.execution.batch import Batch
from segmethods.execution.compare import plan_comparison
from segmethods.execution.pool import Pool
from segmethods.execution.process import Worker
from segmethods.io.images import digest
from segmethods.methods._network import sharing
from tests.execution.conftest import Gate, submit
from tests.waiting import wait_until

linux = pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="reads /proc")


def all_of(batch: Batch) -> dict[str, Outcome]:
    outcomes = {}
    with batch:
        while batch.unread:
            answer = batch.next(timeout=120)
            assert answer is not None, f"no answer from {batch.unread}"
            outcomes[answer[0]] = answer[1]
    return outcomes


def only(batch: Batch) -> Outcome:
    (outcome,) = all_of(batch).values()
    return outcome


def succeeded(outcome: Outcome) -> Segmentation:
    assert isinstance(outcome, Segmentation), outcome
    return outcome


def failed(outcome: Outcome) -> str:
    assert isinstance(outcome, Failure), outcome
    return str(outcome.message)


@pytest.fixture
def busy(pool: Pool, gate: Gate, image: Image) -> Iterator[int]:
    """The pool's only worker waits at the gate of the number that this gives."""
    number = gate.new()
    with submit(pool, "busy", image, {"gated": {"number": number}}):
        gate.wait_for_start(number)
        yield number
        gate.open(number)
        wait_until(lambda: number in gate.finished() or not gate.starts(number), 30, "the gate")


def test_gives_what_compare_gives_bit_for_bit() -> None:
    image = np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)
    image[20:40, 20:60] //= 4
    plan = {
        ident: p for ident, p in plan_comparison().items() if sm.get_method(ident).function.__module__ != "obedient"
    }
    pool = Pool(workers=2, threads=1, deadline=120, cache_bytes=10_000_000, warm_up=True)
    outcomes = all_of(submit(pool, "a", image, plan))
    pool.close()
    for expected in sm.compare(image, plan):
        outcome = outcomes[expected.method]
        assert outcome.params == expected.params
        if isinstance(expected, Failure):
            assert failed(outcome) == str(expected.message)
            continue
        outcome, expected = succeeded(outcome), replace(expected, probabilities=None)
        assert outcome.classes == expected.classes
        assert outcome.labels.dtype == expected.labels.dtype
        for ours, theirs in zip(outcome.arrays(), expected.arrays(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_thirty_sessions_that_move_a_control_compute_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    run = Worker.run
    monkeypatch.setattr(Worker, "run", lambda self, task, *rest: ran.append(task.method) or run(self, task, *rest))
    images = [np.random.default_rng(n).integers(0, 256, (60, 80, 3), np.uint8) for n in range(30)]
    pool = Pool(workers=1, threads=2, deadline=120, cache_bytes=30_000_000)
    for k in (2, 3, 4, 5):
        for number, image in enumerate(images):
            plan = plan_comparison(["kmeans", "fcn"], {"kmeans": {"k": k}})
            all_of(submit(pool, f"session {number}", image, plan))
    pool.close()
    assert (ran.count("fcn"), ran.count("kmeans")) == (30, 30 * 4)


def test_an_ensemble_asks_no_member_again(image: Image) -> None:
    answers: dict[tuple[str, int], tuple[object, float]] = {}
    alone = sm.segment(image, "ensemble")
    with sharing(answers):
        fcn = sm.segment(image, "fcn")
        known = dict(answers)
        joined = sm.segment(image, "ensemble")
    assert len(known) == 1
    assert all(answers[key] is value for key, value in known.items())
    assert joined.timings.infer > fcn.timings.infer
    np.testing.assert_array_equal(joined.labels, alone.labels)


def test_of_three_owners_who_want_as_much_the_first_is_served_first(
    pool: Pool, gate: Gate, image: Image, busy: int
) -> None:
    names = ("gated", "gated_2", "gated_3")
    numbers = {owner: [gate.new() for _ in names] for owner in "abc"}
    for line in numbers.values():
        gate.open(*line)
    batches = {
        owner: submit(pool, owner, image, {m: {"number": n} for m, n in zip(names, line, strict=True)})
        for owner, line in numbers.items()
    }
    places = {owner: [batch.queue_position(m) for m in names] for owner, batch in batches.items()}
    gate.open(busy)
    for batch in batches.values():
        assert all(isinstance(outcome, Segmentation) for _, outcome in batch)
    assert places == {"a": [1, 2, 3], "b": [4, 5, 6], "c": [7, 8, 9]}
    wanted = [n for line in numbers.values() for n in line]
    assert list(dict.fromkeys(n for n in gate.finished() if n in wanted)) == wanted


def test_place_says_zero_while_it_runs_and_none_in_the_end(pool: Pool, gate: Gate, image: Image) -> None:
    number = gate.new()
    batch = submit(pool, "a", image, {"gated": {"number": number}})
    gate.wait_for_start(number)
    assert batch.queue_position("gated") == 0
    assert batch.next(0) is None
    gate.open(number)
    assert batch.next(30) is not None
    assert batch.queue_position("gated") is None
    assert batch.unread == ()


def test_a_task_past_its_deadline_fails_and_the_others_stand(gate: Gate, image: Image) -> None:
    pool = Pool(workers=1, threads=1, deadline=2, cache_bytes=1_000_000)
    slow, fine = gate.new(), gate.new()
    gate.open(fine)
    outcomes = all_of(submit(pool, "a", image, {"gated": {"number": slow}, "gated_2": {"number": fine}}))
    assert failed(outcomes["gated"]).startswith("Stopped after 2 seconds. Choose")
    succeeded(outcomes["gated_2"])
    gate.open(slow)
    # It wasn't the picture's fault for ever: the next try computes again.
    succeeded(only(submit(pool, "a", image, {"gated": {"number": slow}})))
    pool.close()


@pytest.mark.parametrize(
    "method",
    ["crash", pytest.param("stuck_answer", marks=linux)],
    ids=["while it computes", "while it answers"],
)
def test_a_death_is_the_failure_of_that_task_alone(pool: Pool, gate: Gate, image: Image, method: str) -> None:
    number = gate.new()
    gate.open(number)
    outcomes = all_of(submit(pool, "a", image, {method: {}, "gated": {"number": number}}))
    assert failed(outcomes[method]).startswith("The worker process died")
    succeeded(outcomes["gated"])


def test_killed_from_outside(pool: Pool, gate: Gate, image: Image) -> None:
    number = gate.new()
    batch = submit(pool, "a", image, {"gated": {"number": number}})
    os.kill(gate.wait_for_start(number), signal.SIGKILL)
    assert failed(only(batch)).startswith("The worker process died")
    gate.open(number)
    succeeded(only(submit(pool, "a", image, {"gated": {"number": number}})))
    assert len(set(gate.starts(number))) == 2


@linux
def test_where_memory_runs_out_a_worker_ends_and_not_the_server(pool: Pool, gate: Gate, image: Image) -> None:
    number = gate.new()
    gate.open(number)
    pid = succeeded(only(submit(pool, "a", image, {"gated": {"number": number}}))).trace.pid
    points = [int(Path(f"/proc/{one}/oom_score_adj").read_text()) for one in (pid, "self")]
    assert points[0] > points[1]


def test_ctrl_c_is_for_the_server(pool: Pool, gate: Gate, image: Image) -> None:
    number = gate.new()
    batch = submit(pool, "a", image, {"gated": {"number": number}})
    os.kill(gate.wait_for_start(number), signal.SIGINT)
    gate.open(number)
    succeeded(only(batch))


def test_a_death_at_rest_is_nobodys_failure(pool: Pool, gate: Gate, image: Image) -> None:
    first, second = gate.new(), gate.new()
    gate.open(first, second)
    pid = succeeded(only(submit(pool, "a", image, {"gated": {"number": first}}))).trace.pid
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not pool._workers[0].alive or pool._workers[0].pid != pid, 10, "the worker's end")
    outcome = succeeded(only(submit(pool, "a", image, {"gated": {"number": second}})))
    assert outcome.trace.pid != pid
    assert outcome.labels.shape == image.shape[:2]  # the new worker was sent the picture too


def test_failures_of_methods_come_as_they_are(pool: Pool, gate: Gate, image: Image) -> None:
    lasting, passing = gate.new(), gate.new()
    plan = {"refuse": {"number": lasting}, "unreachable": {"number": passing}, "stumble": {}, "hungry": {}}
    for _ in range(2):
        outcomes = all_of(submit(pool, "a", image, plan))
        assert failed(outcomes["refuse"]) == "There is nothing to see. Choose another picture."
        assert failed(outcomes["unreachable"]) == "There is no network. Try again later."
        assert "ZeroDivisionError: a bug" in failed(outcomes["stumble"])
        assert failed(outcomes["hungry"]).startswith("There is too little memory for this.")
    assert len(list(gate.folder.glob(f"refused-{lasting}-*"))) == 1  # the second time it came from the cache
    assert len(list(gate.folder.glob(f"refused-{passing}-*"))) == 2


def test_cancelling_drops_what_waits_and_keeps_what_runs(pool: Pool, gate: Gate, image: Image) -> None:
    running, waiting, other = gate.new(), gate.new(), gate.new()
    gate.open(waiting, other)
    with submit(pool, "a", image, {"gated": {"number": running}, "gated_2": {"number": waiting}}):
        gate.wait_for_start(running)
    gate.open(running)
    succeeded(only(submit(pool, "a", image, {"gated": {"number": other}})))
    assert gate.starts(waiting) == []
    succeeded(only(submit(pool, "b", image, {"gated": {"number": running}})))
    assert len(gate.starts(running)) == 1  # it had ended for the cache


def test_who_waits_is_told_of_outcomes_and_of_moves_in_the_queue(
    pool: Pool, gate: Gate, image: Image, busy: int
) -> None:
    told, first, second = threading.Event(), gate.new(), gate.new()
    plan = {"gated": sm.get_method("gated").validate({"number": second})}
    ahead = submit(pool, "a", image, {"gated_2": {"number": first}})
    batch = pool.submit("b", image, digest(image), plan, told.set)
    assert batch.queue_position("gated") == 2
    batch.has_moved = False
    told.clear()
    ahead.cancel()
    assert told.wait(30)
    assert (batch.has_moved, batch.has_finished) == (True, False)
    assert batch.queue_position("gated") == 1
    gate.open(second)
    gate.open(busy)
    wait_until(lambda: batch.has_finished, 30, "the outcome")
    told.wait(0)
    assert only(batch)


def test_what_nobody_wants_is_stopped_after_a_while(
    pool: Pool, gate: Gate, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "GRACE", 0.05)
    endless, next_one = gate.new(), gate.new()
    gate.open(next_one)
    with submit(pool, "a", image, {"gated": {"number": endless}}):
        gate.wait_for_start(endless)
    succeeded(only(submit(pool, "a", image, {"gated": {"number": next_one}})))
    assert endless not in gate.finished()


def test_a_batch_that_was_cancelled_ends_and_lets_go_of_its_picture(pool: Pool, image: Image, busy: int) -> None:
    own = image.copy()
    gone = weakref.ref(own)
    batch = submit(pool, "a", own, {"gated": {"number": 0}})
    batch.cancel()
    assert list(batch) == []
    assert batch.queue_position("gated") is None
    del own
    gc.collect()
    assert gone() is None


def test_two_who_ask_for_the_same_share_one_computation(pool: Pool, gate: Gate, image: Image, busy: int) -> None:
    number = gate.new()
    gate.open(number)
    first, second, third = (submit(pool, owner, image, {"gated": {"number": number}}) for owner in "abc")
    first.cancel()  # the others still want it
    gate.open(busy)
    assert succeeded(only(second)) is succeeded(only(third))
    assert len(gate.starts(number)) == 1


def test_what_runs_already_is_joined(pool: Pool, gate: Gate, image: Image) -> None:
    number, other = gate.new(), gate.new()
    first = submit(pool, "a", image, {"gated": {"number": number}})
    gate.wait_for_start(number)
    second = submit(pool, "b", image, {"gated": {"number": number}})
    assert second.queue_position("gated") == 0
    first.cancel()
    gate.open(number, other)
    succeeded(only(second))
    succeeded(only(submit(pool, "c", image, {"gated": {"number": other}})))
    assert len(gate.starts(number)) == 1


def test_the_cache_answers_at_once(pool: Pool, gate: Gate, image: Image, busy: int) -> None:
    known, number = gate.new(), gate.new()
    gate.open(known, number)
    gate.open(busy)
    succeeded(only(submit(pool, "a", image, {"gated": {"number": known}})))
    blocker = gate.new()
    with submit(pool, "a", image, {"gated_3": {"number": blocker}}):
        gate.wait_for_start(blocker)
        outcome = submit(pool, "b", image.copy(), {"gated": {"number": known}}).next(0)
        assert outcome is not None
        other_image = submit(pool, "b", image[::-1], {"gated": {"number": known}})
        assert other_image.next(0) is None
        other_image.cancel()
        gate.open(blocker)
    assert len(gate.starts(known)) == 1


def test_one_owner_cannot_fill_the_pool(
    pool: Pool, gate: Gate, image: Image, busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MAX_WAITING", 2)
    plan = {m: {"number": gate.new()} for m in ("gated", "gated_2", "gated_3")}
    batch = submit(pool, "greedy", image, plan)
    refused = batch.next(0)
    assert refused is not None
    assert refused[0] == "gated_3"
    assert failed(refused[1]).startswith("Too much work is waiting")
    modest = submit(pool, "modest", image, {"gated": {"number": gate.new()}})
    assert modest.next(0) is None
    assert modest.queue_position("gated") == 1
    batch.cancel()
    modest.cancel()


def test_what_a_method_prints_or_paints_reaches_nobody(pool: Pool, image: Image) -> None:
    for number in range(2):
        outcome = succeeded(only(submit(pool, "a", image, {"chatty": {"number": number}})))
        assert outcome.trace.seen == image.sum()


def test_workers_keep_to_their_threads(pool: Pool, image: Image) -> None:
    trace = succeeded(only(submit(pool, "a", image, {"chatty": {"number": 2}}))).trace
    assert (trace.openmp, trace.opencv) == ("1", 1)


def test_a_method_that_is_defined_nowhere_says_so(pool: Pool, image: Image) -> None:
    @sm.method("local", title="Local", family="classical", source="this test")
    def local(image: Image) -> Segmentation:
        return Segmentation(np.zeros(image.shape[:2], np.uint8), sm.BINARY)

    try:
        message = failed(only(submit(pool, "a", image, {"local": {}})))
    finally:
        unregister("local")
    assert message.startswith("The worker processes can't import local. Define it")


@linux
def test_a_large_picture_is_sent_once_and_leaves_nothing_behind(pool: Pool, leftovers: Path) -> None:
    image = np.zeros((5000, 5000, 3), np.uint8)
    image[::7] = 90
    name = digest(image)
    start = time.perf_counter()
    plan = {"threshold": sm.get_method("threshold").validate({}), "chatty": {"number": 8}}
    outcomes = all_of(pool.submit("a", image, name, plan))
    pid = succeeded(outcomes["chatty"]).trace.pid
    assert succeeded(outcomes["threshold"]).labels.shape == (5000, 5000)
    read = _bytes_read(pid)
    assert succeeded(only(pool.submit("a", image, name, {"chatty": {"number": 9}}))).trace.pid == pid
    assert _bytes_read(pid) - read < 1_000_000
    assert time.perf_counter() - start < 60
    assert pool.results.nbytes <= 100_000_000
    assert list(leftovers.iterdir()) == []


def _bytes_read(pid: object) -> int:
    return int(Path(f"/proc/{pid}/io").read_text().split()[1])
