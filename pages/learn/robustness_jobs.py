"""The points of robustness curves: computed by the workers in the background, kept for everybody."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial

import streamlit as st

from segmethods.classroom.robustness import score_spoilt
from segmethods.core.types import GroundTruth, Image
from segmethods.execution.pool import pool
from segmethods.execution.process import WorkerDied
from segmethods.methods import get_method

log = logging.getLogger(__name__)

KEPT = 20_000
"""Points that are kept."""

Point = tuple[str, str, int, str, float]
"""Digest of the picture, corruption, seed, method, strength."""


class ScoringJob:
    """Points on their way, for a visitor who wants to see them; clicks elsewhere don't stop them.

    Parameters
    ----------
    line : str
        Whose line they wait in.
    image, truth : ndarray and GroundTruth
        Of all of them.
    points : sequence of Point
        In this order.
    """

    def __init__(self, line: str, image: Image, truth: GroundTruth, points: Sequence[Point]) -> None:
        self.points, self.is_stopped = frozenset(points), False
        self._line = line
        self._answers = [self._ask(image, truth, point) for point in points]

    @property
    def done(self) -> int:
        """How many have come, or won't come."""
        return sum(answer.done() for answer in self._answers)

    @property
    def is_over(self) -> bool:
        return self.is_stopped or self.done == len(self._answers)

    def stop(self) -> None:
        """Give up the points that haven't come."""
        self.is_stopped = True
        pool().give_up(self._line)

    def _ask(self, image: Image, truth: GroundTruth, point: Point) -> Future[float]:
        _, kind, seed, method, strength = point
        arguments = (image, truth, kind, strength, method, get_method(method).validate({}), seed)
        answer = pool().call(self._line, score_spoilt, *arguments)
        answer.add_done_callback(partial(_keep, known_points(), point))
        return answer


@st.cache_resource(show_spinner=False)
def known_points() -> OrderedDict[Point, float]:
    """The points that anybody has had computed; NaN where a method had no answer."""
    return OrderedDict()


def _keep(known: OrderedDict[Point, float], point: Point, answer: Future[float]) -> None:
    """Keep a point; one whose worker was stopped may be there the next time."""
    if answer.cancelled():
        return
    try:
        known[point] = answer.result()
    except WorkerDied as error:
        log.warning("%s: %s", point[3], error)
    while len(known) > KEPT:
        known.popitem(last=False)
