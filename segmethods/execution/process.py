"""One worker process: a Python of its own that calls one function at a time.

Not `concurrent.futures`, whose workers can't be stopped at a deadline, import the main script, and fail together. A
plain child with a pipe each way, and nothing shared with the other workers: wherever one dies, in the middle of
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
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import numpy as np

from segmethods.core.messages import Message, MethodError, SegmethodsError
from segmethods.core.registry import REGISTRY, Method, unregister
from segmethods.core.types import Failure, Image, Outcome, Segmentation
from segmethods.execution.compare import try_segment
from segmethods.methods import get_method, list_methods

log = logging.getLogger(__name__)

START_LIMIT = 120.0
"""Seconds that a worker may take to start."""

WARMUP_IMAGE: Image = np.indices((48, 64)).sum(axis=0, dtype=np.uint8)[..., None].repeat(3, axis=2)
"""What methods are tried on before anybody asks: a slope."""

BETWEEN_TASKS = 1.0
"""Seconds without a task after which a worker is idle: work that comes piece by piece leaves small gaps."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


Answer = TypeVar("Answer")


class WorkerDied(SegmethodsError):
    """The process ended before it had answered. The message is for users, the detail for the log."""

    @property
    def detail(self) -> str:
        """Which process ended, and how."""
        return str(self.message.values.get("detail", ""))


class WorkerStopped(WorkerDied):
    """The process was stopped: at the call's deadline, or because nobody wanted the answer any more."""


def _explain_end(is_stopped: bool, seconds: float, detail: str) -> WorkerDied:
    if is_stopped:
        return WorkerStopped(
            "Stopped after {seconds} seconds. Choose a smaller picture or faster settings.",
            seconds=f"{seconds:g}",
            detail=detail,
        )
    return WorkerDied(
        "The worker process died, perhaps for lack of memory. Try again, or with a smaller picture.", detail=detail
    )


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
    def from_method(cls, digest: str, method: Method, params: Mapping[str, Any]) -> Task:
        """The task that runs `method`, registered in this process, in another one."""
        module = method.function.__module__
        if module == "__main__":  # what comes back may hold classes of the main script, under the name it has there
            sys.modules["__mp_main__"] = sys.modules["__main__"]
        file = getattr(sys.modules.get(module), "__file__", None) or ""
        return cls(digest, method.id, dict(params), "__mp_main__" if module == "__main__" else module, file)


class Worker:
    """A place for a worker process, which is started when it is needed and again when it has died.

    One thread at a time may ask; any thread may stop.

    Parameters
    ----------
    threads : int
        How many threads the process may use.
    warm_up : bool
        Whether the process tries every method on a tiny picture while it has nothing else to do, so that the first
        real picture finds all modules imported and all networks loaded.
    """

    def __init__(self, threads: int, warm_up: bool = False) -> None:
        self._threads, self._warm_up = threads, warm_up
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
            raise _explain_end(True, 0, "the pool is closed")
        limits = dict.fromkeys(THREAD_VARIABLES, str(self._threads))
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        command = f"from segmethods.execution.process import serve; serve(warm_up={self._warm_up})"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": paths, **limits},
            )
        except OSError as error:
            raise _explain_end(False, 0, f"a worker can't be started: {error}") from error
        self._digest, self._stopped = "", self._closed
        self._exchange(lambda _, answers: pickle.load(answers), START_LIMIT)

    def call(self, function: Callable[..., Answer], *arguments: Any, deadline: float) -> Answer:
        """What a function gives in the worker process; it, its arguments and its answer must be fit to be pickled.

        Raises
        ------
        WorkerStopped
            If there was no answer after `deadline` seconds, or `stop` was called; the process is gone then.
        WorkerDied
            If the process ended for another reason.
        Exception
            What the function raised.
        """
        self.start()
        return self._call(function, *arguments, deadline=deadline)

    def run(self, task: Task, image: Image, deadline: float) -> Outcome:
        """`call` for a method; the picture is sent only if the last task was for another one."""
        self.start()
        sent = None if task.digest == self._digest else np.ascontiguousarray(image)
        outcome = self._call(run_sent_task, task, sent, deadline=deadline)
        self._digest = task.digest
        return outcome

    def _call(self, function: Callable[..., Answer], *arguments: Any, deadline: float) -> Answer:
        def exchange(questions: IO[bytes], answers: IO[bytes]) -> tuple[bool, Any]:
            pickle.dump((function, arguments), questions, pickle.HIGHEST_PROTOCOL)
            questions.flush()
            reply: tuple[bool, Any] = pickle.load(answers)
            return reply

        is_fine, answer = self._exchange(exchange, deadline)
        if not is_fine:
            raise answer
        result: Answer = answer
        return result

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
            detail = f"worker process {process.pid} ended with code {process.wait()}"
            raise _explain_end(self._stopped, limit, detail) from error
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


