"""How good a segmentation is: counts first, formulas after.

>>> import numpy as np
>>> from segmethods.segmentation import BINARY, Segmentation, Truth
>>> labels = np.eye(4, dtype=np.uint8)
>>> score(Segmentation(labels, BINARY), Truth(labels, BINARY)).mean_iou
1.0
"""

from segmethods.scoring.agreement import agreement, agreement_matrix, disagreement, mean_agreement
from segmethods.scoring.alignment import ALIGNMENTS, Alignment, align, choose_alignment, explain_alignment
from segmethods.scoring.catalogue import SCORES, Score
from segmethods.scoring.scores import Scores, score

__all__ = [
    "ALIGNMENTS",
    "SCORES",
    "Alignment",
    "Score",
    "Scores",
    "agreement",
    "agreement_matrix",
    "align",
    "choose_alignment",
    "disagreement",
    "explain_alignment",
    "mean_agreement",
    "score",
]
