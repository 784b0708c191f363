"""What a comparison waits for: workers, and before them weights that are fetched when somebody wants them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from typing import Any

import streamlit as st

from pages.state.images import LoadedImage
from pages.state.keeping import look_at
from pages.state.presence import LONGEST, Bell, client_id
from pages.ui.language import t
from segmethods.core.messages import Message
from segmethods.core.types import Failure, Outcome
from segmethods.execution.background import BackgroundJob
from segmethods.execution.batch import Batch
from segmethods.execution.pool import pool
from segmethods.models.weights import Weights, fetch, list_missing

Plan = Mapping[str, Mapping[str, Any]]

PLACES = 0.4
"""Seconds between looks at what methods wait for, while that changes."""

LOOKS = 10
"""Such looks a second for all visitors together: each sends up to nine cells, and a class that waits would look at
nothing else."""


def pace(visitors: int) -> float:
    """Seconds between two looks of one visitor, while so many wait.

    Examples
    --------
    >>> pace(1), pace(30), pace(100)
    (0.4, 3.0, 10.0)
    """
    return max(PLACES, visitors / LOOKS)


DownloadJob = BackgroundJob[tuple[int, int]]
"""Weights on their way to this machine, for all who wait for them, with the bytes that have come and all; a click
elsewhere doesn't stop it."""

_fetching: dict[str, DownloadJob] = {}
_lock = threading.Lock()


def start_download(weights: Weights) -> DownloadJob:
    """Begin to fetch weights, or join those who wait for them already."""
    with _lock:
        known = _fetching.get(weights.name)
        if known is None or not known.is_active:
            known = _fetching[weights.name] = BackgroundJob(
                lambda job: fetch(weights, lambda come, total: job.report((come, total))),
                (0, weights.bytes),
                f"fetching {weights.name}",
            )
        return known


def stop_download(weights: Weights) -> None:
    """Fetch no more; what has come is thrown away. A server that says nothing holds the thread, but nobody waits."""
    if fetching := find_download(weights):
        fetching.stop(Message("Fetching the weights {name} was stopped.", {"name": weights.name}))


def find_download(weights: Weights) -> DownloadJob | None:
    """How the weights came or come to this machine; None if nobody asked since the server started."""
    return _fetching.get(weights.name)


_open: set[OutcomeStream] = set()
"""What runs of pages wait for at this moment."""


class OutcomeStream:
    """The outcomes of a plan for one picture, as they come. Leaving its ``with`` block gives up what hasn't."""

    def __init__(self, image: LoadedImage, plan: Plan) -> None:
        self.bell = Bell()
        if not image.sample:
            look_at(image.digest)
        self._image, self._plan, self._told = image, plan, 0.0
        self._fetching = {method_id: start_download(weights) for method_id, weights in list_missing(plan).items()}
        self._batches = [
            self._submit({method_id: params for method_id, params in plan.items() if method_id not in self._fetching})
        ]

    @property
    def unread(self) -> list[str]:
        """The methods whose outcomes `next` hasn't given yet."""
        return [*self._fetching, *(method_id for batch in self._batches for method_id in batch.unread)]

    @property
    def has_come(self) -> bool:
        """Whether `next` has something to give."""
        return any(batch.has_finished for batch in self._batches) or not all(
            fetching.is_active for fetching in self._fetching.values()
        )

    def next(self) -> tuple[str, Outcome] | None:
        """A method and its outcome, if one has finished; this run of the page ends if the work was given up."""
        for method_id, fetching in list(self._fetching.items()):
            if not fetching.is_active:
                del self._fetching[method_id]
                if fetching.problem:
                    return method_id, Failure(method_id, fetching.problem, params=self._plan[method_id])
                self._batches.append(self._submit({method_id: self._plan[method_id]}))
        try:
            return next(filter(None, (batch.next(0) for batch in self._batches)), None)
        except CancelledError:  # the visitor has gone
            st.stop()

    def wait(self) -> None:
        """Sleep until an outcome has come or a place has changed; the latter is told at a `pace`."""
        while not self.has_come:
            moves = bool(self._fetching) or any(batch.has_moved for batch in self._batches)
            rest = self._told + pace(len(_open)) - time.monotonic() if moves else LONGEST
            if rest <= 0:
                self._told = time.monotonic()
                for batch in self._batches:
                    batch.has_moved = False
                return
            self.bell.wait(min(rest, LONGEST))

    def __iter__(self) -> Iterator[tuple[str, Outcome]]:
        while self.unread:
            if answer := self.next():
                yield answer
            else:
                self.wait()

    def describe(self, method_id: str) -> tuple[str, bool]:
        """What a method is waiting for, and whether it is its turn."""
        if fetching := self._fetching.get(method_id):
            come, total = fetching.progress
            megabytes = {"come": f"{come / 1e6:.0f}", "total": f"{total / 1e6:.0f}"}
            return t("Fetching its weights: {come} of {total} MB", **megabytes), True
        place = next(batch.queue_position(method_id) for batch in self._batches if method_id in batch.unread)
        return (t("Place {place} in the queue", place=place), False) if place else (t("Computing"), True)

    def __enter__(self) -> OutcomeStream:
        _open.add(self)
        return self

    def __exit__(self, *error: object) -> None:
        _open.discard(self)
        for batch in self._batches:
            batch.cancel()

    def _submit(self, plan: Plan) -> Batch:
        return pool().submit(client_id(), self._image.pixels, self._image.digest, plan, self.bell.ring)
