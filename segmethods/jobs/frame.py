"""What all jobs share: cases with their truth, pipelines that answer, figures that judge the answers.

A job is one folder beside this file. It has one or several tasks (a sub-set of its data each), a reader for folders
of data, a generator of images with exact truth, and for each task pipelines and figures. Counts come first, formulas
after: every answer becomes a small tally, and a figure is computed from the tallies of all cases, so that intervals
follow from drawing cases again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.types import Image

Tally = Mapping[str, Any]
"""What was counted on one case: numbers, or short arrays of numbers, by name."""


class JobError(SegmethodsError):
    """A job's data or settings that make no sense; one line for the user."""


@dataclass(frozen=True, eq=False)
class Case:
    """One image of a job and what is true about it.

    Parameters
    ----------
    name : str
        Unique within its sub-set.
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    truth : object
        Whatever the task's `count` compares answers with; None where nothing is known.
    extra : mapping
        What else belongs to the image, such as the template of a board or the field of view of a camera.
    """

    name: str
    image: Image
    truth: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseFile:
    """A case that is not read yet: its name and what reads it."""

    name: str
    load: Callable[[], Case]


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a pipeline as an image that explains itself."""

    title: Message
    image: Image


@dataclass(frozen=True, eq=False)
class Answer:
    """What a pipeline says about a case.

    Parameters
    ----------
    value : object
        The answer in the form that the task's `count` and `draw` understand, such as a mask or a list of boxes.
    steps : tuple of Step
        How it came about, in order.
    """

    value: Any
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure that the job cares about.

    Parameters
    ----------
    id : str
        Its key in JSON.
    title, definition : Message
        What people read.
    source : str
        Who defined it so.
    higher_is_better : bool
        Its direction.
    """

    id: str
    title: Message
    definition: Message
    source: str
    higher_is_better: bool = True


@dataclass(frozen=True)
class Pipeline:
    """One way to do a job.

    Parameters
    ----------
    id : str
        Short, unique within its task.
    title, about : Message
        What it is called, and in one sentence how it works.
    run : callable
        `Case` -> `Answer`. It may use the case's image and extra, never its truth.
    """

    id: str
    title: Message
    about: Message
    run: Callable[[Case], Answer]


@dataclass(frozen=True)
class Task:
    """One sub-set of a job: its pipelines, how answers are counted, and the figures that follow.

    Parameters
    ----------
    id : str
        The sub-set's folder, or ``"all"``.
    title : Message
        What people read.
    pipelines : tuple of Pipeline
    figures : tuple of Figure
        The first one decides which pipeline is best.
    count : callable
        `Case`, value of an answer or None (no answer) -> `Tally`.
    score : callable
        Tallies of all cases -> figure's id -> value (NaN where undefined).
    draw : callable
        `Case`, value of an answer -> image, uint8 (H, W, 3), for people to look at.
    describe : callable
        Value of an answer -> name -> number, what an answer without truth is told by (counts, areas).
    table : callable
        Value of an answer -> rows of a table that people take away, such as a list of what to restock.
    """

    id: str
    title: Message
    pipelines: tuple[Pipeline, ...]
    figures: tuple[Figure, ...]
    count: Callable[[Case, Any], Tally]
    score: Callable[[Sequence[Tally]], Mapping[str, float]]
    draw: Callable[[Case, Any], Image]
    describe: Callable[[Any], Mapping[str, float]] = lambda _value: {}
    table: Callable[[Any], Sequence[Mapping[str, object]]] = lambda _value: ()

    @property
    def deciding(self) -> Figure:
        """The figure that decides which pipeline is best."""
        return self.figures[0]


@dataclass(frozen=True)
class Knob:
    """A setting of a generator: what makes the job harder."""

    id: str
    title: Message
    low: float
    high: float
    default: float


@dataclass(frozen=True)
class Job:
    """An application with its own figure.

    Parameters
    ----------
    id : str
        Its folder's name, also in the data.
    title : Message
    about : Message
        What the job is, in three sentences.
    tasks : tuple of Task
    read : callable
        Folder -> task's id -> cases; a task without data is left out.
    generate : callable or None
        Number of images, seed, knobs -> task's id -> cases with exact truth.
    knobs : tuple of Knob
    layout : Message
        The folder's layout, for people who bring their own.
    """

    id: str
    title: Message
    about: Message
    tasks: tuple[Task, ...]
    read: Callable[[Path], Mapping[str, Sequence[CaseFile]]]
    generate: Callable[[int, int, Mapping[str, float]], Mapping[str, Sequence[CaseFile]]] | None = None
    knobs: tuple[Knob, ...] = ()
    layout: Message = field(default_factory=lambda: Message(""))

    def task(self, name: str) -> Task:
        """The task of this sub-set."""
        return next(t for t in self.tasks if t.id == name)
