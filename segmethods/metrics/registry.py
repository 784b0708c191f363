"""What each score is called, which way is better, and what it means: charts sort and explain themselves from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segmethods.core.messages import Message

Kind = Literal["class", "region", "boundary", "outline", "object"]


@dataclass(frozen=True)
class Score:
    """The description of one score.

    Parameters
    ----------
    id : str
        The attribute of `Scores`, or of the counts that the score is read from; with ``boundary_`` before those of
        boundaries.
    title, explanation, undefined : str
        English texts, the keys of the translation catalogues: a name, one sentence that says what it means, and one
        that says when it has no value.
    symbol : str
        Short name for axes and tables.
    formula : str
        LaTeX. T and P are the truth and the prediction, n_ij the pixels in region i of one and j of the other.
    kind : str
        What is compared: ``"class"`` and ``"region"`` are what :func:`segmethods.score` gives.
    higher_is_better : bool
        Which way to sort.
    low, high : float or None
        Smallest and largest value; None if there is no bound.
    unit : str
        Empty for a fraction.
    """

    id: str
    title: str
    symbol: str
    formula: str
    explanation: str
    undefined: str
    kind: Kind = "class"
    higher_is_better: bool = True
    low: float = 0.0
    high: float | None = 1.0
    unit: str = ""


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
NO_OUTLINE = "Undefined where one of the two masks is empty; such pictures are counted and named beside the score."
NO_OBJECT = "Undefined where neither the truth nor the method has an object."

SCORES: dict[str, Score] = {
    s.id: s
    for s in (
        Score(
            "mean_iou",
            "Mean IoU",
            "mIoU",
            r"\frac{1}{|C|}\sum_{c \in C}\frac{|T_c \cap P_c|}{|T_c \cup P_c|}",
            "Overlap of a class with the truth, divided by the area of both together; the mean over classes.",
            NO_CLASS,
        ),
        Score(
            "pixel_accuracy",
            "Pixel accuracy",
            "PA",
            r"\frac{\sum_c |T_c \cap P_c|}{\sum_c |T_c|}",
            "Share of the judged pixels that have the right class.",
            NOTHING_JUDGED,
        ),
        Score(
            "recall",
            "Recall",
            "R",
            r"\frac{1}{|C|}\sum_{c \in C}\frac{|T_c \cap P_c|}{|T_c|}",
            "Share of the pixels of a class in the truth that the method found; the mean over classes.",
            "Undefined for a class that the truth doesn't have; such classes are left out of the mean.",
        ),
        Score(
            "precision",
            "Precision",
            "P",
            r"\frac{1}{|C|}\sum_{c \in C}\frac{|T_c \cap P_c|}{|P_c|}",
            "Share of the pixels given to a class that really belong to it; the mean over classes.",
            "Undefined for a class that the method never gave; such classes are left out of the mean.",
        ),
        Score(
            "fw_iou",
            "Frequency-weighted IoU",
            "fwIoU",
            r"\sum_c \frac{|T_c|}{\sum_k |T_k|}\,\frac{|T_c \cap P_c|}{|T_c \cup P_c|}",
            "IoU of the classes, weighted by how much of the truth each one covers.",
            NOTHING_JUDGED,
        ),
        Score(
            "dice",
            "Dice",
            "Dice",
            r"\frac{1}{|C|}\sum_{c \in C}\frac{2\,|T_c \cap P_c|}{|T_c| + |P_c|}",
            "Twice the overlap of a class with the truth, divided by both areas; the mean over classes.",
            NO_CLASS,
        ),
        Score(
            "covering",
            "Covering",
            "C",
            r"\frac{1}{N}\sum_{R \in T} |R|\,\max_{R' \in P}\frac{|R \cap R'|}{|R \cup R'|}",
            "IoU of each region of the truth with its best segment, averaged by area; names don't matter.",
            NOTHING_JUDGED,
            "region",
        ),
        Score(
            "pri",
            "Rand index",
            "RI",
            r"1 - \frac{\frac{1}{2}\left(\sum_i n_{i\cdot}^2 + \sum_j n_{\cdot j}^2\right) - \sum_{ij} n_{ij}^2}"
            r"{\frac{1}{2} N (N - 1)}",
            "Share of pixel pairs that truth and method both join or both part; names don't matter.",
            NO_PAIR,
            "region",
        ),
        Score(
            "adjusted_rand",
            "Adjusted Rand index",
            "ARI",
            r"\frac{\sum_{ij}\binom{n_{ij}}{2} - E}{\frac{1}{2}(A + B) - E},\ A = \sum_i\binom{n_{i\cdot}}{2},\ "
            r"B = \sum_j\binom{n_{\cdot j}}{2},\ E = \frac{AB}{\binom{N}{2}}",
            "Rand index without what chance gives: 1 for the same regions, about 0 for unrelated ones.",
            NO_PAIR,
            "region",
            low=-1.0,
        ),
        Score(
            "vi",
            "Variation of information",
            "VI",
            r"H(T \mid P) + H(P \mid T),\ H = -\sum p \log_2 p",
            "Information that only one of truth and method has about the regions; 0 for the same regions.",
            NOTHING_JUDGED,
            "region",
            higher_is_better=False,
            high=None,
            unit="bits",
        ),
        Score(
            "boundary_precision",
            "Boundary precision",
            "bP",
            r"\frac{|\{p \in \partial P : p \leftrightarrow t,\ d(p, t) \le 0.0075\,D\}|}{|\partial P|}",
            "Share of the boundary found that has a partner of its own in the truth nearby (0.75 % of the diagonal D).",
            NO_BOUNDARY,
            "boundary",
        ),
        Score(
            "boundary_recall",
            "Boundary recall",
            "bR",
            r"\frac{|\{t \in \partial T : t \leftrightarrow p,\ d(p, t) \le 0.0075\,D\}|}{|\partial T|}",
            "Share of the true boundary that has a partner of its own nearby in what was found.",
            NO_BOUNDARY,
            "boundary",
        ),
        Score(
            "boundary_f",
            "Boundary F",
            "F",
            r"\frac{2\,\mathit{bP}\,\mathit{bR}}{\mathit{bP} + \mathit{bR}}",
            "Harmonic mean of boundary precision and recall: 1 if every boundary pixel has its partner.",
            NO_BOUNDARY,
            "boundary",
        ),
        Score(
            "hausdorff95",
            "Hausdorff distance (95 %)",
            "HD95",
            r"\max\left(Q_{95\,\%}\, d(\partial T, \partial P),\ Q_{95\,\%}\, d(\partial P, \partial T)\right)",
            "How far the outlines lie apart, leaving out the worst 5 % of their pixels.",
            NO_OUTLINE,
            "outline",
            higher_is_better=False,
            high=None,
            unit="pixels",
        ),
        Score(
            "surface_distance",
            "Normalised surface distance",
            "NSD",
            r"\frac{|\{t \in \partial T : d(t, \partial P) \le \tau\}|"
            r" + |\{p \in \partial P : d(p, \partial T) \le \tau\}|}{|\partial T| + |\partial P|},\ \tau = 2",
            "Share of both outlines that lies within two pixels of the other one.",
            NO_OUTLINE,
            "outline",
        ),
        Score(
            "average_precision",
            "Average precision of objects",
            "AP",
            r"\frac{1}{10}\sum_{u = 0.50, 0.55, \ldots}^{0.95} \frac{\mathit{TP}_u}"
            r"{\mathit{TP}_u + \mathit{FP}_u + \mathit{FN}_u},\ \mathit{TP}_u : \mathit{IoU} > u",
            "Objects found, divided by found, missed and false ones; the mean over ten demands on their overlap.",
            NO_OBJECT,
            "object",
        ),
        Score(
            "panoptic_quality",
            "Panoptic quality",
            "PQ",
            r"\frac{\sum_{\mathit{TP}} \mathit{IoU}}"
            r"{|\mathit{TP}| + \frac{1}{2}|\mathit{FP}| + \frac{1}{2}|\mathit{FN}|}",
            "How many objects were found, times how well those found overlap.",
            NO_OBJECT,
            "object",
        ),
        Score(
            "aggregated_jaccard",
            "Aggregated Jaccard index",
            "AJI",
            r"\frac{\sum_i |T_i \cap P_{j(i)}|}{\sum_i |T_i \cup P_{j(i)}| + \sum_{k\ \mathrm{unused}} |P_k|}",
            "Pixels that objects share with their best fit, divided by all that both cover, unused objects included.",
            NO_OBJECT,
            "object",
        ),
    )
}
"""Id -> description, in the order in which tables show them."""


def list_scores(*kinds: Kind) -> tuple[Score, ...]:
    """The scores of these kinds, in order.

    Examples
    --------
    >>> [score.symbol for score in list_scores("boundary", "object")]
    ['bP', 'bR', 'F', 'AP', 'PQ', 'AJI']
    """
    return tuple(score for score in SCORES.values() if score.kind in kinds)
