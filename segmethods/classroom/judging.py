"""How the classroom judges: so that nobody wins by cutting a picture into splinters."""

from __future__ import annotations

from segmethods.core.types import GroundTruth, Segmentation
from segmethods.metrics import Scores, choose_alignment, score


def judge(result: Segmentation, truth: GroundTruth) -> Scores:
    """Compare a segmentation with a truth as `segmethods.score` does, but segments without a name one to one.

    A class gets the one segment that fits it best, and what is left over counts as wrong. By majority, where every
    segment takes the class that it covers most, splinters would win: who cuts a picture into small enough pieces agrees
    with any truth, and noise that tears regions apart would raise the score.

    Examples
    --------
    >>> import numpy as np
    >>> from segmethods.core.types import BINARY, segments
    >>> truth = GroundTruth(np.uint8([[0, 0, 0, 1, 1, 1]]), BINARY)
    >>> torn = Segmentation(np.uint8([[0, 1, 2, 3, 4, 5]]), segments(6))
    >>> score(torn, truth).mean_iou, round(judge(torn, truth).mean_iou, 2)
    (1.0, 0.33)
    """
    usual = choose_alignment(result.classes, truth.classes)
    return score(result, truth, "hungarian" if usual == "majority" else usual)
