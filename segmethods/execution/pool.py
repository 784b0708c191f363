"""Many clients, few workers: fair queues, deadlines, and one computation for all who ask for the same.

A client is whoever asks: a visitor's session, a benchmark. Each has a queue of its own, from which the workers take in
turn. What comes back are the futures of `concurrent.futures`; they can be cancelled at any time, also while their call
runs. Nothing here computes, and nothing here knows Streamlit.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache, partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from segmethods.core.messages import Message
from segmethods.core.settings import settings
from segmethods.core.types import Failure, Image, Outcome
from segmethods.execution.cache import Key, Results, make_key
from segmethods.execution.process import Task, Worker, WorkerDied, WorkerStopped
from segmethods.methods import get_method

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

MAX_WAITING = 64
"""Methods that one client may have waiting."""

GRACE = 5.0
"""Seconds that a running call gets to end, for the cache, when nobody waits for it any more.

A worker takes about two seconds to replace, so it isn't stopped lightly."""


@dataclass(eq=False)
class _Job:
    """A call, and the futures of those who wait for its answer."""

    run: Callable[[Worker], Any]
    group: str = ""
    retries: int = 0
    key: Key | None = None
    """Under which the cache keeps the answer; None for what nobody else may ask."""
    clients: dict[Future[Any], str] = field(default_factory=dict)
    """Who waits, by their futures."""
    worker: Worker | None = None
    """Who runs it; None while it waits."""


