"""One method, one picture of a data set, and everything that is counted there. This is what workers run."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segmethods.core.machine import describe_machine
from segmethods.core.messages import ImageError, Message
from segmethods.core.types import VOID, Failure, Labels, Segmentation, Timings, segments
from segmethods.datasets.sample_refs import OBJECT_VOID, LoadedSample, SampleRef, Skipped
from segmethods.execution.tasks import Task, run_task
from segmethods.metrics import align, choose_alignment, one_region, random_classes
from segmethods.metrics.boundaries import Boundaries, BoundaryCounts, count_boundaries, fill_void, outline, thinned
from segmethods.metrics.contingency import Contingency, tabulate
from segmethods.metrics.counts import Maps
from segmethods.metrics.instances import ObjectCounts, count_objects
from segmethods.metrics.inter_annotator import count_boundaries_of_people, count_regions_of_people
from segmethods.metrics.naming import Features, describe_segments
from segmethods.metrics.regions import RegionCounts, count_regions
from segmethods.metrics.registry import measure_more

BLANK, RANDOM, HUMAN = "blank", "random", "human"
BASELINES = (BLANK, RANDOM)
"""Answers that never looked: one region, which is given the commonest class, and classes drawn by lot."""

RANDOM_SEGMENTS = 8
"""How many labels are drawn where the truth has no classes."""


@dataclass(frozen=True)
class EvalJob:
    """What to do with a picture.

    Parameters
    ----------
    label : str
        The line of the leaderboard that it is for.
    task : Task or None
        The method and its parameters; None for the baselines and for people.
    boundaries : bool
        Whether boundaries are counted, which takes most of the time on dense outlines.
    """

    label: str
    task: Task | None = None
    boundaries: bool = True


@dataclass(frozen=True, eq=False)
class ImageCounts:
    """Counts of one answer for one picture. For a data set, add those of its pictures, then score.

    Parameters
    ----------
    image, label : str
        The picture and the line of the leaderboard.
    error : str
        Why there is no answer; empty if there is one. A method without an answer is judged as one region that has no
        class and no boundary.
    timings : Timings or None
        None for the baselines and for people.
    alignment : str
        How labels become classes of the truth, ``""`` without classes or without an answer.
    segments : int
        Labels on judged pixels.
    table : Contingency or None
        True class by label, judged pixels only; None without classes.
    regions, boundaries, objects
        See :mod:`segmethods.metrics`; objects are None where the truth doesn't tell them apart.
    more : mapping
        What metrics counted of their own, by id.
    features : ndarray or None
        What is known of each segment without a name, see :mod:`segmethods.metrics.naming`.
    memory, machine : int, str
        Bytes of the method's working memory, 0 if unknown, and where it ran.
    notes : tuple of Message
        What was assumed when the picture was read.
    """

    image: str
    label: str
    error: str = ""
    timings: Timings | None = None
    alignment: str = ""
    segments: int = 0
    table: Contingency | None = None
    regions: RegionCounts = RegionCounts()  # noqa: RUF009 - frozen
    boundaries: BoundaryCounts = BoundaryCounts()  # noqa: RUF009
    objects: ObjectCounts | None = None
    more: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    features: Features | None = None
    memory: int = 0
    machine: str = ""
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A picture and what all its answers are compared with; without outlines no boundaries are counted."""

    case: LoadedSample
    outlines: tuple[Boundaries, ...] | None


def evaluate(pair: SampleRef, job: EvalJob) -> ImageCounts | Skipped:
    """Segment a picture and count how the answer fits its truth.

    Parameters
    ----------
    pair : SampleRef
        The picture and its truth.
    job : EvalJob
        What to do.

    Returns
    -------
    ImageCounts or Skipped
        Skipped if the picture or its truth can't be read.
    """
    try:
        prepared = _prepare(pair, job.boundaries)
    except ImageError as error:
        return Skipped(pair.name, error.message)
    return replace(_evaluate(pair, job, prepared), notes=prepared.case.notes)


