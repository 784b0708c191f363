"""What a comparison waits for: workers, and before them weights that are fetched when somebody wants them."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Mapping
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.image_picker import Picture
from pages.ui.language import t
from segmethods.core.messages import Message
from segmethods.core.types import Failure, Outcome
from segmethods.execution.pool import Batch, pool
from segmethods.models.weights import Weights, WeightsError, fetch, missing

Plan = Mapping[str, Mapping[str, Any]]

log = logging.getLogger(__name__)


class _StopFetching(Exception):
    """Somebody said stop."""


class DownloadJob:
    """Weights on their way to this machine, for all who wait for them; a click elsewhere doesn't stop it."""

    def __init__(self, weights: Weights) -> None:
        self.come, self.total, self._name = 0, weights.bytes, weights.name
        self.problem: Message | None = None
        self._began, self._stop = time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(weights,), daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return self.is_stopped or not self._thread.is_alive()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody said stop. A server that says nothing holds the thread longer, but nobody waits for it."""
        return self._stop.is_set()

    @property
    def seconds_left(self) -> float:
        """At the pace so far; NaN as long as nothing has come."""
        return (time.monotonic() - self._began) * (self.total / self.come - 1) if self.come else math.nan

    def stop(self) -> None:
        """Fetch no more; what has come is thrown away. What is over stays as it ended."""
        if self.is_over:
            return
        self.problem = Message("Fetching the weights {name} was stopped.", {"name": self._name})
        self._stop.set()

    def _run(self, weights: Weights) -> None:
        try:
            fetch(weights, self._note)
        except _StopFetching:
            return
        except WeightsError as error:
            self.problem = self.problem or error.message
        except Exception:
            log.exception("%s can't be fetched", weights.name)
            self.problem = self.problem or Message(
                "The weights {name} can't be fetched. The log has the details.", {"name": weights.name}
            )

    def _note(self, come: int, total: int) -> None:
        self.come, self.total = come, total
        if self.is_stopped:
            raise _StopFetching


_fetching: dict[str, DownloadJob] = {}
_lock = threading.Lock()


def start_download(weights: Weights) -> DownloadJob:
    """Begin to fetch weights, or join those who wait for them already."""
    with _lock:
        known = _fetching.get(weights.name)
        if known is None or known.is_over:
            known = _fetching[weights.name] = DownloadJob(weights)
        return known


def find_download(weights: Weights) -> DownloadJob | None:
    """How the weights came or come to this machine; None if nobody asked since the server started."""
    return _fetching.get(weights.name)


class OutcomeStream:
    """The outcomes of a plan for one picture, as they come. Leaving its ``with`` block gives up what hasn't."""

    def __init__(self, picture: Picture, plan: Plan) -> None:
        self._picture, self._plan = picture, plan
        self._fetching = {id: start_download(weights) for id, weights in missing(plan).items()}
        self._batches = [self._submit({id: params for id, params in plan.items() if id not in self._fetching})]

    @property
    def unread(self) -> list[str]:
        """The methods whose outcomes `next` hasn't given yet."""
        return [*self._fetching, *(id for batch in self._batches for id in batch.unread)]

    def next(self, timeout: float) -> tuple[str, Outcome] | None:
        """A method and its outcome, or None if none has finished after `timeout` seconds."""
        for id, fetching in list(self._fetching.items()):
            if fetching.is_over:
                del self._fetching[id]
                if fetching.problem:
                    return id, Failure(id, fetching.problem, params=self._plan[id])
                self._batches.append(self._submit({id: self._plan[id]}))
        for batch in self._batches[1:]:
            if answer := batch.next(0):
                return answer
        return self._batches[0].next(timeout)

    def describe(self, id: str) -> tuple[str, bool]:
        """What a method is waiting for, and whether it is its turn."""
        if fetching := self._fetching.get(id):
            megabytes = {"come": f"{fetching.come / 1e6:.0f}", "total": f"{fetching.total / 1e6:.0f}"}
            return t("Fetching its weights: {come} of {total} MB", **megabytes), True
        place = next(batch.place(id) for batch in self._batches if id in batch.unread)
        return (t("Place {place} in the queue", place=place), False) if place else (t("Computing"), True)

    def __enter__(self) -> OutcomeStream:
        return self

    def __exit__(self, *error: object) -> None:
        for batch in self._batches:
            batch.cancel()

    def _submit(self, plan: Plan) -> Batch:
        return pool().submit(client_id(), self._picture.image, self._picture.digest, plan)


def client_id() -> str:
    """Whose line the work of this run waits in."""
    context = get_script_run_ctx()
    return context.session_id if context else ""