class Batch:
    """The outcomes of one plan, as they finish.

    Use it in a ``with`` statement, or call `cancel` in the end: work that nobody waits for gives way.
    """

    def __init__(self, pool: Pool, futures: Mapping[str, Future[Outcome]]) -> None:
        self._pool, self._futures = pool, dict(futures)
        self._finished: SimpleQueue[str] = SimpleQueue()
        for method, future in futures.items():
            future.add_done_callback(partial(self._note, method))

    def _note(self, method: str, _: Future[Outcome]) -> None:
        self._finished.put(method)

    @property
    def unread(self) -> tuple[str, ...]:
        """The methods whose outcomes `next` hasn't given yet."""
        return tuple(self._futures)

    def next(self, timeout: float | None = None) -> tuple[str, Outcome] | None:
        """A method and its outcome, or None if none has finished after `timeout` seconds."""
        try:
            method = self._finished.get(timeout=timeout)
        except Empty:
            return None
        future = self._futures.pop(method, None)
        return None if future is None else (method, future.result())

    def queue_position(self, method: str) -> int | None:
        """As :meth:`Pool.queue_position` says of the method's future."""
        future = self._futures.get(method)
        return None if future is None else self._pool.queue_position(future)

    def cancel(self) -> None:
        """Give up what hasn't finished. Waiting methods are dropped; running ones may end, for the cache."""
        futures = list(self._futures.values())
        self._futures.clear()
        for future in futures:
            future.cancel()

    def __iter__(self) -> Iterator[tuple[str, Outcome]]:
        while self._futures:
            if answer := self.next():
                yield answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()


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
    """

    def __init__(self, workers: int, threads: int, deadline: float, cache_bytes: int, warm_up: bool = False) -> None:
        self.size, self.is_closed = workers, False
        self.results = Results(cache_bytes)
        self._deadline, self._is_started = deadline, False
        self._queues: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._jobs: dict[Future[Any], _Job] = {}
        self._shared: dict[Key, _Job] = {}
        self._running: dict[Worker, _Job] = {}
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

    def submit(self, client_id: str, image: Image, digest: str, plan: Mapping[str, Mapping[str, Any]]) -> Batch:
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

        Returns
        -------
        Batch
            Outcomes that the cache holds are in it at once.
        """
        self.start()
        tasks = [Task.from_method(digest, get_method(method), params) for method, params in plan.items()]
        return Batch(self, {task.method: self._segment(client_id, image, task) for task in tasks})

    def call(
        self,
        client_id: str,
        function: Callable[..., Answer],
        *arguments: Any,
        deadline: float | None = None,
        retries: int = 0,
        group: str = "",
        key: Key | None = None,
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

        Returns
        -------
        Future
            Of the answer, of what the function raised, or of :class:`segmethods.execution.process.WorkerDied`.
        """
        self.start()
        limit = self._deadline if deadline is None else deadline
        future: Future[Answer] = Future()
        with self._changed:
            known = None if key is None else self.results.get(key)
            if known is None:
                job = _Job(lambda worker: worker.call(function, *arguments, deadline=limit), group, retries, key)
                self._add(job if key is None else self._shared.setdefault(key, job), client_id, future)
        if known is not None:
            future.set_result(known)
        return future

    def cancel(self, client_id: str) -> None:
        """Cancel all that a client waits for; what runs gets a little time to end."""
        with self._changed:
            futures = [future for future, job in self._jobs.items() if job.clients[future] == client_id]
        for future in futures:
            future.cancel()

    def queue_position(self, future: Future[Any]) -> int | None:
        """How many calls, this one included, must start before this one runs: 0 if it runs, None if it's over."""
        with self._changed:
            job = self._jobs.get(future)
            if job is None:
                return None
            if job.worker is not None:
                return 0
            queues = {client: [j for j in queue if j.worker is None] for client, queue in self._queues.items()}
            own = job.clients[future]
            ahead, turn = queues[own].index(job), list(queues).index(own)
            others = [len(queue) for client, queue in queues.items() if client != own]
            return 1 + ahead + sum(min(length, ahead + (i < turn)) for i, length in enumerate(others))

    def close(self) -> None:
        """Stop the workers at once, and cancel what waits."""
        with self._changed:
            self.is_closed = True
            waiting = list(self._jobs)
            self._changed.notify_all()
        for worker in self._workers:
            worker.close()
        for future in waiting:
            future.cancel()
        atexit.unregister(self.close)

    def _segment(self, client_id: str, image: Image, task: Task) -> Future[Outcome]:
        """The outcome of a method: from the cache, from whoever computes it already, or from a job of its own."""
        key, future = make_key(task.digest, task.method, task.params), Future[Outcome]()
        with self._changed:
            known = self.results.get(key)
            if known is None and len(self._queues.get(client_id, ())) >= MAX_WAITING:
                message = Message("Too much work is waiting. Choose fewer methods, or try again in a moment.")
                known = Failure(task.method, message, params=task.params)
            if known is None:
                run = partial(_run_task, task=task, image=image, deadline=self._deadline)
                self._add(self._shared.setdefault(key, _Job(run, key=key)), client_id, future)
        if known is not None:
            future.set_result(known)
        return future

    def _add(self, job: _Job, client_id: str, future: Future[Any]) -> None:
        job.clients[future] = client_id
        self._jobs[future] = job
        future.add_done_callback(self._drop)
        if job.worker is None:
            self._queues.setdefault(client_id, deque()).append(job)
            self._changed.notify()

    def _drop(self, future: Future[Any]) -> None:
        """After the end of a future: if that was no answer, its client doesn't wait for the job any more."""
        with self._changed:
            job = self._jobs.pop(future, None)
            if job is None:  # it has its answer, see _finish
                return
            client_id = job.clients.pop(future)
            if job.worker is None:
                self._queues[client_id].remove(job)
                if not self._queues[client_id]:
                    del self._queues[client_id]
                if not job.clients:
                    self._forget(job)
            elif not job.clients and not self.is_closed:
                timer = threading.Timer(GRACE, self._stop_unwanted, (job,))
                timer.daemon = True
                timer.start()
        future.set_running_or_notify_cancel()  # wakes those who wait for it

    def _stop_unwanted(self, job: _Job) -> None:
        with self._changed:
            if job.worker is not None and self._running.get(job.worker) is job and not job.clients:
                self._forget(job)
                job.worker.stop()

    def _take(self, worker: Worker) -> _Job | None:
        """The next job, in turn; None when the pool closes."""
        with self._changed:
            while not self.is_closed:
                while self._queues:
                    client_id, queue = self._queues.popitem(last=False)
                    job = self._pick(queue, worker)
                    if queue:
                        self._queues[client_id] = queue
                    if job.worker is None:  # else it ran in the queue of somebody else who wants it
                        job.worker = worker
                        self._running[worker], self._groups[worker] = job, job.group
                        return job
                self._changed.wait()
        return None

    def _pick(self, queue: deque[_Job], worker: Worker) -> _Job:
        """A job of the group that the worker is at, or else the first of which no other worker has the group."""
        mine, taken = self._groups.get(worker), {j.group for w, j in self._running.items() if w is not worker}
        ranks = [(not job.group or job.group != mine, bool(job.group) and job.group in taken) for job in queue]
        place = ranks.index(min(ranks))
        job = queue[place]
        del queue[place]
        return job

    def _serve(self, worker: Worker) -> None:
        """Keep one worker busy."""
        self._prepare(worker)
        while self._serve_next(worker):
            self._prepare(worker)

    def _serve_next(self, worker: Worker) -> bool:
        job = self._take(worker)
        if job is None:
            return False
        try:
            answer = self._run(job, worker)
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is read
            for future in self._finish(job):
                future.set_exception(error)
            return True
        if job.key is not None:
            self.results.put(job.key, answer)
        for future in self._finish(job):
            future.set_result(answer)
        return True

    def _run(self, job: _Job, worker: Worker) -> Any:
        for _ in range(job.retries):
            try:
                return job.run(worker)
            except WorkerStopped:
                raise
            except WorkerDied as error:
                log.warning("once more: %s", error.detail)
        return job.run(worker)

    def _prepare(self, worker: Worker) -> None:
        try:
            worker.start()
        except WorkerDied as error:
            if not self.is_closed:
                log.error("a worker process can't be started: %s", error.detail)

    def _finish(self, job: _Job) -> list[Future[Any]]:
        """Note that a job is over; the futures that now get its answer."""
        with self._changed:
            self._forget(job)
            futures = [future for future in job.clients if self._jobs.pop(future, None)]
            if job.worker is not None:
                self._running.pop(job.worker, None)
        return [future for future in futures if future.set_running_or_notify_cancel()]

    def _forget(self, job: _Job) -> None:
        """Let nobody else wait for this job."""
        if job.key is not None and self._shared.get(job.key) is job:
            del self._shared[job.key]


def _run_task(worker: Worker, task: Task, image: Image, deadline: float) -> Outcome:
    try:
        return worker.run(task, image, deadline)
    except WorkerDied as error:
        level = logging.INFO if isinstance(error, WorkerStopped) else logging.WARNING
        log.log(level, "%s: %s", task.method, error.detail)
        return Failure(task.method, error.message, error.detail, task.params)


_first = threading.Lock()


def pool() -> Pool:
    """The pool of this process."""
    with _first:
        return _pool()


@cache
def _pool() -> Pool:
    limits = settings()
    return Pool(limits.workers, limits.threads, limits.deadline, limits.cache_bytes, warm_up=True)
