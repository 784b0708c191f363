"""What a method gives back: plain frozen values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message

Image = NDArray[np.uint8]
"""``uint8 (H, W, 3)``, RGB. Every method gets this and nothing else."""

Labels = NDArray[np.uint8] | NDArray[np.uint16]
"""``uint8`` or ``uint16 (H, W)``: the class or segment of every pixel."""

VOID = 255
"""The value of a ground-truth mask that means "not judged"."""


@dataclass(frozen=True)
class Vocabulary:
    """An ordered list of class names; the place in the list is the class's id.

    Two vocabularies are special, because their names say nothing about the world: ``binary`` (background and object)
    and ``segments`` (segment 1, segment 2, ...). Their labels must be aligned with a ground truth before they are
    scored.

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
        """Whether the names mean something, so that they may be compared with those of a ground truth."""
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
    """Seconds that a method spent in its three stages, without waiting for a core that other work had."""

    prepare: float = 0.0
    infer: float = 0.0
    finish: float = 0.0

    @property
    def total(self) -> float:
        """Seconds of all three stages."""
        return self.prepare + self.infer + self.finish

    def as_dict(self) -> dict[str, float]:
        """The stages and their sum, as the command line prints them."""
        return {**asdict(self), "total": self.total}


@dataclass(frozen=True, eq=False)
class Trace:
    """What was seen on the way to an answer; charts and lessons draw it.

    Every method that keeps something has a kind of trace of its own: a frozen dataclass beside it, whose fields are
    arrays, plain values, and tuples, mappings and dataclasses of these.

    Examples
    --------
    >>> @dataclass(frozen=True, eq=False)
    ... class LevelTrace(Trace):
    ...     histogram: NDArray[np.int64]
    ...     level: float
    >>> LevelTrace(np.zeros(256, np.int64), 90.0).nbytes
    2048
    """

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the arrays hold."""
        return sum(array.nbytes for array in self.arrays())

    def arrays(self) -> Iterator[NDArray[Any]]:
        """All arrays, those in tuples, mappings and dataclasses too."""
        return _find_arrays([getattr(self, one.name) for one in fields(self)])

    def complete(self, _answer: Segmentation, _image: Image, /) -> Trace:
        """With what is asked once the method has answered, which is no part of its time."""
        return self


@dataclass(frozen=True, eq=False)
class Instances:
    """The single objects in a label map.

    Parameters
    ----------
    ids : ndarray, uint16, shape (H, W)
        The instance of every pixel, from 1; 0 for none. Instances of a class follow each other, the largest first.
    class_ids : tuple of int
        The class id of instance 1, 2, ...
    """

    ids: NDArray[np.uint16]
    class_ids: tuple[int, ...]

    def counts(self) -> dict[int, int]:
        """How many instances there are of each class that has any, by class id."""
        return dict(Counter(self.class_ids))


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
    probabilities : ndarray, float16, shape (C, h, w), optional
        Class probabilities at working size, class first, summing to one over C.
    instances : Instances, optional
        The single objects, for methods that were asked for them.
    trace : Trace, optional
        What the method saw on the way, such as a histogram, or centroids by iteration.
    method, params, timings
        Filled in by :func:`segmethods.segment` and :func:`segmethods.compare`; a method leaves them out.
    memory : int
        Working memory: the most bytes that the process held while the method ran, less what it held before, and less
        the weights; 0 if unknown. See `segmethods.core.working_memory`.
    """

    labels: Labels
    classes: Vocabulary
    boundaries: NDArray[np.bool_] | None = None
    probabilities: NDArray[np.float16] | None = None
    instances: Instances | None = None
    trace: Trace | None = None
    method: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)
    memory: int = 0

    def shares(self) -> dict[int, float]:
        """Fraction of the image's pixels that each class present in it covers, by id, largest first."""
        if self.labels.flags.writeable:
            return _measure_shares(self.labels)
        return dict(self._shares)  # results that are kept don't change, and pages ask for this again and again

    @cached_property
    def _shares(self) -> dict[int, float]:
        return _measure_shares(self.labels)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the arrays of this result hold."""
        return sum(a.nbytes for a in self.arrays())

    def arrays(self) -> Iterator[NDArray[Any]]:
        """All arrays of this result, those of its trace too."""
        return _find_arrays([self.labels, self.boundaries, self.probabilities, self.instances, self.trace])


def _measure_shares(labels: Labels) -> dict[int, float]:
    counts = np.bincount(labels.ravel())
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda i: (-counts[i], i))
    return {i: float(counts[i] / labels.size) for i in order}


def _find_arrays(value: object) -> Iterator[NDArray[Any]]:
    if isinstance(value, np.ndarray):
        yield value
        return
    if is_dataclass(value):
        value = [getattr(value, one.name) for one in fields(value)]
    elif isinstance(value, Mapping):
        value = value.values()
    if isinstance(value, list | tuple | ValuesView):
        for part in value:
            yield from _find_arrays(part)


TraceKind = TypeVar("TraceKind", bound=Trace)


def trace_of(result: Segmentation, kind: type[TraceKind]) -> TraceKind:
    """The trace of a result whose method is known to keep this kind.

    Raises
    ------
    TypeError
        If it is of another kind.
    """
    if not isinstance(result.trace, kind):
        raise TypeError(f"{result.method or 'the method'} kept {type(result.trace).__name__}, not {kind.__name__}")
    return result.trace


@dataclass(frozen=True)
class Failure:
    """A method that gave no answer, and why.

    Elsewhere an error as a value is a `Message` alone; this one also says whose it is, to stand among results.

    Parameters
    ----------
    method : str
        The method's id.
    message : Message
        One line for the user.
    detail : str
        The traceback, for the log; empty where the message says it all.
    lasting : bool
        Whether the same image and parameters would fail again, however often they are tried.
    """

    method: str
    message: Message
    detail: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    lasting: bool = False


Outcome = Segmentation | Failure
