"""Iris: both borders of it, its code, and how far codes of one eye and of two eyes lie apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.images import SUFFIXES, load_image
from segmethods.jobs._masks import GREEN, RED, grey_image, to_grey
from segmethods.jobs._matching import decidability, equal_error_rate, pool_pairs, true_accept_rate
from segmethods.jobs.frame import Answer, Counts, Figure, Job, JobError, JobSample, JobSampleFile, Pipeline, Step, Task
from segmethods.jobs.groups import read_groups
from segmethods.jobs.iris.circles import Rings, is_eye, rings_by_daugman, rings_by_segmentation
from segmethods.jobs.iris.coding import distances, draw_code, encode, find_iris, unroll
from segmethods.jobs.iris.gallery import Find, Gallery
from segmethods.jobs.iris.generated import KNOBS, generate

SUBSETS = ("mmu1", "casia1")


@dataclass(frozen=True, eq=False)
class Compared:
    """An iris and its distances from those of the images before it; 1 where these have none.

    Parameters
    ----------
    rings : Rings
    share : float
        Share of the iris that lids, lashes and glints leave.
    distances : ndarray, float64, shape (N,)
    """

    rings: Rings
    share: float
    distances: NDArray[np.float64]


def run(case: JobSample, pipeline: str, find: Find) -> Answer:
    """Find the iris, unroll it, mask lids, encode it, and compare it with the images before."""
    grey = to_grey(case.image)
    gallery: Gallery | None = case.extra.get("gallery")
    number: int = case.extra.get("number", 0)
    try:
        rings = find(grey)
    except JobError:
        if gallery is not None:
            gallery.keep(pipeline, number, None)
        raise
    strip = unroll(grey, rings)
    valid = find_iris(strip)
    code = encode(strip, valid)
    far = np.zeros(0)
    if gallery is not None:
        gallery.keep(pipeline, number, code)
        before = [gallery.code(pipeline, find, i) for i in range(number)]
        far = np.ones(number)
        known = [i for i, other in enumerate(before) if other is not None]
        far[known] = distances(code, [other for other in before if other is not None])
    masked = grey_image(strip)
    masked[~valid] = RED
    steps = (
        Step(Message("Pupil and limbus"), draw_rings(case.image, rings)),
        Step(Message("Unrolled: pupil above, limbus below"), enlarge(grey_image(strip))),
        Step(Message("Lids, lashes and glints left out"), enlarge(masked)),
        Step(Message("The code: signs of Gabor’s filters"), enlarge(grey_image(draw_code(code)))),
    )
    return Answer(Compared(rings, float(valid.mean()), far), steps)


def enlarge(strip: Image) -> Image:
    """A strip three times as high, for people to see."""
    size = (2 * strip.shape[1], 3 * strip.shape[0])
    return np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def draw_rings(image: Image, rings: Rings) -> Image:
    """Both borders on the eye."""
    drawn = np.array(image)
    for circle, colour in ((rings.pupil, GREEN), (rings.limbus, RED)):
        cv2.circle(drawn, (round(circle.x), round(circle.y)), round(circle.r), colour, 2)
    return drawn


PIPELINES = (
    Pipeline(
        "daugman",
        Message("Daugman’s operator"),
        Message("The circles across which brightness changes most; then Gabor’s phases as bits, compared with shifts."),
        partial(run, pipeline="daugman", find=rings_by_daugman),
        Message(
            "It sums over the pupil’s whole circle and over both sides of the limbus, so glints and lashes on a part "
            "of a border hardly move it. An eye that looks aside has borders that are no circles: there it is off."
        ),
    ),
    Pipeline(
        "segmentation",
        Message("Segmentation and a fitted circle"),
        Message("The pupil is a dark piece, the limbus a circle through steep places; then the same code."),
        partial(run, pipeline="segmentation", find=rings_by_segmentation),
        Message(
            "A few steep places on a lid pull the fitted circle away, and then the strips don't lie over each other."
        ),
    ),
)
FIGURES = (
    Figure(
        "eer",
        Message("Equal error rate"),
        Message("Where as many pairs of one eye are rejected as pairs of two eyes accepted, over all pairs."),
        "ISO/IEC 19795-1",
        False,
    ),
    Figure(
        "d_prime",
        Message("d′"),
        Message("Distance of the means of both kinds of pairs over the root of their mean variance."),
        "Daugman 1993",
    ),
    Figure(
        "frr_far_001",
        Message("False rejects at 0.1% false accepts"),
        Message("The share of pairs of one eye rejected where one pair of two eyes in a thousand is accepted."),
        "Daugman 1993",
        False,
    ),
    Figure(
        "not_found",
        Message("No iris found"),
        Message("Share of images in which no iris was found; their pairs count as rejected."),
        "Daugman 1993",
        False,
    ),
)


def count(case: JobSample, value: Compared | None) -> Counts:
    """Likeness (1 less the distance) to the images before, of one eye and of two."""
    gallery: Gallery = case.extra["gallery"]
    number: int = case.extra["number"]
    same = np.array([eye == case.truth for eye in gallery.eyes[:number]], bool)
    alike = 1 - (np.ones(number) if value is None else value.distances)
    counts = np.array([gallery.is_readable(i) for i in range(number)], bool)
    return {"genuine": alike[same & counts], "impostor": alike[~same & counts], "missing": int(value is None)}


def score(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Figures over all pairs."""
    genuine, impostor = pool_pairs(tallies)
    return {
        "eer": equal_error_rate(genuine, impostor),
        "d_prime": decidability(genuine, impostor),
        "frr_far_001": 1 - true_accept_rate(genuine, impostor, 0.001),
        "not_found": float(np.mean([t["missing"] for t in tallies])),
    }


