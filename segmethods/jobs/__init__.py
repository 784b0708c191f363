"""Jobs: applications of segmentation, each judged by the figure that it cares about.

A job is one folder here, with a record ``JOB`` in its ``__init__``, and one page. Importing this package imports no
job; `get_job` does.
"""

import importlib
import pkgutil
from pathlib import Path

from segmethods.jobs.frame import Job, JobError


def list_jobs() -> tuple[str, ...]:
    """The ids of all jobs."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if m.ispkg))


def get_job(name: str) -> Job:
    """The job with this id.

    Raises
    ------
    JobError
        If there is none.
    """
    if name not in list_jobs():
        raise JobError("There is no job {name}. Choose from {choices}.", name=name, choices=", ".join(list_jobs()))
    job: Job = importlib.import_module(f"{__name__}.{name}").JOB
    return job
