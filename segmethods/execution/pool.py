"""Many sessions, few workers: fair lines, deadlines, and one computation for all who ask for the same.

A session submits a plan and gets a `Batch`, from which outcomes come as they finish. Every session has a waiting line
of its own; the workers take from the lines in turn. Nothing here computes, and nothing here knows Streamlit.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
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
"""Tasks that one session may have waiting."""

GRACE = 5.0
"""Seconds that a running task gets to finish for the cache when nobody waits for it any more.

A worker takes about two seconds to replace, so it isn't stopped lightly."""


@dataclass(eq=False)
class _Job:
    """A task, and the batches that wait for it."""

    key: Key
    task: Task
    image: Image
    batches: list[Batch] = field(default_factory=list)
    worker: Worker | None = None
    """Who runs it; None while it waits."""


@dataclass(eq=False)
class _Errand:
    """A function to call for somebody, in whose line it waits."""

    owner: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    deadline: float
    answer: Future[Any] = field(default_factory=Future)
    worker: Worker | None = None
    """Who runs it; None while it waits."""


class Batch:
    """The outcomes of one plan, as they finish.

    Use it in a ``with`` statement, or call `cancel` in the end: work that nobody waits for gives way.
    """

    def __init__(self, pool: Pool, owner: str, methods: Mapping[str, object]) -> None:
        self._pool = pool
        self._outcomes: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
        self.owner = owner
        self._unread = dict.fromkeys(methods)

    @property
    def unread(self) -> tuple[str, ...]:
        """The methods whose outcomes `next` hasn't given yet."""
        return tuple(self._unread)

    def next(self, timeout: float) -> tuple[str, Outcome] | None:
        """A method and its outcome, or None if none has finished after `timeout` seconds."""
        try:
            method, outcome = self._outcomes.get(timeout=timeout)
        except queue.Empty:
            return None
        self._unread.pop(method, None)
        return method, outcome

    def place(self, method: str) -> int | None:
        """How many tasks, this one included, must start before this one runs: 0 if it runs, None if it's finished."""
        return self._pool._place(self, method)

    def cancel(self) -> None:
        """Give up what hasn't finished. Waiting tasks are dropped; running ones may end, for the cache."""
        self._unread.clear()
        self._pool._cancel(self)

    def __iter__(self) -> Iterator[tuple[str, Outcome]]:
        while self._unread:
            method, outcome = self._outcomes.get()
            self._unread.pop(method, None)
            yield method, outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()


