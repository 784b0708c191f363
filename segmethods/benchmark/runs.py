"""Run a benchmark: every finished picture is recorded, whoever computes it, and what was recorded is never repeated."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from segmethods.benchmark.cluster import connect, evaluate_there
from segmethods.benchmark.local import evaluate_here
from segmethods.benchmark.plans import Entry, list_orders
from segmethods.benchmark.shared import evaluate_among_others
from segmethods.benchmark.store import Store
from segmethods.core.messages import Message, SegmethodsError
from segmethods.datasets.datasets import Dataset
from segmethods.models.weights import WeightsError, fetch, missing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    run : int
        The run's number in its store.
    image : str
        The picture that was finished just now; empty at the start.
    done, total : int
        Pictures finished or skipped, and all.
    seconds_left : float or None
        By the pace so far; None before the first picture.
    """

    run: int
    image: str
    done: int
    total: int
    seconds_left: float | None = None


def benchmark(
    dataset: Dataset,
    entries: Sequence[Entry],
    store: Store,
    resume: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    stop: threading.Event | None = None,
    owner: str = "",
) -> Iterator[Progress]:
    """Run methods over a data set.

    Parameters
    ----------
    dataset : Dataset
        See :func:`segmethods.benchmark.open_dataset`.
    entries : sequence of Entry
        See :func:`segmethods.benchmark.plan_entries`.
    store : Store
        Where it is recorded.
    resume : bool
        Go on with the newest run of the same pictures, methods and parameters.
    workers : int, optional
        Processes on this machine; as the settings say if left out.
    scheduler : str, optional
        The address of a Dask cluster that does the work instead.
    stop : threading.Event, optional
        Ends the run when it is set; so does leaving the iterator. What was finished stays recorded.
    owner : str, optional
        Whose line of this process's pool of workers the work waits in, in place of processes of its own.

    Yields
    ------
    Progress
        At the start, and after each picture.

    Raises
    ------
    RunError
        If the run can't be started or gone on with, or its cluster is lost.
    """
    orders = list_orders(entries, _has_several_annotators(dataset))
    stop = stop or threading.Event()
    with connect(scheduler) if scheduler is not None else nullcontext() as cluster:
        run = store.begin(dataset, entries, resume)
        waiting = store.waiting(run.id)
        pairs = [pair for pair in dataset.pairs if pair.name in waiting]
        done = run.images - len(pairs)
        yield Progress(run.id, "", done, run.images)
        if pairs and cluster is None:
            _fetch_weights(entries, stop)
        if cluster is not None:
            finished = evaluate_there(pairs, orders, stop, cluster)
        elif owner:
            finished = evaluate_among_others(pairs, orders, stop, owner)
        else:
            finished = evaluate_here(pairs, orders, stop, workers)
        start = time.monotonic()
        for number, (pair, answers) in enumerate(finished, 1):
            store.record(run.id, pair.name, answers)
            pace = (time.monotonic() - start) / number
            yield Progress(run.id, pair.name, done + number, run.images, pace * (len(pairs) - number))


class _Stopped(Exception):
    """The run was stopped while something was fetched for it."""


def _fetch_weights(entries: Sequence[Entry], stop: threading.Event) -> None:
    """Fetches once what every worker would fetch for itself. What can't be had is said at each picture."""

    def look_up(come: int, total: int) -> None:
        if stop.is_set():
            raise _Stopped

    for entry in entries:
        for weights in missing({entry.method: entry.params}).values():
            try:
                fetch(weights, look_up)
            except WeightsError as error:
                log.warning("%s", error)
            except _Stopped:
                return


def _has_several_annotators(dataset: Dataset) -> bool:
    """Whether people can be compared with each other; a .mat file of BSDS500 holds several segmentations."""
    return any(len(pair.truth) > 1 or pair.files[-1].lower().endswith(".mat") for pair in dataset.pairs)


class Job:
    """A benchmark in a thread of its own, for a page that looks at it now and then. Parameters as of `benchmark`.

    Raises
    ------
    ParameterError
        If the entries can't be run together.
    """

    def __init__(
        self,
        dataset: Dataset,
        entries: Sequence[Entry],
        store: Store,
        resume: bool = False,
        workers: int | None = None,
        scheduler: str | None = None,
        owner: str = "",
    ) -> None:
        list_orders(entries, False)
        self.dataset, self.entries = dataset, tuple(entries)
        self.progress: Progress | None = None
        self.problem: Message | None = None
        self._stop = threading.Event()
        self._steps = benchmark(dataset, entries, store, resume, workers, scheduler, self._stop, owner)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def run(self) -> int | None:
        """The run's number, as soon as there is one."""
        return self.progress.run if self.progress else None

    @property
    def is_over(self) -> bool:
        """Whether it is finished, was stopped, or failed."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End it soon; what was finished stays recorded."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over, and say whether it is."""
        self._thread.join(timeout)
        return self.is_over

    def _work(self) -> None:
        try:
            for progress in self._steps:
                self.progress = progress
        except SegmethodsError as error:
            self.problem = error.message
        except Exception as error:
            log.exception("a benchmark broke off")
            self.problem = Message(
                "The benchmark broke off ({reason}). The log has the details.",
                {"reason": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"},
            )
