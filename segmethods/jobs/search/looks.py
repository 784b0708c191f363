"""What an image looks like, as numbers: colours, texture, or what a network sees."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.models.encoder import features

Feature = NDArray[np.float32]
Mask = NDArray[np.bool_]
HUES, SHADES = 18, 4


def colours(image: Image, mask: Mask) -> Feature:
    """Square roots of the shares of hues, saturations and values; roots make likeness that of Bhattacharyya."""
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    bins = [HUES, SHADES, SHADES]
    table = cv2.calcHist([hsv], [0, 1, 2], mask.astype(np.uint8), bins, [0, 180, 0, 256, 0, 256])
    return np.asarray(np.sqrt(table.ravel() / max(1.0, float(table.sum()))), np.float32)


def texture(image: Image, mask: Mask) -> Feature:
    """Shares of uniform local binary patterns (Ojala 2002) at two radii, and of edge directions."""
    from skimage.feature import local_binary_pattern

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    parts = []
    for radius in (1, 3):
        patterns: NDArray[np.float64] = local_binary_pattern(grey, 8, radius, "uniform")
        parts.append(np.bincount(patterns[mask].astype(int), minlength=10).astype(np.float32))
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    strength, turn = cv2.cartToPolar(dx, dy)
    bins = (turn[mask] / (2 * np.pi) * 12).astype(int) % 12
    parts.append(np.bincount(bins, strength[mask], 12).astype(np.float32))
    return np.concatenate([np.sqrt(p / max(float(p.sum()), 1e-9)) for p in parts]).astype(np.float32)


def encoder(image: Image, mask: Mask) -> Feature:
    """Mean of what EfficientNet-Lite0's middle sees inside the mask, less the mean over everything."""
    ground = np.where(mask[:, :, None], image, 127).astype(np.uint8)
    maps = np.stack(features(crop_to(ground, mask), 160))
    inside = cv2.resize(crop_to(mask.astype(np.uint8), mask), maps.shape[:0:-1], interpolation=cv2.INTER_AREA) > 0
    inside = inside if inside.any() else np.ones_like(inside)
    spread = maps.reshape(len(maps), -1).std(axis=1)
    middle = maps[:, inside].mean(axis=1)
    return np.asarray(np.sign(middle) * np.sqrt(np.abs(middle)) / (1 + 0.1 * spread), np.float32)


def crop_to(values: NDArray[np.uint8], mask: Mask) -> NDArray[np.uint8]:
    """The part of an image around a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


KINDS: dict[str, Callable[[Image, Mask], Feature]] = {"colour": colours, "texture": texture, "encoder": encoder}
