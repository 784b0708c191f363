"""Thresholding: a pixel brighter than a level is object, every other one is background.

The global algorithms look at the histogram alone, 256 numbers, and differ in what they call a good level. The local
ones give every pixel a level of its own, from the window around it, and so see past uneven light.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import BINARY, Image, Segmentation, Trace
from segmethods.methods._channels import CHANNELS, Channel, count_levels, extract_channel, shrink

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
Counts = NDArray[np.int64]
Plane = NDArray[np.uint8]
Levels = NDArray[np.float32]

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
    invert: Annotated[bool, About("Object is darker", "The darker pixels become the object.")] = False,
    fill_holes: Annotated[bool, About("Fill holes", "Background that an object encloses joins the object.")] = False,
    min_area: Annotated[
        int, Range(0, 5000, 10), About("Smallest object", "Objects with fewer pixels than this become background.")
    ] = 0,
) -> Segmentation:
    """Splits the picture into background and object at a level of brightness, or of any other channel.

    An even `block` counts as the next odd one. An image whose channel has one value everywhere has no level, global
    or local, except a fixed one.

    The trace is a `ThresholdTrace`.

    Raises
    ------
    MethodError
        If the algorithm finds no level.
    """
    with stage("prepare"):
        plane = extract_channel(image, channel)
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
        labels = (bright ^ invert).astype(np.uint8)
        if fill_holes:
            labels = _fill_holes(labels)
        if min_area > 1:
            labels = _remove_small(labels, min_area)
    return Segmentation(labels, BINARY, trace=trace)


def between_class_variance(counts: Counts) -> NDArray[np.float64]:
    """Otsu's criterion for every level: variance between the pixels up to it and those above, in levels squared."""
    share = counts / counts.sum()
    below = share.cumsum()
    mass = (share * np.arange(256)).cumsum()
    spread = below * (1 - below)
    product = (mass[-1] * below - mass) ** 2
    variance: NDArray[np.float64] = np.divide(product, spread, out=np.zeros(256), where=spread > 1e-12)
    return variance


def otsu(counts: Counts) -> float:
    """The level that leaves most variance between the two groups, and with that least within them."""
    return float(between_class_variance(counts).argmax())


def triangle(counts: Counts) -> float:
    """The level farthest from the line between the histogram's peak and the end of its longer tail."""
    first, last = np.flatnonzero(counts)[[0, -1]]
    peak = int(counts.argmax())
    end = first if peak - first > last - peak else last
    levels = np.arange(min(peak, end), max(peak, end) + 1)
    (left, height), (right, depth) = sorted([(peak, counts[peak]), (end, counts[end])])
    line = height + (levels - left) * (depth - height) / max(right - left, 1)
    return float(levels[(line - counts[levels]).argmax()])


def li(counts: Counts) -> float:
    """The level that loses least information (cross entropy) when both groups are replaced by their means."""
    levels = np.arange(256.0) - np.flatnonzero(counts)[0]  # the logarithm needs means that start at zero
    level, before = (levels * counts).sum() / counts.sum(), -1.0
    while abs(level - before) > 0.25:
        low, high = _means_around(counts, levels, level)
        if low <= 0:
            break
        level, before = (high - low) / np.log(high / low), level
    return float(level - levels[0])


def yen(counts: Counts) -> float:
    """The level at which the two groups' correlation entropies are largest together."""
    share = counts / counts.sum()
    below, squares = share.cumsum(), (share**2).cumsum()
    product = squares[:-1] * (squares[-1] - squares[:-1])
    mixed = below[:-1] * (1 - below[:-1])
    fine = (product > 1e-300) & (mixed > 1e-12)
    criterion = np.full(255, -np.inf)
    criterion[fine] = 2 * np.log(mixed[fine]) - np.log(product[fine])
    return float(criterion.argmax())


def isodata(counts: Counts) -> float:
    """The lowest level that lies half-way between the means of the two groups that it makes."""
    levels = np.arange(256.0)
    first, last = np.flatnonzero(counts)[[0, -1]]
    return next(float(t) for t in range(first, last) if 0 <= sum(_means_around(counts, levels, t)) / 2 - t < 1)


def minimum(counts: Counts) -> float:
    """The valley between the two peaks that stay when the histogram is smoothed until it has only two."""
    first, last = np.flatnonzero(counts)[[0, -1]]
    smooth = counts[first : last + 1].astype(np.float64)
    for _ in range(10_000):
        padded = np.pad(smooth, 1, mode="edge")
        smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
        peaks = _peaks(smooth)
        if len(peaks) < 3:
            break
    if len(peaks) != 2:
        raise MethodError(
            "Smoothing the histogram didn't leave two peaks, so there is no valley between them. Try Otsu or Triangle."
        )
    return float(first + peaks[0] + smooth[peaks[0] : peaks[1] + 1].argmin())


def mean(counts: Counts) -> float:
    """The mean of all pixels."""
    return float((counts * np.arange(256)).sum() / counts.sum())


GLOBAL: dict[str, Callable[[Counts], float]] = {
    "otsu": otsu,
    "triangle": triangle,
    "li": li,
    "yen": yen,
    "isodata": isodata,
    "minimum": minimum,
    "mean": mean,
}


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
        blurred = cv2.GaussianBlur(plane.astype(np.float32), (block, block), sigma, borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred - offset, np.float32).round(2)
    area, window = block**2, (block, block)
    total = cv2.boxFilter(plane, cv2.CV_64F, window, normalize=False, borderType=cv2.BORDER_REFLECT)
    average = total / area
    if algorithm == "adaptive_mean":
        return np.asarray(average - offset, np.float32)
    squares = cv2.sqrBoxFilter(plane, cv2.CV_64F, window, normalize=False, borderType=cv2.BORDER_REFLECT)
    deviation = np.sqrt(np.maximum(squares / area - average**2, 0))
    if algorithm == "sauvola":
        return np.asarray(average * (1 - k * (1 - deviation / 128)), np.float32)
    return np.asarray(average - k * deviation, np.float32)


def _means_around(counts: Counts, levels: NDArray[np.floating], level: float) -> tuple[float, float]:
    """Means of the pixels up to a level and of those above it."""
    low = levels <= level
    return (
        float((counts * levels)[low].sum() / counts[low].sum()),
        float((counts * levels)[~low].sum() / counts[~low].sum()),
    )


def _peaks(curve: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where a curve stops rising and falls; a flat top counts once, where it begins."""
    slope = np.sign(np.diff(curve, prepend=-1.0, append=-1.0))
    moves = np.flatnonzero(slope)
    turns = (slope[moves[:-1]] > 0) & (slope[moves[1:]] < 0)
    return moves[:-1][turns]


def _fill_holes(labels: Plane) -> Plane:
    """Background that doesn't reach the image's edge becomes object."""
    import cv2

    _, islands = cv2.connectedComponents(np.pad(1 - labels, 1, constant_values=1), connectivity=4)
    return np.asarray(islands[1:-1, 1:-1] != islands[0, 0], np.uint8)


def _remove_small(labels: Plane, min_area: int) -> Plane:
    """Objects (8-connected) of fewer than `min_area` pixels become background."""
    import cv2

    _, objects, stats, _ = cv2.connectedComponentsWithStats(labels, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= min_area
    large[0] = False
    return np.asarray(large[objects], np.uint8)
