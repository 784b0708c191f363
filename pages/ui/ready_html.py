"""HTML that Streamlit is to send as it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadyHtml:
    """A text for ``st.html``, which else looks through every line for blanks before it: a millisecond for a picture."""

    text: str

    def _repr_html_(self) -> str:
        return self.text
