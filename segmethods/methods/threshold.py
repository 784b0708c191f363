"""Thresholding: a pixel brighter than a level is object, every other one is background.

The global algorithms look at the histogram alone, 256 numbers, and differ in what they call a good level. The local
ones give every pixel a level of its own, from the window around it, and so see past uneven light.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import BINARY, Image, Segmentation, Trace
from segmethods.methods._background import Background, BackgroundSize, keep_sizes, remove_background
from segmethods.methods._channels import CHANNELS, Channel, count_levels, extract_channel, shrink
from segmethods.methods._levels import GLOBAL, Counts, between_class_variance

Algorithm = Literal[
    "fixed",
    "otsu",
    "triangle",
    "li",
    "yen",
    "isodata",
    "minimum",
    "mean",
    "adaptive_mean",
    "adaptive_gaussian",
    "sauvola",
    "niblack",
]
Plane = NDArray[np.uint8]
Levels = NDArray[np.float32]

STRIP = 1 << 16
"""Pixels that are computed at a time, so that they stay in the cache."""

LOCAL = ("adaptive_mean", "adaptive_gaussian", "sauvola", "niblack")
NAMES = {
    "fixed": "Fixed level",
    "otsu": "Otsu",
    "triangle": "Triangle",
    "li": "Li",
    "yen": "Yen",
    "isodata": "Isodata",
    "minimum": "Minimum",
    "mean": "Mean",
    "adaptive_mean": "Adaptive mean",
    "adaptive_gaussian": "Adaptive Gaussian",
    "sauvola": "Sauvola",
    "niblack": "Niblack",
}


@dataclass(frozen=True, eq=False)
class ThresholdTrace(Trace):
    """The histogram, and the level or the levels that were found.

    Parameters
    ----------
    histogram : ndarray, int64, shape (256,)
        Pixels by level of the channel.
    level : float, optional
        0 to 255; for global algorithms.
    level_map : ndarray, float32, shape (h, w), optional
        At most 512 wide and high; for local algorithms.
    between_class_variance : ndarray, float64, shape (256,), optional
        For Otsu: entry t is the variance between the pixels up to t and those above.
    """

    histogram: Counts
    level: float | None = None
    level_map: Levels | None = None
    between_class_variance: NDArray[np.float64] | None = None


@method(
    "threshold",
    title="Threshold",
    family="classical",
    source="Otsu 1979; Zack 1977; Li & Tam 1998; Yen 1995; Ridler & Calvard 1978; Prewitt & Mendelsohn 1966; "
    "Sauvola & Pietikäinen 2000; Niblack 1986",
    colour="#e69f00",
    needs=("cv2",),
)
def threshold(
    image: Image,
    *,
    algorithm: Annotated[
        Algorithm, About("Algorithm", "How the level is found; the last four find one for every pixel.", NAMES)
    ] = "otsu",
    channel: Annotated[
        Channel, About("Channel", "The quantity that is compared with the level.", options=CHANNELS)
    ] = "grey",
    level: Annotated[
        int,
        Range(0, 255),
        About("Level", "Raising it leaves only brighter pixels in the object.", when={"algorithm": ("fixed",)}),
    ] = 128,
    block: Annotated[
        int,
        Range(3, 255, 2),
        About(
            "Window",
            "Side of the window around a pixel; a larger one follows changes of light less closely.",
            when={"algorithm": LOCAL},
        ),
    ] = 51,
    offset: Annotated[
        int,
        Range(-50, 50),
        About(
            "Offset",
            "How far the level lies below the window's mean; raising it adds darker pixels to the object.",
            when={"algorithm": ("adaptive_mean", "adaptive_gaussian")},
        ),
    ] = 5,
    k: Annotated[
        float,
        Range(-1, 1, 0.05),
        About(
            "Sensitivity (k)",
            "How far the level drops below the window's mean, depending on its contrast; raising it adds darker "
            "pixels.",
            when={"algorithm": ("sauvola", "niblack")},
        ),
    ] = 0.2,
    background: Background = "none",
    background_size: BackgroundSize = 51,
    invert: Annotated[bool, About("Object is darker", "The darker pixels become the object.")] = False,
    fill_holes: Annotated[bool, About("Fill holes", "Background that an object encloses joins the object.")] = False,
    min_area: Annotated[
        int, Range(0, 5000, 10), About("Smallest object", "Objects with fewer pixels than this become background.")
    ] = 0,
    max_area: Annotated[
        int,
        Range(0, 100_000, 100),
        About("Largest object", "Objects with more pixels than this become background; 0 is no limit."),
    ] = 0,
) -> Segmentation:
    """Splits the picture into background and object at a level of brightness, or of any other channel.

    An even `block` counts as the next odd one. With the background removed, the quantity is by how much a pixel is
    brighter, or with `invert` darker, than its surroundings. An image whose channel has one value everywhere has no
    level, global or local, except a fixed one.

    The trace is a `ThresholdTrace`.

    Raises
    ------
    MethodError
        If the algorithm finds no level.
    """
    with stage("prepare"):
        plane = remove_background(extract_channel(image, channel), background, background_size, invert)
        counts = count_levels(plane)
    with stage("infer"):
        if algorithm != "fixed" and np.count_nonzero(counts) < 2:
            raise MethodError(
                "Every pixel has the same value ({value}) in this channel, so no level separates two groups. "
                "Try another channel or a fixed level.",
                value=int(counts.argmax()),
            )
        if algorithm in LOCAL:
            levels = find_local_levels(plane, algorithm, block | 1, offset, k)
            trace = ThresholdTrace(counts, level_map=shrink(levels))
            bright = plane > levels
        else:
            found = float(level) if algorithm == "fixed" else GLOBAL[algorithm](counts)
            variance = between_class_variance(counts) if algorithm == "otsu" else None
            trace = ThresholdTrace(counts, level=found, between_class_variance=variance)
            bright = plane > found
    with stage("finish"):
        is_object = bright if background != "none" else bright ^ invert
        labels = is_object.astype(np.uint8)
        if fill_holes:
            labels = _fill_holes(labels)
        labels = keep_sizes(labels, min_area, max_area)
    return Segmentation(labels, BINARY, trace=trace)


def find_local_levels(plane: Plane, algorithm: str, block: int, offset: float, k: float) -> Levels:
    """A level for every pixel, from the ``block`` × ``block`` window around it (mirrored at the image's edge).

    With the window's mean m and standard deviation s: adaptive ``m - offset``; Sauvola ``m (1 - k (1 - s / 128))``;
    Niblack ``m - k s``.

    Returns
    -------
    ndarray, float32, shape (H, W)
        Levels of 0 to 255, or a little outside.
    """
    import cv2

    if algorithm == "adaptive_gaussian":
        sigma = (block - 1) / 6
        kernel = cv2.getGaussianKernel(block, sigma, cv2.CV_32F)
        levels = np.empty(plane.shape, np.float32)
        cv2.sepFilter2D(plane, cv2.CV_32F, kernel, kernel, levels, delta=-offset, borderType=cv2.BORDER_REFLECT)
        return levels.round(2, out=levels)
    depth = cv2.CV_32S if block**2 * 255**2 < 1 << 31 else cv2.CV_64F  # sums are exact in either
    window, share = (block, block), 1 / block**2
    if algorithm == "adaptive_mean":
        total = cv2.boxFilter(plane, depth, window, normalize=False, borderType=cv2.BORDER_REFLECT)
        return np.asarray(total * share - offset, np.float32)
    margin = block // 2
    mirrored = cv2.copyMakeBorder(plane, margin, margin, 0, 0, cv2.BORDER_REFLECT)
    levels = np.empty(plane.shape, np.float32)
    rows = max(2 * block, STRIP // plane.shape[1])
    means, variances = np.empty((2, min(rows, len(plane)), plane.shape[1]))
    for start in range(0, len(plane), rows):
        level = levels[start : start + rows]
        part = mirrored[start : start + len(level) + 2 * margin]
        mean, variance = means[: len(level)], variances[: len(level)]
        for box, into in ((cv2.boxFilter, mean), (cv2.sqrBoxFilter, variance)):
            total = box(part, depth, window, normalize=False, borderType=cv2.BORDER_REFLECT)
            np.multiply(total[margin : margin + len(level)], share, out=into)
        np.copyto(level, mean, casting="same_kind")
        variance -= np.square(mean, out=mean)
        deviation = np.maximum(variance, 0, out=variance).astype(np.float32)
        np.sqrt(deviation, out=deviation)
        if algorithm == "sauvola":
            deviation *= k / 128
            deviation += 1 - k
            level *= deviation
        else:
            level -= k * deviation
    return levels


def _fill_holes(labels: Plane) -> Plane:
    """Background that doesn't reach the image's edge becomes object."""
    import cv2

    _, islands = cv2.connectedComponents(np.pad(1 - labels, 1, constant_values=1), connectivity=4)
    return np.asarray(islands[1:-1, 1:-1] != islands[0, 0], np.uint8)
