"""A plate's signs without a network: cut by projection or by components, read by comparing with drawn templates."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from segmethods.core.types import Image
from segmethods.jobs._masks import to_grey
from segmethods.jobs.plates.reading import SIGNS

Mask = NDArray[np.bool_]
Span = tuple[int, int, int, int]
"""Columns from and to, rows from and to."""
HIGH, SIGN = 48, (32, 20)


def ink_of(strip: Image) -> Mask:
    """Where a plate's signs are, bool (HIGH, W): what is darker, or brighter, than the ground around it."""
    width = max(8, round(strip.shape[1] * HIGH / max(1, strip.shape[0])))
    grey = cv2.resize(to_grey(strip), (width, HIGH), interpolation=cv2.INTER_CUBIC)
    _, mask = cv2.threshold(cv2.GaussianBlur(grey, (3, 3), 0), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    middle = mask[HIGH // 4 : 3 * HIGH // 4] > 0
    return np.asarray(mask > 0 if middle.mean() < 0.5 else mask == 0)


def cut_by_components(ink: Mask) -> list[Span]:
    """Pieces of ink as high as signs are, from left to right."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    spans = [
        (int(x), int(x + w), int(y), int(y + h))
        for x, y, w, h, area in stats[1:count]
        if h >= 0.4 * HIGH and w <= 1.1 * h and area >= 0.12 * w * h and h < HIGH
    ]
    return sorted(spans)


def cut_by_projection(ink: Mask) -> list[Span]:
    """Runs of columns that hold ink, from left to right: signs part where the sum of a column falls to nothing."""
    rows = np.flatnonzero(cv2.GaussianBlur(ink.mean(axis=1).astype(np.float32), (1, 5), 0).ravel() > 0.12)
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, HIGH)
    filled = ink[top:bottom].sum(axis=0) > 1
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    spans = []
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        inked = np.flatnonzero(ink[:, left:right].any(axis=1))
        first, last = int(inked[0]), int(inked[-1]) + 1
        if last - first >= 0.4 * HIGH and right - left <= 1.2 * (last - first):
            spans.append((int(left), int(right), first, last))
    return spans


def normalise(ink: NDArray[np.generic]) -> NDArray[np.float32]:
    """A sign at the templates' size, without its mean and of length 1."""
    small = cv2.resize(ink.astype(np.float32), SIGN[::-1], interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (3, 3), 0)
    small = small - small.mean()
    return np.asarray(small / max(float(np.linalg.norm(small)), 1e-6), np.float32)


@lru_cache(maxsize=1)
def templates() -> NDArray[np.float32]:
    """Each sign as Pillow's own font draws it in two weights, float32 (weights * signs, pixels)."""
    font = ImageFont.load_default(size=60)
    drawn = []
    for weight in (1, 4):
        for sign in SIGNS:
            canvas = PillowImage.new("L", (90, 90))
            ImageDraw.Draw(canvas).text((20, 8), sign, 255, font, stroke_width=weight)
            ink = np.array(canvas) > 96
            rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
            drawn.append(normalise(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]).ravel())
    return np.stack(drawn)


def read_signs(ink: Mask, spans: list[Span], least: float = 0.45) -> str:
    """The signs in these spans, each as the template that it resembles most; what resembles none is left out."""
    text = []
    for left, right, top, bottom in spans:
        wide, high = right - left, bottom - top
        likeness = templates() @ normalise(ink[top:bottom, left:right]).ravel()
        if wide < 0.28 * high:  # too narrow for anything but these
            chosen = "1" if likeness.max() > 0 else ""
        else:
            best = int(likeness.argmax())
            chosen = SIGNS[best % len(SIGNS)] if likeness[best] >= least else ""
        text.append(chosen)
    return "".join(text)
