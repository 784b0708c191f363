"""The points of robustness curves: computed by the workers in the background, kept for everybody."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future

import streamlit as st
from cachetools import FIFOCache

from segmethods.classroom.robustness import score_spoilt
from segmethods.core.settings import settings
from segmethods.core.types import GroundTruth, Image
from segmethods.execution.background import BackgroundJob
from segmethods.execution.executors import run_ahead, shared_pool
from segmethods.execution.process import WorkerDied
from segmethods.methods import get_method

log = logging.getLogger(__name__)

KEPT = 20_000
"""Points that are kept."""

Point = tuple[str, str, int, str, float]
"""Digest of the picture, corruption, seed, method, strength."""


class ScoringJob(BackgroundJob[int]):
    """Points on their way, for a visitor who wants to see them; clicks elsewhere don't stop them.

    Its progress is how many have come, or won't come.

    Parameters
    ----------
    client_id : str
        In whose queue they wait; no other job's.
    image, truth : ndarray and GroundTruth
        Of all of them.
    points : sequence of Point
        In this order.
    """

    def __init__(self, client_id: str, image: Image, truth: GroundTruth, points: Sequence[Point]) -> None:
        self.points = frozenset(points)
        known = known_points()  # asked for here, where Streamlit knows whose session it is

        def work(job: BackgroundJob[int]) -> None:
            with shared_pool(client_id, settings().deadline) as executor:

                def submit(point: Point) -> list[Future[float]]:
                    _, kind, seed, method, strength = point
                    params = get_method(method).validate({})
                    return [executor.submit(score_spoilt, image, truth, kind, strength, method, params, seed)]

                for done, (point, (future,)) in enumerate(run_ahead(executor, submit, points, job.stopping), 1):
                    _keep(known, point, future)
                    job.report(done)

        super().__init__(work, 0, "robustness curves")


@st.cache_resource(show_spinner=False)
def known_points() -> FIFOCache[Point, float]:
    """The points that anybody has had computed; NaN where a method had no answer."""
    return FIFOCache(KEPT)


def _keep(known: FIFOCache[Point, float], point: Point, future: Future[float]) -> None:
    """Keep a point; one whose worker was stopped may be there the next time."""
    try:
        known[point] = future.result()
    except WorkerDied as error:
        log.warning("%s: %s", point[3], error.detail)
