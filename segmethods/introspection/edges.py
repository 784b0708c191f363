"""Canny's edge detector stage by stage, and the way from its lines to regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from segmethods.core.registry import About, Range
from segmethods.core.types import Image, Labels, Trace, Vocabulary, segments
from segmethods.methods._channels import extract_channel
from segmethods.methods.edges import (
    LOW_HELP,
    Gap,
    High,
    Lines,
    Markers,
    MinArea,
    Plane,
    Sigma,
    blur,
    differentiate,
    find_ridges,
    find_seeds,
    find_threshold,
    measure_gradient,
    regions_from_edges,
    round_levels,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class EdgeStages(Trace):
    """What the method edges does with the detector Canny, stage by stage. All arrays have the image's size (H, W).

    Parameters
    ----------
    grey, blurred : ndarray, uint8
        Brightness before and after the Gaussian.
    across, down, gradient : ndarray, float32
        How fast brightness changes, in levels per pixel.
    ridges : ndarray of bool
        Where the gradient is largest across the line.
    strong, weak : ndarray of bool
        Ridges above the upper threshold, and those between the two.
    lines : ndarray of bool
        Strong ridges and the weak ones that are connected with them.
    seeds : ndarray, int32
        From where regions grow; 0 for nowhere.
    low, high : float
        The thresholds, in levels per pixel.
    labels : ndarray, uint8 or uint16
        The regions.
    classes : Vocabulary
        What the labels mean.
    """

    grey: NDArray[np.uint8]
    blurred: NDArray[np.uint8]
    across: Plane
    down: Plane
    gradient: Plane
    ridges: Lines
    strong: Lines
    weak: Lines
    lines: Lines
    seeds: Markers
    low: float
    high: float
    labels: Labels
    classes: Vocabulary


def inspect_edges(
    image: Image,
    *,
    sigma: Sigma = 1.5,
    high: High = 0.9,
    low: Annotated[float, Range(0, 1, 0.05), About("Weak edges", LOW_HELP)] = 0.4,
    gap: Gap = 6,
    min_area: MinArea = 100,
) -> EdgeStages:
    """Canny's edges and the regions that they enclose, with everything that is seen on the way.

    Examples
    --------
    >>> image = np.zeros((40, 60, 3), np.uint8)
    >>> image[:, 30:] = 200
    >>> seen = inspect_edges(image)
    >>> [int(np.count_nonzero(lines[20])) for lines in (seen.strong, seen.weak, seen.lines)]
    [1, 0, 1]
    """
    grey = extract_channel(image, "grey")
    blurred = blur(grey.astype(np.float32), sigma)
    across, down = differentiate(blurred, "canny")
    gradient = measure_gradient(across, down)
    upper = find_threshold(gradient, high)
    lower = low * upper
    strong = find_ridges(across, down, upper, upper)
    lines = find_ridges(across, down, lower, upper)
    levels = round_levels(blurred)
    labels = regions_from_edges(lines, levels, gap, min_area)
    return EdgeStages(
        grey=grey,
        blurred=levels,
        across=across,
        down=down,
        gradient=gradient,
        ridges=find_ridges(across, down, 0, 0),
        strong=strong,
        weak=find_ridges(across, down, lower, lower) & ~strong,
        lines=lines,
        seeds=find_seeds(lines, gap),
        low=lower,
        high=upper,
        labels=labels,
        classes=segments(int(labels.max()) + 1),
    )
