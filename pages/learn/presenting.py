"""Presenting: the lesson alone on the whole screen, in large type, for a projector."""

from __future__ import annotations

import streamlit as st

from pages.state.session import session
from pages.ui.language import t

_HTML = """
<button type="button"></button>
"""

_CSS = """
button {
  font-family: var(--st-font); font-size: 0.875rem; line-height: 1.6; padding: 0.25rem 0.75rem; min-height: 2.5rem;
  cursor: pointer;
  color: var(--st-text-color); background: var(--st-background-color); white-space: nowrap;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
}
button:hover, button:focus-visible { color: var(--st-primary-color); border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

# A browser fills its screen only while it handles a click or a key, so that can't be asked for by the server.
_JS = """
const whole = document.documentElement;

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector('button');
  button.textContent = data.label;
  button.setAttribute('aria-pressed', data.presenting);
  button.onclick = () => {
    if (data.presenting) {
      if (document.fullscreenElement) document.exitFullscreen();
    } else {
      whole.requestFullscreen?.().catch(() => {});
    }
    setTriggerValue('present', !data.presenting);
  };
  // Escape leaves the whole screen before any page hears of it.
  const left = () => {
    if (!document.fullscreenElement && data.presenting) setTriggerValue('present', false);
  };
  document.addEventListener('fullscreenchange', left);
  return () => document.removeEventListener('fullscreenchange', left);
}
"""

_button = st.components.v2.component("present", html=_HTML, css=_CSS, js=_JS)


def draw_presenting() -> None:
    """The button that begins and ends a presentation."""
    label = t("End the presentation") if session().presenting else t("Present")
    _button(
        key="present",
        data={"label": label, "presenting": session().presenting},
        width="content",
        on_present_change=_take,
    )


def _take() -> None:
    wish = st.session_state["present"].present
    if wish is not None:
        session().presenting = bool(wish)
