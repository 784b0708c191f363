"""What methods come to over pictures that somebody looks at, without a run of their own: by their classes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from segmethods.benchmark.evaluation import ImageCounts
from segmethods.benchmark.plans import RunConfig
from segmethods.benchmark.results import Results, gather_results
from segmethods.benchmark.store import Run, place_classes
from segmethods.datasets.datasets import Dataset


def judge_set(dataset: Dataset, plan: Mapping[str, Mapping[str, Any]], counts: Sequence[ImageCounts]) -> Results:
    """Results like those of a run, so that the same verdict is said of them and the same methods are ranked.

    Parameters
    ----------
    dataset : Dataset
        The pictures that have a truth.
    plan : mapping
        Method id -> its parameters.
    counts : sequence of ImageCounts
        One for each picture and method, see `segmethods.benchmark.evaluation.count_classes_alone`.
    """
    order = {pair.name: place for place, pair in enumerate(dataset.pairs)}
    counts = sorted(counts, key=lambda one: order[one.image])
    places = {pair.name: found for pair in dataset.pairs if (found := place_classes(pair.classes, dataset.classes))}
    entries = tuple(RunConfig(method, method, params) for method, params in plan.items())
    now, done = datetime.now(UTC), len({one.image for one in counts})
    run = Run(
        0,
        dataset.name,
        dataset.source,
        "",
        dataset.classes,
        entries,
        len(dataset.pairs),
        done,
        now,
        now,
        dataset.skipped,
    )
    return gather_results(run, counts, {name: np.array(found) for name, found in places.items()})
