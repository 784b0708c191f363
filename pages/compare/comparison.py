"""A finished comparison, as the verdict, the charts and the downloads need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from pages.state.images import KnownTruth, Picture
from pages.state.session import AlignmentWish
from segmethods.core.types import Failure, GroundTruth, Outcome, Segmentation
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
        return {id: o for id, o in self.outcomes.items() if not isinstance(o, Failure)}


def result_key(picture: Picture, outcome: Outcome) -> str:
    """What an outcome depends on, for caches of what is made from it."""
    return repr(make_key(picture.digest, outcome.method, outcome.params))


def judge(picture: Picture, outcome: Segmentation, truth: KnownTruth, alignment: AlignmentWish) -> Scores:
    """The scores of an outcome.

    Parameters
    ----------
    alignment : str
        The user's wish; a method that names the truth's classes itself doesn't need one.
    """
    fitting = choose_alignment(outcome.classes, truth.truth.classes)
    chosen = fitting if alignment == "auto" or fitting == "by name" else alignment
    return _judge(result_key(picture, outcome), truth.digest, chosen, outcome, truth.truth)


@st.cache_resource(max_entries=256, show_spinner=False)
def _judge(key: str, truth: str, alignment: Alignment, _outcome: Segmentation, _truth: GroundTruth) -> Scores:
    return score(_outcome, _truth, alignment)
