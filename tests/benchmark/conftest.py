"""Small data sets, and runs without processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike
from PIL import Image

from segmethods.benchmark import Dataset, Results, RunConfig, Store, read_results
from segmethods.benchmark.evaluation import evaluate_all
from segmethods.benchmark.plans import list_jobs

SIZE = (24, 32)


def write_image(path: Path, seed: int = 0, size: tuple[int, int] = SIZE) -> None:
    """A dark picture with a bright square, and some noise."""
    pixels = np.random.default_rng(seed).integers(0, 60, (*size, 3), np.uint8)
    pixels[5:15, 8:20] += 170
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_mask(path: Path, labels: ArrayLike | None = None) -> None:
    """The square's mask, or these labels."""
    if labels is None:
        labels = np.zeros(SIZE, np.uint8)
        labels[5:15, 8:20] = 1
        labels[0] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(labels)).save(path)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder with three pictures and their masks."""
    folder = tmp_path / "plain"
    for number in range(3):
        write_image(folder / "images" / f"{number}.png", number)
        write_mask(folder / "labels" / f"{number}.png")
    (folder / "classes.txt").write_text("ground\nsquare\n")
    return folder


@pytest.fixture(scope="session")
def run_here(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Results]:
    """Run entries over a data set in this process and read the results."""

    def run_here(
        dataset: Dataset, entries: Sequence[RunConfig], alignment: str = "auto", people: bool = False
    ) -> Results:
        store = Store(tmp_path_factory.mktemp("store"))
        run = store.begin(dataset, entries)
        jobs = list_jobs(entries, people)
        for pair in dataset.pairs:
            store.record(run.id, pair.name, evaluate_all(pair, jobs))
        return read_results(store, run.id, alignment)

    return run_here
