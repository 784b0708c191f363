"""The text networks of PP-OCRv4 as plates need them: where text is, and what it says in the signs of plates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.jobs.borrowed import load_borrowed, recogniser_alphabet

Floats = NDArray[np.float32]
MULTIPLE = 32
MEAN = np.array((0.485, 0.456, 0.406), np.float32)
DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, eq=False)
class Line:
    """A line of text: its four corners clockwise from the top left, float32 (4, 2), and how sure the network is."""

    corners: Floats
    score: float


def text_map(image: Image, size: int) -> Floats:
    """How likely each pixel is text, float32 (h, w); the image's long side is brought to about `size`."""
    height, width = image.shape[:2]
    scale = size / max(height, width)
    wide, high = (max(MULTIPLE, round(n * scale / MULTIPLE) * MULTIPLE) for n in (width, height))
    small = cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    ready = (small.astype(np.float32) / 255 - MEAN) / DEVIATION
    return np.asarray(load_borrowed("ppocr-detector")(np.ascontiguousarray(ready.transpose(2, 0, 1)[None]))[0][0, 0])


def find_lines(
    likely: Floats, shape: tuple[int, ...], least: float = 0.3, sure: float = 0.4, grow: float = 1.6
) -> list[Line]:
    """Lines of text as turned rectangles, in pixels of an image of this shape (rows, columns).

    The network marks the inner part of each line; a rectangle grows by its area times `grow` over half its outline
    (Liao 2020).
    """
    mask = cv2.dilate((likely > least).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    stretch = np.array((shape[1] / likely.shape[1], shape[0] / likely.shape[0]), np.float32)
    found = []
    for contour in contours:
        middle, (wide, high), turn = cv2.minAreaRect(contour)
        if min(wide, high) < 3:
            continue
        x, y, w, h = cv2.boundingRect(contour)
        inside = np.zeros((h, w), np.uint8)
        cv2.drawContours(inside, [contour - (x, y)], -1, 1, -1)
        score = float(likely[y : y + h, x : x + w][inside > 0].mean())
        if score >= sure:
            more = wide * high * grow / (wide + high)
            corners = cv2.boxPoints((middle, (wide + more, high + more), turn))
            found.append(Line(order_corners(np.asarray(corners, np.float32) * stretch), score))
    return found


def order_corners(corners: Floats) -> Floats:
    """Four corners clockwise from the top left.

    Examples
    --------
    >>> order_corners(np.array([(4, 1), (0, 0), (0, 1), (4, 0)], np.float32)).tolist()
    [[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [0.0, 1.0]]
    """
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = (pair[np.argsort(pair[:, 1])] for pair in (by_x[:2], by_x[2:]))
    return np.stack([left[0], right[0], right[1], left[1]])


def straighten(image: Image, corners: Floats) -> Image:
    """The part of an image inside four corners, upright."""
    wide = round(float(max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[3] - corners[2]))))
    high = round(float(max(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[1] - corners[2]))))
    wide, high = max(wide, 4), max(high, 4)
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(
        cv2.warpPerspective(image, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


@lru_cache(maxsize=1)
def plate_classes() -> NDArray[np.intp]:
    """The recogniser's classes that stand on plates, the blank first."""
    places = {sign: i for i, sign in enumerate(recogniser_alphabet())}
    return np.array([0, *(places[sign] for sign in SIGNS + PROVINCES)])


def read_strip(strip: Image) -> tuple[str, float]:
    """What a strip says in the signs of plates, and how sure that is: the mean probability of its characters.

    Of the recogniser's 6,625 classes only those of plates take part; repeated and blank steps are left out (CTC,
    Graves 2006).
    """
    steps = text_probabilities(strip)[:, plate_classes()]
    best = steps.argmax(axis=1)
    kept = np.flatnonzero((best > 0) & (best != np.concatenate([[0], best[:-1]])))
    text = "".join((SIGNS + PROVINCES)[i - 1] for i in best[kept])
    return text, float(steps[kept, best[kept]].mean()) if len(kept) else 0.0


def text_probabilities(strip: Image) -> Floats:
    """The recogniser's probabilities at each step along a strip, float32 (steps, classes)."""
    height, width = strip.shape[:2]
    wide = min(max(16, round(48 * width / height)), 960)
    small = cv2.resize(strip, (wide, 48), interpolation=cv2.INTER_LINEAR)
    padded = np.zeros((48, max(320, wide), 3), np.float32)
    padded[:, :wide] = small[:, :, ::-1].astype(np.float32) / 127.5 - 1
    return np.asarray(load_borrowed("ppocr-recogniser")(np.ascontiguousarray(padded.transpose(2, 0, 1)[None]))[0][0])
