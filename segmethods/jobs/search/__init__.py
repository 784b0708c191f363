"""Find what looks like this: the same object in a gallery, by colour, texture or what a network sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.images import SUFFIXES, load_image
from segmethods.jobs._masks import paint
from segmethods.jobs.frame import (
    Answer,
    Counts,
    Figure,
    Job,
    JobError,
    JobSample,
    JobSampleFile,
    Pipeline,
    Step,
    Task,
    is_readable,
    tell_left_out,
)
from segmethods.jobs.search import cutting, looks
from segmethods.jobs.search.generated import KNOBS, draw_gallery

FIGURES = (
    Figure(
        "map",
        Message("Mean average precision"),
        Message("Precision at the place of each right find, mean over right finds, mean over queries."),
        "Manning 2008",
    ),
    Figure("precision_1", Message("Precision at 1"), Message("How often the first find is right."), "Manning 2008"),
    Figure(
        "precision_10", Message("Precision at 10"), Message("Share of right ones among the first ten."), "Manning 2008"
    ),
)
Feature = NDArray[np.float32]


@dataclass(eq=False)
class Gallery:
    """Images to search, which object each shows, and what is known of them so far.

    Parameters
    ----------
    names, objects : list of str
        An image's name, and the object that it shows.
    images : list of callable
        What reads each image.
    """

    names: list[str]
    objects: list[str]
    images: list[Callable[[], Image]]
    _features: dict[tuple[str, bool], NDArray[np.float32]] = field(default_factory=dict)

    @cached_property
    def readable(self) -> Gallery:
        """Those of its images that can be read."""
        kept = [number for number, load in enumerate(self.images) if is_readable(load)]
        if len(kept) == len(self.images):
            return self
        return Gallery([self.names[i] for i in kept], [self.objects[i] for i in kept], [self.images[i] for i in kept])

    def features(self, kind: str, is_cut: bool) -> NDArray[np.float32]:
        """Features of all images, float32 (images, numbers); computed once."""
        if (kind, is_cut) not in self._features:
            found = [describe(load(), kind, is_cut)[0] for load in self.images]
            self._features[kind, is_cut] = np.stack(found)
        return self._features[kind, is_cut]


@dataclass(frozen=True, eq=False)
class Ranking:
    """The gallery's images, the most alike first."""

    names: tuple[str, ...]
    objects: tuple[str, ...]
    first: Image


def describe(image: Image, kind: str, is_cut: bool) -> tuple[Feature, NDArray[np.bool_]]:
    """An image's feature, of length 1, and where the object was taken to be."""
    mask = cutting.cut_out(image) if is_cut else np.ones(image.shape[:2], bool)
    feature = looks.KINDS[kind](image, mask)
    return feature / max(float(np.linalg.norm(feature)), 1e-9), mask


def run(case: JobSample, kind: str, is_cut: bool) -> Answer:
    """Rank the gallery by likeness to the query."""
    gallery: Gallery = case.extra["gallery"].readable
    if not gallery.names:
        raise JobError("There is nothing to search in. Choose two images or more.")
    feature, mask = describe(case.image, kind, is_cut)
    order = np.argsort(-(gallery.features(kind, is_cut) @ feature), kind="stable")
    first = gallery.images[int(order[0])]()
    ranking = Ranking(tuple(gallery.names[i] for i in order), tuple(gallery.objects[i] for i in order), first)
    steps = (
        Step(Message("What is looked at"), paint(case.image, mask) if is_cut else case.image),
        Step(Message("The first find"), first),
    )
    return Answer(ranking, steps)


TITLES = {
    "colour": (Message("Colour, whole image"), Message("Colour, object cut out")),
    "texture": (Message("Texture, whole image"), Message("Texture, object cut out")),
    "encoder": (Message("Network, whole image"), Message("Network, object cut out")),
}
ABOUT = {
    "colour": Message("A histogram of colours."),
    "texture": Message("A histogram of the directions of edges and of patterns."),
    "encoder": Message("What an encoder taught by ImageNet sees, on average."),
}
WHY = {
    "colour": (
        Message("Most of what it counts is background, and the background of the query is not that of the gallery."),
        Message(
            "Without the background the colours are those of the thing, and drawn things differ in colour first. "
            "Two things of the same colours it can’t tell apart."
        ),
    ),
    "texture": (
        Message("Grass, brick and bark are full of edges in all directions, and drown those of the thing."),
        Message(
            "Edges of the outline and of the pattern alone are left. It knows no colour, so that alike patterns "
            "are confused; blur takes the pattern away."
        ),
    ),
    "encoder": (
        Message("It averages what it sees over the whole image, so scenes look alike and things get lost in them."),
        Message(
            "It averages over the thing only: form, colour and pattern together. It was taught to name things, so "
            "two cups are much the same to it."
        ),
    ),
}
PIPELINES = tuple(
    Pipeline(
        f"{kind}_{'object' if is_cut else 'whole'}",
        TITLES[kind][is_cut],
        ABOUT[kind],
        partial(run, kind=kind, is_cut=is_cut),
        WHY[kind][is_cut],
    )
    for kind in looks.KINDS
    for is_cut in (False, True)
)


