"""An encoder that ImageNet taught, which looks at images for many purposes, and how it and the jobs' networks run."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.settings import count_threads, settings
from segmethods.core.types import Image

MULTIPLE = 16

Run = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""uint8 (N, H, W, 3), sides multiples of 16, to float32 (N, C, H, W): probabilities of classes, or what is seen."""


def features(image: Image, size: int) -> list[NDArray[np.float32]]:
    """What the encoder sees in an image whose long side is brought to `size`: 152 maps at an eighth of that.

    Returns
    -------
    list of ndarray, float32, shape (h, w)
        The maps of EfficientNet-Lite0's third and fifth stage, as ImageNet taught it, at the size of the third.
    """
    import cv2

    run = load_network("encoder")
    height, width = image.shape[:2]
    scale = size / max(height, width)
    shape = (
        max(MULTIPLE, round(width * scale / MULTIPLE) * MULTIPLE),
        max(MULTIPLE, round(height * scale / MULTIPLE) * MULTIPLE),
    )
    small = cv2.resize(image, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return list(run(np.ascontiguousarray(small, np.uint8)[None])[0])


def network_file(name: str) -> Path:
    """Where a job's network lies."""
    return settings().jobs_dir / f"{name}.xml"


def load_network(name: str) -> Run:
    """A small network, ready to run.

    Raises
    ------
    MethodError
        If its file is not there.
    """
    return _load(name, count_threads())


@lru_cache(maxsize=4)
def _load(name: str, threads: int) -> Run:
    import openvino as ov

    file = network_file(name)
    if not file.is_file():
        raise MethodError("The network {name} of this job is missing: {file}.", name=name, file=str(file))
    options = {"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": threads}
    request = ov.Core().compile_model(file, "CPU", options).create_infer_request()

    def run(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.array(request.infer([images])[0], np.float32)

    return run
