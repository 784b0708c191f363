"""One worker process: a Python of its own that is asked one thing at a time.

A plain child with a pipe each way, and nothing shared with the other workers: wherever one dies, in the middle of
an answer too, only its own pipe breaks. It never imports the main script, its thread limits are in place before numpy
loads, and it leaves when its input closes, so that a server that was killed leaves no orphans.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import pickle
import queue
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import numpy as np

from segmethods.core.messages import Message, MethodError, SegmethodsError
from segmethods.core.registry import REGISTRY, Method, unregister
from segmethods.core.types import Failure, Image, Outcome, Segmentation
from segmethods.execution.compare import attempt
from segmethods.methods import get_method, list_methods

log = logging.getLogger(__name__)

START_LIMIT = 120.0
"""Seconds that a worker may take to start."""

TINY: Image = np.indices((48, 64)).sum(axis=0, dtype=np.uint8)[..., None].repeat(3, axis=2)
"""The picture of the rehearsals: a slope."""

BETWEEN_TASKS = 1.0
"""Seconds without a task after which a worker is idle: work that comes piece by piece leaves small gaps."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


Answer = TypeVar("Answer")


class WorkerDied(Exception):
    """The process ended before it had answered."""


class WorkerStopped(WorkerDied):
    """The process was stopped at its deadline, or by `Worker.stop`."""


@dataclass(frozen=True)
class Task:
    """One method, its parameters, and the picture that it is for.

    Parameters
    ----------
    digest : str
        SHA-256 of the picture.
    method, params
        As for :func:`segmethods.segment`.
    module, file : str
        Where the method's function is defined, for methods that `segmethods.methods` doesn't hold.
    """

    digest: str
    method: str
    params: Mapping[str, Any]
    module: str
    file: str

    @classmethod
    def of(cls, digest: str, method: Method, params: Mapping[str, Any]) -> Task:
        """The task that runs `method`, registered in this process, in another one."""
        module = method.function.__module__
        file = getattr(sys.modules.get(module), "__file__", None) or ""
        return cls(digest, method.id, dict(params), "__mp_main__" if module == "__main__" else module, file)


@dataclass(frozen=True)
class Call:
    """A function of a module and its arguments, to be called in the worker process."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class Worker:
    """A place for a worker process, which is started when it is needed and again when it has died.

    One thread at a time may ask; any thread may stop.

    Parameters
    ----------
    threads : int
        How many threads the process may use.
    rehearse : bool
        Whether the process tries every method on a tiny picture while it has nothing else to do, so that the first
        real picture finds all modules imported and all networks loaded.
    """

    def __init__(self, threads: int, rehearse: bool = False) -> None:
        self._threads, self._rehearse = threads, rehearse
        self._process: subprocess.Popen[bytes] | None = None
        self._digest = ""
        self._stopped = self._closed = False

    @property
    def alive(self) -> bool:
        """Whether there is a process that can be asked."""
        return self._process is not None and not self._stopped and self._process.poll() is None

    @property
    def is_closed(self) -> bool:
        """Whether it was stopped for good."""
        return self._closed

    @property
    def pid(self) -> int | None:
        """The process's number, if there ever was one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process, unless it is alive, and return when it can be asked.

        Raises
        ------
        WorkerDied
            If it can't be started.
        """
        if self.alive:
            return
        self._clear()
        if self._closed:
            raise WorkerStopped("the pool is closed")
        limits = dict.fromkeys(THREAD_VARIABLES, str(self._threads))
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        command = f"from segmethods.execution.process import serve; serve(rehearse={self._rehearse})"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": paths, **limits},
            )
        except OSError as error:
            raise WorkerDied(f"a worker can't be started: {error}") from error
        self._digest, self._stopped = "", self._closed
        self._exchange(lambda questions, answers: pickle.load(answers), START_LIMIT)

    def ask(self, task: Task, image: Image, deadline: float) -> Outcome:
        """What :func:`segmethods.execution.compare.attempt` gives in the worker process.

        The picture is sent only if the last task was for another one.

        Raises
        ------
        WorkerStopped
            If there was no answer after `deadline` seconds, or `stop` was called; the process is gone then.
        WorkerDied
            If the process ended for another reason.
        """
        self.start()
        sent = None if task.digest == self._digest else np.ascontiguousarray(image)

        def exchange(questions: IO[bytes], answers: IO[bytes]) -> Outcome:
            pickle.dump((task, sent), questions, pickle.HIGHEST_PROTOCOL)
            questions.flush()
            outcome: Outcome = pickle.load(answers)
            return outcome

        outcome = self._exchange(exchange, deadline)
        self._digest = task.digest
        return outcome

    def call(self, function: Callable[..., Answer], *arguments: Any, deadline: float) -> Answer:
        """What a function gives in the worker process; it, its arguments and its answer must be fit to be pickled.

        Raises
        ------
        WorkerStopped, WorkerDied
            As for `ask`; a function that raises ends the process, too.
        """
        self.start()

        def exchange(questions: IO[bytes], answers: IO[bytes]) -> Answer:
            pickle.dump(Call(function, arguments), questions, pickle.HIGHEST_PROTOCOL)
            questions.flush()
            answer: Answer = pickle.load(answers)
            return answer

        return self._exchange(exchange, deadline)

    def stop(self) -> None:
        """End the process at once, whatever it is doing."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """Stop, for good."""
        self._closed = True
        self.stop()

    def _exchange(self, exchange: Callable[[IO[bytes], IO[bytes]], Answer], limit: float) -> Answer:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(limit, self.stop)
        timer.daemon = True
        timer.start()
        try:
            return exchange(process.stdin, process.stdout)
        except Exception as error:  # a pipe that broke in the middle; the process is no use any more
            process.kill()
            kind = WorkerStopped if self._stopped else WorkerDied
            raise kind(f"worker process {process.pid} ended with code {process.wait()}") from error
        finally:
            timer.cancel()
            timer.join()

    def _clear(self) -> None:
        """Free what a dead process leaves behind."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # the rest of a question that nobody reads any more
                pipe.close() if pipe else None
        self._process = None