def count(case: JobSample, value: Ranking | None) -> Counts:
    """Average precision of a query, and right ones among the first and the first ten."""
    if case.truth not in case.extra["gallery"].readable.objects:
        raise JobError("{name}: the gallery has no image of {object}.", name=case.name, object=str(case.truth))
    if value is None:
        return {"ap": 0.0, "first": 0.0, "ten": 0.0}
    right = np.array([name == case.truth for name in value.objects])
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    most = min(10, int(right.sum()))
    return {"ap": float(precision[right].mean()), "first": float(right[0]), "ten": float(right[:10].sum() / most)}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Means over queries."""
    names = (("map", "ap"), ("precision_1", "first"), ("precision_10", "ten"))
    return {figure: float(np.mean([t[name] for t in tallies])) for figure, name in names}


def draw(case: JobSample, value: Ranking) -> Image:
    """The query beside the first find."""
    side, (height, width) = case.image.shape[0], value.first.shape[:2]
    first = cv2.resize(value.first, (max(1, round(width * side / height)), side))
    return np.asarray(np.hstack([case.image, first]), np.uint8)


def list_found(value: Ranking) -> list[Mapping[str, object]]:
    """The first ten finds."""
    pairs = zip(value.names[:10], value.objects[:10], strict=True)
    return [{"place": i, "image": name, "object": shown} for i, (name, shown) in enumerate(pairs, 1)]


TASK = Task(
    "all",
    Message("A gallery"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    table=list_found,
    table_title=Message("The first ten finds"),
    legend=Message("Left the query, right the first find."),
)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """``gallery/OBJECT/`` and ``queries/OBJECT/``, images of one object each."""
    shown, asked = (list(_files(folder / name)) for name in ("gallery", "queries"))
    if not shown or not asked:
        raise JobError("{folder} needs gallery/OBJECT/ and queries/OBJECT/ with images.", folder=str(folder))
    gallery = Gallery(
        [f"{file.parent.name}/{file.name}" for file in shown],
        [file.parent.name for file in shown],
        [partial(load_image, file) for file in shown],
    )

    @cache
    def notes() -> tuple[Message, ...]:
        return tell_left_out([name for name in gallery.names if name not in gallery.readable.names])

    def load(file: Path) -> JobSample:
        name, object_ = f"{file.parent.name}-{file.stem}", file.parent.name
        return JobSample(name, load_image(file), object_, {"gallery": gallery}, notes())

    return {"all": [JobSampleFile(f"{f.parent.name}-{f.stem}", partial(load, f)) for f in asked]}


def _files(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        return []
    return sorted(f for f in folder.glob("*/*") if f.suffix.lower() in SUFFIXES and not f.name.startswith("."))


def generate(count: int, seed: int, knobs: Mapping[str, float]) -> Mapping[str, Sequence[JobSampleFile]]:
    """So many objects, each four times in the gallery and once as a query."""
    gallery_views, query_views = draw_gallery(count, seed, knobs)
    gallery = Gallery(
        [name for name, _, _ in gallery_views],
        [shown for _, shown, _ in gallery_views],
        [partial(_same, image) for _, _, image in gallery_views],
    )
    return {
        "all": [
            JobSampleFile(name, partial(JobSample, name, image, shown, {"gallery": gallery}))
            for name, shown, image in query_views
        ]
    }


def own_gallery(images: Sequence[tuple[str, Image]]) -> Sequence[JobSample]:
    """A user's own images: each asks for what looks like it among the others."""
    samples = []
    for asked, (name, image) in enumerate(images):
        others = [pair for number, pair in enumerate(images) if number != asked]
        names = [other for other, _ in others]
        samples.append(
            JobSample(name, image, None, {"gallery": Gallery(names, names, [partial(_same, i) for _, i in others])})
        )
    return samples


def _same(image: Image) -> Image:
    return image


JOB = Job(
    "search",
    Message("Find what looks like this"),
    Message(
        "A shopper photographs a thing and wants to find it in a shop’s pictures. The background of the photo says "
        "nothing about the thing, so cutting the object out first should help. By how much is what this job measures."
    ),
    (TASK,),
    read,
    generate,
    KNOBS,
    Message("gallery/OBJECT/ and queries/OBJECT/ with images"),
    own_gallery,
)
