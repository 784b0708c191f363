"""What the comparison comes to, in a sentence or two, above everything else."""

from __future__ import annotations

import math

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.compare.comparison import Comparison
from pages.state.images import Picture
from pages.state.session import Session
from pages.ui.language import t, translate, translate_all
from segmethods.metrics import mean_agreement
from segmethods.reporting.verdict import Row, make_row, verdict

Headline = tuple[DeltaGenerator, DeltaGenerator]
"""Where the first sentence stands, and where the others do."""


def open_headline(picture: Picture, session: Session) -> Headline:
    """The place of the verdict, which keeps the last one while the same picture is compared again."""
    if session.compare.drawn.get("picture") != picture.digest:
        session.compare.headline = (t("Comparing {count:method|methods} …", count=len(session.methods)), "")
    first, others = session.compare.headline
    with st.container(key="headline"):
        return st.title(first, anchor=False), st.markdown(others)


def draw_headline(headline: Headline, comparison: Comparison, session: Session) -> None:
    """The verdict, its first sentence larger."""
    first, *others = verdict(_rows(comparison))
    session.compare.headline = (translate(first), translate_all(others))
    headline[0].title(session.compare.headline[0], anchor=False)
    headline[1].markdown(session.compare.headline[1])


def _rows(comparison: Comparison) -> list[Row]:
    outcomes = list(comparison.outcomes.values())
    agreements = [math.nan] * len(outcomes) if comparison.truth else mean_agreement(outcomes)
    return [
        make_row(outcome, comparison.scores.get(outcome.method), agreement)
        for outcome, agreement in zip(outcomes, agreements, strict=True)
    ]
