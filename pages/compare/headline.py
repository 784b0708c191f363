"""What the comparison comes to, in a sentence or two, above everything else."""

from __future__ import annotations

import math

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.compare.comparison import Comparison
from pages.ui.language import say, say_all, t
from pages.ui.session import Session
from segmethods.scoring import mean_agreement
from segmethods.verdict import Row, make_row, verdict


def draw_headline(place: DeltaGenerator, comparison: Comparison) -> None:
    """The verdict, its first sentence larger."""
    first, *others = verdict(_rows(comparison))
    place.header(say(first), anchor=False)
    if others:
        place.markdown(say_all(others))


def draw_notes(session: Session) -> None:
    """What the user should know about the link they came by, until they have read it."""
    if not session.notes:
        return
    with st.container(border=True, key="notes", horizontal=True, vertical_alignment="center"):
        st.markdown(say_all(session.notes), width="stretch")
        st.button(t("All right"), key="notes.read", on_click=session.notes.clear)


def _rows(comparison: Comparison) -> list[Row]:
    outcomes = list(comparison.outcomes.values())
    agreements = [math.nan] * len(outcomes) if comparison.truth else mean_agreement(outcomes)
    return [
        make_row(outcome, comparison.scores.get(outcome.method), agreement)
        for outcome, agreement in zip(outcomes, agreements, strict=True)
    ]
