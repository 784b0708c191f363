"""A call that waits for a worker: what is to be done, who wants it, and what is done when the worker dies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from segmethods.core.types import Failure, Image, Outcome
from segmethods.execution.cache import Key
from segmethods.execution.process import Listener, Worker, WorkerDied, WorkerStopped
from segmethods.execution.tasks import Task

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Call:
    """A call, and the futures of those who wait for its answer."""

    function: Callable[[Worker], Any]
    is_quick: bool = False
    group: str = ""
    retries: int = 0
    key: Key | None = None
    """Under which the cache keeps the answer; None for what nobody else may ask."""
    clients: dict[Future[Any], str] = field(default_factory=dict)
    """Who waits, by their futures."""
    worker: Worker | None = None
    """Who runs it; None while it waits."""

    def run(self, worker: Worker) -> Any:
        """Its answer; once more from the worker's successor if the worker dies, as often as it may be tried."""
        for _ in range(self.retries):
            try:
                return self.function(worker)
            except WorkerStopped:
                raise
            except WorkerDied as error:
                log.warning("once more: %s", error.detail)
        return self.function(worker)


def run_function(
    worker: Worker, function: Callable[..., Any], arguments: tuple[Any, ...], deadline: float, told: Listener | None
) -> Any:
    """A function's answer."""
    return worker.call(function, *arguments, deadline=deadline, told=told)


def run_method(worker: Worker, task: Task, image: Image, deadline: float) -> Outcome:
    """A method's outcome; a worker that dies or is stopped over it is a failure of the method."""
    try:
        return worker.run(task, image, deadline)
    except WorkerDied as error:
        level = logging.INFO if isinstance(error, WorkerStopped) else logging.WARNING
        log.log(level, "%s: %s", task.method, error.detail)
        return Failure(task.method, error.message, error.detail, task.params)
