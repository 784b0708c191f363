"""Cutting an object out: what is in the middle and unlike the border."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.jobs._masks import fill_holes, keep_large

SIDE, BORDER, ROUNDS = 112, 0.12, 3


def cut_out(image: Image) -> NDArray[np.bool_]:
    """Where the object is: GrabCut (Rother 2004), begun with the middle of the image; all of it if nothing is found."""
    scale = SIDE / max(image.shape[:2])
    size = (max(16, round(image.shape[1] * scale)), max(16, round(image.shape[0] * scale)))
    small = np.ascontiguousarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)[:, :, ::-1])
    x, y = round(size[0] * BORDER), round(size[1] * BORDER)
    mask = np.zeros(small.shape[:2], np.uint8)
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, mask, (x, y, size[0] - 2 * x, size[1] - 2 * y), *models, ROUNDS, cv2.GC_INIT_WITH_RECT)
    found = fill_holes(keep_large((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD), 30, 1))
    if found.mean() < 0.02:
        return np.ones(image.shape[:2], bool)
    whole = cv2.resize(found.astype(np.uint8), image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(whole > 0)
