"""A worker that has run everything holds little of it; ``python -m tests.bench.memory`` does more, lessons included."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from segmethods.execution import pool as pool_module
from segmethods.execution.pool import Pool
from tests.bench.memory import MOST, User
from tests.waiting import wait_until


def test_a_worker_that_has_run_every_network_in_many_sizes_holds_little_of_it() -> None:
    pool = Pool(workers=1, threads=1, deadline=600, cache_bytes=1_000_000)
    user = User(pool, np.ascontiguousarray(data.chelsea()[::2, ::2]))
    user.run_variants(("320", "640"))
    user.compare(
        np.zeros((4000, 6000, 3), np.uint8) + (np.arange(6000) % 256).astype(np.uint8)[:, None], None, "kmeans", "fcn"
    )
    held = user.memory()
    pool.close()
    assert 100_000_000 < held < MOST


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="reads /proc")
def test_a_worker_that_holds_too_much_is_replaced_when_it_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "REST", 0.2)
    pool = Pool(workers=1, threads=1, deadline=60, cache_bytes=0, worker_bytes=300_000_000)
    (worker,) = pool._workers
    modest = pool.call("", hold, 10_000_000).result()
    time.sleep(0.5)
    assert worker.pid == pool.call("", os.getpid).result() == modest
    greedy = [pool.call("", hold, 200_000_000) for _ in range(2)]
    assert [call.result() for call in greedy] == [modest, modest]  # not while there is work
    wait_until(lambda: worker.alive and worker.pid != modest, 30, "another process")
    assert pool.call("", os.getpid).result() == worker.pid
    pool.close()


_held: list[bytes] = []


def hold(size: int) -> int:
    """In a worker: keep so many bytes."""
    _held.append(b"x" * size)
    return os.getpid()
