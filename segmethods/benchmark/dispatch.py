"""The work of a run, handed to an executor."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial

from segmethods.benchmark.evaluation import EvalJob, ImageCounts, evaluate_all, tally_failures
from segmethods.core.messages import ImageError
from segmethods.core.settings import settings
from segmethods.datasets.sample_refs import SampleRef, Skipped
from segmethods.execution.cluster import dask_cluster
from segmethods.execution.executors import Executor, own_pool, run_ahead, shared_pool
from segmethods.execution.process import WorkerDied

log = logging.getLogger(__name__)

Answers = list[ImageCounts | Skipped]

PATIENCE = 3
"""A picture's segmentation and its scores together may take this many times the deadline of a method."""


def choose_executor(
    images: int, workers: int | None, scheduler: str | None, client_id: str
) -> AbstractContextManager[Executor]:
    """A Dask cluster if its scheduler is named, the pool of this process for a client of it, else processes of its own.

    Parameters
    ----------
    images : int
        Pictures of the run; there won't be more processes than these.
    workers, scheduler, client_id
        As of :func:`segmethods.benchmark.benchmark`.
    """
    if scheduler is not None:
        return dask_cluster(scheduler)
    deadline = PATIENCE * settings().deadline
    if client_id:
        return shared_pool(client_id, deadline)
    return own_pool(max(1, min(workers or settings().workers, images)), deadline)


def evaluate_dataset(
    executor: Executor, pairs: Sequence[SampleRef], jobs: Sequence[EvalJob], stop: threading.Event
) -> Iterator[tuple[SampleRef, Answers]]:
    """Give each pair and its answers as they are finished, in any order.

    Parameters
    ----------
    executor : Executor
        Who does it. In a pool each job of each pair is a call of its own, so that one that takes too long loses its own
        answer alone; to other machines a pair goes once, as the bytes of its files, with all jobs.
    pairs, jobs
        Every job is done with every pair.
    stop : Event
        Set it to end early; what isn't finished then is dropped.
    """
    chunks = [list(jobs)] if executor.is_remote else [[job] for job in jobs]

    def submit(pair: SampleRef) -> list[Future[Answers]]:
        try:
            sent = pair.packed() if executor.is_remote else pair
        except ImageError as error:
            return [_finished([Skipped(pair.name, error.message)])]
        return [executor.submit(evaluate_all, sent, chunk, group=pair.name) for chunk in chunks]

    for pair, futures in run_ahead(executor, submit, pairs, stop):
        read = partial(_read, executor, pair)
        yield pair, [answer for parts in map(read, chunks, futures) for answer in parts]


def _finished(answers: Answers) -> Future[Answers]:
    future: Future[Answers] = Future()
    future.set_result(answers)
    return future


def _read(executor: Executor, pair: SampleRef, jobs: Sequence[EvalJob], future: Future[Answers]) -> Answers:
    """The answers of some jobs, or what counts in their place if their worker died or took too long."""
    try:
        return future.result()
    except WorkerDied as error:
        log.warning("%s, %s: %s", pair.name, ", ".join(job.label for job in jobs), error.detail)
        if executor.is_remote:
            return tally_failures(pair, jobs, error.message)
        return executor.submit(tally_failures, pair, jobs, error.message).result()
