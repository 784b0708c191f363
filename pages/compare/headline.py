"""What the comparison comes to, in a sentence or two, above everything else."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.compare.board import HEADLINE
from pages.compare.comparison import Comparison
from pages.state.images import KnownTruth, LoadedImage
from pages.state.session import Session
from pages.ui.announce import announce
from pages.ui.language import explain_verdict, t, translate
from segmethods.methods import get_method

Headline = tuple[DeltaGenerator, DeltaGenerator]
"""Where the first sentence stands, and where the others do."""

LINES = {"judged": (15.0, 13.5), "named": (11.0, 9.5), "unnamed": (7.75, 6.25)}
"""What a verdict takes on a phone, in rem, in English and in Chinese: with a truth, without one, and without one for
methods that name nothing."""

HELD = "&nbsp;"
"""What holds the others' place: an empty text has none, and would jump to it."""


@st.fragment(key=HEADLINE)
def open_headline(image: LoadedImage, session: Session) -> Headline:
    """The place of the verdict, which keeps the last one while the same picture is compared again."""
    if session.compare.drawn.get("picture") != image.digest:
        session.compare.headline = (t("Comparing {count:method|methods} …", count=len(session.methods)), HELD)
    first, others = session.compare.headline
    with st.container(key="headline"):
        return st.title(first, anchor=False), st.markdown(others)


def reserve_height(truth: KnownTruth | None, session: Session) -> None:
    """Keep as much height for the verdict as it will take, so that nothing jumps when it comes, and no gap stays."""
    is_named = any(get_method(method).family != "classical" for method in session.methods)
    heights = LINES["judged" if truth is not None else "named" if is_named else "unnamed"]
    st.html(f"<style>:root{{--verdict:{heights[session.language == 'zh']}rem}}</style>")


def fill_headline(headline: Headline, session: Session) -> None:
    """Write the verdict, its first sentence larger, where the last one stands."""
    headline[0].title(session.compare.headline[0], anchor=False)
    headline[1].markdown(session.compare.headline[1])


def tell(comparison: Comparison, session: Session) -> None:
    """Find the verdict, and have it said aloud."""
    first, *others = comparison.verdict
    session.compare.headline = (translate(first), explain_verdict(others, "metric"))
    announce("verdict", session.compare.headline[0])
