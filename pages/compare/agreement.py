"""How far the results of one image agree. Where one result has moved, only its pairs are compared again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pages.compare.comparison import Result
from pages.state.keeping import Keeper
from pages.ui.layers import disagreement_layer
from segmethods.core.types import Segmentation
from segmethods.metrics import Halves, compare_pair, no_halves, share_halves

Results = Mapping[str, Segmentation]
"""Results by their keys."""


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known of the results of an image.

    Parameters
    ----------
    settled, halves : mapping, ndarray
        All results but one, and the halves of their pairs.
    loose, own : mapping, ndarray
        The result that moved last, and the halves of its pairs with the others.
    agreements : mapping
        The agreement of each pair, by the keys of both.
    layer : bytes
        The disagreement of all of them as a picture.
    """

    settled: Results
    halves: Halves
    loose: Results
    own: Halves
    agreements: Mapping[frozenset[str], float]
    layer: bytes

    @property
    def nbytes(self) -> int:
        return self.halves.nbytes + self.own.nbytes + len(self.layer)


_known: Keeper[_Known] = Keeper(120_000_000, lambda known: known.nbytes)
"""Of an image, what was asked for last; so many bytes hold the images of a class of a hundred."""


def measure_agreement(results: Sequence[Result]) -> tuple[np.ndarray, bytes]:
    """The `agreement_matrix` of results of one image, and the layer that shows their `disagreement`."""
    image, now = results[0].image.digest, {result.key: result.segmentation for result in results}
    known = _known.find(image)
    if known is None or now.keys() != known.settled.keys() | known.loose.keys():
        known = _compare(now, known)
        _known.put(image, known)
    matrix = np.full((len(now), len(now)), np.nan)
    for (i, one), (j, other) in combinations(enumerate(now), 2):
        matrix[i, j] = matrix[j, i] = known.agreements[frozenset((one, other))]
    return matrix, known.layer


def _compare(now: Results, before: _Known | None) -> _Known:
    """What is known of these results, from what was known of those before."""
    labels = next(iter(now.values())).labels
    sums = _Sums(before.agreements if before else {})
    there: Results = {} if before is None else {**before.settled, **before.loose}
    new, stayed = [key for key in now if key not in there], [key for key in now if before and key in before.loose]
    loose = [*now, *stayed, *new][-1]
    settled, moved = {key: now[key] for key in now if key != loose}, {loose: now[loose]}
    nothing = no_halves(labels)
    if before is not None and settled.keys() == before.settled.keys():
        halves = before.halves
    elif before is not None and len(settled.keys() ^ there.keys()) <= len(settled) // 2:
        halves = sums.exchange(before.halves + before.own, there, settled)
    else:
        halves = sums.add(nothing.copy(), {}, settled)
    own = sums.add(nothing, settled, moved)
    layer = disagreement_layer(share_halves(halves + own, len(now), labels.shape))
    pairs = [frozenset(pair) for pair in combinations(now, 2)]
    return _Known(settled, halves, moved, own, {pair: sums.agreements[pair] for pair in pairs}, layer)


class _Sums:
    """Adds up the halves of pairs, or takes them away, and notes how far each pair agrees."""

    def __init__(self, agreements: Mapping[frozenset[str], float]) -> None:
        self.agreements = dict(agreements)

    def add(self, halves: Halves, there: Results, new: Results) -> Halves:
        """The halves with those of the new results, among each other and with those that are there; in place."""
        there = dict(there)
        for key, result in new.items():
            for other, known in there.items():
                halves += self._halves(key, result, other, known)
            there[key] = result
        return halves

    def exchange(self, halves: Halves, there: Results, wanted: Results) -> Halves:
        """The halves of those that are there made into those of the wanted ones; in place."""
        there = dict(there)
        for key in [key for key in there if key not in wanted]:
            gone = there.pop(key)
            for other, known in there.items():
                halves -= self._halves(key, gone, other, known)
        return self.add(halves, there, {key: result for key, result in wanted.items() if key not in there})

    def _halves(self, key: str, result: Segmentation, other: str, known: Segmentation) -> NDArray[np.uint8]:
        pair = compare_pair(result, known)
        self.agreements[frozenset((key, other))] = pair.agreement
        return pair.halves
