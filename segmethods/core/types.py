"""What a method gives back: plain frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message

Image = NDArray[np.uint8]
"""``uint8 (H, W, 3)``, RGB. Every method gets this and nothing else."""

Labels = NDArray[np.uint8] | NDArray[np.uint16]
"""``uint8`` or ``uint16 (H, W)``: the class or segment of every pixel."""

VOID = 255
"""The value of a truth mask that means "not judged"."""


@dataclass(frozen=True)
class Vocabulary:
    """An ordered list of class names; the place in the list is the class's id.

    Two vocabularies are special, because their names say nothing about the world: ``binary`` (background and object)
    and ``segments`` (segment 1, segment 2, ...). Their labels must be aligned with a truth before they are scored.

    Parameters
    ----------
    id : str
        ``"voc"``, ``"camvid"``, ``"binary"``, ``"segments"`` or a name of the user's own.
    names : tuple of str
        English class names, by id.
    """

    id: str
    names: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Whether the names mean something, so that they may be compared with those of a truth."""
        return self.id not in ("binary", "segments")

    def __len__(self) -> int:
        return len(self.names)


VOC = Vocabulary(
    "voc",
    tuple(
        "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
        "pottedplant sheep sofa train tvmonitor".split()
    ),
)
CAMVID = Vocabulary(
    "camvid", tuple("Sky Building Pole Road Pavement Tree SignSymbol Fence Car Pedestrian Bicyclist".split())
)
BINARY = Vocabulary("binary", ("background", "object"))


def segments(count: int) -> Vocabulary:
    """The vocabulary of `count` segments without names.

    Examples
    --------
    >>> segments(2).names
    ('segment 1', 'segment 2')
    """
    return Vocabulary("segments", tuple(f"segment {i + 1}" for i in range(count)))


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """What a person says is in an image.

    Parameters
    ----------
    labels : ndarray, uint8 or uint16, shape (H, W)
        Class ids, of the image's size; 255 (`VOID`) is not judged.
    classes : Vocabulary
        What the ids mean.
    """

    labels: Labels
    classes: Vocabulary


@dataclass(frozen=True)
class Timings:
    """Seconds that a method spent in its three stages."""

    prepare: float = 0.0
    infer: float = 0.0
    finish: float = 0.0

    @property
    def total(self) -> float:
        return self.prepare + self.infer + self.finish

    def as_dict(self) -> dict[str, float]:
        """The stages and their sum, as the command line prints them."""
        return {**asdict(self), "total": self.total}


@dataclass(frozen=True, eq=False)
class Segmentation:
    """One method's answer for one image.

    Parameters
    ----------
    labels : ndarray, uint8 or uint16, shape (H, W)
        Class ids, of the image's size.
    classes : Vocabulary
        What the ids mean.
    boundaries : ndarray of bool, shape (H, W), optional
        For methods that find boundaries first; others leave it out and the boundaries follow from the labels.
    scores : ndarray, float16, shape (C, h, w), optional
        Class probabilities at working size, class first, summing to one over C.
    evidence : mapping
        What the method saw on the way (histogram, levels, centroids by iteration, ...). Charts and lessons draw it.
    method, params, timings
        Filled in by :func:`segmethods.segment` and :func:`segmethods.compare`; a method leaves them out.
    """

    labels: Labels
    classes: Vocabulary
    boundaries: NDArray[np.bool_] | None = None
    scores: NDArray[np.float16] | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    method: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)

    def shares(self) -> dict[int, float]:
        """Fraction of the image's pixels that each class present in it covers, by id, largest first."""
        counts = np.bincount(self.labels.ravel())
        order = sorted(np.flatnonzero(counts).tolist(), key=lambda i: (-counts[i], i))
        return {i: float(counts[i] / self.labels.size) for i in order}

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the arrays of this result hold."""
        return sum(a.nbytes for a in self.arrays())

    def arrays(self) -> Iterator[NDArray[Any]]:
        """All arrays of this result, those that the evidence nests in lists and mappings too."""
        return _arrays_in([self.labels, self.boundaries, self.scores, self.evidence])


def _arrays_in(value: object) -> Iterator[NDArray[Any]]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _arrays_in(part)


@dataclass(frozen=True)
class Failure:
    """A method that gave no answer, and why.

    Parameters
    ----------
    method : str
        The method's id.
    message : Message
        One line for the user.
    detail : str
        The traceback, for the log; empty where the message says it all.
    lasting : bool
        Whether the same picture and parameters would fail again, however often they are tried.
    """

    method: str
    message: Message
    detail: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    lasting: bool = False


Outcome = Segmentation | Failure
