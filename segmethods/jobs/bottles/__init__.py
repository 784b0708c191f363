"""Bottle filling: which bottles pass, and where the liquid stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from segmethods.core.messages import ImageError, Message
from segmethods.core.types import Image
from segmethods.io.images import load_image
from segmethods.jobs._masks import list_images, list_labelled_cases
from segmethods.jobs.bottles import checks, vessels
from segmethods.jobs.bottles.generated import KNOBS, generate
from segmethods.jobs.bottles.line import REAL_LINE, Truth
from segmethods.jobs.frame import Job, JobSample, JobSampleFile
from segmethods.jobs.tables import Lines, Row, match_lines, read_table

TASKS = (checks.TASK, vessels.TASK)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """Photos of a line in ``images/`` with ``truth.csv``, and photos of vessels in ``vessels/``."""
    found: dict[str, Sequence[JobSampleFile]] = {}
    if folder.resolve().name == "vessels":
        return {"vessels": _read_vessels(folder)}
    if list_images(folder):
        found["all"] = _read_line(folder)
    if (folder / "vessels" / "images").is_dir():
        found["vessels"] = _read_vessels(folder / "vessels")
    return found


def _read_line(folder: Path) -> list[JobSampleFile]:
    files = list_images(folder)
    lines = _lines(folder / "truth.csv", [f.name for f in files], "verdict")
    truth = lines.read(_truth)

    def load(file: Path) -> JobSample:
        return JobSample(file.stem, load_image(file), truth.find(file.name, None), {"line": REAL_LINE})

    return [JobSampleFile(f.stem, partial(load, f), lines.notes.get(f.name, ())) for f in files]


def _truth(rows: Sequence[Row]) -> Truth | None:
    row = rows[-1]
    verdict = row.text("verdict").casefold()
    if verdict not in ("good", "bad"):
        raise ImageError(
            "{name} has the verdict {verdict}; it must be good or bad.", name=row.text("file"), verdict=verdict or "“”"
        )
    return Truth(verdict == "good", row.number("surface_y") if row.text("surface_y") else None)


def _read_vessels(folder: Path) -> list[JobSampleFile]:
    files = list_labelled_cases(folder, lambda values: np.asarray(values > 0))
    lines = _lines(folder / "truth.csv", [file.name for file in files], "surface_y")
    surfaces = lines.read(_surface)

    def load(file: JobSampleFile) -> JobSample:
        case = file.load()
        return JobSample(case.name, case.image, surfaces.find(case.name, None), {"area": case.truth})

    return [JobSampleFile(file.name, partial(load, file), lines.notes.get(file.name, ())) for file in files]


def _surface(rows: Sequence[Row]) -> float | None:
    return rows[-1].number("surface_y") if rows[-1].text("surface_y") else None


def own_bottles(images: Sequence[tuple[str, Image]]) -> Sequence[JobSample]:
    """Photos of a user's own, taken for ones of the line that the pipelines were taught on."""
    return [JobSample(name, image, None, {"line": REAL_LINE}) for name, image in images]


def _lines(file: Path, images: Sequence[str], column: str) -> Lines:
    """The lines of a table by image; none without the table."""
    return match_lines(read_table(file, "file", column), "file", images) if file.is_file() else Lines()


JOB = Job(
    "bottles",
    Message("Bottle filling"),
    Message(
        "A filling line asks of each bottle: may it leave? A good bottle that is rejected costs money, a bad one that "
        "passes costs trust. By law a machine that measures the level may err by 3 ml on a bottle of half a litre to a "
        "litre."
    ),
    TASKS,
    read,
    generate,
    KNOBS,
    Message(
        "images/ and truth.csv (file, verdict good or bad, surface_y = row of the liquid or empty); vessels/ with "
        "images/, labels/NAME.png (1 = inside the vessel) and truth.csv (file, surface_y)"
    ),
    own_bottles,
)
