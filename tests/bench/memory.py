"""What a worker holds after a day of use: ``python -m tests.bench.memory``.

One worker runs every method with both sets of weights and at several sizes, what the lessons look at, and a photo of 24
megapixels. After each step its own memory is read, bytes that no other process shares, and again when it has rested:
a worker that holds more than the limit is started anew then.
"""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
import psutil
from skimage import data

import segmethods as sm
from segmethods.core.machine import return_memory
from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.execution.compare import plan_comparison
from segmethods.execution.pool import REST, Pool
from segmethods.introspection.deeplab import ablate_branches, compare_branches
from segmethods.introspection.edges import inspect_edges
from segmethods.introspection.ensemble import inspect_ensemble
from segmethods.introspection.fcn import inspect_fcn
from segmethods.introspection.loaded_model import preload_models
from segmethods.introspection.patch_cnn import inspect_window, time_sliding
from segmethods.introspection.receptive_field import measure_receptive_field
from segmethods.introspection.segnet import inspect_segnet
from segmethods.io.images import digest
from segmethods.methods import list_methods
from tests.bench.methods import machine
from tests.tables import table

MOST = settings().worker_bytes
"""Bytes that a worker may hold while it rests."""

NETWORKS = tuple(m.id for m in list_methods() if m.family != "classical")
LESSONS: tuple[Callable[..., Any], ...] = (
    partial(inspect_window, x=40, y=40),
    time_sliding,
    inspect_fcn,
    inspect_segnet,
    partial(inspect_segnet, square=16, seed=1),
    partial(measure_receptive_field, rate=6, x=40, y=40),
    compare_branches,
    partial(ablate_branches, far=False),
    inspect_ensemble,
    inspect_edges,
)


@dataclass(frozen=True)
class User:
    """Who asks one worker for everything."""

    pool: Pool
    image: Image

    def compare(self, image: Image, params: Mapping[str, Mapping[str, Any]] | None = None, *methods: str) -> None:
        """Run methods, all of them if none is named."""
        plan = plan_comparison(methods or None, params)
        for method, outcome in self.pool.submit("", image, digest(image), plan):
            assert isinstance(outcome, sm.Segmentation), f"{method}: {outcome.message}"

    def run_methods(self) -> None:
        """Every method on a photo."""
        self.compare(self.image)

    def run_variants(self, sizes: tuple[str, ...] = ("256", "384", "512", "640")) -> None:
        """Every network with the weights of streets, at other sizes, and window by window."""
        self.compare(self.image, {m: {"weights": "camvid"} for m in NETWORKS}, *NETWORKS)
        self.compare(self.image, {"patch_cnn": {"evaluation": "sliding", "step": "32"}}, "patch_cnn")
        for size in sizes:
            self.compare(self.image, {m: {"size": size} for m in NETWORKS}, *NETWORKS)

    def look_inside(self) -> None:
        """What the lessons ask."""
        self.pool.call("", preload_models).result()
        for look in LESSONS:
            self.pool.call("", look, self.image).result()

    def run_large(self) -> None:
        """Every method on a photo of 24 megapixels."""
        self.compare(cv2.resize(self.image, (6000, 4000), interpolation=cv2.INTER_CUBIC))

    def memory(self) -> int:
        """Bytes that the worker holds for itself, once it rests."""
        self.pool.call("", return_memory).result()
        return int(psutil.Process(self.pool.call("", os.getpid).result()).memory_full_info().uss)

    def rest(self) -> None:
        """Ask for nothing until the worker has rested, and another has taken its place if it held too much."""
        time.sleep(REST + 5)


def days() -> Iterator[tuple[str, int, int]]:
    """The name of each step, what the worker holds after it, and what one holds after a rest."""
    pool = Pool(workers=1, threads=1, deadline=600, cache_bytes=1_000_000, warm_up=True, worker_bytes=MOST)
    user = User(pool, np.ascontiguousarray(data.chelsea()))
    try:
        for step in (user.run_methods, user.run_variants, user.look_inside, user.run_large, user.run_variants):
            step()
            held = user.memory()
            user.rest()
            yield step.__doc__ or "", held, user.memory()
    finally:
        pool.close()


def main() -> None:
    """Print what a worker holds after each step."""
    rows = [(name.rstrip("."), f"{held / 1e6:.0f}", f"{rested / 1e6:.0f}") for name, held, rested in days()]
    print(f"{datetime.date.today():%Y-%m-%d}, {machine()}.\n")
    print(table(["after", "one worker, MB", "rested, MB"], rows, "lrr"))


if __name__ == "__main__":
    main()
