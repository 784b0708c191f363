"""All scores of one segmentation against one truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from segmethods.core.types import VOID, GroundTruth, Labels, Segmentation
from segmethods.metrics.alignment import Alignment, Meaning, align, choose_alignment, rename, speaks_of
from segmethods.metrics.boundaries import thinned
from segmethods.metrics.confusion import count_classes
from segmethods.metrics.contingency import tabulate
from segmethods.metrics.counts import MapCounts, Maps
from segmethods.metrics.registry import METRICS, Kind, list_scores


@dataclass(frozen=True, eq=False)
class Scores:
    """How a segmentation compares with a truth.

    Every metric of `METRICS` is an attribute: its value, NaN where it is undefined. It is counted when it is first
    asked for, so boundaries cost nothing where nobody looks at them.

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
    counts : MapCounts
        What the scores are made of.
    """

    class_iou: tuple[float | None, ...]
    alignment: Alignment
    segments: int
    other_names: bool
    aligned: Labels = field(repr=False)
    counts: MapCounts = field(repr=False)

    def __getattr__(self, name: str) -> float:
        """The value of a metric."""
        if name in METRICS:
            return METRICS[name].score(self.counts)
        raise AttributeError(name)

    @property
    def is_helped(self) -> bool:
        """Whether the truth itself told the method's labels their class: not comparable with names given freely."""
        return self.alignment != "by name"

    @property
    def ignored(self) -> float:
        """Share of the pixels that the truth doesn't judge."""
        labels = self.counts.maps.annotators[0]
        return float(np.mean(labels == VOID)) if labels.size else math.nan

    def as_dict(self, *kinds: Kind) -> dict[str, object]:
        """All metrics, or those of some kinds, and how they came about: ready for JSON, null where undefined."""
        values: dict[str, object] = {m.id: _json(m.score(self.counts)) for m in list_scores(*kinds)}
        about = {"alignment": self.alignment, "segments": self.segments, "other_names": self.other_names}
        return values | {"class_iou": list(self.class_iou)} | about | {"ignored": _json(self.ignored)}


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
    aligned = ids[result.labels]
    lines = None
    if result.boundaries is not None and table.pixels == judged.pixels:
        lines = thinned(result.boundaries)
    maps = Maps((truth.labels,), result.labels, truth.labels, aligned, len(truth.classes), found=lines)
    return Scores(
        class_iou=tuple(None if math.isnan(iou) else float(iou) for iou in counts.iou),
        alignment=used,
        segments=len(np.unique(judged.columns)),
        other_names=result.classes.is_named and not speaks_of(result.classes, truth.classes),
        aligned=aligned,
        counts=MapCounts(maps),
    )


def _json(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value
