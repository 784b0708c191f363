"""Hectares with their uncertainty: a map's areas set right by what is known of its mistakes.

A map that takes a tenth of the streets for roofs shows too many roofs. From images with truth one knows how much of
what is called roof is which class; the areas of a map are shared out accordingly (Olofsson et al. 2014, "Good practices
for estimating area and assessing accuracy of land change"). Pixels of one image are alike, so the interval comes from
drawing whole images again.

``python -m segmethods.jobs.satellite.areas --data FOLDER`` writes down what is known of every pipeline: its confusion
matrix on each image that its network hasn't seen.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ParameterError
from segmethods.core.settings import settings

DRAWS, LEVEL = 400, 0.95
Table = NDArray[np.floating]
"""Pixels by true class (row) and by the class that a map gives them (column)."""


def share_out(mapped: NDArray[np.floating], table: Table) -> NDArray[np.float64]:
    """Areas of the true classes, given a map's areas and how much of each mapped class is which true class.

    Examples
    --------
    >>> share_out(np.array([10.0, 0.0]), np.array([[8.0, 0.0], [2.0, 5.0]])).tolist()
    [8.0, 2.0]
    """
    found = table.sum(axis=0)
    known = np.divide(table, found, out=np.eye(len(mapped)), where=found > 0)
    return np.asarray(known @ mapped, np.float64)


def estimate(
    classes: Sequence[str], mapped: NDArray[np.floating], tables: Sequence[Table], seed: int = 0
) -> list[Mapping[str, object]]:
    """The area of each class as mapped, as estimated, and between which bounds, in the unit of `mapped`.

    Parameters
    ----------
    classes : sequence of str
    mapped : ndarray of float, shape (classes,)
        The areas that a map shows.
    tables : sequence of Table
        The confusion matrix of each image whose truth is known.
    """
    every = np.stack(tables).astype(np.float64)
    rng = np.random.default_rng(seed)
    draws = [share_out(mapped, every[rng.integers(len(every), size=len(every))].sum(axis=0)) for _ in range(DRAWS)]
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    likely = share_out(mapped, every.sum(axis=0))
    return [
        {"class": name, "mapped": float(m), "estimated": float(e), "low": float(a), "high": float(b)}
        for name, m, e, a, b in zip(classes, mapped, likely, low, high, strict=True)
    ]


def known_file() -> Path:
    """Where the confusion matrices of real images lie."""
    return settings().jobs_dir / "satellite-areas.json"


@lru_cache(maxsize=1)
def known_tables() -> Mapping[str, Sequence[Table]]:
    """The confusion matrices of every pipeline on real images that no network learned from."""
    kept = json.loads(known_file().read_text(encoding="utf-8"))
    return {name: [np.array(table, np.float64) for table in tables] for name, tables in kept.items()}


def main() -> None:
    """The command."""
    from segmethods.jobs.running import run_subset
    from segmethods.jobs.satellite import TASK, read

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="the folder of satellite images")
    args = parser.parse_args()
    record = json.loads((settings().jobs_dir / "satellite.json").read_text(encoding="utf-8"))
    if record["learned_from_held_out"]:
        raise ParameterError("These networks learned from all images. Name others with SEGMETHODS_JOBS.")
    unseen = [file for file in read(args.data)["all"] if file.name in set(record["held_out"])]
    kept: dict[str, list[list[list[int]]]] = {}
    for one in run_subset(TASK, unseen).cases:
        if one.tally is not None:
            kept.setdefault(one.pipeline, []).append(one.tally["table"][:, :-1].tolist())
    known_file().write_text(json.dumps(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
