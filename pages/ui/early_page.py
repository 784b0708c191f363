"""What is seen before Streamlit's scripts have come: the page's name, what it is for, and on Compare the picture.

A phone waits ten seconds for these scripts. Until the page itself is there, it is kept out of sight, so that nothing
jumps while it is built.
"""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

import streamlit as st

from pages.state.session import LANGUAGES, guess_language
from pages.ui.language import say_in
from pages.ui.menu import PAGES
from segmethods.core.messages import Message
from segmethods.io.samples import get_sample, list_samples
from segmethods.reporting.layers import image_layer, mask_layer

FOLDER = Path(__file__).parents[1]
STYLES = ("ui/theme.css", "ui/cells.css", "ui/early_page.css")
"""Styles of all pages; each has those of its own folder, too."""

SIDE = 360
"""Longer side of the picture, in pixels."""

ABOUT = Message("A picture cut up by many methods, side by side.")

# The page is there when it has something to show and all its widgets have come, and this has been so for a moment;
# five seconds after its first element it is shown in any case.
_REVEAL = """
const SHOWN = `:is(.sm-cell, .st-key-no-methods, h1:not(.st-key-headline *), form, [data-testid="stForm"],
  [data-testid="stException"])`;
const early = document.getElementById('sm-early');
let soon = 0, latest = 0;
const reveal = () => { watcher.disconnect(); early.remove(); };
const look = () => {
  const shown = document.querySelector(`[data-testid="stMain"] ${SHOWN}`);
  if (document.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]'))
    latest ||= setTimeout(reveal, 5000);
  if (shown && !document.querySelector('[data-testid="stSkeleton"]')) soon ||= setTimeout(reveal, 300);
  else soon = clearTimeout(soon);
};
const watcher = new MutationObserver(look);
if (early) { watcher.observe(document.body, { childList: true, subtree: true }); look(); }
export default function () {}
"""
_reveal = st.components.v2.component("reveal", js=_REVEAL)


def reveal_page() -> None:
    """Take the early page away once the page itself is there; call it once a run."""
    _reveal(key="reveal")


def early_page(path: str, query: str, languages: str) -> tuple[str, str] | None:
    """What a page's ``<head>`` and ``<body>`` begin with; None for an address that is no page's.

    Parameters
    ----------
    path, query : str
        Of the address: ``"/compare"``, ``"picture=coins"``.
    languages : str
        Those that the browser asks for, as ``Accept-Language`` has them.
    """
    address = path.rsplit("/", 1)[-1] or PAGES[0].address
    if address not in {spec.address for spec in PAGES}:
        return None
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    language = asked.get("lang", "")
    if language not in LANGUAGES:
        language = guess_language(languages.split(",")[0])
    samples = [sample.id for sample in list_samples()]
    sample = asked.get("picture", samples[0])
    return _make(address, language, sample if sample in samples else samples[0])


@cache
def _make(address: str, language: str, sample: str) -> tuple[str, str]:
    spec = next(spec for spec in PAGES if spec.address == address)
    is_compare = spec.address == PAGES[0].address
    names = [*STYLES, f"{spec.file.split('/')[1]}/{spec.file.split('/')[1]}.css"]
    styles = [(FOLDER / name).read_text(encoding="utf-8") for name in names if (FOLDER / name).is_file()]
    about = f"<p>{escape(say_in(language, ABOUT))}</p>{_image(sample)}" if is_compare else ""
    title = f"Segmethods · {escape(say_in(language, spec.title))}"
    body = f'<div id="sm-early" lang="{language}"><div class="sm-early-title">{title}</div>{about}</div>'
    return f"<style>{''.join(styles)}</style>", body


@cache
def _image(sample: str) -> str:
    """A sample with its truth over it, as the first cell has it."""
    found = get_sample(sample)
    image, truth = found.image(), found.truth()
    layers = [("jpeg", image_layer(image, SIDE))]
    if truth is not None:
        layers.append(("png", mask_layer(truth.labels, truth.classes, SIDE)))
    height, width = image.shape[:2]
    shown = "".join(f'<img alt="" src="data:image/{k};base64,{base64.b64encode(d).decode()}">' for k, d in layers)
    return f'<div class="sm-early-picture" style="aspect-ratio:{width}/{height}">{shown}</div>'
