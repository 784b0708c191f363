"""Patch-CNN: one window and what it is taken for, and what sliding costs against one dense pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from segmethods.core.machine import own_seconds, seconds_since
from segmethods.core.registry import About, Range
from segmethods.core.types import Image, Labels, Trace, Vocabulary
from segmethods.introspection.points import Pixel, check_point
from segmethods.methods._network import (
    EmbeddedWeights,
    WorkingSize,
    argmax_upsampled,
    ensure_weights,
    resize_long_side,
    working_size,
)
from segmethods.methods.patch_cnn import interpolate_grid, pad_for_windows
from segmethods.models.architectures.patch_cnn.windows import PAD_LEFT_TOP, STRIDE, WINDOW
from segmethods.models.runtime import Probabilities, load_runner
from segmethods.models.weights import verified_path

REPEATS = 3
"""How often each time is taken; the middle one counts."""

SAMPLE = 8
"""Windows that are timed."""

STEPS = (1, 8, 16, 32)
"""Distances between windows, in pixels, for which the cost of sliding is told."""


@dataclass(frozen=True, eq=False)
class WindowInspection(Trace):
    """One window as the network sees it, beside the answer of one dense pass.

    Parameters
    ----------
    labels : ndarray, uint8, shape (H, W)
        The answer of the dense pass.
    classes : Vocabulary
        What the labels mean.
    window : ndarray, uint8, shape (147, 147, 3)
        Edges are repeated past the image's end.
    square : tuple of float
        Left, top, right and bottom of the window, in pixels of the image.
    middle : tuple of float
        Column and row in the window's middle, in pixels of the image.
    alone : ndarray, float32, shape (C,)
        The window's class probabilities, seen on its own.
    dense : ndarray, float32, shape (C,)
        Those of the same position in the dense pass.
    """

    labels: Labels
    classes: Vocabulary
    window: Image
    square: tuple[float, float, float, float]
    middle: tuple[float, float]
    alone: Probabilities
    dense: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SlidingCost(Trace):
    """What sliding costs against one dense pass.

    Parameters
    ----------
    dense, window : float
        Seconds of the dense pass and of one window.
    dense_multiplications, window_multiplications : int
        What they multiply.
    sampled : int
        How many windows were timed.
    windows : mapping
        Step in pixels -> how many windows sliding takes.
    sharing : float
        How many windows of the smallest dense step see each pixel.
    """

    dense: float
    window: float
    dense_multiplications: int
    window_multiplications: int
    sampled: int
    windows: Mapping[int, int]
    sharing: float


def inspect_window(
    image: Image, *, weights: EmbeddedWeights = "voc", size: WorkingSize = "auto", x: Pixel = 0, y: Pixel = 0
) -> WindowInspection:
    """One window as Patch-CNN sees it, and its class probabilities, beside the answer of one dense pass.

    The window is the one of the dense pass whose middle is nearest to the pixel in column `x` and row `y`.

    Raises
    ------
    MethodError
        If the pixel lies outside of the image.
    """
    check_point(image, x, y)
    known = ensure_weights("patch_cnn", weights)
    run = load_runner(known, "window")
    small = resize_long_side(image, working_size(size, known))
    padded = pad_for_windows(small)
    scale = image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]
    column, row = (int((place + 0.5) / by) // STRIDE for place, by in zip((x, y), scale, strict=True))
    top, left = row * STRIDE, column * STRIDE
    window = padded[top : top + WINDOW, left : left + WINDOW]
    alone = run(window[None])[0, :, 0, 0]
    grid = run(padded[None])[0]
    labels = argmax_upsampled(interpolate_grid(grid, STRIDE, small.shape[:2]), image.shape)
    x0, y0 = left - PAD_LEFT_TOP, top - PAD_LEFT_TOP
    square = (x0 * scale[0], y0 * scale[1], (x0 + WINDOW) * scale[0], (y0 + WINDOW) * scale[1])
    middle = ((x0 + WINDOW / 2) * scale[0], (y0 + WINDOW / 2) * scale[1])
    return WindowInspection(labels, known.classes, window, square, middle, alone, grid[:, row, column])


def time_sliding(
    image: Image,
    *,
    weights: EmbeddedWeights = "voc",
    size: WorkingSize = "auto",
    again: Annotated[int, Range(0, 9999), About("Again", "Another number takes the times once more.")] = 0,
) -> SlidingCost:
    """What one dense pass and one window cost: multiplications, and seconds on this machine.

    The windows that are timed come from all over the image and run in one batch. Each time is the middle one of three.
    `again` changes nothing but that the times of another number are not remembered.
    """
    del again
    from segmethods.models.runtime.openvino import count_multiplications

    known = ensure_weights("patch_cnn", weights)
    run = load_runner(known, "window")
    count = partial(count_multiplications, known, verified_path(known), "window")
    small = resize_long_side(image, working_size(size, known))
    padded = pad_for_windows(small)
    views = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW), axis=(0, 1))
    rows, columns = views.shape[:2]
    sample = np.linspace(0, rows * columns - 1, SAMPLE).astype(np.intp)
    windows = np.ascontiguousarray(views[sample // columns, sample % columns].transpose(0, 2, 3, 1))
    sliding = time_median(lambda: run(windows))
    dense = time_median(lambda: run(padded[None]))
    height, width = small.shape[:2]
    return SlidingCost(
        dense,
        sliding / len(windows),
        count(*padded.shape[:2]),
        count(WINDOW, WINDOW),
        len(windows),
        {step: max(1, height // step) * max(1, width // step) for step in STEPS},
        (WINDOW / STRIDE) ** 2,
    )


def time_median(action: Callable[[], object]) -> float:
    """Seconds that something takes: the middle of some tries, after one that isn't timed."""
    action()
    spent = []
    for _ in range(REPEATS):
        start = own_seconds()
        action()
        spent.append(seconds_since(start))
    return sorted(spent)[REPEATS // 2]
