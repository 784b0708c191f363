"""What each score is called, which way is better, what it means, and how it comes from counts: one entry each.

Compare, benchmark, ``score`` and the lessons all read `METRICS`. A file of this package that calls :func:`register`
adds a metric to all of them; its texts need a translation, and counts of its own come with it (`Metric.measure`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from segmethods.core.messages import Message, ParameterError
from segmethods.metrics import formulas as f
from segmethods.metrics.counts import Counted, Maps, Values

Kind = Literal["class", "region", "boundary", "outline", "object"]


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


SCORES = METRICS
"""Its former name."""


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

NO_CLASS = "Undefined for a class that neither the truth nor the method has; such classes are left out of the mean."
NOTHING_JUDGED = "Undefined where the truth judges no pixel."
NO_PAIR = "Undefined where the truth judges fewer than two pixels."
NO_BOUNDARY = "Undefined where neither the truth nor the method has a boundary; 0 where just one of them has."
NO_OUTLINE = (
    "Undefined where both masks are empty; where just one is, the worst value counts: the picture's diagonal, or 0."
)
NO_OBJECT = "Undefined where neither the truth nor the method has an object."

for _metric in (
    Metric(
        "mean_iou",
        "Mean IoU",
        "mIoU",
        r"\frac{1}{|C|}\sum_{c \in C}\frac{|T_c \cap P_c|}{|T_c \cup P_c|}",
        "Overlap of a class with the truth, divided by the area of both together; the mean over classes.",
        NO_CLASS,
        f.class_areas,
        f.mean_of_classes(f.class_iou),
    ),
    Metric(
        "pixel_accuracy",
        "Pixel accuracy",
        "PA",
        r"\frac{\sum_c |T_c \cap P_c|}{\sum_c |T_c|}",
        "Share of the judged pixels that have the right class.",
        NOTHING_JUDGED,
        f.right_pixels,
        f.share(),
    ),
    Metric(
        "recall",
        "Recall",
        "R",
        r"\frac{1}{|C|}\sum_{c \in C}\frac{|T_c \cap P_c|}{|T_c|}",
        "Share of the pixels of a class in the truth that the method found; the mean over classes.",
        "Undefined for a class that the truth doesn't have; such classes are left out of the mean.",
        f.class_areas,
        f.mean_of_classes(f.class_recall),
    ),
    Metric(
        "precision",
        "Precision",
        "P",
        r"\frac{1}{|C|}\sum_{c \in C}\frac{|T_c \cap P_c|}{|P_c|}",
        "Share of the pixels given to a class that really belong to it; the mean over classes.",
        "Undefined for a class that the method never gave; such classes are left out of the mean.",
        f.class_areas,
        f.mean_of_classes(f.class_precision),
    ),
    Metric(
        "fw_iou",
        "Frequency-weighted IoU",
        "fwIoU",
        r"\sum_c \frac{|T_c|}{\sum_k |T_k|}\,\frac{|T_c \cap P_c|}{|T_c \cup P_c|}",
        "IoU of the classes, weighted by how much of the truth each one covers.",
        NOTHING_JUDGED,
        f.class_areas,
        f.frequency_weighted_iou,
    ),
    Metric(
        "dice",
        "Dice",
        "Dice",
        r"\frac{1}{|C|}\sum_{c \in C}\frac{2\,|T_c \cap P_c|}{|T_c| + |P_c|}",
        "Twice the overlap of a class with the truth, divided by both areas; the mean over classes.",
        NO_CLASS,
        f.class_areas,
        f.mean_of_classes(f.class_dice),
    ),
    Metric(
        "covering",
        "Covering",
        "C",
        r"\frac{1}{N}\sum_{R \in T} |R|\,\max_{R' \in P}\frac{|R \cap R'|}{|R \cup R'|}",
        "IoU of each region of the truth with its best segment, averaged by area; names don't matter.",
        NOTHING_JUDGED,
        f.covered_pixels,
        f.share(),
        "region",
    ),
    Metric(
        "pri",
        "Rand index",
        "RI",
        r"1 - \frac{\frac{1}{2}\left(\sum_i n_{i\cdot}^2 + \sum_j n_{\cdot j}^2\right) - \sum_{ij} n_{ij}^2}"
        r"{\frac{1}{2} N (N - 1)}",
        "Share of pixel pairs that truth and method both join or both part; names don't matter.",
        NO_PAIR,
        f.rand_sum,
        f.share(),
        "region",
    ),
    Metric(
        "adjusted_rand",
        "Adjusted Rand index",
        "ARI",
        r"\frac{\sum_{ij}\binom{n_{ij}}{2} - E}{\frac{1}{2}(A + B) - E},\ A = \sum_i\binom{n_{i\cdot}}{2},\ "
        r"B = \sum_j\binom{n_{\cdot j}}{2},\ E = \frac{AB}{\binom{N}{2}}",
        "Rand index without what chance gives: 1 for the same regions, about 0 for unrelated ones.",
        NO_PAIR,
        f.adjusted_sum,
        f.share(),
        "region",
        low=-1.0,
    ),
    Metric(
        "vi",
        "Variation of information",
        "VI",
        r"H(T \mid P) + H(P \mid T),\ H = -\sum p \log_2 p",
        "Information that only one of truth and method has about the regions; 0 for the same regions.",
        NOTHING_JUDGED,
        f.bits_sum,
        f.share(),
        "region",
        higher_is_better=False,
        high=None,
        unit="bits",
    ),
    Metric(
        "boundary_precision",
        "Boundary precision",
        "bP",
        r"\frac{|\{p \in \partial P : p \leftrightarrow t,\ d(p, t) \le 0.0075\,D\}|}{|\partial P|}",
        "Share of the boundary found that has a partner of its own in the truth nearby (0.75 % of the diagonal D).",
        NO_BOUNDARY,
        f.boundary_pixels,
        f.boundary_share(2),
        "boundary",
    ),
    Metric(
        "boundary_recall",
        "Boundary recall",
        "bR",
        r"\frac{|\{t \in \partial T : t \leftrightarrow p,\ d(p, t) \le 0.0075\,D\}|}{|\partial T|}",
        "Share of the true boundary that has a partner of its own nearby in what was found.",
        NO_BOUNDARY,
        f.boundary_pixels,
        f.boundary_share(0),
        "boundary",
    ),
    Metric(
        "boundary_f",
        "Boundary F",
        "F",
        r"\frac{2\,\mathit{bP}\,\mathit{bR}}{\mathit{bP} + \mathit{bR}}",
        "Harmonic mean of boundary precision and recall: 1 if every boundary pixel has its partner.",
        NO_BOUNDARY,
        f.boundary_pixels,
        f.boundary_f,
        "boundary",
    ),
    Metric(
        "hausdorff",
        "Hausdorff distance",
        "HD",
        r"\max\left(\max_{t \in \partial T} d(t, \partial P),\ \max_{p \in \partial P} d(p, \partial T)\right)",
        "How far the outlines lie apart where they are farthest from each other.",
        NO_OUTLINE,
        f.outline_distances,
        f.share(3, 4),
        "outline",
        higher_is_better=False,
        high=None,
        unit="pixels",
    ),
    Metric(
        "hausdorff95",
        "Hausdorff distance (95 %)",
        "HD95",
        r"\max\left(Q_{95\,\%}\, d(\partial T, \partial P),\ Q_{95\,\%}\, d(\partial P, \partial T)\right)",
        "How far the outlines lie apart, leaving out the worst 5 % of their pixels.",
        NO_OUTLINE,
        f.outline_distances,
        f.share(2, 4),
        "outline",
        higher_is_better=False,
        high=None,
        unit="pixels",
    ),
    Metric(
        "surface_distance",
        "Normalised surface distance",
        "NSD",
        r"\frac{|\{t \in \partial T : d(t, \partial P) \le \tau\}|"
        r" + |\{p \in \partial P : d(p, \partial T) \le \tau\}|}{|\partial T| + |\partial P|},\ \tau = 2",
        "Share of both outlines that lies within two pixels of the other one.",
        NO_OUTLINE,
        f.outline_distances,
        f.share(0, 1),
        "outline",
    ),
    Metric(
        "average_precision",
        "Average precision of objects",
        "AP",
        r"\frac{1}{10}\sum_{u = 0.50, 0.55, \ldots}^{0.95} \frac{\mathit{TP}_u}"
        r"{\mathit{TP}_u + \mathit{FP}_u + \mathit{FN}_u},\ \mathit{TP}_u : \mathit{IoU} \ge u",
        "Objects found, divided by found, missed and false ones; the mean over ten demands on their overlap.",
        NO_OBJECT,
        f.object_sums,
        f.average_precision,
        "object",
    ),
    Metric(
        "panoptic_quality",
        "Panoptic quality",
        "PQ",
        r"\frac{\sum_{\mathit{TP}} \mathit{IoU}}"
        r"{|\mathit{TP}| + \frac{1}{2}|\mathit{FP}| + \frac{1}{2}|\mathit{FN}|}",
        "How many objects were found, times how well those found overlap.",
        NO_OBJECT,
        f.object_sums,
        f.panoptic_quality,
        "object",
    ),
    Metric(
        "aggregated_jaccard",
        "Aggregated Jaccard index",
        "AJI",
        r"\frac{\sum_i |T_i \cap P_{j(i)}|}{\sum_i |T_i \cup P_{j(i)}| + \sum_{k\ \mathrm{unused}} |P_k|}",
        "Pixels that objects share with their best fit, divided by all that both cover, unused objects included.",
        NO_OBJECT,
        f.object_sums,
        f.share(3, 4),
        "object",
    ),
):
    register(_metric)
