"""Where the keyboard goes on when a run takes away what had it."""

from __future__ import annotations

import streamlit as st

# What has its name now has the keyboard then. If there is nothing of that name, it goes a moment later to what stands
# first in the same part of the page, or else to the page's title.
_SCRIPT = r"""
let last = null, names = [], later = 0;
const namesOf = element => {
  const found = [];
  for (let e = element; e; e = e.parentElement) found.push(...(e.className?.match?.(/st-key-\S+/) ?? []));
  return found;
};
const visible = element => element.checkVisibility({ visibilityProperty: true }) && !element.disabled;
const within = name => document.querySelectorAll(`.${CSS.escape(name)} :is(button, a, input)`);
const firstIn = name => name && [...within(name)].find(visible);
const hold = event => { last = event.target; names = namesOf(last); };
const leave = () => setTimeout(() => {
  if (last?.isConnected && document.activeElement === document.body) last = null;
});
const isLost = () => last && !last.isConnected && document.activeElement === document.body;
const go = next => next?.focus({ preventScroll: true });
const look = () => {
  if (!isLost()) return;
  const same = firstIn(names[0]);
  if (same) return go(same);
  later ||= setTimeout(() => {
    later = 0;
    if (!isLost()) return;
    const title = document.querySelector('[data-testid="stMain"] h1');
    if (title) title.tabIndex = -1;
    go(names.map(firstIn).find(Boolean) ?? title);
  }, 500);
};
document.addEventListener('focusin', hold);
document.addEventListener('focusout', leave);
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
export default function () {}
"""

_keep_focus = st.components.v2.component("keep_focus", js=_SCRIPT)


def keep_focus() -> None:
    """Let the keyboard's place outlive what stood there; call it once a run."""
    _keep_focus(key="keep-focus")
