"""A finished comparison, as the verdict, the charts and the downloads need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import streamlit as st

from pages.state.images import HASHES as IMAGE_HASHES
from pages.state.images import KnownTruth, LoadedImage
from pages.state.session import AlignmentWish
from pages.ui.language import class_name, t, translate
from segmethods.core.messages import Message
from segmethods.core.types import Failure, Outcome, Segmentation, Vocabulary
from segmethods.execution.cache import make_key
from segmethods.metrics import METRICS, Alignment, Scores, choose_alignment, score
from segmethods.reporting.ranking import Ranking
from segmethods.reporting.titles import name_method
from segmethods.reporting.verdict import Judgement, Row, judge_blank, make_row, rank_rows, score_blank, verdict


@dataclass(frozen=True, eq=False)
class Comparison:
    """One picture, the outcome of each method, and the scores of those that can be scored."""

    image: LoadedImage
    truth: KnownTruth | None
    alignment: AlignmentWish
    outcomes: Mapping[str, Outcome]
    scores: Mapping[str, Scores]

    @cached_property
    def rows(self) -> list[Row]:
        """What the verdict needs to know of each method."""
        return [make_row(outcome, self.scores.get(outcome.method)) for outcome in self.outcomes.values()]

    @property
    def judgement(self) -> Judgement | None:
        """What is known of the truth, where there is one; its classes have their names in the user's language."""
        if self.truth is None:
            return None
        known = _judge_blank(self.truth)
        names = tuple(class_name(known.classes, class_id) for class_id in range(len(known.classes)))
        return replace(known, classes=Vocabulary(known.classes.id, names))

    @cached_property
    def ranked(self) -> tuple[str, Ranking]:
        """The metric that decides, and the methods by it."""
        return rank_rows(self.rows, self.judgement)

    @property
    def verdict(self) -> list[Message]:
        """What the comparison comes to."""
        return verdict(self.rows, self.judgement, is_shared=True)

    def title(self, method_id: str) -> str:
        """What a method is called here, in the user's language."""
        return translate(name_method(method_id, self.outcomes[method_id].params))

    @property
    def results(self) -> dict[str, Segmentation]:
        """The outcomes that are no failures."""
        return {method_id: o for method_id, o in self.outcomes.items() if not isinstance(o, Failure)}


def name_deciding(metric: str, truth: KnownTruth | None) -> str:
    """What the score that decides is called in the user's language: with one class of interest, its IoU."""
    if truth is None:
        return t(METRICS[metric].title)
    judged = _judge_blank(truth)
    wanted = [class_id for class_id in judged.present if class_id]
    if metric == "foreground_iou" and len(wanted) == 1:
        return t("IoU of {name}", name=class_name(judged.classes, wanted[0]))
    return t(METRICS[metric].title)


@dataclass(frozen=True, eq=False)
class Result:
    """What a method made of a picture; caches know it by what it depends on."""

    image: LoadedImage
    segmentation: Segmentation

    @property
    def key(self) -> str:
        """The picture's digest, the method, its parameters and the weights that it used."""
        known = _keys.get(self.segmentation)
        if known is None:
            made = make_key(self.image.digest, self.segmentation.method, self.segmentation.params)
            known = _keys[self.segmentation] = repr(made)
        return known


_keys: WeakKeyDictionary[Segmentation, str] = WeakKeyDictionary()
"""The keys of results that are kept: each run of a page asks for them many times."""


HASHES = {**IMAGE_HASHES, Result: lambda result: result.key}
"""How Streamlit's caches tell results and pictures apart."""


def judge(image: LoadedImage, outcome: Segmentation, truth: KnownTruth, alignment: AlignmentWish) -> Scores:
    """The scores of an outcome.

    Parameters
    ----------
    alignment : str
        The user's wish; a method that names the truth's classes itself doesn't need one.
    """
    fitting = choose_alignment(outcome.classes, truth.truth.classes)
    chosen = fitting if alignment == "auto" or fitting == "by name" else alignment
    return score_result(Result(image, outcome), truth, chosen)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def score_nothing(truth: KnownTruth) -> Scores:
    """The scores of a blank answer."""
    return score_blank(truth.truth)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASHES)
def _judge_blank(truth: KnownTruth) -> Judgement:
    return judge_blank(truth.truth)


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=HASHES)
def score_result(result: Result, truth: KnownTruth, alignment: Alignment) -> Scores:
    """The scores of a result by one alignment."""
    return score(result.segmentation, truth.truth, alignment)
