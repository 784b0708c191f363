"""Defects: flaws of tiles, cracks in roads, faults of printed boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from segmethods.core.messages import Message
from segmethods.jobs.defects import boards, cracks, tiles
from segmethods.jobs.defects.generated import KNOBS, generate
from segmethods.jobs.frame import Job, JobSampleFile

TASKS = (tiles.TASK, cracks.TASK, boards.TASK)


def read(folder: Path) -> Mapping[str, Sequence[JobSampleFile]]:
    """The sub-sets that a folder has; a sub-set's own folder will do as well."""
    readers = {"tile": tiles.read, "crack": cracks.read, "pcb": boards.read}
    own = folder.resolve().name
    if own in readers and (folder / "images").is_dir():
        return {own: readers[own](folder)}
    return {name: reader(folder / name) for name, reader in readers.items() if (folder / name / "images").is_dir()}


JOB = Job(
    "defects",
    Message("Defects"),
    Message(
        "A factory wants to know which parts are faulty, and where. Good parts are many and faults are rare and of "
        "every kind, so some ways learn only what good looks like. What counts is how well faulty and good are told "
        "apart, and whether the place is right."
    ),
    TASKS,
    read,
    generate,
    KNOBS,
    Message(
        "tile/ and crack/ with images/ and labels/NAME.png (0 good, 1 defect); pcb/ with images/NAME_test.png, "
        "images/NAME_temp.png (the fault-free template) and truth.csv (name, x, y, w, h)"
    ),
)
