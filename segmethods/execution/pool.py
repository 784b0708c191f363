"""Many clients, few workers: fair queues, deadlines, and one computation for all who ask for the same.

A client is whoever asks: a visitor's session, a benchmark. Each has a queue of its own, from which the workers take in
turn. What comes back are the futures of `concurrent.futures`; they can be cancelled at any time, also while their call
runs. Nothing here computes, and nothing here knows Streamlit.
"""

from __future__ import annotations

import atexit
import logging
import math
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import cache, partial
from typing import Any, TypeVar
from weakref import WeakSet

from segmethods.core.messages import Message
from segmethods.core.settings import settings
from segmethods.core.types import Failure, Image, Outcome
from segmethods.execution.batch import Batch
from segmethods.execution.cache import Key, Results, make_key
from segmethods.execution.calls import Call, run_function, run_method
from segmethods.execution.process import Listener, Worker, WorkerDied
from segmethods.execution.queues import FairQueues
from segmethods.execution.tasks import Task
from segmethods.methods import get_method

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

MAX_WAITING = 64
"""Methods that one client may have waiting."""

GRACE = 5.0
"""Seconds that a running call gets to end, for the cache, when nobody waits for it any more.

A worker takes about two seconds to replace, so it isn't stopped lightly."""

REST = 10.0
"""Seconds without work after which a worker rests, and is replaced if it holds too much memory."""


