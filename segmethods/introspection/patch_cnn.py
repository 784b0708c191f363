"""Patch-CNN from inside: one window and what it is taken for, and what sliding costs against one dense pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import numpy as np

from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Segmentation
from segmethods.introspection.points import check_inside
from segmethods.methods._network import (
    EmbeddedFamily,
    NetworkTrace,
    WorkingSize,
    at_hand,
    decided,
    resized,
    working_size,
)
from segmethods.methods.patch_cnn import spread, surround
from segmethods.models.architectures.patch_cnn.windows import PAD_LEFT_TOP, STRIDE, WINDOW
from segmethods.models.runtime import runner

REPEATS = 3
"""How often each time is taken; the middle one counts."""

SAMPLE = 8
"""Windows that are timed."""

STEPS = (1, 8, 16, 32)
"""Distances between windows, in pixels, for which the cost of sliding is told."""


@method(
    "patch_cnn_window", title="A window of Patch-CNN", family="inside", source="Cireșan et al. 2012", needs=("cv2",)
)
def patch_cnn_window(
    image: Image,
    *,
    weights: EmbeddedFamily = "voc",
    size: WorkingSize = "auto",
    x: Annotated[int, Range(0, 99_999)] = 0,
    y: Annotated[int, Range(0, 99_999)] = 0,
) -> Segmentation:
    """Shows one window as the network sees it, and its class scores, beside the answer of one dense pass.

    The window is the one of the dense pass whose middle is nearest to the pixel in column `x` and row `y`.

    Evidence: see `segmethods.methods._network.answer`; and ``window`` uint8 (147, 147, 3), edges repeated past the
    picture's end; ``square`` (left, top, right, bottom), its place in pixels of the image; ``middle`` (x, y), the
    pixel of the image in its middle; ``alone`` float32 (C,), the window's class scores, seen on its own; ``dense``
    float32 (C,), those of the same place in the dense pass.
    """
    check_inside(image, x, y)
    known = at_hand("patch_cnn", weights)
    run = runner(known, "window")
    with stage("prepare"):
        small = resized(image, working_size(size, known))
        surrounded = surround(small)
        scale = image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]
        column, row = (int((place + 0.5) / by) // STRIDE for place, by in zip((x, y), scale, strict=True))
        top, left = row * STRIDE, column * STRIDE
        window = surrounded[top : top + WINDOW, left : left + WINDOW]
    with stage("infer"):
        alone = run(window[None])[0, :, 0, 0]
        grid = run(surrounded[None])[0]
    with stage("finish"):
        scores = spread(grid, STRIDE, small.shape[:2])
        start = np.array([left - PAD_LEFT_TOP, top - PAD_LEFT_TOP])
        seen = {
            **vars(NetworkTrace.of(scores, known)),
            "window": window,
            "square": tuple(float(v) for v in np.concatenate([start * scale, (start + WINDOW) * scale])),
            "middle": tuple(float(v) for v in (start + WINDOW / 2) * scale),
            "alone": alone,
            "dense": grid[:, row, column],
        }
        return Segmentation(decided(scores, image.shape), known.classes, evidence=seen)


@method("patch_cnn_cost", title="The cost of sliding", family="inside", source="Cireșan et al. 2012", needs=("cv2",))
def patch_cnn_cost(
    image: Image,
    *,
    weights: EmbeddedFamily = "voc",
    size: WorkingSize = "auto",
    again: Annotated[int, Range(0, 9999), About("Again", "Another number takes the times once more.")] = 0,
) -> Segmentation:
    """Times one dense pass on this machine, and a sample of windows, from which the time of sliding follows.

    The sample comes from all over the picture and runs in one batch; the time of sliding is the batch's time a window,
    multiplied by the number of windows. Each time is the middle one of three.

    Evidence: ``dense`` and ``window``, seconds of the dense pass and of one window; ``sampled``, how many windows were
    timed; ``windows``, step in pixels -> how many windows sliding takes; ``sharing``, how many windows of the smallest
    dense step see each pixel; ``working_size`` (h, w).
    """
    known = at_hand("patch_cnn", weights)
    run = runner(known, "window")
    with stage("prepare"):
        small = resized(image, working_size(size, known))
        surrounded = surround(small)
        views = np.lib.stride_tricks.sliding_window_view(surrounded, (WINDOW, WINDOW), axis=(0, 1))
        rows, columns = views.shape[:2]
        sample = np.linspace(0, rows * columns - 1, SAMPLE).astype(np.intp)
        windows = np.ascontiguousarray(views[sample // columns, sample % columns].transpose(0, 2, 3, 1))
    with stage("infer"):
        sliding = middle_time(lambda: run(windows))
        dense = middle_time(lambda: run(surrounded[None]))
    height, width = small.shape[:2]
    seen = {
        "dense": dense,
        "window": sliding / len(windows),
        "sampled": len(windows),
        "windows": {step: -(-height // step) * -(-width // step) for step in STEPS},
        "sharing": (WINDOW / STRIDE) ** 2,
        "working_size": (height, width),
        "known": known.name,
    }
    return Segmentation(np.zeros(image.shape[:2], np.uint8), known.classes, evidence=seen)


def middle_time(action: Callable[[], object]) -> float:
    """Seconds that something takes: the middle of some tries, after one that isn't timed."""
    action()
    spent = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        spent.append(time.perf_counter() - start)
    return sorted(spent)[REPEATS // 2]
