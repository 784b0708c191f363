"""Runs networks with OpenVINO or eager PyTorch: one call, the same result.

``SEGMETHODS_RUNTIME`` chooses, ``openvino`` (the default) or ``torch``. Where the processor multiplies bfloat16 itself,
OpenVINO computes with it, unless ``SEGMETHODS_EXACT`` is on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segmethods.core.extras import require
from segmethods.core.messages import MethodError
from segmethods.core.working_memory import WORK
from segmethods.models.architectures.spec import Part
from segmethods.models.weights import Weights, verified_path

Images = NDArray[np.uint8]
Probabilities = NDArray[np.float32]
Runner = Callable[[Images], Probabilities]
"""Takes ``uint8 (N, H, W, 3)``, gives ``float32 (N, C, h, w)`` of class probabilities."""

CACHE_SIZE = 6
"""Networks that a process keeps in memory, about 30 MB each: those of one set of weights, and two more."""


def load_runner(weights: Weights, part: Part = "whole") -> Runner:
    """The network of these weights, ready to run; loaded once a process.

    Parameters
    ----------
    weights : Weights
        Which network, and its numbers.
    part : {"whole", "window"}
        The network for images of any size, or for single windows without padding.

    Raises
    ------
    WeightsError
        If the weights are missing or damaged.
    MissingPackageError
        If this installation was made without what runs them.
    """
    return _runner(weights, part, choose_runtime())


def choose_runtime() -> str:
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


def describe_runtime() -> str:
    """The runtime, and the numbers that it computes with where these aren't float32: ``"openvino, bfloat16"``."""
    runtime = choose_runtime()
    if runtime == "openvino":
        from segmethods.models.runtime.openvino import computes_bfloat16

        return f"{runtime}, bfloat16" if computes_bfloat16() else runtime
    return runtime


@lru_cache(maxsize=CACHE_SIZE)
def _runner(weights: Weights, part: Part, runtime: str) -> Runner:
    with WORK.apart():
        return _load(weights, part, runtime)


def _load(weights: Weights, part: Part, runtime: str) -> Runner:
    file = verified_path(weights)
    if runtime == "openvino":
        require("openvino", "safetensors")
        from segmethods.models.runtime.openvino import compiled

        return compiled(weights, file, part)
    require("torch")
    from segmethods.models.runtime.eager import loaded

    return loaded(weights, file, part)
