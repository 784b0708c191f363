"""Bottle filling: which bottles pass, and where the liquid stands."""

from __future__ import annotations

import csv
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

TASKS = (checks.TASK, vessels.TASK)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """Photos of a line in ``images/`` with ``truth.csv``, and photos of vessels in ``vessels/``."""
    found: dict[str, Sequence[JobSampleFile]] = {}
    if folder.name == "vessels":
        return {"vessels": _read_vessels(folder)}
    if list_images(folder):
        found["all"] = _read_line(folder)
    if (folder / "vessels" / "images").is_dir():
        found["vessels"] = _read_vessels(folder / "vessels")
    return found


def _read_line(folder: Path) -> list[JobSampleFile]:
    rows = _table(folder / "truth.csv")

    def load(file: Path) -> JobSample:
        row = None if rows is None else rows.get(file.name)
        truth = None
        if row is not None:
            if row["verdict"] not in ("good", "bad"):
                raise ImageError(
                    "{name} has the verdict {verdict}; it must be good or bad.", name=file.name, verdict=row["verdict"]
                )
            surface = row.get("surface_y") or ""
            truth = Truth(row["verdict"] == "good", float(surface) if surface else None)
        return JobSample(file.stem, load_image(file), truth, {"line": REAL_LINE})

    return [JobSampleFile(f.stem, partial(load, f)) for f in list_images(folder)]


def _read_vessels(folder: Path) -> list[JobSampleFile]:
    rows = _table(folder / "truth.csv") or {}
    surfaces = {Path(name).stem: float(row["surface_y"]) for name, row in rows.items()}

    def load(file: JobSampleFile) -> JobSample:
        case = file.load()
        return JobSample(case.name, case.image, surfaces.get(case.name), {"area": case.truth})

    files = list_labelled_cases(folder, lambda values: np.asarray(values > 0))
    return [JobSampleFile(file.name, partial(load, file)) for file in files]


def own_bottles(images: Sequence[tuple[str, Image]]) -> Sequence[JobSample]:
    """Photos of a user's own, taken for ones of the line that the pipelines were taught on."""
    return [JobSample(name, image, None, {"line": REAL_LINE}) for name, image in images]


def _table(file: Path) -> dict[str, dict[str, str]] | None:
    """The lines of a CSV file by their column ``file``; None without the file."""
    if not file.is_file():
        return None
    with file.open(encoding="utf-8-sig", newline="") as table:
        return {row["file"]: row for row in csv.DictReader(table)}


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
