"""Pictures per second with one and two workers, here and on a cluster: ``python -m tests.bench.throughput``.

The first pictures of every worker are left out: it loads what it needs then. Every worker has one thread.
"""

from __future__ import annotations

import argparse
import datetime
import os
import tempfile
import time

from segmethods.benchmark import Store, benchmark, open_dataset, plan_configs
from tests.bench.methods import machine
from tests.tables import table

METHODS = ("threshold", "edges")
WARM = 3


def pace(dataset: str, images: int, methods: list[str], workers: int, scheduler: str | None = None) -> float:
    """Pictures per second, all methods and baselines done and scored on each."""
    with tempfile.TemporaryDirectory() as folder:
        steps = benchmark(
            open_dataset(dataset, images), plan_configs(methods), Store(folder), workers=workers, scheduler=scheduler
        )
        finished = [time.perf_counter() for _ in steps][1:]
    skipped = WARM * workers
    return (len(finished) - skipped) / (finished[-1] - finished[skipped - 1])


def on_a_cluster(dataset: str, images: int, methods: list[str], workers: int) -> float:
    from distributed import LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        return pace(dataset, images, methods, workers, cluster.scheduler_address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", nargs="?", default="shapes:size=320")
    parser.add_argument("--images", type=int, default=80)
    parser.add_argument("--methods", default=",".join(METHODS))
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["SEGMETHODS_THREADS"] = os.environ["SEGMETHODS_WORKERS"] = "1"
    asked = (args.dataset, args.images, args.methods.split(","))
    rows = [("processes of this machine", *(f"{pace(*asked, n):.2f}" for n in (1, 2)))]
    rows += [("Dask cluster on this machine", *(f"{on_a_cluster(*asked, n):.2f}" for n in (1, 2)))]
    print(f"Pictures per second, {args.dataset}, {args.methods}, {datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    print(table(("who works", "1 worker", "2 workers"), rows, "lrr"))


if __name__ == "__main__":
    main()