Call = tuple[Callable[..., Any], tuple[Any, ...]]


def serve(warm_up: bool) -> None:
    """What the worker process runs: answer each call on standard output until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server
    logging.getLogger("segmethods.methods").setLevel(logging.ERROR)  # the server names faulty plug-ins already
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a method prints is no answer
    untried = iter(_own_methods() if warm_up else ())
    calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, calls), daemon=True).start()
    _send(answers, pickle.dumps(True))
    while True:
        function, arguments = _wait(calls, untried)
        _send(answers, _reply(function, arguments))


def _wait(calls: queue.SimpleQueue[Call], untried: Iterator[Method]) -> Call:
    """The next call; while nobody has one, methods are tried that will be needed."""
    with suppress(queue.Empty):
        return calls.get(timeout=BETWEEN_TASKS)
    while calls.empty() and (method := next(untried, None)):
        try_segment(WARMUP_IMAGE.copy(), method.id, {})
    return calls.get()


def _read(source: IO[bytes], calls: queue.SimpleQueue[Call]) -> None:
    try:
        while True:
            calls.put(pickle.load(source))
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)  # the server is gone; a method that still runs has nobody to answer to
    except Exception:  # such as a function of a module that can't be imported here
        log.exception("a call that can't be read")
        os._exit(1)


def _send(answers: IO[bytes], data: bytes) -> None:
    try:
        answers.write(data)
        answers.flush()
    except OSError:
        os._exit(0)  # likewise


def _reply(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Whether a call went well, and what it gave or raised."""
    answer: Any = None
    try:
        answer = function(*arguments)
        return pickle.dumps((True, answer), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise  # the process is no use any more
    except Exception as error:
        if isinstance(answer, Segmentation):
            log.exception("%s gave a result that can't be pickled", answer.method)
            return pickle.dumps((True, _explain_unpicklable(answer, error)), pickle.HIGHEST_PROTOCOL)
        error.add_note(traceback.format_exc())
        return _pickled_error(error)


def _explain_unpicklable(result: Segmentation, error: Exception) -> Failure:
    message = Message(
        "The result of {method} can't leave its process ({error}). Put only arrays, numbers and texts into it.",
        {"method": result.method, "error": " ".join(str(error).split())[:200]},
    )
    return Failure(result.method, message, params=result.params)


def _pickled_error(error: Exception) -> bytes:
    """An error as bytes; one that can't be made again of its bytes is told in another's words."""
    try:
        data = pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(data)
    except Exception:
        log.exception("an error that can't leave its process")
        text = "".join(traceback.format_exception_only(error)).strip()
        data = pickle.dumps((False, RuntimeError(text)), pickle.HIGHEST_PROTOCOL)
    return data


_sent: list[Image] = []
"""In a worker process: the picture of the last task."""


def run_sent_task(task: Task, image: Image | None) -> Outcome:
    """`run_task` in a worker process, which has the picture already if none is given."""
    if image is not None:
        _sent[:] = [image]
    return run_task(task, _sent[0].copy())


def run_task(task: Task, image: Image) -> Outcome:
    """Do a task in this process, which need not know the method yet."""
    try:
        _learn(task)
    except SegmethodsError as error:
        return Failure(task.method, error.message, params=task.params)
    return try_segment(image, task.method, task.params)


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
