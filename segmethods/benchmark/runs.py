"""Run a benchmark: every finished picture is recorded, whoever computes it, and what was recorded is never repeated."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segmethods.benchmark.dispatch import choose_executor, evaluate_dataset
from segmethods.benchmark.plans import RunConfig, list_jobs
from segmethods.benchmark.store import RunError, Store
from segmethods.datasets.datasets import Dataset
from segmethods.execution.background import BackgroundJob
from segmethods.execution.cluster import ClusterError
from segmethods.models.weights import WeightsError, fetch, list_missing

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
    entries: Sequence[RunConfig],
    store: Store,
    resume: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    stop: threading.Event | None = None,
    client_id: str = "",
) -> Iterator[Progress]:
    """Run methods over a data set.

    Parameters
    ----------
    dataset : Dataset
        See :func:`segmethods.benchmark.open_dataset`.
    entries : sequence of RunConfig
        See :func:`segmethods.benchmark.plan_configs`.
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
    client_id : str, optional
        In whose queue of this process's pool the work waits, in place of processes of its own.

    Yields
    ------
    Progress
        At the start, and after each picture.

    Raises
    ------
    RunError
        If the run can't be started or gone on with, or its cluster is lost.
    """
    jobs = list_jobs(entries, _has_several_annotators(dataset))
    stop = stop or threading.Event()
    try:
        with choose_executor(len(dataset.pairs), workers, scheduler, client_id) as executor:
            run = store.begin(dataset, entries, resume)
            waiting = store.waiting(run.id)
            pairs = [pair for pair in dataset.pairs if pair.name in waiting]
            done = run.images - len(pairs)
            yield Progress(run.id, "", done, run.images)
            if pairs and not executor.is_remote:
                _fetch_weights(entries, stop)
            start = time.monotonic()
            for number, (pair, answers) in enumerate(evaluate_dataset(executor, pairs, jobs, stop), 1):
                store.record(run.id, pair.name, answers)
                pace = (time.monotonic() - start) / number
                yield Progress(run.id, pair.name, done + number, run.images, pace * (len(pairs) - number))
    except ClusterError as error:
        raise RunError(error.message.template, **error.message.values) from error


class _Stopped(Exception):
    """The run was stopped while something was fetched for it."""


def _fetch_weights(entries: Sequence[RunConfig], stop: threading.Event) -> None:
    """Fetches once what every worker would fetch for itself. What can't be had is said at each picture."""

    def look_up(*_: int) -> None:
        if stop.is_set():
            raise _Stopped

    for entry in entries:
        for weights in list_missing({entry.method: entry.params}).values():
            try:
                fetch(weights, look_up)
            except WeightsError as error:
                log.warning("%s", error)
            except _Stopped:
                return


def _has_several_annotators(dataset: Dataset) -> bool:
    """Whether people can be compared with each other; a .mat file of BSDS500 holds several segmentations."""
    return any(len(pair.truth) > 1 or pair.files[-1].lower().endswith(".mat") for pair in dataset.pairs)


class Job(BackgroundJob[Progress | None]):
    """A benchmark in a thread of its own, for a page that looks at it now and then. Parameters as of `benchmark`.

    Raises
    ------
    ParameterError
        If the entries can't be run together.
    """

    def __init__(
        self,
        dataset: Dataset,
        entries: Sequence[RunConfig],
        store: Store,
        resume: bool = False,
        workers: int | None = None,
        scheduler: str | None = None,
        client_id: str = "",
    ) -> None:
        list_jobs(entries, False)

        def work(job: BackgroundJob[Progress | None]) -> None:
            for progress in benchmark(dataset, entries, store, resume, workers, scheduler, job.stopping, client_id):
                job.progress = progress

        super().__init__(work, None, "a benchmark")

    @property
    def run(self) -> int | None:
        """The run's number, as soon as there is one."""
        return self.progress.run if self.progress else None
