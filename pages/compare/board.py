"""What the parts of the Compare page share, and how a moved slider has them drawn anew without the rest of the page."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.compare.comparison import Comparison
from pages.state.images import KnownTruth, LoadedImage
from pages.state.session import Session

CELLS, HEADLINE, CHARTS = "part-cells", "part-headline", "part-charts"
"""The fragments that follow the parameters of methods, in the order in which they are drawn anew."""


@dataclass(eq=False)
class Board:
    """One picture and its truth, and how the methods compare on it, as soon as that is known."""

    image: LoadedImage
    truth: KnownTruth | None
    comparison: Comparison | None = None

    @property
    def compared(self) -> Comparison:
        """The comparison, for what is drawn after it; for a visitor who was gone and is back, the whole page is."""
        if self.comparison is None:
            st.rerun()
        return self.comparison

    def let_go(self) -> None:
        """Forget the comparison: Streamlit keeps the fragments of a visitor who has gone, and all that they know."""
        self.comparison = None


def redraw_results(session: Session) -> None:
    """Callback, after a parameter has moved on which nothing but the results depends: they alone are drawn anew.

    A page that wasn't drawn to its end, since the visitor was faster, is drawn as a whole: a part may be of another
    picture yet.
    """
    if session.compare.is_whole:
        st.rerun([CELLS, HEADLINE, CHARTS])