class Pool:
    """Worker processes, the queues of those who wait for them, and the cache of what they found.

    Parameters
    ----------
    workers, threads : int
        How many processes, and how many threads each of them may use.
    deadline : float
        Seconds that one call may run.
    cache_bytes : int
        Bytes of outcomes to keep.
    warm_up : bool
        Whether idle workers try every method once, see :class:`segmethods.execution.process.Worker`.
    worker_bytes : float
        Bytes that a worker may hold while it rests; one that holds more is started anew before it is needed.
    """

    def __init__(
        self,
        workers: int,
        threads: int,
        deadline: float,
        cache_bytes: int,
        warm_up: bool = False,
        worker_bytes: float = math.inf,
    ) -> None:
        self.size, self.is_closed = workers, False
        self.results = Results(cache_bytes)
        self._deadline, self._worker_bytes, self._is_started = deadline, worker_bytes, False
        self._queues = FairQueues[Call]()
        self._places: dict[Call, int] | None = None
        self._batches: WeakSet[Batch] = WeakSet()
        self._calls: dict[Future[Any], Call] = {}
        self._shared: dict[Key, Call] = {}
        self._running: dict[Worker, Call] = {}
        self._groups: dict[Worker, str] = {}
        self._changed = threading.Condition()
        self._workers = [Worker(threads, warm_up) for _ in range(workers)]

    def start(self) -> None:
        """Start the workers in the background; a call more does nothing."""
        with self._changed:
            if self.is_closed:
                raise RuntimeError("a pool that was closed takes no work")
            if self._is_started:
                return
            self._is_started = True
        atexit.register(self.close)
        for worker in self._workers:
            threading.Thread(target=self._serve, args=(worker,), daemon=True).start()

    def submit(
        self,
        client_id: str,
        image: Image,
        digest: str,
        plan: Mapping[str, Mapping[str, Any]],
        on_news: Callable[[], object] = lambda: None,
    ) -> Batch:
        """Ask for the outcome of each method of a plan.

        Parameters
        ----------
        client_id : str
            In whose queue the methods wait: a session's id.
        image : ndarray, uint8, shape (H, W, 3)
            RGB; it must not be changed afterwards.
        digest : str
            What :func:`segmethods.io.images.digest` says of the image.
        plan : mapping
            Method id -> all its parameters, as :func:`segmethods.execution.compare.plan_comparison` gives it.
        on_news : callable
            As of :class:`segmethods.execution.batch.Batch`.

        Returns
        -------
        Batch
            Outcomes that the cache holds are in it at once.
        """
        self.start()
        tasks = [Task.from_method(digest, get_method(method), params) for method, params in plan.items()]
        futures = {task.method: self._segment(client_id, image, task) for task in tasks}
        batch = Batch(futures, self.queue_position, on_news)
        with self._changed:
            self._batches.add(batch)
        return batch

    def call(
        self,
        client_id: str,
        function: Callable[..., Answer],
        *arguments: Any,
        deadline: float | None = None,
        retries: int = 0,
        group: str = "",
        key: Key | None = None,
        told: Listener | None = None,
    ) -> Future[Answer]:
        """Have a worker call a function, when it is the client's turn.

        Parameters
        ----------
        client_id : str
            In whose queue it waits.
        function, *arguments
            As for :meth:`segmethods.execution.process.Worker.call`.
        deadline : float, optional
            Seconds that it may run; the pool's own if left out.
        retries : int
            How often it is called again if its worker dies; not if it is stopped at its deadline.
        group : str
            What calls of one client have in common, such as a file that each of them reads: one worker does them
            while others find something else to do.
        key : Key, optional
            What :func:`segmethods.execution.cache.make_call_key` says of a function that gives a `Trace`: all who ask
            the same get the same answer, from the cache if it is known.
        told : callable, optional
            Gets what the function says by :func:`segmethods.execution.child.tell` while it runs.

        Returns
        -------
        Future
            Of the answer, of what the function raised, or of :class:`segmethods.execution.process.WorkerDied`.
        """
        self.start()
        limit, future = self._deadline if deadline is None else deadline, Future[Answer]()
        with self._changed:
            known = None if key is None else self.results.get(key)
            if known is None:
                run = partial(run_function, function=function, arguments=arguments, deadline=limit, told=told)
                call = Call(run, False, group, retries, key)
                self._add(call if key is None else self._shared.setdefault(key, call), client_id, future)
        if known is not None:
            future.set_result(known)
        return future

    def cancel(self, client_id: str) -> None:
        """Cancel all that a client waits for; what runs gets a little time to end."""
        with self._changed:
            futures = [future for future, call in self._calls.items() if call.clients[future] == client_id]
        for future in futures:
            future.cancel()

    def queue_position(self, future: Future[Any]) -> int | None:
        """How many calls, this one included, must start before this one runs: 0 if it runs, None if it's over."""
        with self._changed:
            call = self._calls.get(future)
            if call is None:
                return None
            if call.worker is not None:
                return 0
            if self._places is None:
                self._places = {call: place for place, call in enumerate(self._queues.order(), 1)}
            return self._places[call]

    def close(self) -> None:
        """Stop the workers at once, and cancel what waits."""
        with self._changed:
            self.is_closed = True
            waiting = list(self._calls)
            self._changed.notify_all()
        for worker in self._workers:
            worker.close()
        for future in waiting:
            future.cancel()
        atexit.unregister(self.close)

    def _segment(self, client_id: str, image: Image, task: Task) -> Future[Outcome]:
        """The outcome of a method: from the cache, from whoever computes it already, or from a call of its own."""
        key, future = make_key(task.digest, task.method, task.params), Future[Outcome]()
        with self._changed:
            known = self.results.get(key)
            if known is None and self._queues.count(client_id) >= MAX_WAITING:
                message = Message("Too much work is waiting. Choose fewer methods, or try again in a moment.")
                known = Failure(task.method, message, params=task.params)
            if known is None:
                run = partial(run_method, task=task, image=image, deadline=self._deadline)
                is_quick = get_method(task.method).family == "classical"
                call = Call(run, is_quick, "" if is_quick else task.digest, key=key)
                self._add(self._shared.setdefault(key, call), client_id, future)
        if known is not None:
            future.set_result(known)
        return future

    def _add(self, call: Call, client_id: str, future: Future[Any]) -> None:
        call.clients[future] = client_id
        self._calls[future] = call
        future.add_done_callback(self._drop)
        if call.worker is None:
            self._queues.add(client_id, call)
            self._note_moves()
            self._changed.notify()

    def _drop(self, future: Future[Any]) -> None:
        """After the end of a future: if that was no answer, its client doesn't wait for the call any more."""
        with self._changed:
            call = self._calls.pop(future, None)
            if call is None:  # it has its answer, see _finish
                return
            client_id = call.clients.pop(future)
            if call.worker is None:
                self._queues.remove(client_id, call)
                self._note_moves()
                if not call.clients:
                    self._forget(call)
            elif not call.clients and not self.is_closed:
                timer = threading.Timer(GRACE, self._stop_unwanted, (call,))
                timer.daemon = True
                timer.start()
        future.set_running_or_notify_cancel()  # wakes those who wait for it

    def _stop_unwanted(self, call: Call) -> None:
        with self._changed:
            if call.worker is not None and self._running.get(call.worker) is call and not call.clients:
                self._forget(call)
                call.worker.stop()

    def _is_quiet(self) -> bool:
        """Wait for work; whether there was none for a while."""
        with self._changed:
            return not self._changed.wait_for(lambda: self.is_closed or bool(self._queues), REST)

    def _take(self, worker: Worker) -> Call | None:
        """The next call, in turn; None when the pool closes."""
        with self._changed:
            while not self.is_closed and not self._queues:
                self._changed.wait()
            if self.is_closed:
                return None
            taken = {call.group for other, call in self._running.items() if other is not worker}
            call = self._queues.take(self._groups.get(worker, ""), taken)
            call.worker = worker
            self._running[worker], self._groups[worker] = call, call.group
            self._note_moves()
            return call

    def _note_moves(self) -> None:
        """Places in the queues have changed: those who look at them are told."""
        self._places = None
        for batch in self._batches:
            if batch.unread:
                batch.note_move()

    def _serve(self, worker: Worker) -> None:
        """Keep one worker busy."""
        self._prepare(worker)
        while self._serve_next(worker):
            self._prepare(worker)

    def _serve_next(self, worker: Worker) -> bool:
        if self._is_quiet() and worker.memory > self._worker_bytes:
            log.info("worker process %s holds %d MB and is replaced", worker.pid, worker.memory // 1_000_000)
            worker.stop()
            self._prepare(worker)
        call = self._take(worker)
        if call is None:
            return False
        try:
            answer = call.run(worker)
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
            for future in self._finish(call):
                future.set_exception(error)
            return True
        if call.key is not None:
            self.results.put(call.key, answer)
        for future in self._finish(call):
            future.set_result(answer)
        return True

    def _prepare(self, worker: Worker) -> None:
        try:
            worker.start()
        except WorkerDied as error:
            if not self.is_closed:
                log.error("a worker process can't be started: %s", error.detail)

    def _finish(self, call: Call) -> list[Future[Any]]:
        """Note that a call is over; the futures that now get its answer."""
        with self._changed:
            self._forget(call)
            futures = [future for future in call.clients if self._calls.pop(future, None)]
            if call.worker is not None:
                self._running.pop(call.worker, None)
        return [future for future in futures if future.set_running_or_notify_cancel()]

    def _forget(self, call: Call) -> None:
        """Let nobody else wait for this call."""
        if call.key is not None and self._shared.get(call.key) is call:
            del self._shared[call.key]


_first = threading.Lock()


def pool() -> Pool:
    """The pool of this process."""
    with _first:
        return _pool()


@cache
def _pool() -> Pool:
    limits = settings()
    return Pool(limits.workers, limits.threads, limits.deadline, limits.cache_bytes, True, limits.worker_bytes)
