"""How a network runs: as OpenVINO or as eager PyTorch. One call either way, and the same answer.

``SEGMETHODS_RUNTIME`` chooses, ``openvino`` (the default) or ``torch``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segmethods.core.extras import require
from segmethods.core.messages import MethodError
from segmethods.models.architectures.spec import Part
from segmethods.models.weights import Weights, verified

Pictures = NDArray[np.uint8]
Scores = NDArray[np.float32]
Runner = Callable[[Pictures], Scores]
"""Takes ``uint8 (N, H, W, 3)``, gives ``float32 (N, C, h, w)`` of class probabilities."""

KEPT = 12
"""Networks that a process keeps in memory, about 50 MB each."""


def runner(weights: Weights, part: Part = "whole") -> Runner:
    """The network of these weights, ready to run; made once a process.

    Parameters
    ----------
    part : {"whole", "window"}
        A network that takes whole pictures of any size, or its bare windows without margins.

    Raises
    ------
    WeightsError
        If the weights are missing or damaged.
    MissingPackageError
        If this installation was made without what runs them.
    """
    return _runner(weights, part, chosen())


def chosen() -> str:
    """The runtime that the environment asks for.

    Raises
    ------
    MethodError
        If there is none of that name.
    """
    name = os.environ.get("SEGMETHODS_RUNTIME", "openvino")
    if name not in ("openvino", "torch"):
        raise MethodError("There is no runtime {name}. Set SEGMETHODS_RUNTIME to openvino or torch.", name=name)
    return name


@lru_cache(maxsize=KEPT)
def _runner(weights: Weights, part: Part, runtime: str) -> Runner:
    file = verified(weights)
    if runtime == "openvino":
        require("openvino", "safetensors")
        from segmethods.models.runtime.openvino import compiled

        return compiled(weights, file, part)
    require("torch")
    from segmethods.models.runtime.eager import loaded

    return loaded(weights, file, part)
