"""The list of all metrics: what each is called, which way is better, what it means, how it comes from counts.

Compare, benchmark, ``score`` and the lessons all read `METRICS`. A file of this package that calls :func:`register`
adds a metric to all of them; its texts need a translation, and counts of its own come with it (`Metric.measure`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from segmethods.core.messages import Message, ParameterError
from segmethods.metrics.counts import Counted, Maps, Values

Kind = Literal["class", "region", "boundary", "outline", "object"]

QUICK: tuple[Kind, ...] = ("class", "region", "object")
SLOW: tuple[Kind, ...] = ("boundary", "outline")
"""Kinds that take most of the time on large pictures, and may be left out."""


@dataclass(frozen=True, eq=False)
class Metric:
    """One score.

    Parameters
    ----------
    id : str
        The attribute of `Scores`, the key in JSON.
    title, explanation, undefined : str
        English texts, the keys of the translation catalogues: a name, one sentence that says what it means, and one
        that says when it has no value.
    symbol : str
        Short name for axes and tables.
    latex : str
        T and P are the truth and the prediction, n_ij the pixels in region i of one and j of the other.
    count : callable
        What one image adds to the sums: a vector, empty where there is nothing to count.
    formula : callable
        The score, float64 (...), of sums (..., D); NaN where it is undefined.
    kind : str
        What is compared.
    higher_is_better : bool
        Which way to sort.
    low, high : float or None
        Smallest and largest value; None if there is no bound.
    unit : str
        Empty for a fraction.
    measure : callable or None
        Counts of its own, from the maps of one image: a vector. A benchmark stores it, and `count` finds it in
        ``counts.more``.
    """

    id: str
    title: str
    symbol: str
    latex: str
    explanation: str
    undefined: str
    count: Callable[[Counted], Values]
    formula: Callable[[Values], Values]
    kind: Kind = "class"
    higher_is_better: bool = True
    low: float = 0.0
    high: float | None = 1.0
    unit: str = ""
    measure: Callable[[Maps], Values] | None = None

    @property
    def of_classes(self) -> bool:
        """Whether it is about named classes, so that it depends on the alignment."""
        return self.kind in ("class", "outline")

    def score(self, counts: Counted) -> float:
        """The score of one image; NaN where it is undefined."""
        sums = self.count(counts)
        return float(self.formula(sums)) if sums.size else float("nan")


METRICS: dict[str, Metric] = {}
"""Id -> metric, in the order in which tables show them."""


def register(metric: Metric) -> Metric:
    """Add a metric; `ParameterError` if its id is taken."""
    if metric.id in METRICS:
        raise ParameterError("There is a score {name} already. Choose another id.", name=metric.id)
    METRICS[metric.id] = metric
    return metric


def get_metric(metric_id: str) -> Metric:
    """The metric with this id, or `ParameterError` with the ids that exist."""
    if metric_id not in METRICS:
        raise ParameterError(
            "There is no score {name}. Choose from {choices}.", name=metric_id, choices=", ".join(METRICS)
        )
    return METRICS[metric_id]


def list_scores(*kinds: Kind) -> tuple[Metric, ...]:
    """The metrics of these kinds, in order; all of them without any kind.

    Examples
    --------
    >>> [metric.symbol for metric in list_scores("boundary", "object")]
    ['bP', 'bR', 'F', 'AP', 'PQ', 'AJI']
    """
    return tuple(metric for metric in METRICS.values() if not kinds or metric.kind in kinds)


def measure_more(maps: Maps) -> Mapping[str, Values]:
    """The counts that metrics bring with them, by id."""
    return {m.id: np.asarray(m.measure(maps), float) for m in METRICS.values() if m.measure is not None}


POLICY = Message(
    "Pixels that the truth doesn't judge are dropped first. The IoU of a class that only the truth or only the method "
    "has is 0; that of a class that neither has is undefined, and means leave it out. A label outside the classes is a "
    "miss for the true class and a false find for none. Over many pictures, counts are summed first and scored then."
)
"""The one rule for what is absent, empty or not judged, to stand beside every table of scores."""
