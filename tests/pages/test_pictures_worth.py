"""How surely the best two methods are told apart on My pictures: by the interval of the verdict above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from pages.pictures.worth import tell_worth
from segmethods.benchmark import Results, verdict
from segmethods.benchmark.predictions import score_folders


def score_rows(folder: Path, missed: Sequence[tuple[int, int]], size: int = 1000) -> Results:
    """Two methods that miss so many of the pixels of an object each, picture by picture."""
    for name in ("truth", "kmeans", "threshold"):
        (folder / name).mkdir(parents=True)
    for number, pair in enumerate(missed):
        for name, gone in zip(("truth", "kmeans", "threshold"), (0, *pair), strict=True):
            mask = np.zeros((2, size), np.uint8)
            mask[0, gone:] = 255
            Image.fromarray(mask).save(folder / name / f"{number}.png")
    return score_folders(folder / "truth", [folder / "kmeans", folder / "threshold"]).results


def test_it_agrees_with_the_interval_of_the_verdict(tmp_path: Path) -> None:
    results = score_rows(tmp_path, [(100, 200), (100, 260), (100, 180)])
    low, high = map(float, re.search(r"95% interval ([+-][\d.]+) to ([+-][\d.]+)", str(verdict(results)[2])).groups())
    (said,) = tell_worth(results)
    now, then = map(int, re.findall(r"± (\d+)", str(said)))
    assert abs(now - (high - low) / 2) < 0.6
    assert 1 <= then < now
    assert str(said).startswith("The difference between K-means and Threshold is known to ± ")


def test_a_difference_is_never_known_to_more_than_100_points(tmp_path: Path) -> None:
    said = tell_worth(score_rows(tmp_path / "three", [(0, 950), (900, 0), (0, 990)]))
    assert list(map(str, said)) == ["3 pictures are too few to tell how K-means and Threshold compare."]
    said = tell_worth(score_rows(tmp_path / "one", [(100, 200)]))
    assert list(map(str, said)) == ["1 picture is too few to tell how K-means and Threshold compare."]


def test_nothing_is_known_to_0_points(tmp_path: Path) -> None:
    assert tell_worth(score_rows(tmp_path / "level", [(100, 200)] * 3)) == []
    (said,) = tell_worth(score_rows(tmp_path / "near", [(100, 200), (100, 205), (100, 195)]))
    assert str(said).endswith("with 12 such pictures it would be known to less than 1 point.")
