"""Work in the background: a thread that somebody looks at now and then."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from segmethods.core.faults import describe_fault
from segmethods.core.messages import Message, SegmethodsError

log = logging.getLogger(__name__)

Progress = TypeVar("Progress")


class Stopped(Exception):
    """Raised in the work to end it, because somebody said stop."""


class StopSignal(threading.Event):
    """An event that calls who listens when it is set, so that they need not look."""

    def __init__(self) -> None:
        super().__init__()
        self._listeners: list[Callable[[], object]] = []
        self._telling = threading.Lock()

    def set(self) -> None:
        """Set it, and tell those who listen."""
        with self._telling:
            super().set()
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    @contextmanager
    def listening(self, listener: Callable[[], object]) -> Iterator[None]:
        """Have a function called when it is set, at once if it is set already, until the block ends."""
        with self._telling:
            self._listeners.append(listener)
            is_late = self.is_set()
        if is_late:
            listener()
        try:
            yield
        finally:
            with self._telling:
                self._listeners.remove(listener)


class BackgroundJob(Generic[Progress]):
    """A function that runs in a thread of its own and reports how far it is.

    Parameters
    ----------
    work : callable
        It is given this job, calls `report` now and then, and ends soon after `stopping` is set. An error of it
        becomes the job's `problem`.
    progress : Progress
        How far it is before the first report.
    name : str
        What it does, for the log.
    """

    def __init__(self, work: Callable[[BackgroundJob[Progress]], object], progress: Progress, name: str) -> None:
        self.progress = progress
        self.problem: Message | None = None
        self.began = time.monotonic()
        self.stopping = StopSignal()
        self._name = name
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether its thread has ended: it finished, failed or was stopped."""
        return not self._thread.is_alive()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody said stop; the thread may take a while to end."""
        return self.stopping.is_set()

    @property
    def is_active(self) -> bool:
        """Whether more can be expected of it: it is neither over nor stopped."""
        return not (self.is_over or self.is_stopped)

    def report(self, progress: Progress) -> None:
        """Say how far the work is; for the work itself, which ends here if somebody said stop."""
        if self.stopping.is_set():
            raise Stopped
        self.progress = progress

    def stop(self, reason: Message | None = None) -> None:
        """End it soon. What is over stays as it ended; the first reason becomes its problem."""
        if self.is_active:
            self.problem = reason
            self.stopping.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over, and say whether it is."""
        self._thread.join(timeout)
        return self.is_over

    def _run(self, work: Callable[[BackgroundJob[Progress]], object]) -> None:
        try:
            work(self)
        except Stopped:
            return
        except SegmethodsError as error:
            self.problem = self.problem or error.message
        except Exception as error:
            log.exception("%s broke off", self._name)
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            broken = Message("The work broke off ({reason}). The log has the details.", {"reason": reason})
            self.problem = self.problem or describe_fault(error) or broken