def _evaluate(pair: SampleRef, job: EvalJob, prepared: _Prepared) -> ImageCounts:
    case = prepared.case
    match job.label:
        case "human":
            return _tally_people(pair.name, prepared)
        case "blank":
            return _tally(pair.name, job.label, prepared, one_region(_size(case)), alignment="fitted")
        case "random":
            classes = case.truth.classes if case.truth else segments(RANDOM_SEGMENTS)
            drawn = random_classes(_size(case), classes, zlib.crc32(pair.name.encode()))
            return _tally(pair.name, job.label, prepared, drawn)
    assert job.task is not None  # only baselines and people have none
    outcome = run_task(job.task, case.image.copy())
    if isinstance(outcome, Failure):
        return _tally_nothing(pair.name, job.label, prepared, outcome.message)
    return _tally(pair.name, job.label, prepared, outcome, outcome.timings)


def evaluate_all(pair: SampleRef, jobs: Iterable[EvalJob]) -> list[ImageCounts | Skipped]:
    """`evaluate` for several jobs, one after the other."""
    return [evaluate(pair, job) for job in jobs]


def tally_failures(pair: SampleRef, jobs: Iterable[EvalJob], message: Message) -> list[ImageCounts | Skipped]:
    """The tallies of answers that never came, because their process died or took too long."""
    try:
        return [_tally_nothing(pair.name, job.label, _prepare(pair, job.boundaries), message) for job in jobs]
    except ImageError as error:
        return [Skipped(pair.name, error.message)]


def count_classes_alone(name: str, case: LoadedSample, outcome: Segmentation | Failure) -> ImageCounts:
    """Count an answer that is there already by its classes alone: no regions, no boundaries, no objects."""
    if isinstance(outcome, Failure):
        return ImageCounts(name, outcome.method, str(outcome.message), table=_table_of_nothing(case))
    alignment, features = _align(case, outcome)
    table = _class_table(case, outcome.labels)
    return ImageCounts(
        name,
        outcome.method,
        timings=outcome.timings,
        alignment=alignment,
        segments=0 if table is None else len(np.unique(table.columns)),
        table=table,
        features=features,
        memory=outcome.memory,
        machine=describe_machine(),
    )


def _align(case: LoadedSample, result: Segmentation) -> tuple[str, Features | None]:
    """How labels become classes, and, where they have no names, what a rule that names them may look at."""
    if case.truth is None:
        return "", None
    alignment = choose_alignment(result.classes, case.truth.classes)
    if alignment == "by name":
        return alignment, None
    return alignment, describe_segments(case.image, result.labels, result.classes.id != "segments")


@lru_cache(maxsize=1)
def _prepare(pair: SampleRef, boundaries: bool) -> _Prepared:
    case = pair.load()
    return _Prepared(case, tuple(outline(_filled(labels, case)) for labels in case.annotators) if boundaries else None)


def _size(case: LoadedSample) -> tuple[int, int]:
    return case.image.shape[0], case.image.shape[1]


def _filled(labels: Labels, case: LoadedSample) -> Labels:
    """The map with what the truth doesn't judge filled from beside it."""
    return labels if case.truth is None else fill_void(labels, case.truth.labels)


def _tally(
    image: str,
    label: str,
    prepared: _Prepared,
    result: Segmentation,
    timings: Timings | None = None,
    alignment: str = "",
) -> ImageCounts:
    case = prepared.case
    table, features = _class_table(case, result.labels), None
    if not alignment:
        alignment, features = _align(case, result)
    regions = _region_tables(case, result.labels)
    return ImageCounts(
        image,
        label,
        timings=timings,
        alignment=alignment if case.truth else "",
        segments=len(np.unique(regions[0].columns)),
        table=table,
        regions=count_regions(regions),
        boundaries=_count_boundaries(prepared, lambda: _boundaries(case, result)),
        objects=_count_objects(case, result, table),
        more=measure_more(_maps(case, result.labels)),
        features=features,
        memory=result.memory,
        machine="" if timings is None else describe_machine(),
    )


