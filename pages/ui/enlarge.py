"""A click on a result, or Enter, shows it as large as the window; another one, or Escape, closes it."""

from __future__ import annotations

import streamlit as st

from pages.ui.language import t

_SCRIPT = """
let words = {};
const open = cell => {
  const shown = cell.querySelector('.sm-picture');
  const dialog = document.createElement('dialog');
  dialog.className = 'sm-large';
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = '\\u00d7';
  close.setAttribute('aria-label', words.close);
  const title = document.createElement('p');
  title.textContent = cell.querySelector('.sm-head')?.innerText.replace(/\\s*\\?.*$/s, '') ?? '';
  const copy = shown.cloneNode(true);
  copy.removeAttribute('tabindex');
  dialog.append(title, close, copy);
  dialog.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => { dialog.remove(); shown.focus(); });
  document.body.append(dialog);
  dialog.showModal();
};
const find = event => event.target.closest?.('.sm-done .sm-picture, .sm-first .sm-picture')?.closest('.sm-cell');
const click = event => { const cell = find(event); if (cell && !event.target.closest('dialog')) open(cell); };
const key = event => {
  if (event.key !== 'Enter' || !event.target.matches?.('.sm-picture')) return;
  const cell = find(event);
  if (cell) { event.preventDefault(); open(cell); }
};

export default function ({ data }) {
  words = data;
  document.addEventListener('click', click);
  document.addEventListener('keydown', key);
}
"""

_enlarge = st.components.v2.component("enlarge", js=_SCRIPT)


def allow_enlarging() -> None:
    """Let the pictures of cells be enlarged; call it once a run."""
    _enlarge(key="enlarge", data={"close": t("Close")})
