"""Faces compared with a gallery: eigenfaces, Fisherfaces, local binary patterns, and what a network sees."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message, MethodError
from segmethods.core.types import Image
from segmethods.jobs._masks import grey_image, to_grey
from segmethods.jobs._matching import equal_error_rate, pool_pairs, true_accept_rate
from segmethods.jobs.faces.face import Point
from segmethods.jobs.faces.looks import KINDS, Grey, Vector, align, warp
from segmethods.jobs.faces.spaces import Space, eigenfaces, fisherfaces
from segmethods.jobs.frame import Answer, Counts, Figure, JobError, JobSample, Pipeline, Step, Task, is_readable

Scores = NDArray[np.float64]
MOVES = (
    (2, 0, 1.0, 0),
    (-2, 0, 1.0, 0),
    (0, 2, 1.0, 0),
    (0, -2, 1.0, 0),
    (0, 0, 1.05, 0),
    (0, 0, 0.95, 0),
    (0, 0, 1.0, 4),
    (0, 0, 1.0, -4),
)
"""How aligned faces may be off: pixels right and down, scale, degrees."""
MARGIN = 0.2
"""Grey put around an image, as a share of its sides: the network is surer of a face that doesn't fill the image."""


@dataclass(eq=False)
class Gallery:
    """People who are known, and their images; in memory only.

    Parameters
    ----------
    people : list of str
        Whom each image shows.
    images : list of callable
        What reads each image.
    may_show_anything : bool
        Whether nothing is known of the images, so that a cat may be among them.
    """

    people: list[str]
    images: list[Callable[[], Image]]
    may_show_anything: bool = False
    _known: dict[tuple[str, str], tuple[Space | None, Scores]] = field(default_factory=dict)

    @cached_property
    def readable(self) -> Gallery:
        """Those of its images that can be read."""
        kept = [number for number, load in enumerate(self.images) if is_readable(load)]
        if len(kept) == len(self.images):
            return self
        return Gallery([self.people[i] for i in kept], [self.images[i] for i in kept], self.may_show_anything)

    @cached_property
    def aligned_faces(self) -> list[tuple[Grey, tuple[Point, Point], Grey]]:
        """Each image in grey, where its eyes are, and its aligned face."""
        found = []
        for load in self.images:
            image = load()
            face, eyes = align(image)
            found.append((to_grey(image), eyes, face))
        return found

    @cached_property
    def of_faces(self) -> Gallery:
        """Those of its images in which there is a face."""
        kept = [number for number, load in enumerate(self.images) if shows_face(load())]
        return Gallery([self.people[i] for i in kept], [self.images[i] for i in kept])

    def places(self, kind: str, space: str) -> tuple[Space | None, Scores]:
        """The space of a kind of features, and where the gallery's faces stand in it; computed once."""
        if (kind, space) not in self._known:
            vectors = [KINDS[kind](face) for _, _, face in self.aligned_faces]
            made = self._make_space(kind, space, vectors)
            self._known[kind, space] = made, _project(made, vectors)
        return self._known[kind, space]

    def _make_space(self, kind: str, space: str, vectors: list[Vector]) -> Space | None:
        if space == "eigen":
            return eigenfaces(vectors)
        if space == "fisher":
            more = [(KINDS[kind](face), who) for face, who in self._variants()]
            return fisherfaces([*vectors, *(v for v, _ in more)], [*self.people, *(who for _, who in more)])
        return None

    def _variants(self) -> list[tuple[Grey, str]]:
        """The gallery's faces a little moved, mirrored, and lit from either side: what a person may look like."""
        ramp = np.linspace(-0.9, 0.9, self.aligned_faces[0][2].shape[1], dtype=np.float32)[None]
        found = []
        for (grey, eyes, face), who in zip(self.aligned_faces, self.people, strict=True):
            found += [(warp(grey, eyes, (x, y), zoom, turn), who) for x, y, zoom, turn in MOVES]
            found += [(np.clip(face * np.exp(way * ramp), 0, 255).astype(np.uint8), who) for way in (1, -1)]
            found.append((np.ascontiguousarray(face[:, ::-1]), who))
        return found


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike a probe is to each image of the gallery, from -1 to 1, and the image that is most alike."""

    people: tuple[str, ...]
    scores: Scores
    nearest: Image


def _project(space: Space | None, vectors: Sequence[Vector]) -> Scores:
    if space is not None:
        return space.project(vectors)
    table = np.stack(vectors).astype(np.float64)
    return np.asarray(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12))


def run(case: JobSample, kind: str, space: str) -> Answer:
    """Compare a probe with the gallery."""
    gallery: Gallery | None = case.extra.get("gallery")
    if gallery is None:
        raise JobError("There is no gallery to compare with. Name the images PERSON-NUMBER, such as anna-1.jpg.")
    gallery = gallery.readable
    if not gallery.people:
        raise JobError("No image of the gallery can be read.")
    if gallery.may_show_anything:
        gallery = gallery.of_faces
        if not gallery.people:
            raise JobError("None of the other images shows a face. Add images of people to compare with.")
    face, eyes = align(case.image)
    known, places = gallery.places(kind, space)
    if known is not None and not known.directions.size:
        raise JobError("It takes two different faces in the gallery to know how faces differ. Add images.")
    scores = places @ _project(known, [KINDS[kind](face)])[0]
    best = int(scores.argmax())
    shown = np.array(case.image)
    for x, y in eyes:
        cv2.drawMarker(shown, (round(x), round(y)), (0, 158, 115), cv2.MARKER_CROSS, max(8, shown.shape[1] // 16), 2)
    steps = [Step(Message("Where the eyes are"), shown), Step(Message("Aligned by the eyes"), grey_image(face))]
    if known is not None and kind == "grey":
        first = (known.directions[:, 0]).reshape(56, 48)
        steps.append(Step(Message("The first direction of the space"), grey_image(first)))
    nearest = gallery.aligned_faces[best][2]
    steps.append(Step(Message("Most alike in the gallery"), grey_image(nearest)))
    return Answer(Likeness(tuple(gallery.people), scores, grey_image(nearest)), tuple(steps))


PIPELINES = (
    Pipeline(
        "eigenfaces",
        Message("Eigenfaces"),
        Message("Grey values, in the directions in which the gallery’s faces differ most."),
        partial(run, kind="grey", space="eigen"),
        Message("The largest differences between pictures come from light and pose, not from who somebody is."),
    ),
    Pipeline(
        "fisherfaces",
        Message("Fisherfaces"),
        Message("Grey values, in the directions that tell people apart and not pictures of one person."),
        partial(run, kind="grey", space="fisher"),
        Message(
            "It leaves out the directions in which one person's pictures differ, but grey values still "
            "follow the light."
        ),
    ),
    Pipeline(
        "lbp",
        Message("Local binary patterns"),
        Message("Histograms of small patterns in a grid of cells, compared as they are."),
        partial(run, kind="patterns", space=""),
        Message(
            "Patterns compare a pixel with its neighbours, so slow changes of light don't matter; small shifts do."
        ),
    ),
    Pipeline(
        "encoder",
        Message("Encoder"),
        Message("What an encoder taught by ImageNet sees; it never learned faces."),
        partial(run, kind="encoder", space="fisher"),
        Message(
            "Its features know edges and textures of all things; which of them tell people apart is learned from the "
            "gallery."
        ),
    ),
    Pipeline(
        "lbp_fisher",
        Message("Local binary patterns, Fisher’s space"),
        Message("The histograms, in the directions that tell people apart."),
        partial(run, kind="patterns", space="fisher"),
        Message("Patterns hardly follow the light, and the space ignores what shifts, tilt and mood change in them."),
    ),
)
FIGURES = (
    Figure(
        "rank_1", Message("Rank 1"), Message("How often the most alike image shows the same person."), "Phillips 2000"
    ),
    Figure(
        "eer",
        Message("Equal error rate"),
        Message(
            "Where as many genuine pairs are rejected as impostor pairs accepted, over all pairs of gallery and probe."
        ),
        "ISO/IEC 19795-1",
        False,
    ),
    Figure(
        "tar_far_01",
        Message("True accepts at 1% false accepts"),
        Message("The share of genuine pairs accepted where one impostor pair in a hundred is."),
        "ISO/IEC 19795-1",
    ),
)


def count(case: JobSample, value: Likeness | None) -> Counts:
    """Scores of genuine and impostor pairs, and whether the most alike is the right person."""
    gallery: Gallery = case.extra["gallery"].readable
    if case.truth not in gallery.people:
        raise JobError("{name}: the gallery has no image of {object}.", name=case.name, object=str(case.truth))
    same = np.array([who == case.truth for who in gallery.people])
    scores = np.full(len(same), -1.0) if value is None else value.scores
    right = value is not None and bool(same[int(scores.argmax())])
    return {"first": float(right), "genuine": scores[same], "impostor": scores[~same]}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Rank 1 over probes, unless nobody could be taken for anybody else; the others over all pairs."""
    genuine, impostor = pool_pairs(tallies)
    return {
        "rank_1": float(np.mean([t["first"] for t in tallies])) if impostor.size else math.nan,
        "eer": equal_error_rate(genuine, impostor),
        "tar_far_01": true_accept_rate(genuine, impostor, 0.01),
    }


