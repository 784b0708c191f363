"""What a lesson lets the student see: the picture at a size that methods answer at once for, and arrays as pictures."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image as Pillow

from pages.state.images import HASHES, LoadedImage
from pages.ui.cells import Chip, chips_html
from pages.ui.layers import LONG_SIDE, display_size, image_layer
from segmethods.core.types import GroundTruth, Image
from segmethods.io.images import digest
from segmethods.io.samples import get_sample

MOST_PIXELS = 512 * 512
"""Pixels of a lesson's picture."""

_MAPS = {"cividis": cv2.COLORMAP_CIVIDIS, "viridis": cv2.COLORMAP_VIRIDIS}
"""Colours that rise in lightness and that people with any common colour vision tell apart."""


@dataclass(frozen=True)
class View:
    """A picture on the page.

    Parameters
    ----------
    title : str
        Stands below it, in the user's language, and with it what is seen.
    alt : str
        The finding, for those who can't see it.
    base : bytes, optional
        JPEG that fills the frame; the lesson's picture, which is on the page already, if left out.
    over : sequence of bytes
        Index PNGs with clear pixels, or SVGs (`pages.learn.svg_overlays`), that lie over it, the last one on top.
    fade, strength : float
        How strongly the base and what lies over it are seen, 0 to 1.
    note : str
        Small print.
    chips : sequence of Chip
        What the colours mean.
    """

    title: str
    alt: str
    base: bytes | None = None
    over: Sequence[bytes] = ()
    fade: float = 1.0
    strength: float = 0.6
    note: str = ""
    chips: Sequence[Chip] = ()


def learning_image(image: LoadedImage) -> LoadedImage:
    """The picture, shrunk to 0.25 megapixels if it has more."""
    height, width = image.pixels.shape[:2]
    return image if height * width <= MOST_PIXELS else _shrunk(image)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=HASHES)
def _shrunk(image: LoadedImage) -> LoadedImage:
    height, width = image.pixels.shape[:2]
    scale = math.sqrt(MOST_PIXELS / (height * width))
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    pixels: Image = np.asarray(cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return LoadedImage(image.name, pixels, digest(pixels), image.sample)


@st.cache_resource(max_entries=16, show_spinner=False)
def learning_truth(sample: str, shape: tuple[int, int]) -> GroundTruth | None:
    """The truth of a sample at the size of a lesson's picture (height and width)."""
    truth = get_sample(sample).truth()
    if truth is None or truth.labels.shape == shape:
        return truth
    smaller = np.asarray(cv2.resize(truth.labels, shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint16)
    return GroundTruth(smaller if truth.labels.dtype == np.uint16 else smaller.astype(np.uint8), truth.classes)


def apply_image(image: LoadedImage) -> None:
    """Send the lesson's picture, once for all views that show it."""
    height, width = image.pixels.shape[:2]
    url = data_url(_image_layer(image))
    st.html(f"<style>:root{{--lesson:url({url});--lesson-ratio:{width}/{height}}}</style>")


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=HASHES)
def _image_layer(image: LoadedImage) -> bytes:
    return image_layer(image.pixels)


def plane_image(
    plane: NDArray[np.generic],
    low: float | None = None,
    high: float | None = None,
    *,
    colours: Literal["grey", "cividis", "viridis"] = "grey",
    long_side: int = LONG_SIDE,
) -> bytes:
    """An array of numbers or truths, shape (H, W), as a JPEG from dark (`low`) to light (`high`)."""
    values = np.asarray(plane, np.float32)
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    levels = np.clip((values - low) / max(high - low, 1e-9) * 255, 0, 255).astype(np.uint8)
    height, width = display_size(levels.shape, long_side)
    smaller = height < levels.shape[0]
    levels = np.asarray(
        cv2.resize(levels, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_NEAREST)
    )
    if colours != "grey":
        levels = cv2.cvtColor(cv2.applyColorMap(levels, _MAPS[colours]), cv2.COLOR_BGR2RGB)
    return encode(levels)


def encode(pixels: NDArray[np.uint8], quality: int = 88) -> bytes:
    """``uint8 (H, W)`` or ``(H, W, 3)`` as a JPEG with all its colour, at its own size."""
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def show_views(views: Sequence[View], columns: int | None = None) -> None:
    """Pictures side by side; on a phone one below the other, or in two columns where there are more than three."""
    st.html(views_html(views, columns))


def views_html(views: Sequence[View], columns: int | None = None) -> str:
    """`show_views` as HTML."""
    many = " sm-many" if len(views) > 3 else ""
    figures = "".join(_figure(view) for view in views)
    return f'<div class="sm-views{many}" style="--columns:{columns or len(views)}">{figures}</div>'


def _figure(view: View) -> str:
    over = "".join(
        f'<img class="sm-over" alt="" style="opacity:{view.strength}" src="{data_url(layer)}">' for layer in view.over
    )
    alt, fade = escape(view.alt), f'style="opacity:{view.fade}"'
    if view.base is None:
        base = f'<div class="sm-base sm-own" role="img" aria-label="{alt}" {fade}></div>'
    else:
        base = f'<img class="sm-base" alt="{alt}" {fade} src="{data_url(view.base)}">'
    caption = caption_html(view.title, view.note, view.chips)
    return f'<figure class="sm-view"><div class="sm-view-frame">{base}{over}</div>{caption}</figure>'


def caption_html(title: str, note: str = "", chips: Sequence[Chip] = ()) -> str:
    """What stands below a picture."""
    small = f'<span class="sm-view-note">{escape(note)}</span>' if note else ""
    colours = chips_html(chips) if chips else ""
    return f'<figcaption class="sm-caption"><b>{escape(title)}</b>{small}{colours}</figcaption>'


def data_url(data: bytes) -> str:
    """Bytes of a picture as an address that holds them."""
    kinds = {b"\x89PNG": "png", b"RIFF": "webp", b"\xff\xd8\xff\xe0": "jpeg", b"<svg": "svg+xml"}
    return f"data:image/{kinds.get(data[:4], 'jpeg')};base64,{base64.b64encode(data).decode()}"
