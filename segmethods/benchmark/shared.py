"""The work of a run in the pool of workers that all visitors of a dashboard share."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

from segmethods.benchmark.evaluation import Order, Tally, evaluate, tally_failure
from segmethods.benchmark.local import PATIENCE, POLL, Answers, explain
from segmethods.core.settings import settings
from segmethods.datasets.pairs import Pair, Skipped
from segmethods.execution.pool import Pool, pool
from segmethods.execution.process import WorkerDied, WorkerStopped

Answer = Tally | Skipped


def evaluate_among_others(
    pairs: Sequence[Pair], orders: Sequence[Order], stop: threading.Event, owner: str
) -> Iterator[tuple[Pair, Answers]]:
    """Give each pair and its answers as they are finished, in any order.

    The run has a line of its own, from which the workers take in turn with the lines of visitors and other runs: one
    order at a time, so that nobody waits long.

    Parameters
    ----------
    pairs, orders
        Every order is done with every pair.
    stop : Event
        Set it to end early; what isn't finished then is dropped.
    owner : str
        The name of the line.
    """
    crowd, waiting = pool(), iter(pairs)
    begun: dict[str, tuple[Pair, list[Future[Answer]]]] = {}
    try:
        while not stop.is_set():
            while len(begun) <= settings().workers and (pair := next(waiting, None)):
                begun[pair.name] = (pair, [_call(crowd, owner, pair, order) for order in orders])
            if not begun:
                return
            for pair, futures in list(begun.values()):
                if all(future.done() for future in futures):
                    del begun[pair.name]
                    answers = [_read(crowd, owner, pair, o, f) for o, f in zip(orders, futures, strict=True)]
                    yield pair, answers
            open_ones = [f for _, futures in begun.values() for f in futures if not f.done()]
            wait(open_ones, timeout=POLL, return_when=FIRST_COMPLETED)
    finally:
        crowd.give_up(owner)


def _call(crowd: Pool, owner: str, pair: Pair, order: Order) -> Future[Answer]:
    return crowd.call(owner, evaluate, pair, order, deadline=PATIENCE * settings().deadline)


def _read(crowd: Pool, owner: str, pair: Pair, order: Order, future: Future[Answer]) -> Answer:
    """One answer, a second time if the process died, and in the end that there is none."""
    error = future.exception()
    if isinstance(error, WorkerDied) and not isinstance(error, WorkerStopped):
        future = _call(crowd, owner, pair, order)
        error = future.exception()
    if isinstance(error, WorkerDied):
        return crowd.call(owner, tally_failure, pair, order, explain(error, pair, order)).result()
    return future.result()
