"""What runs in a worker process: it answers calls until its input closes."""

from __future__ import annotations

import logging
import os
import pickle
import queue
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from cachetools import LRUCache

from segmethods.core.machine import return_memory
from segmethods.core.messages import Message
from segmethods.core.registry import Method
from segmethods.core.types import Failure, Image, Outcome, Segmentation
from segmethods.execution.compare import try_timed
from segmethods.execution.tasks import Task, run_task
from segmethods.methods import list_methods
from segmethods.methods._network import sharing
from segmethods.models.runtime import Probabilities

log = logging.getLogger(__name__)

BETWEEN_TASKS = 1.0
"""Seconds without a task after which a worker is idle: work that comes piece by piece leaves small gaps."""

NICE = 5
"""How far workers give way to the server, which answers all visitors: a third of its share where cores are scarce."""

WARMUP_IMAGE: Image = np.indices((48, 64)).sum(axis=0, dtype=np.uint8)[..., None].repeat(3, axis=2)
"""What methods are tried on before anybody asks: a slope."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]


def serve(warm_up: bool) -> None:
    """What the worker process runs: answer each call on standard output until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server
    with suppress(OSError):  # where memory runs out, Linux ends a worker and not the server
        Path("/proc/self/oom_score_adj").write_text("500")
    with suppress(AttributeError):  # the server is not to wait while workers compute; Windows has no such thing
        os.nice(NICE)
    logging.getLogger("segmethods.methods").setLevel(logging.ERROR)  # the server names faulty plug-ins already
    answers = os.fdopen(os.dup(1), "wb")
    _out[:] = [answers]
    os.dup2(2, 1)  # what a method prints is no answer
    untried = iter(_own_methods() if warm_up else ())
    calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, calls), daemon=True).start()
    _send(answers, pickle.dumps(True))
    while True:
        function, arguments = _wait(calls, untried)
        _send(answers, _reply(function, arguments))


def _wait(calls: queue.SimpleQueue[Call], untried: Iterator[Method]) -> Call:
    """The next call; while nobody has one, methods are tried that will be needed, and memory is given back."""
    with suppress(queue.Empty):
        return calls.get(timeout=BETWEEN_TASKS)
    while calls.empty() and (method := next(untried, None)):
        try_timed(WARMUP_IMAGE.copy(), method.id, {}, most_runs=1)
    return_memory()
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


@dataclass(frozen=True)
class Told:
    """What a call says of itself before its answer."""

    progress: Any


_out: list[IO[bytes]] = []
"""In a worker process: where its answers go."""


def tell(progress: object) -> None:
    """In a worker process: say how far the present call is. Elsewhere nobody hears it."""
    for answers in _out:
        _send(answers, pickle.dumps(Told(progress), pickle.HIGHEST_PROTOCOL))


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


_answers: LRUCache[tuple[str, int, bool], tuple[Probabilities, float, int]] = LRUCache(
    50_000_000, getsizeof=lambda answer: answer[0].nbytes
)
"""In a worker process: what networks said of this picture at last, for the methods that ask them again."""


def run_sent_task(task: Task, image: Image | None) -> Outcome:
    """`run_task` in a worker process, which has the picture already if none is given.

    The answer comes without probabilities: they are twenty times as large as all the rest, and no page reads them.
    """
    if image is not None:
        _sent[:] = [image]
        _answers.clear()
    with sharing(_answers):
        outcome = run_task(task, _sent[0].copy())
    return outcome if isinstance(outcome, Failure) else replace(outcome, probabilities=None)


def _own_methods() -> list[Method]:
    """The project's own methods, quick ones first, and in another order in every worker."""
    methods = [m for m in list_methods() if m.function.__module__.startswith("segmethods.")]
    random.shuffle(methods)  # what one worker prepares for all, such as a converted network, the others find done
    return sorted(methods, key=lambda m: m.family != "classical")
