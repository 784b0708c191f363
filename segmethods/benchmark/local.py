"""Processes of this machine that do the work of a run."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress

from segmethods.benchmark.evaluation import Order, Tally, evaluate, tally_failure
from segmethods.core.messages import Message
from segmethods.core.settings import settings
from segmethods.datasets.pairs import Pair, Skipped
from segmethods.execution.process import Worker, WorkerDied, WorkerStopped

log = logging.getLogger(__name__)

Answers = list[Tally | Skipped]

PATIENCE = 3
"""A picture's segmentation and its scores together may take this many times the deadline of a method."""

POLL = 0.2
"""Seconds between two looks at the stop button."""


def evaluate_here(
    pairs: Sequence[Pair], orders: Sequence[Order], stop: threading.Event, workers: int | None = None
) -> Iterator[tuple[Pair, Answers]]:
    """Give each pair and its answers as they are finished, in any order.

    Parameters
    ----------
    pairs, orders
        Every order is done with every pair.
    stop : Event
        Set it to end early; what isn't finished then is dropped.
    workers : int, optional
        How many processes; all cores are shared among them. As the settings say if left out.
    """
    count = min(workers or settings().workers, len(pairs))
    cores = settings().workers * settings().threads
    crew = [Worker(threads=max(1, cores // max(count, 1))) for _ in range(count)]
    waiting: queue.SimpleQueue[Pair] = queue.SimpleQueue()
    finished: queue.SimpleQueue[tuple[Pair, Answers] | Exception] = queue.SimpleQueue()
    for pair in pairs:
        waiting.put(pair)
    over = threading.Event()
    for worker in crew:
        arguments = (worker, waiting, finished, orders, over)
        threading.Thread(target=_serve, args=arguments, daemon=True).start()
    try:
        left = len(pairs)
        while left and not stop.is_set():
            with suppress(queue.Empty):
                item = finished.get(timeout=POLL)
                if isinstance(item, Exception):
                    raise item
                left -= 1
                yield item
    finally:
        over.set()
        for worker in crew:
            worker.close()


def _serve(
    worker: Worker,
    waiting: queue.SimpleQueue[Pair],
    finished: queue.SimpleQueue[tuple[Pair, Answers] | Exception],
    orders: Sequence[Order],
    over: threading.Event,
) -> None:
    """Keep one worker busy until nothing waits."""
    try:
        while not over.is_set():
            pair = waiting.get_nowait()
            answers = [_ask(worker, pair, order) for order in orders]
            finished.put((pair, answers))
    except queue.Empty:
        return
    except Exception as error:  # noqa: BLE001 - it is raised where the answers are read
        if not over.is_set():
            finished.put(error)


def _ask(worker: Worker, pair: Pair, order: Order) -> Tally | Skipped:
    """One answer, a second time if the process died, and in the end that there is none."""
    limit = PATIENCE * settings().deadline
    for _ in range(2):
        try:
            return worker.call(evaluate, pair, order, deadline=limit)
        except WorkerDied as error:
            if worker.is_closed:
                raise
            message = explain(error, pair, order)
            if isinstance(error, WorkerStopped):
                break
    return worker.call(tally_failure, pair, order, message, deadline=limit)


def explain(error: WorkerDied, pair: Pair, order: Order) -> Message:
    """Why there is no answer."""
    log.warning("%s, %s: %s", pair.name, order.label, error)
    if isinstance(error, WorkerStopped):
        return Message(
            "Stopped after {seconds} seconds. Choose a smaller picture or faster settings.",
            {"seconds": f"{PATIENCE * settings().deadline:g}"},
        )
    return Message("The worker process died, perhaps for lack of memory. Try again, or with a smaller picture.")