def _tally_nothing(image: str, label: str, prepared: _Prepared, message: Message) -> ImageCounts:
    case = prepared.case
    nothing, table = np.zeros(_size(case), np.uint8), _table_of_nothing(case)
    boundaries = _count_boundaries(prepared, lambda: np.zeros(_size(case), bool))
    empty = None if case.objects is None else count_objects(tabulate(case.objects, nothing), OBJECT_VOID)
    regions = count_regions(_region_tables(case, nothing))
    more = measure_more(_maps(case, nothing))
    return ImageCounts(image, label, str(message), None, "", 0, table, regions, boundaries, empty, more)


def _maps(case: LoadedSample, labels: Labels) -> Maps:
    """For the counts that metrics bring with them: the answer's regions, not aligned with classes."""
    truth = None if case.truth is None else case.truth.labels
    return Maps(tuple(case.annotators), labels, truth, void=case.void)


def _tally_people(image: str, prepared: _Prepared) -> ImageCounts:
    regions, outlines = count_regions_of_people(prepared.case.annotators), prepared.outlines
    boundaries = BoundaryCounts() if outlines is None else count_boundaries_of_people(outlines)
    return ImageCounts(image, HUMAN, regions=regions, boundaries=boundaries)


def _count_boundaries(prepared: _Prepared, draw: Callable[[], Boundaries]) -> BoundaryCounts:
    return BoundaryCounts() if prepared.outlines is None else count_boundaries(draw(), prepared.outlines)


def _class_table(case: LoadedSample, labels: Labels) -> Contingency | None:
    return None if case.truth is None else _judged(case.truth.labels, labels, VOID)


def _table_of_nothing(case: LoadedSample) -> Contingency | None:
    """Of an answer that names no pixel: all of them are wrong."""
    table = _class_table(case, np.zeros(_size(case), np.uint8))
    return table and Contingency(table.rows, np.full_like(table.columns, VOID), table.counts)


def _region_tables(case: LoadedSample, labels: Labels) -> list[Contingency]:
    return [_judged(annotator, labels, case.void) for annotator in case.annotators]


def _judged(truth: Labels, labels: Labels, void: int | None) -> Contingency:
    table = tabulate(truth, labels)
    return table if void is None else table.without_row(void)


def _boundaries(case: LoadedSample, result: Segmentation) -> Boundaries:
    """The lines of a method that finds lines first, unless there is void to fill; else the outlines of its regions."""
    filled = _filled(result.labels, case)
    if result.boundaries is not None and filled is result.labels:
        return thinned(result.boundaries)
    return outline(filled)


def _count_objects(case: LoadedSample, result: Segmentation, table: Contingency | None) -> ObjectCounts | None:
    """Objects are what the method says they are, or else the connected pieces of each class but the first."""
    if case.objects is None or case.truth is None or table is None:
        return None
    found: NDArray[np.integer]
    if result.instances is not None:
        found = result.instances.ids
    else:
        alignment = choose_alignment(result.classes, case.truth.classes)
        meaning = align(table, result.classes, case.truth.classes, alignment)
        known = np.append(meaning, np.full(max(0, int(result.labels.max()) + 1 - meaning.size), VOID))
        found = pieces(known[result.labels])
    return count_objects(tabulate(case.objects, found.astype(np.uint16)), OBJECT_VOID)


def pieces(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the connected pieces (of 8 neighbours) of every class but 0 and void, which become 0.

    Examples
    --------
    >>> pieces(np.array([[1, 0, 1, 2, 255]])).tolist()
    [[1, 0, 2, 3, 0]]
    """
    from skimage import measure

    number: Callable[..., NDArray[np.int64]] = measure.label
    return np.asarray(number(np.where(classes == VOID, 0, classes), background=0, connectivity=2), np.int64)
