"""The same calls on a Dask cluster that runs already, whose machines need this program and nothing else."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from segmethods.core.extras import require
from segmethods.core.messages import SegmethodsError
from segmethods.core.version import __version__
from segmethods.execution.process import WorkerDied

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

CONNECT = 15
"""Seconds to wait for the scheduler, and then for its first worker."""

AHEAD = 2
"""Calls that wait at the cluster for each of its threads."""

CLOSE = 0.2
"""Seconds to wait for a good-bye."""


class ClusterError(SegmethodsError):
    """A cluster that isn't there, isn't fit, or is gone."""


class DaskExecutor:
    """Calls at a Dask scheduler. What is lost with a worker or a connection is called again.

    Parameters
    ----------
    client : distributed.Client
        The connection.
    address : str
        The scheduler's.
    threads : int
        Those of all workers.
    """

    is_remote = True

    def __init__(self, client: Any, address: str, threads: int) -> None:
        self._client, self._address = client, address
        self.slots = AHEAD * threads
        self._remote: dict[Future[Any], Any] = {}  # Dask drops what nobody refers to

    def submit(self, function: Callable[..., Answer], /, *arguments: Any, group: str = "") -> Future[Answer]:  # noqa: ARG002
        """See :class:`segmethods.execution.executors.Executor`; Dask makes nothing of a group."""
        future: Future[Answer] = Future()
        self._send(future, function, arguments)
        return future

    def check(self) -> None:
        """Raise `ClusterError` if the scheduler is gone."""
        if self._client.status not in ("running", "connecting"):
            raise ClusterError(
                "The scheduler at {address} is gone. What was finished is recorded; go on with --resume.",
                address=self._address,
            )

    def _send(self, future: Future[Any], function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        remote = self._remote[future] = self._client.submit(function, *arguments, pure=False)
        remote.add_done_callback(lambda remote: self._receive(future, remote, function, arguments))

    def _receive(
        self, future: Future[Any], remote: Any, function: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> None:
        try:
            answer = _read(remote)
            if answer is not None:
                future.set_result(answer[0])
            else:
                self.check()
                self._send(future, function, arguments)
                return
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
            future.set_exception(error)
        self._remote.pop(future, None)


def _read(remote: Any) -> tuple[Any] | None:
    """A call's answer; None if a worker went with it, or the line to the scheduler broke, also while fetching it."""
    if remote.status in ("cancelled", "lost"):
        return None
    if remote.status == "finished":
        try:
            return (remote.result(),)
        except (OSError, CancelledError) as broken:
            log.info("once more: %r", broken)
            return None
    error = remote.exception()
    if type(error).__name__ != "KilledWorker":
        raise error
    raise WorkerDied(
        "The cluster lost several workers over this picture. Look into their logs.", detail=repr(error)
    ) from error


@contextmanager
def dask_cluster(address: str) -> Iterator[DaskExecutor]:
    """Find a cluster, and let it go in the end.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    ClusterError
        If there is no scheduler or no worker there, or if the workers haven't got this program.
    """
    client = _connect(address)
    try:
        yield DaskExecutor(client, address, _count_threads(client, address))
    finally:
        with _no_collection(), suppress(TimeoutError):  # what went wrong before is told, and not that nobody hears it
            client.close(timeout=CLOSE)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from collecting garbage meanwhile.

    A client that found no scheduler closes itself when it is collected, and waits for the lock that a client which
    begins or ends holds: if that is what collects it, in the same thread, it waits for ever.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _connect(address: str) -> Any:
    require("distributed")
    import distributed

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its news are told in one line below
    try:
        connect: Callable[..., Any] = distributed.Client
        with _no_collection():
            return connect(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            "No Dask scheduler answers at {address}. Start one with `dask scheduler`, or check the address.",
            address=address,
        ) from error


def _count_threads(client: Any, address: str) -> int:
    """The threads of all workers, once there is one and it knows this program in this version."""
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError as error:
        raise ClusterError(
            "The scheduler at {address} has no workers. Start some with `dask worker {address}`.", address=address
        ) from error
    try:
        version = client.submit(program_version, pure=False).result(timeout=10 * CONNECT)
    except Exception as error:  # whatever keeps a worker from importing this module
        raise ClusterError(
            "The workers at {address} can't import segmethods ({reason}). Start them in this project's folder.",
            address=address,
            reason=" ".join(str(error).split())[:120],
        ) from error
    if version != __version__:
        raise ClusterError(
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
