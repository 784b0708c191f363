"""Patch-CNN: a window slides over the image, and a classifier names the pixel in its middle.

Sliding does the work of neighbouring windows many times over. A network of VALID convolutions gives the same answers in
one pass over the whole image, which is the step to FCN; `evaluation` shows both.
See `segmethods.models.architectures.patch_cnn`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from segmethods.core.registry import About, stage
from segmethods.core.types import Image, Segmentation
from segmethods.methods._network import (
    WEIGHTS_ABOUT,
    InstancesChoice,
    NetworkTrace,
    WorkingSize,
    ensure_weights,
    get_ready,
    network_method,
    resize_long_side,
    to_segmentation,
    weights_for,
    working_size,
)
from segmethods.models.architectures.patch_cnn.windows import PAD_LEFT_TOP, PAD_RIGHT_BOTTOM, STRIDE, WINDOW
from segmethods.models.runtime import Probabilities, Runner, load_runner

MIDDLE = WINDOW // 2 - PAD_LEFT_TOP
"""The pixel in the middle of the first window."""

BATCH = 32


@dataclass(frozen=True, eq=False, kw_only=True)
class PatchCNNTrace(NetworkTrace):
    """What the network kept, and how the window moved.

    Parameters
    ----------
    windows : int
        How many there were.
    window, step : int
        Their side, and the distance from one to the next, in pixels of the working size.
    """

    windows: int
    window: int
    step: int


@network_method("patch_cnn")
def patch_cnn(
    image: Image,
    *,
    weights: Annotated[str, WEIGHTS_ABOUT, weights_for("patch_cnn")] = "voc",
    size: WorkingSize = "auto",
    evaluation: Annotated[
        Literal["sliding", "dense"],
        About(
            "Evaluation",
            "One window after the other, or all in one pass, which is many times faster; with the same step the "
            "answers agree.",
            {"sliding": "Sliding window", "dense": "One dense pass"},
        ),
    ] = "dense",
    step: Annotated[
        Literal["8", "16", "32"],
        About(
            "Step of the window",
            "Pixels between one window and the next; half the step takes four times as long.",
            {step: f"{step} pixels" for step in ("8", "16", "32")},
            when={"evaluation": ("sliding",)},
        ),
    ] = "16",
    instances: InstancesChoice = "none",
) -> Segmentation:
    """Names every pixel from the window around it, and sees nothing beyond the window.

    The trace is a `PatchCNNTrace`.
    """
    apart = int(step) if evaluation == "sliding" else STRIDE
    known = ensure_weights("patch_cnn", weights, image)
    run = load_runner(known, "window")
    with stage("prepare"):
        small = resize_long_side(image, working_size(size, known))
        padded = pad_for_windows(small)
    if evaluation == "dense":
        get_ready(run, padded[None])
    with stage("infer"):
        grid = slide_window(run, padded, apart) if evaluation == "sliding" else run(padded[None])[0]
    with stage("finish"):
        probabilities = interpolate_grid(grid, apart, small.shape[:2])
        trace = PatchCNNTrace.of(probabilities, known, windows=grid[0].size, window=WINDOW, step=apart)
        return to_segmentation(probabilities, image.shape, known, instances, trace)


def pad_for_windows(image: Image) -> Image:
    """The image with its edge repeated around it, so that the first and the last window look past it."""
    height, width = image.shape[:2]
    below, right = -height % STRIDE, -width % STRIDE
    return np.pad(
        image, ((PAD_LEFT_TOP, PAD_RIGHT_BOTTOM + below), (PAD_LEFT_TOP, PAD_RIGHT_BOTTOM + right), (0, 0)), mode="edge"
    )


def slide_window(run: Runner, padded: Image, step: int) -> Probabilities:
    """The answers of windows ``step`` pixels apart, each seen on its own.

    Parameters
    ----------
    run : Runner
        Takes windows, uint8 (N, WINDOW, WINDOW, 3); gives float32 (N, C, 1, 1).
    padded : ndarray, uint8, shape (H, W, 3)
        See `pad_for_windows`.
    step : int
        Pixels from one window to the next.

    Returns
    -------
    ndarray, float32, shape (C, rows, columns)
    """
    views = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW), axis=(0, 1))[::step, ::step]
    rows, columns = views.shape[:2]
    answers = []
    for row in views.transpose(0, 1, 3, 4, 2):
        answers += [run(row[start : start + BATCH])[:, :, 0, 0] for start in range(0, columns, BATCH)]
    return np.ascontiguousarray(np.concatenate(answers).T).reshape(-1, rows, columns)


def interpolate_grid(grid: Probabilities, step: int, shape: tuple[int, ...]) -> Probabilities:
    """Probabilities of every pixel, by bilinear interpolation between the middles of a grid of windows.

    Parameters
    ----------
    grid : ndarray, float32, shape (C, rows, columns)
        What the windows say.
    step : int
        Pixels from one window to the next.
    shape : tuple of int
        Height and width to be filled.
    """
    import cv2

    start = -MIDDLE / step
    place = np.array([[1 / step, 0, start], [0, 1 / step, start]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    planes = [
        cv2.warpAffine(plane, place, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        for plane in grid
    ]
    return np.stack(planes).astype(np.float32, copy=False)
