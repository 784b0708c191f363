"""Faces without a network: skin colour, a cascade of local binary patterns, and the grey valleys of the eyes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs._masks import grey_image, keep_large, paint, to_grey
from segmethods.jobs.faces.face import Face, Point
from segmethods.jobs.frame import Step

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
SIDE = 480
"""Long side, in pixels, at which faces are looked for."""


def shrink(image: Image) -> tuple[Image, float]:
    """An image whose long side is `SIDE` at most, and by what it was scaled."""
    height, width = image.shape[:2]
    size = fit_long_side(height, width, SIDE, enlarge=False)[::-1]
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), min(1.0, SIDE / max(height, width))


def skin_mask(image: Image) -> Mask:
    """Where the colour is that of skin: a box in Cb and Cr (Chai and Ngan 1999), brightness left out."""
    _, cr, cb = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb))
    mask = ((cr >= 135) & (cr <= 175) & (cb >= 77) & (cb <= 127)).astype(np.uint8)
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    return np.asarray(cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_OPEN, round_), cv2.MORPH_CLOSE, round_) > 0)


def find_by_skin(image: Image) -> tuple[list[Face], tuple[Step, ...]]:
    """Pieces of skin with a face's proportions, and the darkest pair of valleys in the upper half of each."""
    small, scale = shrink(image)
    mask = keep_large(skin_mask(small), 300, 12)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    faces = []
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if not 0.7 <= h / w <= 2.4 or area < 0.45 * w * h:
            continue
        high = min(h, round(1.35 * w))
        box = Box(x / scale, y / scale, w / scale, high / scale, area / (w * h))
        faces.append(Face(box, valley_eyes(image, box)))
    return faces, (Step(Message("Colour of skin"), paint(small, mask)),)


@lru_cache(maxsize=1)
def cascade() -> Any:
    """The cascade for frontal faces that scikit-image carries (Viola and Jones 2001, on local binary patterns)."""
    from skimage import data
    from skimage.feature import Cascade

    return Cascade(data.lbp_frontal_face_cascade_filename())


def find_by_cascade(image: Image) -> tuple[list[Face], tuple[Step, ...]]:
    """Windows that pass all stages of a cascade, and the valleys of the eyes in each."""
    small, scale = shrink(image)
    least = max(24, min(small.shape[:2]) // 14)
    found = cascade().detect_multi_scale(
        img=small, scale_factor=1.2, step_ratio=1, min_size=(least, least), max_size=(min(small.shape[:2]),) * 2
    )
    faces = []
    for window in found:
        w, h = window["width"], window["height"]
        box = Box(window["c"] / scale, window["r"] / scale, w / scale, h / scale)
        faces.append(Face(box, valley_eyes(image, box)))
    step = Step(Message("Brightness that the cascade compares"), grey_image(to_grey(small)))
    return faces, (step,)


def valley_map(grey: NDArray[np.uint8], size: int) -> Floats:
    """How deep the valley is that each pixel lies in: closing fills valleys narrower than `size` pixels."""
    smooth = cv2.GaussianBlur(grey, (0, 0), max(0.8, size / 12))
    filled = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return filled.astype(np.float32) - smooth


def valley_eyes(image: Image, box: Box) -> tuple[Point, Point] | None:
    """Both eyes as the best pair of valleys in the upper part of a face's box; None in a face too small for that."""
    left, top = max(0, round(box.x)), max(0, round(box.y))
    part = image[top : round(box.y + box.h), left : round(box.x + box.w)]
    if min(part.shape[:2]) < 16:
        return None
    scale = 96 / part.shape[1]
    size = (96, max(32, round(part.shape[0] * scale)))
    grey = np.asarray(cv2.resize(to_grey(part), size, interpolation=cv2.INTER_AREA), np.uint8)
    pair = best_pair(valley_map(grey, 19))
    if pair is None:
        return None
    (x1, y1), (x2, y2) = pair
    return ((left + x1 / scale, top + y1 / scale), (left + x2 / scale, top + y2 / scale))


def best_pair(valleys: Floats) -> tuple[Point, Point] | None:
    """Two deep valleys side by side in the upper part of a face 96 pixels wide, apart as eyes are."""
    height = valleys.shape[0]
    upper = valleys[: round(0.6 * height)].copy()
    upper[: round(0.15 * height)] = 0
    peaks = []
    for _ in range(10):
        y, x = np.unravel_index(int(upper.argmax()), upper.shape)
        if upper[y, x] < 6:
            break
        peaks.append((float(x), float(y), float(upper[y, x])))
        upper[max(0, y - 6) : y + 7, max(0, x - 8) : x + 9] = 0
    best, score = None, -np.inf
    for i, (x1, y1, d1) in enumerate(peaks):
        for x2, y2, d2 in peaks[i + 1 :]:
            apart, tilt = abs(x1 - x2), abs(y1 - y2)
            if not 24 <= apart <= 62 or tilt > 0.35 * apart:
                continue
            value = min(d1, d2) * 2 - 0.8 * tilt - 0.5 * abs((x1 + x2) / 2 - 48) - 0.4 * abs(apart - 42)
            value -= 0.4 * abs((y1 + y2) / 2 - 0.36 * height)
            if value > score:
                best, score = ((x1, y1), (x2, y2)), value
    if best is None:
        return None
    first, second = sorted(best)
    return first, second
