"""Comparing people's images: scores of genuine and impostor pairs, and the figures that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Roc:
    """Shares at every threshold, from strict to lax: falsely accepted and rightly accepted pairs."""

    false_accepts: Scores
    true_accepts: Scores


def roc(genuine: Scores, impostor: Scores) -> Roc:
    """The receiver operating characteristic of likeness scores: higher is more alike.

    Examples
    --------
    >>> curve = roc(np.array([0.9, 0.6]), np.array([0.7, 0.1]))
    >>> curve.true_accepts.tolist(), curve.false_accepts.tolist()
    ([0.0, 0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5, 1.0])
    """
    scores = np.unique(np.concatenate([genuine, impostor]))[::-1]
    accepted = [
        1 - np.searchsorted(np.sort(values), scores, "left") / max(len(values), 1) for values in (genuine, impostor)
    ]
    return Roc(np.concatenate([[0.0], accepted[1]]), np.concatenate([[0.0], accepted[0]]))


def equal_error_rate(genuine: Scores, impostor: Scores) -> float:
    """The rate at which as many genuine pairs are rejected as impostor pairs accepted; NaN without pairs of both kinds.

    Between two thresholds the curve is taken to be straight.

    Examples
    --------
    >>> equal_error_rate(np.array([0.9, 0.6]), np.array([0.7, 0.1]))
    0.5
    >>> equal_error_rate(np.array([0.9, 0.8]), np.array([0.7, 0.1]))
    0.0
    """
    if not len(genuine) or not len(impostor):
        return float("nan")
    curve = roc(genuine, impostor)
    gap = curve.false_accepts - (1 - curve.true_accepts)
    after = int(np.argmax(gap >= 0))
    before = max(after - 1, 0)
    width = gap[after] - gap[before]
    share = 0.0 if width == 0 else -gap[before] / width
    return float(curve.false_accepts[before] + share * (curve.false_accepts[after] - curve.false_accepts[before]))


def true_accept_rate(genuine: Scores, impostor: Scores, false_accepts: float) -> float:
    """The share of genuine pairs accepted where at most this share of impostor pairs is.

    Examples
    --------
    >>> true_accept_rate(np.array([0.9, 0.6]), np.array([0.7, 0.1]), 0.01)
    0.5
    """
    if not len(genuine) or not len(impostor):
        return float("nan")
    curve = roc(genuine, impostor)
    return float(curve.true_accepts[curve.false_accepts <= false_accepts + 1e-12].max())


def decidability(genuine: Scores, impostor: Scores) -> float:
    """Daugman's d′: the distance of both means over the root of the mean variance.

    Examples
    --------
    >>> decidability(np.array([3.0, 5.0]), np.array([0.0, 2.0]))
    3.0
    """
    if not len(genuine) or not len(impostor):
        return float("nan")
    spread = np.sqrt((genuine.var() + impostor.var()) / 2)
    return float(abs(genuine.mean() - impostor.mean()) / spread) if spread > 0 else float("nan")


def pool_pairs(tallies: Sequence[Mapping[str, Any]]) -> tuple[Scores, Scores]:
    """The scores of all genuine and of all impostor pairs, each in one array."""
    genuine, impostor = (np.concatenate([np.zeros(0), *(t[n] for t in tallies)]) for n in ("genuine", "impostor"))
    return genuine, impostor