def draw(case: JobSample, value: Compared) -> Image:
    """The eye with both borders."""
    return draw_rings(case.image, value.rings)


def describe(value: Compared) -> Mapping[str, float]:
    """How much iris is seen, and how near the nearest of the images before is."""
    told = {"share_seen": value.share}
    return told | ({"nearest": float(value.distances.min())} if len(value.distances) else {})


def doubt_eye(case: JobSample) -> Message | None:
    """Why an image gets no code: the circles that are found in it are not those of an eye."""
    grey = to_grey(case.image)
    try:
        rings = rings_by_daugman(grey)
    except JobError as error:
        return error.message
    return (
        None if is_eye(grey, rings) else Message("No iris was found: this doesn’t look like a close photo of an eye.")
    )


TASK = Task(
    "all",
    Message("Eyes"),
    PIPELINES,
    FIGURES,
    count,
    score,
    draw,
    describe,
    doubt=doubt_eye,
    pairs=pool_pairs,
    folders=SUBSETS,
)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """A folder for each eye, or `SUBSETS` with these."""
    if not folder.is_dir():
        raise JobError("There is no folder {folder}. Give the folder of the job's data.", folder=str(folder))
    own = folder.resolve().name
    parts = {name: folder / name for name in SUBSETS if (folder / name).is_dir()}
    alone = {own if own in SUBSETS else "all": folder}
    return {name: _read_part(part) for name, part in (parts or alone).items()}


def _read_part(folder: Path) -> list[JobSampleFile]:
    files = [f for f in folder.glob("*/*") if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")]
    files.sort(key=lambda f: (f.parent.name, [int(n) for n in re.findall(r"\d+", f.stem)], f.stem))
    gallery = Gallery([f.parent.name for f in files], [partial(load_image, f) for f in files], read_groups(folder))
    return list(gallery.samples([f"{f.parent.name}-{f.stem}" for f in files]))


def own_eyes(images: Sequence[tuple[str, Image]]) -> list[JobSample]:
    """A user's own images, each compared with those before it."""
    gallery = Gallery([name for name, _ in images], [partial(_same, image) for _, image in images])
    return [JobSample(name, image, None, {"gallery": gallery, "number": i}) for i, (name, image) in enumerate(images)]


def _same(image: Image) -> Image:
    return image


JOB = Job(
    "iris",
    Message("Iris"),
    Message(
        "A classroom demonstration of a published method: the pattern of an iris as bits, and how many of them differ "
        "between images of one eye and of two. It is not made for identifying people."
    ),
    (TASK,),
    read,
    generate,
    KNOBS,
    Message(
        "a folder of images for each eye, or mmu1/ and casia1/ with these; groups.csv (name of an eye, group) where "
        "errors are told by group"
    ),
    own=own_eyes,
    note=Message("These eyes are drawn. An equal error rate on drawn eyes says nothing about people."),
    privacy=Message(
        "Your images are kept in memory only, for this session: nothing is written to disk, no gallery outlives the "
        "session, and no link carries an eye. An iris can’t be changed like a password. Before anybody uses such a "
        "method on people, ask: who agreed? Where are the codes kept? Whom does it fail? Lids, lenses and age "
        "change the error rate, and one rate over all people hides that; ask for the rate of each group."
    ),
)
