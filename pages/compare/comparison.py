"""A finished comparison, as the verdict, the charts and the downloads need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.state.images import HASHES as IMAGE_HASHES
from pages.state.images import KnownTruth, Picture
from pages.state.session import AlignmentWish
from segmethods.core.types import Failure, Outcome, Segmentation
from segmethods.execution.cache import make_key
from segmethods.metrics import Alignment, Scores, choose_alignment, score


@dataclass(frozen=True, eq=False)
class Comparison:
    """One picture, the outcome of each method, and the scores of those that can be scored."""

    picture: Picture
    truth: KnownTruth | None
    alignment: AlignmentWish
    outcomes: Mapping[str, Outcome]
    scores: Mapping[str, Scores]

    @property
    def results(self) -> dict[str, Segmentation]:
        """The outcomes that are no failures."""
        return {method_id: o for method_id, o in self.outcomes.items() if not isinstance(o, Failure)}


@dataclass(frozen=True, eq=False)
class Result:
    """What a method made of a picture; caches know it by what it depends on."""

    picture: Picture
    segmentation: Segmentation

    @property
    def key(self) -> str:
        """The picture's digest, the method, its parameters and the weights that it used."""
        return repr(make_key(self.picture.digest, self.segmentation.method, self.segmentation.params))


HASHES = {**IMAGE_HASHES, Result: lambda result: result.key}
"""How Streamlit's caches tell results and pictures apart."""


def judge(picture: Picture, outcome: Segmentation, truth: KnownTruth, alignment: AlignmentWish) -> Scores:
    """The scores of an outcome.

    Parameters
    ----------
    alignment : str
        The user's wish; a method that names the truth's classes itself doesn't need one.
    """
    fitting = choose_alignment(outcome.classes, truth.truth.classes)
    chosen = fitting if alignment == "auto" or fitting == "by name" else alignment
    return score_result(Result(picture, outcome), truth, chosen)


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=HASHES)
def score_result(result: Result, truth: KnownTruth, alignment: Alignment) -> Scores:
    """The scores of a result by one alignment."""
    return score(result.segmentation, truth.truth, alignment)