def shows_face(image: Image) -> bool:
    """Whether a network sees a face in an image; where the network is not there, nobody doubts it."""
    try:
        from segmethods.jobs.faces.blazeface import has_face

        high, wide = (round(MARGIN * side) for side in image.shape[:2])
        wider = cv2.copyMakeBorder(image, high, high, wide, wide, cv2.BORDER_CONSTANT, value=(127, 127, 127))
        return any(has_face(np.asarray(each, np.uint8)) for each in (image, wider))
    except MethodError:
        return True


def doubt_face(case: JobSample) -> Message | None:
    """Why an image is compared with nobody."""
    if shows_face(case.image):
        return None
    return Message("This doesn’t look like a face: none was found in it, so it is compared with nobody.")


def draw(case: JobSample, value: Likeness) -> Image:
    """The probe beside the most alike of the gallery."""
    high, (height, width) = case.image.shape[0], value.nearest.shape[:2]
    near = cv2.resize(value.nearest, (max(1, round(width * high / height)), high))
    return np.asarray(np.hstack([case.image, near]), np.uint8)


TASK = Task(
    "recognise",
    Message("Recognise, against a gallery"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    lambda value: {"likeness": float(value.scores.max())},
    doubt=doubt_face,
    pairs=pool_pairs,
    folders=("att", "yale"),
)
