"""One worker process: a Python of its own that calls one function at a time.

Not `concurrent.futures`, whose workers can't be stopped at a deadline, import the main script, and fail together. A
plain child with a pipe each way, and nothing shared with the other workers: wherever one dies, in the middle of
an answer too, only its own pipe breaks. It never imports the main script, its thread limits are in place before numpy
loads, and it leaves when its input closes, so that a server that was killed leaves no orphans.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, TypeVar

import numpy as np

from segmethods.core.machine import own_memory
from segmethods.core.messages import SegmethodsError
from segmethods.core.types import Image, Outcome
from segmethods.execution.child import Told, run_sent_task
from segmethods.execution.tasks import Task

log = logging.getLogger(__name__)

START_LIMIT = 120.0
"""Seconds that a worker may take to start."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


Answer = TypeVar("Answer")
Listener = Callable[[Any], object]
"""Gets what a call says of its progress, in a thread of the pool."""


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

    @property
    def memory(self) -> int:
        """Bytes that the process holds for itself; 0 if there is none, or where nobody knows."""
        return own_memory(self._process.pid) if self._process and self.alive else 0

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
        command = f"from segmethods.execution.child import serve; serve(warm_up={self._warm_up})"
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

    def call(
        self, function: Callable[..., Answer], *arguments: Any, deadline: float, told: Listener | None = None
    ) -> Answer:
        """What a function gives in the worker process; it, its arguments and its answer must be fit to be pickled.

        `told` gets what the function says by `segmethods.execution.child.tell` meanwhile.

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
        return self._call(function, *arguments, deadline=deadline, told=told)

    def run(self, task: Task, image: Image, deadline: float) -> Outcome:
        """`call` for a method; the picture is sent only if the last task was for another one."""
        self.start()
        sent = None if task.digest == self._digest else np.ascontiguousarray(image)
        outcome = self._call(run_sent_task, task, sent, deadline=deadline)
        self._digest = task.digest
        return outcome

    def _call(
        self, function: Callable[..., Answer], *arguments: Any, deadline: float, told: Listener | None = None
    ) -> Answer:
        def exchange(questions: IO[bytes], answers: IO[bytes]) -> tuple[bool, Any]:
            pickle.dump((function, arguments), questions, pickle.HIGHEST_PROTOCOL)
            questions.flush()
            while isinstance(said := pickle.load(answers), Told):
                if told is not None:
                    told(said.progress)
            reply: tuple[bool, Any] = said
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
