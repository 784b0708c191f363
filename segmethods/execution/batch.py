"""The outcomes that one client waits for, as they finish."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from segmethods.core.types import Outcome


class Batch:
    """The outcomes of one plan, as they finish.

    Use it in a ``with`` statement, or call `cancel` in the end: work that nobody waits for gives way.

    Parameters
    ----------
    futures : mapping
        Method id -> the future of its outcome.
    position : callable
        Gives the place of a future in its queue.
    on_news : callable
        Called, from any thread, when a method has finished, and when places in the queues have changed since
        `has_moved` was last set to False.
    """

    def __init__(
        self,
        futures: Mapping[str, Future[Outcome]],
        position: Callable[[Future[Outcome]], int | None],
        on_news: Callable[[], object] = lambda: None,
    ) -> None:
        self.has_moved = False
        self._futures, self._position, self._on_news = dict(futures), position, on_news
        self._finished: SimpleQueue[str] = SimpleQueue()
        for method, future in futures.items():
            future.add_done_callback(partial(self._note, method))

    def _note(self, method: str, _: Future[Outcome]) -> None:
        self._finished.put(method)
        self._on_news()

    def note_move(self) -> None:
        """Places in the queues have changed."""
        if not self.has_moved:
            self.has_moved = True
            self._on_news()

    @property
    def unread(self) -> tuple[str, ...]:
        """The methods whose outcomes `next` hasn't given yet."""
        return tuple(self._futures)

    @property
    def has_finished(self) -> bool:
        """Whether `next` would give an outcome at once."""
        return not self._finished.empty()

    def next(self, timeout: float | None = None) -> tuple[str, Outcome] | None:
        """A method and its outcome, or None if none has finished after `timeout` seconds."""
        try:
            method = self._finished.get(timeout=timeout)
        except Empty:
            return None
        future = self._futures.pop(method, None)
        return None if future is None else (method, future.result())

    def queue_position(self, method: str) -> int | None:
        """How many calls, this one included, must start before this method runs: 0 if it runs, None if it's over."""
        future = self._futures.get(method)
        return None if future is None else self._position(future)

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
