"""Faces: where they are, where their eyes are, and whether two images show one person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.images import SUFFIXES, load_image
from segmethods.jobs._masks import list_images
from segmethods.jobs.faces import finding, recognition
from segmethods.jobs.faces.face import Face
from segmethods.jobs.faces.generated import KNOBS, generate
from segmethods.jobs.faces.recognition import Gallery
from segmethods.jobs.frame import Job, JobError, JobSample, JobSampleFile, is_readable, tell_left_out
from segmethods.jobs.groups import read_groups
from segmethods.jobs.tables import BOX, Row, match_lines, read_table

EYES = ("eye1_x", "eye1_y", "eye2_x", "eye2_y")
TASKS = (finding.TASK, recognition.TASK)
NEUTRAL = ("normal", "noglasses")
"""Names of images that make the gallery; where there are none, it is the first half of a person's images."""


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """Sub-sets in folders of their names, or one of them: photos with ``truth.csv``, or a folder for each person."""
    if not folder.is_dir():
        raise JobError("There is no folder {folder}. Give the folder of the job's data.", folder=str(folder))
    names = [name for task in TASKS for name in (task.id, *task.folders) if (folder / name).is_dir()]
    if names:
        return {name: _read_part(folder / name) for name in names}
    part = _read_part(folder)
    own = folder.resolve().name
    known = any(own in task.folders for task in TASKS)
    return {own if known else "recognise" if _people(folder) else "find": part}


def _read_part(folder: Path) -> list[JobSampleFile]:
    people = _people(folder)
    return _read_people(people, read_groups(folder)) if people else _read_images(folder)


def _people(folder: Path) -> dict[str, list[Path]]:
    """Each person's images, in the order of the numbers in their names."""
    if (folder / "images").is_dir():
        return {}
    found = {}
    for place in sorted(p for p in folder.iterdir() if p.is_dir()):
        files = [f for f in place.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")]
        if files:
            found[place.name] = sorted(files, key=lambda f: ([int(n) for n in re.findall(r"\d+", f.stem)], f.stem))
    return found


def _read_people(people: Mapping[str, Sequence[Path]], groups: Mapping[str, str]) -> list[JobSampleFile]:
    known, probes = [], []
    for name, files in people.items():
        shown = [f for f in files if f.stem in NEUTRAL] or list(files[: (len(files) + 1) // 2])
        known += [(name, f) for f in shown]
        probes += [(name, f) for f in files if f not in shown]
    gallery = Gallery([name for name, _ in known], [partial(load_image, f) for _, f in known])

    @cache
    def notes() -> tuple[Message, ...]:
        return tell_left_out([f"{name}/{f.name}" for name, f in known if not is_readable(partial(load_image, f))])

    def load(name: str, file: Path) -> JobSample:
        extra = {"gallery": gallery, "group": groups.get(name, "")}
        return JobSample(f"{name}-{file.stem}", load_image(file), name, extra, notes())

    if not probes:
        raise JobError("Each person has one image only. It takes another one to be compared with it.")
    return [JobSampleFile(f"{name}-{file.stem}", partial(load, name, file)) for name, file in probes]


def _read_images(folder: Path) -> list[JobSampleFile]:
    files, table = list_images(folder), folder / "truth.csv"
    names = [f.name for f in files]
    lines = match_lines(read_table(table, "file", *EYES, *BOX), "file", names) if table.is_file() else None
    truth = None if lines is None else lines.read(_faces_of)
    groups = read_groups(folder)
    # The points of 300-W count pixels from 1, as Matlab does.
    extra: dict[str, object] = {"labels_count_from": 1} if folder.resolve().name == "afw" else {}

    def load(image: Path) -> JobSample:
        own = None if truth is None else truth.find(image.name, ())
        return JobSample(image.stem, load_image(image), own, {**extra, "group": groups.get(image.name, "")})

    notes = {} if lines is None else lines.notes
    return [JobSampleFile(image.stem, partial(load, image), notes.get(image.name, ())) for image in files]


def _faces_of(rows: Sequence[Row]) -> tuple[Face, ...]:
    return tuple(
        Face(row.box(), ((row.number("eye1_x"), row.number("eye1_y")), (row.number("eye2_x"), row.number("eye2_y"))))
        for row in rows
        if row.has_box
    )


def own_faces(images: Sequence[tuple[str, Image]]) -> list[JobSample]:
    """A user's own images, each with the others as its gallery; ``anna-1.jpg`` shows anna."""
    people = [re.split(r"[-_ .]?\d*\.\w+$", name)[0] or name for name, _ in images]
    samples = []
    for number, (name, image) in enumerate(images):
        others = [i for i in range(len(images)) if i != number]
        gallery = Gallery([people[i] for i in others], [partial(_same, images[i][1]) for i in others], True)
        samples.append(JobSample(name, image, None, {"gallery": gallery} if others else {}))
    return samples


def _same(image: Image) -> Image:
    return image


JOB = Job(
    "faces",
    Message("Faces"),
    Message(
        "A classroom demonstration of published methods: where faces and their eyes are, and which of the people in a "
        "gallery an image shows. It is not made for identifying people. Drawn faces are compared here; figures on them "
        "say nothing about people."
    ),
    TASKS,
    read,
    generate,
    KNOBS,
    Message(
        "afw/ with images/ and truth.csv (file, eye1_x, eye1_y, eye2_x, eye2_y, x, y, w, h: one line a face); att/, "
        "yale/ or recognise/ with a folder of images for each person (gallery: those called normal and noglasses, else "
        "the first half by number); groups.csv (name of a person or image, group) where errors are told by group"
    ),
    own=own_faces,
    images=6,
    note=Message("These faces are drawn. An equal error rate on drawn faces says nothing about people."),
    privacy=Message(
        "Your images are kept in memory only, for this session: nothing is written to disk, no gallery outlives the "
        "session, and no link carries a face. Before anybody uses such a method on people, ask: who agreed? Whom does "
        "it fail? Error rates differ between groups of age, sex and skin, and one rate hides that; ask for the "
        "rate of each group, and how many people are in it."
    ),
)
