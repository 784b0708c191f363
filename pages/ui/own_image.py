"""The way to one's own photo on the page itself: chosen, dropped anywhere, pasted, or taken with a phone."""

from __future__ import annotations

import streamlit as st

from pages.state.own_images import take_images
from pages.state.session import Session
from pages.ui.image_picker import field_key, take_field
from pages.ui.language import t
from segmethods.core.settings import settings

KEY = "own_photo"

# What is pasted or dropped beside the field is given to it, as if it had been chosen there.
_SCRIPT = """
const field = () => document.querySelector('.st-key-own-photo input[type="file"]');
const give = files => {
  const input = field();
  if (!input || !files.length) return false;
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
};
const paste = event => {
  const files = [...(event.clipboardData?.files ?? [])].filter(file => file.type.startsWith('image/'));
  if (files.length && give(files)) event.preventDefault();
};
const over = event => { if (field() && event.dataTransfer?.types.includes('Files')) event.preventDefault(); };
const drop = event => {
  if (event.target.closest?.('[data-testid="stFileUploader"]')) return;
  if (field() && event.dataTransfer?.files.length) { event.preventDefault(); give([...event.dataTransfer.files]); }
};

export default function () {
  document.addEventListener('paste', paste);
  document.addEventListener('dragover', over);
  document.addEventListener('drop', drop);
}
"""

_gather = st.components.v2.component("own_photo", js=_SCRIPT)


def draw_own_image(session: Session) -> None:
    """One line that says what the page does, and takes a photo."""
    with st.container(key="own-photo", horizontal=True, vertical_alignment="center"):
        _gather(key="gather")
        own = session.has_own_image
        st.markdown(
            t("**Another photo:** choose, drop or paste it.")
            if own
            else t(
                "A picture cut up by many methods, side by side. This one is a sample. "
                "**Your own photo:** choose, drop or paste it."
            ),
            width="stretch",
        )
        st.file_uploader(
            t("Your own photo: choose, drop, paste, or take one with a phone"),
            accept_multiple_files=True,
            key=field_key(KEY, session),
            max_upload_size=settings().max_bytes // 1_000_000,
            label_visibility="collapsed",
            on_change=_take,
            args=(session,),
            width=300,
        )


def _take(session: Session) -> None:
    if files := take_field(KEY, session):
        take_images(files, session)
