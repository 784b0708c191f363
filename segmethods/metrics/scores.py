"""All scores of one segmentation against one truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Literal

import numpy as np

from segmethods.core.types import VOID, GroundTruth, Labels, Segmentation
from segmethods.metrics import regions
from segmethods.metrics.alignment import Alignment, Meaning, align, choose_alignment, rename, same_names
from segmethods.metrics.confusion import count_classes, mean
from segmethods.metrics.contingency import tabulate


@dataclass(frozen=True, eq=False)
class Scores:
    """How a segmentation compares with a truth. `SCORES` describes each number; NaN where one is undefined.

    Parameters
    ----------
    class_iou : tuple of float or None
        IoU by class id of the truth's vocabulary; None for a class in neither map.
    alignment : str
        How labels became classes of the truth; everything but ``"by name"`` had the truth's help.
    segments : int
        How many labels were aligned (those on judged pixels).
    other_names : bool
        Whether the method names classes of another vocabulary, which then were aligned like segments.
    aligned : ndarray, uint8 or uint16, shape (H, W)
        The prediction in ids of the truth; 255 for segments without a class.
    """

    mean_iou: float
    class_iou: tuple[float | None, ...]
    pixel_accuracy: float
    recall: float
    fw_iou: float
    dice: float
    precision: float
    covering: float
    pri: float
    adjusted_rand: float
    vi: float
    alignment: Alignment
    segments: int
    other_names: bool
    aligned: Labels = field(repr=False)

    @property
    def is_helped(self) -> bool:
        """Whether the truth itself told the method's labels their class: not comparable with names given freely."""
        return self.alignment != "by name"

    def as_dict(self) -> dict[str, object]:
        """Everything but the label map, ready for JSON; null where a score is undefined."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "aligned"}
        return {name: _json(value) for name, value in values.items()}


def score(
    result: Segmentation,
    truth: GroundTruth,
    alignment: Alignment | Literal["auto"] = "auto",
    meaning: Meaning | None = None,
) -> Scores:
    """Compare a segmentation with a truth.

    Parameters
    ----------
    result : Segmentation
        Of the truth's size.
    truth : GroundTruth
        What a person says is in the image; pixels of 255 are not judged.
    alignment : str
        ``"auto"`` compares equal vocabularies by name, background and object by the better polarity, and everything
        else by majority; see :func:`segmethods.metrics.align`.
    meaning : ndarray, int64, shape (labels,), optional
        What the labels mean, where :func:`segmethods.metrics.align` has found it already, as for ``"fitted"``.

    Raises
    ------
    ImageError
        If the sizes differ or the truth has classes that its vocabulary hasn't.
    ParameterError
        If the alignment doesn't exist or doesn't fit the vocabularies.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> labels = np.array([[1, 1, 0, 0]], np.uint8)
    >>> scores = score(Segmentation(labels, BINARY), GroundTruth(1 - labels, BINARY))
    >>> scores.mean_iou, scores.alignment
    (1.0, 'better polarity')
    """
    used = choose_alignment(result.classes, truth.classes) if alignment == "auto" else alignment
    table = tabulate(truth.labels, result.labels)
    if meaning is None:
        meaning = align(table, result.classes, truth.classes, used)
    counts = count_classes(rename(table, meaning), len(truth.classes))
    judged = table.without_row(VOID)
    ids: Labels = meaning.astype(np.uint8) if meaning.max(initial=0) <= VOID else meaning.astype(np.uint16)
    return Scores(
        mean_iou=counts.mean_iou,
        class_iou=tuple(None if math.isnan(iou) else float(iou) for iou in counts.iou),
        pixel_accuracy=counts.pixel_accuracy,
        recall=counts.class_accuracy,
        fw_iou=counts.frequency_weighted_iou,
        dice=mean(counts.dice),
        precision=mean(counts.precision),
        covering=regions.covering(judged),
        pri=regions.rand_index(judged),
        adjusted_rand=regions.adjusted_rand_index(judged),
        vi=regions.variation_of_information(judged),
        alignment=used,
        segments=len(np.unique(judged.columns)),
        other_names=result.classes.is_named and not same_names(result.classes, truth.classes),
        aligned=ids[result.labels],
    )


def _json(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value
