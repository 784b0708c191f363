"""How far the results of one image agree; pairs that were compared before are remembered for all visitors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import streamlit as st
from cachetools import LRUCache

from pages.compare.comparison import HASHES, Result
from pages.ui.layers import disagreement_layer
from segmethods.core.types import Segmentation
from segmethods.metrics import Pair, agreement_matrix, compare_pair, disagreement


@dataclass(frozen=True, eq=False)
class _Packed:
    """A `Pair` in an eighth of its memory: a bit for each direction and pixel."""

    agreement: float
    bits: np.ndarray
    shape: tuple[int, ...]

    @classmethod
    def pack(cls, pair: Pair) -> _Packed:
        planes = np.stack([pair.halves > 0, pair.halves > 1]).reshape(2, -1)
        return cls(pair.agreement, np.packbits(planes, axis=1), pair.halves.shape)

    def unpack(self) -> Pair:
        first, second = np.unpackbits(self.bits, axis=1, count=self.shape[0] * self.shape[1])
        return Pair(self.agreement, (first + second).reshape(self.shape))


_KNOWN: LRUCache[tuple[str, str], _Packed] = LRUCache(200_000_000, getsizeof=lambda packed: packed.bits.nbytes)
"""Of two results' keys; so many bytes hold the pairs of a hundred visitors."""

_LOCK = Lock()


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=HASHES)
def measure_agreement(results: Sequence[Result]) -> tuple[np.ndarray, bytes]:
    """The `agreement_matrix` of results of one image, and the layer that shows their `disagreement`."""
    keys = {id(result.segmentation): result.key for result in results}

    def compare(first: Segmentation, second: Segmentation) -> Pair:
        both = keys[id(first)], keys[id(second)]
        with _LOCK:
            packed = _KNOWN.get(both)
        if packed is None:
            packed = _Packed.pack(compare_pair(first, second))
            with _LOCK:
                _KNOWN[both] = packed
        return packed.unpack()

    segmentations = [result.segmentation for result in results]
    return agreement_matrix(segmentations, compare), disagreement_layer(disagreement(segmentations, compare))
