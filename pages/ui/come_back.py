"""A page that outlived its server: the new server is asked for it before the visitor moves anything."""

from __future__ import annotations

import streamlit as st

# Streamlit runs a page again after a lost connection only if a run was cut off. To a server that was started anew the
# next click would be the first thing it hears of the page, and the address, which is older than the click, would win.
_SCRIPT = r"""
let ask = () => {}, before = 'CONNECTED';
new MutationObserver(([change]) => {
  const now = change.target.dataset.testConnectionState;
  if (now === 'CONNECTED' && before !== now) ask();
  before = now;
}).observe(document.body, { subtree: true, attributeFilter: ['data-test-connection-state'] });
export default function ({ setTriggerValue }) {
  ask = () => setTriggerValue('back', true);
}
"""

_come_back = st.components.v2.component("come_back", js=_SCRIPT)


def come_back() -> None:
    """Run the page again when its connection is back; call it once a run."""
    _come_back(key="come-back", on_back_change=lambda: None)
