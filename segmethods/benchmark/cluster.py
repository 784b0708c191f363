"""The same work on a Dask cluster that runs already.

Pictures and truths travel as the bytes of their files, so that the cluster's machines need this program and nothing
else: no common disk, no data. A worker that is lost has its pictures done by the others.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from segmethods.benchmark.evaluation import Order, evaluate_all, tally_failure
from segmethods.benchmark.local import POLL, Answers
from segmethods.benchmark.store import RunError
from segmethods.core.messages import ImageError, Message
from segmethods.core.version import __version__
from segmethods.datasets.pairs import Pair, Skipped

log = logging.getLogger(__name__)

CONNECT = 15
"""Seconds to wait for the scheduler, and then for its first worker."""

AHEAD = 2
"""Pictures that wait at the cluster for each of its threads."""


@dataclass(frozen=True)
class Cluster:
    """A scheduler with workers that know this program."""

    client: Any
    address: str
    threads: int


@contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """Find a cluster, and let it go in the end.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    RunError
        If there is no scheduler or no worker there, or if the workers haven't got this program.
    """
    client = _connect(address)
    try:
        yield Cluster(client, address, _count_threads(client, address))
    finally:
        client.close(timeout=POLL)


def _connect(address: str) -> Any:
    try:
        import distributed
    except ImportError as error:
        raise RunError(
            "--scheduler needs the package distributed, which is not installed. Install what requirements.txt lists."
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its news are told in one line below
    try:
        connect: Callable[..., Any] = distributed.Client
        return connect(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise RunError(
            "No Dask scheduler answers at {address}. Start one with `dask scheduler`, or check the address.",
            address=address,
        ) from error


def _count_threads(client: Any, address: str) -> int:
    """The threads of all workers, once there is one and it knows this program in this version."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError as error:
        raise RunError(
            "The scheduler at {address} has no workers. Start some with `dask worker {address}`.", address=address
        ) from error
    try:
        version = client.submit(program_version, pure=False).result(timeout=10 * CONNECT)
    except Exception as error:  # whatever keeps a worker from importing this module
        raise RunError(
            "The workers at {address} can't import segmethods ({reason}). Start them in this project's folder.",
            address=address,
            reason=" ".join(str(error).split())[:120],
        ) from error
    if version != __version__:
        raise RunError(
            "The workers at {address} have version {theirs} of segmethods, this is {ours}. Use the same everywhere.",
            address=address,
            theirs=version,
            ours=__version__,
        )
    threads: dict[str, int] = client.nthreads()
    return max(1, sum(threads.values()))


def program_version() -> str:
    """The version of this package where it is called."""
    return __version__


def evaluate_there(
    pairs: Sequence[Pair], orders: Sequence[Order], stop: threading.Event, cluster: Cluster
) -> Iterator[tuple[Pair, Answers]]:
    """Give each pair and its answers as they are finished, in any order.

    Parameters
    ----------
    pairs, orders
        Every order is done with every pair.
    stop : Event
        Set it to end early; what isn't finished then is dropped.
    cluster : Cluster
        Who does it.

    Raises
    ------
    RunError
        If the scheduler goes.
    """
    finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
    running: dict[Any, Pair] = {}
    waiting = iter(pairs)
    again: list[Pair] = []
    while not stop.is_set():
        status = cluster.client.status
        if status not in ("running", "connecting"):
            raise _gone(cluster.address)
        while status == "running" and len(running) < AHEAD * cluster.threads:
            pair = again.pop() if again else next(waiting, None)
            if pair is None:
                break
            try:
                packed = pair.packed()
            except ImageError as error:
                yield pair, [Skipped(pair.name, error.message)]
                continue
            future = cluster.client.submit(evaluate_all, packed, list(orders), pure=False)
            running[future] = pair
            future.add_done_callback(finished.put)
        if status == "running" and not running:
            return
        with suppress(queue.Empty):
            future = finished.get(timeout=POLL)
            pair = running.pop(future)
            answers = _read(future, pair, orders)
            if answers is None:
                again.append(pair)
            else:
                yield pair, answers


def _read(future: Any, pair: Pair, orders: Sequence[Order]) -> Answers | None:
    """A picture's answers; if it cost several workers their lives, that there are none.

    None if a worker went with them, or the line to the scheduler broke, also in the midst of fetching them.
    """
    if future.status in ("cancelled", "lost"):
        return None
    if future.status == "finished":
        try:
            answers: Answers = future.result()
        except (OSError, CancelledError) as broken:
            log.info("%s: %r", pair.name, broken)
            return None
        return answers
    error = future.exception()
    log.warning("%s: %r", pair.name, error)
    if type(error).__name__ != "KilledWorker":
        raise error
    message = Message("The cluster lost several workers over this picture. Look into their logs.")
    return [tally_failure(pair, order, message) for order in orders]


def _gone(address: str) -> RunError:
    return RunError(
        "The scheduler at {address} is gone. What was finished is recorded; go on with --resume.", address=address
    )