def serve(rehearse: bool) -> None:
    """What the worker process runs: answer each task on standard output until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a method prints is no answer
    rehearsals = iter(_own_methods() if rehearse else ())
    tasks: queue.SimpleQueue[tuple[Task, Image | None] | Call] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, tasks), daemon=True).start()
    _send(answers, True)
    image = TINY
    while True:
        question = _wait(tasks, rehearsals)
        if isinstance(question, Call):
            _send(answers, question.function(*question.arguments))
            continue
        task, sent = question
        image = image if sent is None else sent
        _send(answers, answer(task, image.copy()))


def _wait(
    tasks: queue.SimpleQueue[tuple[Task, Image | None] | Call], rehearsals: Iterator[Method]
) -> tuple[Task, Image | None] | Call:
    """The next task; while nobody has one, methods are tried that will be needed."""
    with suppress(queue.Empty):
        return tasks.get(timeout=BETWEEN_TASKS)
    while tasks.empty() and (method := next(rehearsals, None)):
        attempt(TINY.copy(), method.id, {})
    return tasks.get()


def _read(source: IO[bytes], tasks: queue.SimpleQueue[tuple[Task, Image | None] | Call]) -> None:
    try:
        while True:
            tasks.put(pickle.load(source))
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)  # the server is gone; a method that still runs has nobody to answer to


def _send(answers: IO[bytes], answer: object) -> None:
    data = _pickled(answer)
    try:
        answers.write(data)
        answers.flush()
    except OSError:
        os._exit(0)  # likewise


def _pickled(answer: object) -> bytes:
    try:
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        if not isinstance(answer, Segmentation):
            raise
        log.exception("%s gave a result that can't be pickled", answer.method)
        message = Message(
            "The result of {method} can't leave its process ({error}). Put only arrays, numbers and texts into it.",
            {"method": answer.method, "error": " ".join(str(error).split())[:200]},
        )
        return pickle.dumps(Failure(answer.method, message, params=answer.params), pickle.HIGHEST_PROTOCOL)


def answer(task: Task, image: Image) -> Outcome:
    """Do a task in this process, which need not know the method yet."""
    try:
        _learn(task)
    except SegmethodsError as error:
        return Failure(task.method, error.message, params=task.params)
    return attempt(image, task.method, task.params)


def _learn(task: Task) -> None:
    """Import the module that registers the task's method, unless it is known here."""
    list_methods()
    known = REGISTRY.get(task.method)
    if known is not None:
        if known.function.__module__ == task.module:
            return
        unregister(task.method)
    try:
        _import(task)
        get_method(task.method)
    except Exception as error:
        log.exception("%s can't be imported from %s", task.method, task.file or task.module)
        raise MethodError(
            "The worker processes can't import {method}. Define it at the top of a file in segmethods/methods.",
            method=task.method,
        ) from error


def _import(task: Task) -> None:
    if not task.file or task.module.startswith("segmethods."):
        importlib.import_module(task.module)
        return
    spec = importlib.util.spec_from_file_location(task.module, task.file)
    assert spec is not None  # the server imported it from this file
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[task.module] = module
    spec.loader.exec_module(module)


def _own_methods() -> list[Method]:
    """The project's own methods, quick ones first, and in another order in every worker."""
    methods = [m for m in list_methods() if m.function.__module__.startswith("segmethods.")]
    random.shuffle(methods)  # what one worker prepares for all, such as a converted network, the others find done
    return sorted(methods, key=lambda m: m.family != "classical")
