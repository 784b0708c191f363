"""The same work on a real Dask scheduler with two worker processes, one of which is killed half-way."""

from __future__ import annotations

import gc
import math
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from distributed import Client

import segmethods as sm
from segmethods.benchmark import Results, RunError, Store, benchmark, open_dataset, plan_configs, read_results
from segmethods.execution.cluster import ClusterError, DaskExecutor, dask_cluster
from tests.benchmark.conftest import write_mask
from tests.benchmark.test_runs import scores
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SCHEDULER = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--no-dashboard"]
WORKER = ["distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
Start = Callable[..., subprocess.Popen[bytes]]

# distributed gives the thread of a client ten seconds to start, which a busy machine can miss; a fault fails twice
pytestmark = [pytest.mark.flaky(reruns=1), pytest.mark.timeout(200)]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a part of a cluster; what still runs in the end is killed."""
    with ExitStack() as running:

        def start(*words: str) -> subprocess.Popen[bytes]:
            environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
            process = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.callback(process.wait)
            running.callback(process.kill)
            return process

        yield start


@pytest.fixture
def address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


def start_scheduler(start: Start, address: str) -> subprocess.Popen[bytes]:
    port = address.rpartition(":")[2]
    process = start(*SCHEDULER, "--port", port)

    def listens() -> bool:
        assert process.poll() is None, "the scheduler ended at once: another program may have taken its port"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(port))) == 0

    wait_until(listens, 120, "the scheduler")
    return process


def test_a_worker_killed_half_way_changes_nothing(
    start: Start, address: str, plain: Path, tmp_path: Path, run_here: Callable[..., Results]
) -> None:
    start_scheduler(start, address)
    workers = [start(*WORKER, address, "--local-directory", str(tmp_path)) for _ in range(2)]
    dataset, entries = open_dataset("shapes:size=64", limit=24), plan_configs(["threshold"])
    store, names = Store(tmp_path / "cluster"), []
    for step in benchmark(dataset, entries, store, scheduler=address):
        names.append(step.image)
        if step.done == 12:
            workers[0].kill()
    assert sorted(names[1:]) == [pair.name for pair in dataset.pairs]
    assert scores(read_results(store, step.run)) == scores(run_here(dataset, entries))

    write_mask(
        plain / "labels" / "1.png", np.eye(2, dtype=np.uint8)
    )  # pictures travel as bytes, and what can't be read is skipped
    folder = open_dataset(plain)
    *_, last = benchmark(folder, entries, store, scheduler=address)
    assert [skipped.name for skipped in store.run(last.run).skipped] == ["1"]
    assert scores(read_results(store, last.run)) == scores(run_here(folder, entries))


def test_what_is_missing_is_said_in_a_line(start: Start, address: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("segmethods.execution.cluster.CONNECT", 3)
    dataset, entries, store = open_dataset("shapes", limit=1), plan_configs(["threshold"]), Store(tmp_path)
    with pytest.raises(RunError, match=f"No Dask scheduler answers at {address}"):
        next(benchmark(dataset, entries, store, scheduler=address))
    start_scheduler(start, address)
    with pytest.raises(RunError, match=f"The scheduler at {address} has no workers"):
        next(benchmark(dataset, entries, store, scheduler=address))
    with pytest.raises(RunError, match="No Dask scheduler answers at nonsense"):
        next(benchmark(dataset, entries, store, scheduler="nonsense://x"))
    assert store.runs() == []


def test_a_lost_scheduler_ends_the_run_which_can_go_on(start: Start, address: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("segmethods.execution.cluster.CONNECT", 5)
    scheduler = start_scheduler(start, address)
    start(*WORKER, address, "--local-directory", str(tmp_path))
    gc.collect()  # clients of other tests, see `segmethods.execution.cluster`
    with Client(address, timeout=120, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=120)
    dataset, entries, store = open_dataset("shapes:size=64", limit=40), plan_configs(["threshold"]), Store(tmp_path)
    with pytest.raises(RunError, match="is gone"):  # noqa: PT012
        for step in benchmark(dataset, entries, store, scheduler=address):
            if step.done == 2:
                scheduler.kill()
    assert 2 <= store.run(1).done < 40
    *_, last = benchmark(dataset, entries, store, resume=True, workers=1)
    assert (last.run, last.done) == (1, 40)


@pytest.mark.parametrize(
    "lost",
    [
        {"status": "finished", "result": Mock(side_effect=ConnectionResetError())},
        {"status": "finished", "result": Mock(side_effect=CancelledError())},
        {"status": "lost"},
    ],
)
def test_answers_that_the_line_breaks_off_are_not_lost(lost: dict[str, object]) -> None:
    answers = [Mock(**lost), Mock(status="finished", result=Mock(return_value=5))]
    client = Mock(status="running", submit=Mock(side_effect=answers))
    future = DaskExecutor(client, "tcp://x", threads=1).submit(math.hypot, 3, 4)
    for answer in answers:
        assert not future.done()
        (told,) = answer.add_done_callback.call_args.args
        told(answer)
    assert future.result(0) == 5
    assert [call.args for call in client.submit.call_args_list] == [(math.hypot, 3, 4)] * 2


def test_no_forgotten_client_is_collected_while_another_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    collecting: list[bool] = []

    def begin(*_: object, **__: object) -> None:
        collecting.append(gc.isenabled())
        raise OSError

    monkeypatch.setattr("distributed.Client", begin)
    with pytest.raises(ClusterError, match="No Dask scheduler answers"), dask_cluster("tcp://x"):
        pass
    assert collecting == [False]
    assert gc.isenabled()


def test_without_the_package_the_line_says_so(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(
        sm.SegmethodsError, match=r"This needs distributed, which is not installed\. Add it: pip install"
    ):
        next(
            benchmark(
                open_dataset("shapes", limit=1), plan_configs(["threshold"]), Store(tmp_path), scheduler="tcp://x"
            )
        )