class Pool:
    """Worker processes, the lines of those who wait for them, and the cache of what they found.

    Parameters
    ----------
    workers, threads : int
        How many processes, and how many threads each of them may use.
    deadline : float
        Seconds that one task may run.
    cache_bytes : int
        Bytes of outcomes to keep.
    rehearse : bool
        Whether idle workers try every method once, see :class:`segmethods.execution.process.Worker`.
    """

    def __init__(self, workers: int, threads: int, deadline: float, cache_bytes: int, rehearse: bool = False) -> None:
        self._deadline = deadline
        self.results = Results(cache_bytes)
        self._jobs: dict[Key, _Job] = {}
        self._lines: OrderedDict[str, deque[_Job | _Errand]] = OrderedDict()
        self._errands: set[_Errand] = set()
        self._changed = threading.Condition()
        self._workers = [Worker(threads, rehearse) for _ in range(workers)]
        self._started = self._closed = False

    def warm(self) -> None:
        """Start the workers in the background; a call more does nothing."""
        with self._changed:
            if self._started:
                return
            self._started = True
        atexit.register(self.close)
        for worker in self._workers:
            threading.Thread(target=self._serve, args=(worker,), daemon=True).start()

    def submit(self, owner: str, image: Image, digest: str, plan: Mapping[str, Mapping[str, Any]]) -> Batch:
        """Ask for the outcome of each method of a plan.

        Parameters
        ----------
        owner : str
            Whose line the tasks wait in: a session's id.
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
        self.warm()
        batch = Batch(self, owner, plan)
        tasks = [Task.of(digest, get_method(method), params) for method, params in plan.items()]
        keys = [make_key(digest, method, params) for method, params in plan.items()]
        with self._changed:
            for task, key in zip(tasks, keys, strict=True):
                known = self.results.get(key)
                if known is not None:
                    batch._outcomes.put((task.method, known))
                else:
                    self._enqueue(batch, key, task, image)
            self._changed.notify_all()
        return batch

    def call(
        self, owner: str, function: Callable[..., Answer], *arguments: Any, deadline: float | None = None
    ) -> Future[Answer]:
        """Have a worker call a function, when it is the owner's turn.

        Parameters
        ----------
        owner : str
            Whose line it waits in; a run's own name rather than a visitor's, so that it can be given up by it.
        function, *arguments
            As for :meth:`segmethods.execution.process.Worker.call`.
        deadline : float, optional
            Seconds that it may run; the pool's own if left out.

        Returns
        -------
        Future
            Of the answer, or of :class:`segmethods.execution.process.WorkerDied`.
        """
        self.warm()
        errand = _Errand(owner, function, arguments, self._deadline if deadline is None else deadline)
        with self._changed:
            self._lines.setdefault(owner, deque()).append(errand)
            self._changed.notify_all()
        return errand.answer

    def give_up(self, owner: str) -> None:
        """Cancel the calls of an owner that wait; those that run get a little time to end."""
        with self._changed:
            for errand in self._lines.pop(owner, ()):
                if isinstance(errand, _Errand):
                    errand.answer.cancel()
            for errand in [e for e in self._errands if e.owner == owner]:
                self._later(self._stop_errand, errand)

    def close(self) -> None:
        """Stop the workers at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.close()

    def _enqueue(self, batch: Batch, key: Key, task: Task, image: Image) -> None:
        if len(self._lines.get(batch.owner, ())) >= MAX_WAITING:
            message = Message("Too much work is waiting. Choose fewer methods, or try again in a moment.")
            batch._outcomes.put((task.method, Failure(task.method, message, params=task.params)))
            return
        job = self._jobs.setdefault(key, _Job(key, task, image))
        job.batches.append(batch)
        if job.worker is None:
            self._lines.setdefault(batch.owner, deque()).append(job)

    def _cancel(self, batch: Batch) -> None:
        with self._changed:
            for job in [j for j in self._jobs.values() if batch in j.batches]:
                job.batches.remove(batch)
                if job.batches:
                    continue
                if job.worker is None:
                    del self._jobs[job.key]
                else:
                    self._later(self._stop_unwanted, job)
            line = deque(j for j in self._lines.pop(batch.owner, ()) if _is_wanted_by(batch.owner, j))
            if line:
                self._lines[batch.owner] = line

    def _stop_unwanted(self, job: _Job) -> None:
        with self._changed:
            if self._jobs.get(job.key) is job and not job.batches and job.worker is not None:
                del self._jobs[job.key]
                job.worker.stop()

    def _stop_errand(self, errand: _Errand) -> None:
        with self._changed:
            if errand in self._errands and errand.worker is not None:
                errand.worker.stop()

    def _later(self, stop: Callable[..., None], work: _Job | _Errand) -> None:
        timer = threading.Timer(GRACE, stop, (work,))
        timer.daemon = True
        timer.start()

    def _place(self, batch: Batch, method: str) -> int | None:
        with self._changed:
            job = next((j for j in self._jobs.values() if j.task.method == method and batch in j.batches), None)
            if job is None:
                return None
            if job.worker is not None:
                return 0
            lines = {owner: [j for j in line if j.worker is None] for owner, line in self._lines.items()}
            place = lines[batch.owner].index(job)
            turns = list(lines).index(batch.owner)
            others = [len(line) for owner, line in lines.items() if owner != batch.owner]
            return 1 + place + sum(min(length, place + (i < turns)) for i, length in enumerate(others))

    def _take(self, worker: Worker) -> _Job | _Errand | None:
        """The next job, in turn; None when the pool closes."""
        with self._changed:
            while not self._closed:
                while self._lines:
                    owner, line = self._lines.popitem(last=False)
                    job = line.popleft()
                    if line:
                        self._lines[owner] = line
                    if job.worker is None:  # else it ran in the line of somebody else who wants it
                        job.worker = worker
                        return job
                self._changed.wait()
        return None

    def _serve(self, worker: Worker) -> None:
        """Keep one worker busy."""
        self._prepare(worker)
        while (job := self._take(worker)) is not None:
            if isinstance(job, _Errand):
                self._run(job, worker)
            else:
                try:
                    outcome = worker.ask(job.task, job.image, self._deadline)
                except WorkerDied as error:
                    outcome = self._explain(job, error)
                self._finish(job, outcome)
            self._prepare(worker)

    def _run(self, errand: _Errand, worker: Worker) -> None:
        if not errand.answer.set_running_or_notify_cancel():
            return
        with self._changed:
            self._errands.add(errand)
        try:
            errand.answer.set_result(worker.call(errand.function, *errand.arguments, deadline=errand.deadline))
        except WorkerDied as error:
            errand.answer.set_exception(error)
        finally:
            with self._changed:
                self._errands.discard(errand)

    def _prepare(self, worker: Worker) -> None:
        try:
            worker.start()
        except WorkerDied:
            if not self._closed:
                log.exception("a worker process can't be started")

    def _explain(self, job: _Job, error: WorkerDied) -> Failure:
        task = job.task
        log.log(logging.WARNING if job.batches else logging.INFO, "%s: %s", task.method, error)
        if isinstance(error, WorkerStopped):
            message = Message(
                "Stopped after {seconds} seconds. Choose a smaller picture or faster settings.",
                {"seconds": f"{self._deadline:g}"},
            )
        else:
            message = Message(
                "The worker process died, perhaps for lack of memory. Try again, or with a smaller picture."
            )
        return Failure(task.method, message, str(error), task.params)

    def _finish(self, job: _Job, outcome: Outcome) -> None:
        with self._changed:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            self.results.put(job.key, outcome)
            for batch in job.batches:
                batch._outcomes.put((job.task.method, outcome))


def _is_wanted_by(owner: str, job: _Job | _Errand) -> bool:
    return isinstance(job, _Errand) or any(batch.owner == owner for batch in job.batches)


_first = threading.Lock()


def pool() -> Pool:
    """The pool of this process."""
    with _first:
        return _pool()


@cache
def _pool() -> Pool:
    limits = settings()
    return Pool(limits.workers, limits.threads, limits.deadline, limits.cache_bytes, rehearse=True)
