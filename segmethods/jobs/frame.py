"""What all jobs share: cases with their truth, pipelines that answer, figures that judge the answers.

A job is one folder beside this file. It has one or several tasks (a sub-set of its data each), a reader for folders
of data, a generator of images with exact truth, and for each task pipelines and figures. Counts come first, formulas
after: every answer becomes a small tally, and a figure is computed from the tallies of all cases, so that intervals
follow from drawing cases again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message, SegmethodsError
from segmethods.core.types import Image

Counts = Mapping[str, Any]
"""What was counted on one case: numbers, or short arrays of numbers, by name."""


class JobError(SegmethodsError):
    """A job's data or settings that make no sense; one line for the user."""


@dataclass(frozen=True, eq=False)
class JobSample:
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
        What else belongs to the image, such as the template of a board or the field of view of a camera; and its
        ``group``, where error rates are told by group.
    notes : tuple of Message
        What was assumed as its truth was read, a sentence each.
    """

    name: str
    image: Image
    truth: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class JobSampleFile:
    """A case that is not read yet: its name, what reads it, and what is told beside it even if it can't be read."""

    name: str
    load: Callable[[], JobSample]
    notes: tuple[Message, ...] = ()


def is_readable(load: Callable[[], Image]) -> bool:
    """Whether an image of a gallery can be read."""
    try:
        load()
    except SegmethodsError:
        return False
    return True


def tell_left_out(names: Sequence[str]) -> tuple[Message, ...]:
    """A note on damaged images of a gallery, if there are any."""
    if not names:
        return ()
    return (Message("Left out of the gallery, since they can’t be read: {names}.", {"names": ", ".join(names)}),)


def number_samples(
    word: str,
    draw: Callable[[str, int, Mapping[str, float]], JobSample],
    count: int,
    seed: int,
    knobs: Mapping[str, float],
) -> list[JobSampleFile]:
    """So many drawn samples, named after a word, each from a seed of its own.

    Parameters
    ----------
    word : str
    draw : callable
        Name, seed, knobs -> sample.
    count, seed : int
    knobs : mapping
    """
    names = [f"{word}-{i + 1:03}" for i in range(count)]
    return [JobSampleFile(name, partial(draw, name, seed * 10_007 + i, knobs)) for i, name in enumerate(names)]


def own_samples(images: Sequence[tuple[str, Image]]) -> Sequence[JobSample]:
    """Images of a user's own, by name, as samples of which nothing is known."""
    return [JobSample(name, image) for name, image in images]


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
    images : int
        How many images were looked at: the frames of a clip.
    """

    value: Any
    steps: tuple[Step, ...] = ()
    images: int = 1


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
        `JobSample` -> `Answer`. It may use the case's image and extra, never its truth.
    why : Message
        What it is good at, and what it can't do: why it wins or loses.
    """

    id: str
    title: Message
    about: Message
    run: Callable[[JobSample], Answer]
    why: Message = field(default_factory=lambda: Message(""))


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
        `JobSample`, value of an answer or None (no answer) -> `Counts`.
    score : callable
        Tallies of all cases -> figure's id -> value (NaN where undefined).
    draw : callable
        `JobSample`, value of an answer -> image, uint8 (H, W, 3), for people to look at.
    describe : callable
        Value of an answer -> name -> number, what an answer without truth is told by (counts, areas).
    table : callable
        Value of an answer -> rows of a table that people take away, such as a list of what to restock.
    table_title, legend : Message
        What that table is, and what the colours of `draw` mean.
    familiar : str
        The kind of image that it is for, see `familiarity`; empty where nobody can know.
    doubt : callable, optional
        `JobSample` -> why nothing is said of it, None where nothing speaks against it; asked of images without truth.
    nothing : mapping
        Name of a number of `describe` -> what is said where that is zero.
    areas : callable or None
        What an answer is told by, counts of other images by its pipeline, metres a pixel, the pipeline's id -> rows
        with class, mapped, estimated, low and high, in hectares.
    play : callable, optional
        For clips: `JobSample`, value of an answer -> WebM.
    film : callable, optional
        For clips: name and bytes of a file -> a sample of which nothing is known.
    pairs : callable, optional
        Where images of people are compared: tallies of all cases -> scores of genuine and of impostor pairs.
    folders : tuple of str
        Names of further sub-sets that are judged like this one.
    """

    id: str
    title: Message
    pipelines: tuple[Pipeline, ...]
    figures: tuple[Figure, ...]
    count: Callable[[JobSample, Any], Counts]
    score: Callable[[Sequence[Counts]], Mapping[str, float]]
    draw: Callable[[JobSample, Any], Image]
    describe: Callable[[Any], Mapping[str, float]] = lambda _value: {}
    table: Callable[[Any], Sequence[Mapping[str, object]]] = lambda _value: ()
    table_title: Message = field(default_factory=lambda: Message("Table"))
    legend: Message = field(default_factory=lambda: Message(""))
    familiar: str = ""
    doubt: Callable[[JobSample], Message | None] | None = None
    nothing: Mapping[str, Message] = field(default_factory=dict)
    areas: Callable[[Mapping[str, float], Sequence[Counts], float, str], Sequence[Mapping[str, object]]] | None = None
    play: Callable[[JobSample, Any], bytes] | None = None
    film: Callable[[str, bytes], JobSample] | None = None
    pairs: Callable[[Sequence[Counts]], tuple[NDArray[np.float64], NDArray[np.float64]]] | None = None
    folders: tuple[str, ...] = ()

    @property
    def main_figure(self) -> Figure:
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
    own : callable
        Names and images of a user's own -> samples, with what else they need.
    images : int
        How many images its page draws at first.
    note : Message or None
        What must be said beside the figures on drawn images.
    privacy : Message or None
        What happens to images of people, and what to ask of such a system.
    """

    id: str
    title: Message
    about: Message
    tasks: tuple[Task, ...]
    read: Callable[[Path], Mapping[str, Sequence[JobSampleFile]]]
    generate: Callable[[int, int, Mapping[str, float]], Mapping[str, Sequence[JobSampleFile]]] | None = None
    knobs: tuple[Knob, ...] = ()
    layout: Message = field(default_factory=lambda: Message(""))
    own: Callable[[Sequence[tuple[str, Image]]], Sequence[JobSample]] = own_samples
    images: int = 8
    note: Message | None = None
    privacy: Message | None = None

    def task(self, name: str) -> Task:
        """The task of this sub-set."""
        return next(t for t in self.tasks if name in (t.id, *t.folders))
