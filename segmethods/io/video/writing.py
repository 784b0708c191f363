"""Frames become WebM, which every browser plays; OpenCV's wheel writes no H.264."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from segmethods.core.messages import ImageError
from segmethods.core.types import Image


def write_webm(frames: Iterable[Image], rate: float) -> bytes:
    """A WebM file (VP8) of frames of one size.

    Parameters
    ----------
    frames : iterable of ndarray, uint8, shape (H, W, 3)
    rate : float
        Frames a second.

    Returns
    -------
    bytes
        The file; odd sizes lose their last row or column, which VP8 can't hold.

    Raises
    ------
    ImageError
        If there are no frames or no encoder.
    """
    rest = iter(frames)
    first = next(rest, None)
    if first is None:
        raise ImageError("There are no frames to write. Choose a clip with frames.")
    high, wide = (side - side % 2 for side in first.shape[:2])
    with tempfile.TemporaryDirectory(prefix="segmethods-webm-") as folder:
        path = Path(folder, "clip.webm")
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), rate, (wide, high))
        if not writer.isOpened():
            raise ImageError("This installation of OpenCV writes no WebM. Install opencv-python-headless.")
        for frame in chain((first,), rest):
            writer.write(np.ascontiguousarray(frame[:high, :wide, ::-1]))
        writer.release()
        return path.read_bytes()
