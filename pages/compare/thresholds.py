"""Every threshold algorithm on the picture, side by side."""

from __future__ import annotations

import streamlit as st

from pages.compare.cells import draw_outcome, outcome_layers
from pages.compare.comparison import Comparison, judge
from pages.ui.language import t
from pages.ui.outcomes import OutcomeStream
from segmethods.core.types import Failure, Outcome
from segmethods.methods import get_method


def draw_thresholds(comparison: Comparison) -> None:
    """A cell for each algorithm, in the channel that the user chose, with its other settings."""
    algorithm = next(p for p in get_method("threshold").parameters if p.name == "algorithm")
    params = comparison.outcomes["threshold"].params
    st.caption(t("Every algorithm with your other settings; choose one in the sidebar under Threshold."))
    drawn = [
        _draw(comparison, t(algorithm.about.options[option]), _compute(comparison, {**params, "algorithm": option}))
        for option in algorithm.options
    ]
    st.html(f'<div class="st-key-cells">{"".join(drawn)}</div>')


def _draw(comparison: Comparison, name: str, outcome: Outcome) -> str:
    image, truth, alignment = comparison.image, comparison.truth, comparison.alignment
    scores = None if truth is None or isinstance(outcome, Failure) else judge(image, outcome, truth, alignment)
    return draw_outcome(name, outcome, outcome_layers(image, outcome, truth, scores), scores, truth)


def _compute(comparison: Comparison, params: dict[str, object]) -> Outcome:
    with OutcomeStream(comparison.image, {"threshold": params}) as work:
        return next(iter(work))[1]
