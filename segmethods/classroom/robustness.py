"""How well methods hold out: their scores on a picture that is spoilt more and more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from segmethods.classroom.corruptions import corrupt
from segmethods.classroom.judging import judge
from segmethods.core.types import Failure, GroundTruth, Image
from segmethods.execution.compare import try_segment
from segmethods.metrics.baselines import commonest_class, one_class

STRENGTHS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
"""Where curves are measured."""


def score_spoilt(
    image: Image, truth: GroundTruth, kind: str, strength: float, method: str, params: Mapping[str, Any], seed: int = 0
) -> float:
    """Mean IoU of a method on a spoilt picture, as `judge` finds it.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        The picture as it was.
    truth : GroundTruth
        Of the same size.
    kind, strength, seed
        As for :func:`segmethods.classroom.corruptions.corrupt`.
    method, params
        As for :func:`segmethods.segment`.

    Returns
    -------
    float
        0 to 1; NaN if the method has no answer.

    Examples
    --------
    >>> from segmethods.io.samples import get_sample
    >>> page = get_sample("page")
    >>> clean, blurred = (
    ...     score_spoilt(page.image(), page.truth(), "blur", strength, "threshold", {}) for strength in (0, 1)
    ... )
    >>> clean > blurred
    True
    """
    outcome = try_segment(corrupt(image, kind, strength, seed), method, params)
    return math.nan if isinstance(outcome, Failure) else judge(outcome, truth).mean_iou


def score_blank(truth: GroundTruth) -> float:
    """Mean IoU of the answer that puts every pixel into the commonest class: who finds nothing has no less.

    Examples
    --------
    >>> import numpy as np
    >>> from segmethods.core.types import BINARY
    >>> score_blank(GroundTruth(np.uint8([[0, 0, 0, 1]]), BINARY))
    0.375
    """
    answer = one_class(truth.labels.shape, truth.classes, commonest_class([truth]))
    return float(judge(answer, truth).mean_iou)
