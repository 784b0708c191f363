"""What each score is called, which way is better, and what it means: charts sort and explain themselves from here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """The description of one score.

    Parameters
    ----------
    id : str
        The attribute of `Scores`.
    title, explanation, undefined : str
        English texts, the keys of the translation catalogues: a name, one sentence that says what it means, and one
        that says when it has no value.
    symbol : str
        Short name for axes and tables.
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
    explanation: str
    undefined: str
    higher_is_better: bool = True
    low: float = 0.0
    high: float | None = 1.0
    unit: str = ""


NO_CLASS = "Undefined for a class that neither the truth nor the method has; such classes are left out of the mean."
NOTHING_JUDGED = "Undefined where the truth judges no pixel."
NO_PAIR = "Undefined where the truth judges fewer than two pixels."

SCORES: dict[str, Score] = {
    s.id: s
    for s in (
        Score(
            "mean_iou", "Mean IoU", "mIoU",
            "Overlap of a class with the truth, divided by the area of both together; the mean over classes.",
            NO_CLASS,
        ),
        Score(
            "pixel_accuracy", "Pixel accuracy", "PA",
            "Share of the judged pixels that have the right class.",
            NOTHING_JUDGED,
        ),
        Score(
            "recall", "Recall", "R",
            "Share of the pixels of a class in the truth that the method found; the mean over classes.",
            "Undefined for a class that the truth doesn't have; such classes are left out of the mean.",
        ),
        Score(
            "precision", "Precision", "P",
            "Share of the pixels given to a class that really belong to it; the mean over classes.",
            "Undefined for a class that the method never gave; such classes are left out of the mean.",
        ),
        Score(
            "fw_iou", "Frequency-weighted IoU", "fwIoU",
            "IoU of the classes, weighted by how much of the truth each one covers.",
            NOTHING_JUDGED,
        ),
        Score(
            "dice", "Dice", "Dice",
            "Twice the overlap of a class with the truth, divided by both areas; the mean over classes.",
            NO_CLASS,
        ),
        Score(
            "covering", "Covering", "C",
            "IoU of each region of the truth with its best segment, averaged by area; names don't matter.",
            NOTHING_JUDGED,
        ),
        Score(
            "pri", "Rand index", "RI",
            "Share of pixel pairs that truth and method both join or both part; names don't matter.",
            NO_PAIR,
        ),
        Score(
            "adjusted_rand", "Adjusted Rand index", "ARI",
            "Rand index without what chance gives: 1 for the same regions, about 0 for unrelated ones.",
            NO_PAIR,
            low=-1.0,
        ),
        Score(
            "vi", "Variation of information", "VI",
            "Information that only one of truth and method has about the regions; 0 for the same regions.",
            NOTHING_JUDGED,
            higher_is_better=False, high=None, unit="bits",
        ),
    )
}  # fmt: skip
"""Id -> description, in the order in which tables show them."""
