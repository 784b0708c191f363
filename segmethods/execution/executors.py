"""Where functions run, behind one protocol: a pool of this machine, or a cluster (see `cluster`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from segmethods.core.settings import settings
from segmethods.execution.background import StopSignal
from segmethods.execution.pool import Pool, pool

Answer = TypeVar("Answer")
Item = TypeVar("Item")

LOOK = 0.2
"""Seconds between two looks at what tells nobody of a change: a plain event, and a cluster that may be gone."""


class Executor(Protocol):
    """What gives futures for calls, as :class:`concurrent.futures.Executor` does.

    A call whose worker died is called once more. If that fails too, or the call takes too long, its future raises
    :class:`segmethods.execution.process.WorkerDied`, whose message says so to users.
    """

    @property
    def slots(self) -> int:
        """How many things it can be given at once: some wait, so that nobody idles."""

    @property
    def is_remote(self) -> bool:
        """Whether calls go to other machines: few large ones, and with them all that they need of this one's files."""

    def submit(self, function: Callable[..., Answer], /, *arguments: Any, group: str = "") -> Future[Answer]:
        """Have a function called; `group` as for :meth:`segmethods.execution.pool.Pool.call`."""

    def check(self) -> None:
        """Raise a `SegmethodsError` if there won't be any more answers."""


class PoolExecutor:
    """Calls in a queue of a pool.

    Parameters
    ----------
    workers : Pool
        Who does them.
    client_id : str
        The name of the queue.
    deadline : float
        Seconds that a call may take.
    """

    is_remote = False

    def __init__(self, workers: Pool, client_id: str, deadline: float) -> None:
        self._pool, self._client_id, self._deadline = workers, client_id, deadline
        self.slots = workers.size + 1

    def submit(self, function: Callable[..., Answer], /, *arguments: Any, group: str = "") -> Future[Answer]:
        """See `Executor`."""
        return self._pool.call(self._client_id, function, *arguments, deadline=self._deadline, retries=1, group=group)

    def check(self) -> None:
        """A pool of this process is there as long as the process."""


@contextmanager
def own_pool(workers: int, deadline: float) -> Iterator[PoolExecutor]:
    """Worker processes for one purpose, which share all cores and end with the block."""
    cores = settings().workers * settings().threads
    own = Pool(workers, threads=max(1, cores // workers), deadline=deadline, cache_bytes=0)
    try:
        yield PoolExecutor(own, "", deadline)
    finally:
        own.close()


@contextmanager
def shared_pool(client_id: str, deadline: float) -> Iterator[PoolExecutor]:
    """The pool that all clients of this process share; what is left of the calls is cancelled with the block."""
    try:
        yield PoolExecutor(pool(), client_id, deadline)
    finally:
        pool().cancel(client_id)


def run_ahead(
    executor: Executor,
    submit: Callable[[Item], Sequence[Future[Answer]]],
    items: Iterable[Item],
    stop: threading.Event,
) -> Iterator[tuple[Item, Sequence[Future[Answer]]]]:
    """Give each item and its futures as soon as all of these are done, in any order.

    Parameters
    ----------
    executor : Executor
        Who does the work. It is given as many items at a time as it has slots.
    submit : callable
        An item's futures.
    items : iterable
        What is to be done.
    stop : Event
        Set it to end early. A `StopSignal` is heard at once; at a plain event this looks now and then.
    """
    waiting, open_items = iter(items), 0
    finished: SimpleQueue[tuple[Item, Sequence[Future[Answer]]] | None] = SimpleQueue()
    tells = isinstance(stop, StopSignal)
    look = None if tells and not executor.is_remote else LOOK
    with stop.listening(lambda: finished.put(None)) if isinstance(stop, StopSignal) else nullcontext():
        while not stop.is_set():
            executor.check()
            while open_items < executor.slots and (item := next(waiting, None)) is not None:
                _watch(item, submit(item), finished)
                open_items += 1
            if not open_items:
                return
            try:
                done = finished.get(timeout=look)
            except Empty:
                continue
            if done is not None:
                open_items -= 1
                yield done


def _watch(
    item: Item, futures: Sequence[Future[Answer]], finished: SimpleQueue[tuple[Item, Sequence[Future[Answer]]] | None]
) -> None:
    """Put an item and its futures into the queue when the last of them is done."""
    left, counting = len(futures), threading.Lock()

    def count(_: Future[Answer]) -> None:
        nonlocal left
        with counting:
            left -= 1
            is_last = not left
        if is_last:
            finished.put((item, futures))

    for future in futures:
        future.add_done_callback(count)
