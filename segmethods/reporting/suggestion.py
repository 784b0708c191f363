"""A suggestion that a page makes aloud: take away the background, where small things stand out from uneven ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.methods._background import keep_sizes, remove_background

SIDE = 640
"""Longest side at which a picture is looked at."""

LEAST, MOST = 0.002, 0.12
"""Share of the picture that small things may cover."""

CLEAR, QUIET = 2.25, 3.3
"""By how many standard deviations of the ground they must stand out from their surroundings, and how far at most
whatever stands out to the other side: noise alone gives 1.6, and in photos of things much stands out to both sides."""


@dataclass(frozen=True)
class Suggestion:
    """Settings that find small things on uneven ground.

    Parameters
    ----------
    is_dark : bool
        Whether they are darker than their surroundings.
    size : int
        Side of the surroundings, in pixels of the picture.
    """

    is_dark: bool
    size: int

    @property
    def message(self) -> Message:
        """What the page says."""
        if self.is_dark:
            return Message(
                "Small dark things on uneven ground? Classical methods find them once the background is removed."
            )
        return Message(
            "Small bright things on uneven ground? Classical methods find them once the background is removed."
        )

    @property
    def params(self) -> Mapping[str, Mapping[str, Any]]:
        """Method id -> its parameters that change."""
        smallest = max(10, round(self.size**2 / 160) * 10)
        common = {"background": "median", "background_size": self.size, "invert": self.is_dark}
        return {
            "threshold": {**common, "min_area": smallest},
            "kmeans": {**common, "k": 2, "min_area": smallest},
            "histogram": {**common, "algorithm": "multi_otsu", "levels": 2, "min_area": smallest},
        }


def suggest_background(image: Image) -> Suggestion | None:
    """Whether the background should be taken away before anything else; None if nothing speaks for it.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    """
    import cv2

    height, width = image.shape[:2]
    size = int(np.clip(max(height, width) // 16, 31, 151)) | 1
    scale = min(1.0, SIDE / max(height, width))
    shape = fit_long_side(height, width, SIDE, enlarge=False)
    small = image if shape == (height, width) else cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_RGB2GRAY), np.uint8)
    window = max(3, round(size * scale)) | 1
    sides = {is_dark: _stand_out(grey, window, is_dark) for is_dark in (True, False)}
    is_dark = sides[True][0] >= sides[False][0]
    (clearness, share), (other, _) = sides[is_dark], sides[not is_dark]
    stands_out = clearness >= CLEAR and LEAST <= share <= MOST and other <= QUIET
    return Suggestion(is_dark, size) if stands_out else None


def _stand_out(grey: NDArray[np.uint8], window: int, is_dark: bool) -> tuple[float, float]:
    """How far small things stand out, in standard deviations of the ground, and their share of the picture."""
    import cv2

    left = remove_background(grey, "median", window, is_dark)
    _, mask = cv2.threshold(left, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    kept = keep_sizes(np.asarray(mask, np.uint8), round(window**2 / 32), 0) > 0
    share = float(kept.mean())
    if share in (0.0, 1.0):
        return 0.0, share
    ground = left[~kept]
    return float((left[kept].mean() - ground.mean()) / max(float(ground.std()), 1.0)), share
