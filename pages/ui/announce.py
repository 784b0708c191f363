"""What screen readers say when a verdict has come or a run has ended."""

from __future__ import annotations

import streamlit as st

# The place is there before there is something to say, and what it says is changed: else nothing is read out.
_PLACE = """
let place = document.getElementById('sm-said');
if (!place) {
  place = document.createElement('div');
  place.id = 'sm-said';
  place.setAttribute('role', 'status');
  place.setAttribute('aria-live', 'polite');
  document.body.append(place);
}
"""

_SAY = f"""
{_PLACE}
export default function ({{ data }}) {{
  setTimeout(() => {{ if (place.textContent !== data) place.textContent = data; }}, 100);
}}
"""

_say = st.components.v2.component("announce", js=_SAY)


def announce(what: str, text: str) -> None:
    """Have screen readers say `text` when it has changed.

    Parameters
    ----------
    what : str
        What it is about, such as ``"verdict"``; said at most once a run.
    """
    _say(key=f"announce-{what}", data=text)
