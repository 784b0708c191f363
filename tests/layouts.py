"""The tables of layouts in README.md, as Markdown: ``python -m tests.layouts``, and of jobs: ``... jobs``."""

from __future__ import annotations

import sys

from segmethods.datasets import class_folders, object_files, panoptic
from segmethods.datasets.layouts import LAYOUTS
from segmethods.datasets.listings import SHOWS
from segmethods.jobs import get_job, list_jobs
from tests.tables import table


def layouts() -> str:
    """The layouts by name, in the order in which they are tried."""
    others = {room.NAME: room.SHOWS for room in (panoptic, class_folders, object_files)}
    named = {layout.name: layout.shows for layout in LAYOUTS} | SHOWS | others
    return table(("read as", "what lies where"), list(named.items()), "ll")


def jobs() -> str:
    """The jobs, the figure of each sub-set that decides, and how a folder of one's own lies."""
    rows = []
    for name in list_jobs():
        job = get_job(name)
        figures = dict.fromkeys(str(task.main_figure.title) for task in job.tasks)
        rows.append((f"`{name}`", str(job.title), "; ".join(figures), str(job.layout)))
    return table(("job", "what it is", "what decides", "what lies in the folder"), rows, "llll")


if __name__ == "__main__":
    print(jobs() if sys.argv[1:] == ["jobs"] else layouts())
