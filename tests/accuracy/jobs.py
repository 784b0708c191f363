"""How good every pipeline of the jobs is: ``python -m tests.accuracy.jobs --data FOLDER`` with a folder for each job.

Without ``--data`` the folder ``jobs`` in ``$DATA`` is taken.

What ships of a job's networks, forests and memory learned from all of its folder, so that these images say nothing of
it, and "learned" stands beside their number. ``SEGMETHODS_JOBS=FOLDER`` takes what learned from three quarters, which
``segmethods.jobs.training``, ``segmethods.jobs.forest`` and ``segmethods.jobs.defects.normality`` write there: then all
pipelines of such a task are judged on the last quarter alone. Elsewhere all images judge, from which some settings were
chosen.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from segmethods.core.settings import settings
from segmethods.jobs import get_job, list_jobs
from segmethods.jobs.frame import JobSampleFile
from segmethods.jobs.running import run_subset
from tests.bench.methods import machine
from tests.tables import table

HEAD = ("job", "images", "pipeline", "figure", "value", "95%", "ms")
MANY = ("job", "images", "pipeline", "figures", "95% of the first", "ms")


def held_out(job: str, task: str) -> tuple[set[str], str] | None:
    """The images of a quarter, and what they are to the task's network; None where no network learned."""
    record = settings().jobs_dir / f"{job if task == 'all' else task}.json"
    if not record.is_file():
        return None
    told = json.loads(record.read_text(encoding="utf-8"))
    return set(told["held_out"]), "learned" if told["learned_from_held_out"] else "held out"


def rows(data: Path, only: Sequence[str], every: bool) -> Iterator[tuple[str, ...]]:
    """A line for each pipeline of each sub-set, with the figure that decides or with every figure."""
    for name in only:
        if not (data / name).is_dir():
            continue
        job = get_job(name)
        for task_id, cases in job.read(data / name).items():
            quarter, told = held_out(name, task_id) or (set(), "")
            chosen: list[JobSampleFile] = [c for c in cases if c.name in quarter]
            if not chosen:  # nothing learned, or from drawn images
                chosen, told = cases, ""
            task = job.task(task_id)
            result = run_subset(task, chosen)
            images = f"{len(chosen)} {told}".strip()
            for judged in result.pipelines:
                value = judged.figures.get(result.task.main_figure.id, math.nan)
                between = "" if judged.interval is None else f"{judged.interval[0]:.3f} to {judged.interval[1]:.3f}"
                label = name if task_id == "all" else f"{name}/{task_id}"
                time = "" if math.isnan(judged.seconds_median) else f"{1000 * judged.seconds_median:.0f}"
                if every:
                    told = [f"{f.id} {v:.3f}" for f in task.figures if not math.isnan(v := judged.figures[f.id])]
                    where = label if task_id in {t.id for t in job.tasks} else f"{name}/{task_id}"
                    yield where, images, judged.pipeline.id, ", ".join(told), between, time
                else:
                    yield label, images, judged.pipeline.id, result.task.main_figure.id, f"{value:.3f}", between, time


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("DATA")
    default = Path(data) / "jobs" if data else None
    parser.add_argument("--data", type=Path, default=default, required=default is None, metavar="FOLDER")
    parser.add_argument("--job", metavar="ID,...", help="only these")
    parser.add_argument("--every-figure", action="store_true", help="not only the one that decides")
    args = parser.parse_args()
    told = "Every figure" if args.every_figure else "The figure that decides"
    print(f"{told}, {datetime.date.today().isoformat()}, {machine()}.", end="\n\n")
    only = list_jobs() if args.job is None else args.job.split(",")
    lines = list(rows(args.data, only, args.every_figure))
    print(table(MANY, lines, "lrlllr") if args.every_figure else table(HEAD, lines, "lrllrlr"))


if __name__ == "__main__":
    main()
