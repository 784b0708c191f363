"""One channel of an image, in levels of 0 to 255, its histogram, and maps small enough for charts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image

Channel = Literal["grey", "r", "g", "b", "h", "s", "v", "l"]
"""Grey (0.299 R + 0.587 G + 0.114 B), red, green, blue, hue (256 levels are a full turn), saturation, value (the
largest of R, G and B), and L*, the lightness that eyes see (255 is L* = 100)."""

CHANNELS: Mapping[str, str] = {
    "grey": "Grey",
    "r": "Red",
    "g": "Green",
    "b": "Blue",
    "h": "Hue",
    "s": "Saturation",
    "v": "Value",
    "l": "L*",
}
"""Channel -> what it is called."""

MOST_COUNTED = 1 << 24


def extract_channel(image: Image, channel: Channel) -> NDArray[np.uint8]:
    """One channel of an image.

    Parameters
    ----------
    image : ndarray, uint8, shape (H, W, 3)
        RGB.
    channel : str
        One of `Channel`.

    Returns
    -------
    ndarray, uint8, shape (H, W)
        Levels of 0 to 255.

    Examples
    --------
    >>> red = np.full((1, 1, 3), (255, 0, 0), np.uint8)
    >>> [int(extract_channel(red, c)[0, 0]) for c in CHANNELS]
    [76, 255, 0, 0, 0, 255, 255, 136]
    """
    import cv2

    image = np.ascontiguousarray(image)
    if channel == "grey":
        plane = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    elif channel == "l":
        plane = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[..., 0]
    elif channel in "hsv":
        plane = cv2.cvtColor(image, cv2.COLOR_RGB2HSV_FULL)[..., "hsv".index(channel)]
    else:
        plane = image[..., "rgb".index(channel)]
    return np.ascontiguousarray(plane, dtype=np.uint8)


def count_levels(channel: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many pixels have each level: ``int64 (256,)``.

    Examples
    --------
    >>> count_levels(np.array([[0, 0, 3]], np.uint8))[:5].tolist()
    [2, 0, 0, 1, 0]
    """
    import cv2

    counts = np.zeros(256, np.int64)
    rows = max(1, MOST_COUNTED // max(channel.shape[1], 1))
    for start in range(0, len(channel), rows):  # OpenCV's counts are float32: whole numbers up to 2^24
        counts += cv2.calcHist([channel[start : start + rows]], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    return counts


def shrink(plane: NDArray[np.float32], side: int = 512) -> NDArray[np.float32]:
    """A plane at most `side` wide and high, made smaller by a whole factor: each pixel is the mean of what it covers.

    Smaller planes stay as they are; what is left over at the right and below is cut off.

    Examples
    --------
    >>> shrink(np.zeros((1001, 2), np.float32)).shape
    (500, 1)
    """
    import cv2

    step = -(-max(plane.shape) // side)
    height, width = (max(1, length // step) for length in plane.shape)
    whole = plane[: height * step, : width * step]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)
