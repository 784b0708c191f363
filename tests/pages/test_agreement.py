"""The agreement on Compare: of a moved slider only the moved result's pairs are compared again, and all is the same."""

from __future__ import annotations

import numpy as np
import pytest

import segmethods as sm
from pages.compare import agreement
from pages.compare.agreement import measure_agreement
from pages.compare.comparison import Result
from pages.state.images import LoadedImage
from pages.ui.layers import disagreement_layer
from segmethods.metrics import agreement_matrix, disagreement

IMAGE = np.random.default_rng(0).integers(0, 255, (24, 36, 3), dtype=np.uint8)


def results(digest: str, **ks: int) -> list[Result]:
    """Results of stand-ins for methods: `ks` says how many levels each of them finds."""
    image = LoadedImage("noise.png", IMAGE, digest)
    found = [sm.segment(IMAGE, "histogram", algorithm="multi_otsu", levels=ks["h"]), sm.segment(IMAGE, "threshold")]
    found += [sm.segment(IMAGE, "kmeans", k=ks["k"]), sm.segment(IMAGE, "edges")]
    return [Result(image, one) for one in found]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counts, compare = [0], agreement.compare_pair

    def count(first: sm.Segmentation, second: sm.Segmentation) -> object:
        counts[0] += 1
        return compare(first, second)

    monkeypatch.setattr(agreement, "compare_pair", count)
    return counts


def check(given: list[Result]) -> None:
    matrix, layer = measure_agreement(given)
    segmentations = [one.segmentation for one in given]
    np.testing.assert_allclose(matrix, agreement_matrix(segmentations))
    assert layer == disagreement_layer(disagreement(segmentations))


def test_a_moved_result_is_compared_with_the_others_and_nothing_else(compared: list[int]) -> None:
    pairs = []
    for ks in ({"k": 3, "h": 3}, {"k": 3, "h": 3}, {"k": 4, "h": 3}, {"k": 5, "h": 3}, {"k": 3, "h": 3}):
        before = compared[0]
        measure_agreement(results("moved", **ks))
        pairs.append(compared[0] - before)
    # At first each pair; then nothing; the first move of k takes the old result's pairs away; later ones don't have to.
    assert pairs == [6, 0, 6, 3, 3]


@pytest.mark.parametrize(
    "steps",
    [
        ({"k": 3, "h": 3}, {"k": 4, "h": 3}, {"k": 5, "h": 3}),
        ({"k": 3, "h": 3}, {"k": 4, "h": 3}, {"k": 4, "h": 4}, {"k": 3, "h": 4}),
        ({"k": 3, "h": 3}, {"k": 4, "h": 4}),
    ],
)
def test_whatever_has_moved_all_is_as_if_computed_anew(steps: tuple[dict[str, int], ...]) -> None:
    for ks in steps:
        check(results(repr(steps), **ks))


def test_methods_come_and_go() -> None:
    every = results("come and go", k=3, h=3)
    for chosen in (every[:2], every, every[1:], every[::-1]):
        check(chosen)
