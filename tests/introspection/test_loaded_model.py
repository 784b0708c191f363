"""What a worker has loaded before somebody chooses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import segmethods as sm
from segmethods.introspection.deeplab import compare_branches
from segmethods.introspection.fcn import inspect_fcn
from segmethods.introspection.loaded_model import (
    assemble_model,
    preload_models,
    preload_street_answers,
    preload_streets,
)
from segmethods.introspection.patch_cnn import inspect_window
from segmethods.introspection.segnet import inspect_segnet
from segmethods.models import runtime

IMAGE = np.zeros((64, 96, 3), np.uint8)


def count_loaded() -> int:
    return assemble_model.cache_info().misses + runtime._runner.cache_info().misses


@pytest.mark.parametrize(
    ("network", "inspect"),
    [
        ("deeplab", compare_branches),
        ("fcn", inspect_fcn),
        ("patch_cnn", inspect_window),
        ("segnet", inspect_segnet),
    ],
)
def test_nobody_waits_for_the_streets_of_a_lesson(network: str, inspect: Callable[..., Any]) -> None:
    preload_models()
    preload_streets(network)
    loaded = count_loaded()
    for weights in ("voc", "camvid", "voc"):
        inspect(IMAGE, weights=weights)
    assert count_loaded() == loaded


def test_nobody_waits_for_the_streets_of_the_first_lesson() -> None:
    preload_street_answers("deeplab")
    loaded = runtime._runner.cache_info().misses
    sm.segment(IMAGE, "deeplab", weights="camvid")
    assert runtime._runner.cache_info().misses == loaded
