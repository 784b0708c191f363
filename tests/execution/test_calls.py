"""Functions that workers call, in the queues of those who asked, and the executors that stand before pools."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
import types
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait
from pathlib import Path

import pytest

from segmethods.core.messages import ImageError
from segmethods.execution import executors
from segmethods.execution import pool as pool_module
from segmethods.execution.background import StopSignal
from segmethods.execution.child import tell
from segmethods.execution.executors import PoolExecutor, own_pool, run_ahead
from segmethods.execution.pool import Pool
from segmethods.execution.process import WorkerDied, WorkerStopped
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(workers=1, threads=1, deadline=60, cache_bytes=1_000_000)
    yield pool
    pool.close()


def test_a_call_gives_the_functions_answer_from_another_process(pool: Pool) -> None:
    assert pool.call("a", math.hypot, 3, 4).result(60) == 5
    assert pool.call("a", os.getpid).result(60) != os.getpid()


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system knows no niceness")
def test_workers_give_way_to_the_server(pool: Pool) -> None:
    assert pool.call("a", os.nice, 0).result(60) > os.nice(0)


def test_a_call_says_how_far_it_is_before_it_answers(pool: Pool) -> None:
    heard: list[int] = []
    assert pool.call("a", count_aloud, 3, told=heard.append).result(60) == "done"
    assert heard == [1, 2, 3]
    assert pool.call("a", count_aloud, 2).result(60) == "done"  # nobody listens


def count_aloud(to: int) -> str:
    for number in range(1, to + 1):
        tell(number)
    return "done"


def test_what_a_function_raises_is_raised_where_the_answer_is_read_and_the_worker_goes_on(pool: Pool) -> None:
    pid = pool.call("a", os.getpid).result(60)
    with pytest.raises(FileNotFoundError, match="nowhere") as caught:
        pool.call("a", os.listdir, "/nowhere").result(60)
    assert "Traceback" in caught.value.__notes__[0]
    with pytest.raises(ImageError, match=r"empty\. Choose"):
        pool.call("a", raise_image_error).result(60)
    with pytest.raises(RuntimeError, match="Stubborn: no"):  # an error that can't be pickled is told in another's words
        pool.call("a", raise_stubborn).result(60)
    with pytest.raises(AttributeError):  # nor can the answer
        pool.call("a", make_local).result(60)
    assert pool.call("a", os.getpid).result(60) == pid


def raise_image_error() -> None:
    raise ImageError("{name} is empty. Choose another file.", name="cat.png")


class Stubborn(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)


def raise_stubborn() -> None:
    raise Stubborn("no", "way")


def make_local() -> object:
    class Local:
        pass

    return Local()


def test_clients_are_served_in_turn(pool: Pool) -> None:
    order: list[str] = []
    gate = pool.call("gate", math.factorial, 20_000)
    calls = [pool.call(client, math.hypot, 3, 4) for client in ("a", "a", "a", "b")]
    for name, call in zip(("a1", "a2", "a3", "b1"), calls, strict=True):
        call.add_done_callback(lambda _, name=name: order.append(name))
    gate.result(60)
    wait(calls, 60)
    assert order.index("b1") <= 1


def test_what_is_cancelled_is_never_called(pool: Pool, tmp_path: Path) -> None:
    gate = pool.call("gate", time.sleep, 0.3)
    of_client = pool.call("gone", os.mkdir, tmp_path / "of_client")
    alone = pool.call("kept", os.mkdir, tmp_path / "alone")
    kept = pool.call("kept", os.mkdir, tmp_path / "kept")
    assert [pool.queue_position(call) for call in (of_client, alone, kept)] in ([1, 2, 3], [2, 3, 4])
    pool.cancel("gone")
    assert alone.cancel()
    assert wait([of_client, alone], 10).not_done == set()  # who waits for them is woken
    with pytest.raises(CancelledError):
        of_client.result(0)
    kept.result(60)
    gate.result(60)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert pool.queue_position(kept) is None


def test_what_runs_can_be_cancelled_too_and_is_stopped(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "GRACE", 0.05)
    pid = pool.call("a", os.getpid).result(60)
    endless = pool.call("a", time.sleep, 3600)
    while pool.queue_position(endless) != 0:
        time.sleep(0.01)
    assert endless.cancel()
    assert pool.call("a", os.getpid).result(60) != pid


def test_a_worker_that_dies_is_replaced_for_the_next_call(pool: Pool) -> None:
    with pytest.raises(WorkerDied, match=r"The worker process died, perhaps for lack of memory\.") as caught:
        pool.call("a", os._exit, 3).result(60)
    assert caught.value.detail.endswith("ended with code 3")
    assert pool.call("a", math.hypot, 3, 4).result(60) == 5


def test_a_function_that_the_worker_cannot_import_keeps_nobody_waiting(pool: Pool, monkeypatch) -> None:
    elsewhere = types.ModuleType("elsewhere")
    exec("def away(): pass", elsewhere.__dict__)
    monkeypatch.setitem(sys.modules, "elsewhere", elsewhere)
    with pytest.raises(WorkerDied):
        pool.call("a", elsewhere.away).result(30)


def test_a_call_past_its_deadline_is_stopped(pool: Pool) -> None:
    with pytest.raises(WorkerStopped, match=r"Stopped after 0\.3 seconds\. Choose"):
        pool.call("a", time.sleep, 60, deadline=0.3).result(60)


def test_an_executor_tries_once_more_what_died_and_never_what_took_too_long(pool: Pool, tmp_path: Path) -> None:
    executor = PoolExecutor(pool, "a", deadline=60)
    assert executor.submit(die_at_first, tmp_path / "first").result(60) == "second"
    with pytest.raises(WorkerDied):
        executor.submit(die_always, tmp_path / "always").result(60)
    assert (tmp_path / "always").read_text() == "xx"
    with pytest.raises(WorkerStopped):
        PoolExecutor(pool, "a", deadline=2).submit(never_end, tmp_path / "endless").result(60)
    assert (tmp_path / "endless").read_text() == "x"


def note(path: Path) -> None:
    with path.open("a") as file:
        file.write("x")


def die_at_first(path: Path) -> str:
    if path.exists():
        return "second"
    note(path)
    os._exit(1)


def die_always(path: Path) -> None:
    note(path)
    os._exit(1)


def never_end(path: Path) -> None:
    note(path)
    time.sleep(3600)


def test_calls_of_a_group_keep_to_one_worker_while_there_are_others_to_do() -> None:
    with own_pool(2, deadline=60) as executor:
        wait_until(lambda: len(both(executor)) == 2, 60, "both workers")
        calls = [(group, executor.submit(slow_pid, group=group)) for group in "aaabbb"]
        pids = {group: {call.result(60) for g, call in calls if g == group} for group in "ab"}
    assert pids["a"].isdisjoint(pids["b"])


def both(executor: PoolExecutor) -> set[int]:
    return {call.result(60) for call in [executor.submit(slow_pid) for _ in range(2)]}


def slow_pid() -> int:
    time.sleep(0.3)
    return os.getpid()


def test_only_a_few_items_are_begun_ahead_and_a_stop_ends_it(pool: Pool) -> None:
    executor, stop, begun, read = PoolExecutor(pool, "a", 60), threading.Event(), [], []

    def submit(number: int):
        begun.append(number)
        return [executor.submit(math.sqrt, number), executor.submit(math.exp, number)]

    for number, futures in run_ahead(executor, submit, range(100), stop):
        assert [future.result(0) for future in futures] == [math.sqrt(number), math.exp(number)]
        read.append(number)
        if len(read) == 4:
            stop.set()
    assert read == [0, 1, 2, 3]
    assert len(begun) <= 4 + executor.slots


def test_a_stop_is_heard_without_looking(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "LOOK", 3600)
    stop, ended = StopSignal(), threading.Event()
    executor = PoolExecutor(pool, "a", 60)

    def go() -> None:
        for _ in run_ahead(executor, lambda seconds: [executor.submit(time.sleep, seconds)], [30], stop):
            pass
        ended.set()

    threading.Thread(target=go, daemon=True).start()
    wait_until(lambda: pool._running, 30, "the call to run")
    stop.set()
    assert ended.wait(20)
    pool.cancel("a")


def test_a_pool_that_closes_cancels_what_waits() -> None:
    pool = Pool(workers=1, threads=1, deadline=60, cache_bytes=0)
    calls = [pool.call("a", time.sleep, 60) for _ in range(2)]
    pool.close()
    assert wait(calls, 10).not_done == set()
    assert all(call.cancelled() for call in calls)
    with pytest.raises(RuntimeError, match="closed"):
        pool.call("a", math.hypot, 3, 4)
