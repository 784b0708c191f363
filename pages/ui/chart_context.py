"""What every chart needs to know: the language of its words, and the colours of the theme it is drawn for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from pages.ui.language import t
from pages.ui.theme import LIGHT, Colours, theme_colours


@dataclass(frozen=True)
class ChartContext:
    """The language and the colours of a chart.

    Parameters
    ----------
    t : callable
        An English text and its values -> the user's language.
    colours : Colours
        Of the theme, light unless something else is said.
    """

    t: Callable[..., str]
    colours: Colours = LIGHT

    @property
    def outline(self) -> dict[str, Any]:
        """A thin edge that keeps pale marks visible on white and dark ones on black."""
        return {"width": 1, "color": self.colours.edge}

    def small_print(self, text: str) -> str:
        """`text`, escaped, in the colour of small print."""
        return f'<span style="color:{self.colours.muted}">{escape(text)}</span>'


def chart_context() -> ChartContext:
    """The language and the theme of the user whose page is being drawn."""
    return ChartContext(t, theme_colours())
