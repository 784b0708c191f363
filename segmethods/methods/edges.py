"""Edges: find the lines where brightness changes fast, then the regions that these lines enclose.

Blur against noise, differentiate, keep only the ridges of the gradient (non-maximum suppression), keep only strong
ones: that is Canny's recipe. The other detectors differ in the kernel that differentiates, and in having one
threshold where Canny has two. The Laplacian of Gaussian looks for the zero crossings of the second derivative, and
keeps those where the first one is strong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, cast

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import strips
from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Labels, Segmentation, Trace, segments
from segmethods.methods._background import Background, BackgroundSize, IsDark, remove_background
from segmethods.methods._channels import extract_channel, shrink

Plane = NDArray[np.float32]
Lines = NDArray[np.bool_]
Markers = NDArray[np.int32]

KERNELS = {
    "canny": ([-1, 0, 1], [1, 2, 1]),
    "sobel": ([-1, 0, 1], [1, 2, 1]),
    "scharr": ([-1, 0, 1], [3, 10, 3]),
    "prewitt": ([-1, 0, 1], [1, 1, 1]),
    "roberts": ([-1, 1], [1, 1]),
    "log": ([-1, 0, 1], [1, 2, 1]),
}
"""Difference along one axis, weights along the other. Roberts' diagonal differences, turned to rows and columns."""

NAMES = {
    "canny": "Canny",
    "sobel": "Sobel",
    "scharr": "Scharr",
    "prewitt": "Prewitt",
    "roberts": "Roberts",
    "log": "Laplacian of Gaussian",
}
FIXED_POINT = 64  # OpenCV's Canny takes derivatives as int16
FAINT = 0.02  # of the largest gradient: below it a difference is rounding, not an edge
MOST_REGIONS = 65_535


Sigma = Annotated[float, Range(0, 8, 0.25), About("Blur (σ)", "In pixels; raising it removes fine detail and noise.")]
High = Annotated[
    float,
    Range(0, 1, 0.01),
    About("Edge strength", "The share of pixels that change too little to be an edge; raising it leaves fewer edges."),
]
LOW_HELP = (
    "How strong a line must be, as a share of the edge strength, to go on where a strong one began; "
    "raising it breaks lines."
)
Gap = Annotated[
    int,
    Range(0, 20),
    About("Close gaps", "Gaps in a line up to this many pixels don't let regions run together."),
]
MinArea = Annotated[
    int, Range(0, 5000, 10), About("Smallest region", "Regions with fewer pixels than this join a neighbour.")
]


@dataclass(frozen=True, eq=False)
class EdgesTrace(Trace):
    """How fast brightness changes, and which lines that makes.

    Parameters
    ----------
    gradient : ndarray, float32, shape (h, w)
        At most 512 wide and high, in levels per pixel.
    low, high : float
        The thresholds, in levels per pixel.
    """

    gradient: Plane
    low: float
    high: float


@method(
    "edges",
    title="Edges",
    family="classical",
    source="Canny 1986; Roberts 1963; Prewitt 1970; Sobel & Feldman 1968; Scharr 2000; Marr & Hildreth 1980; "
    "Meyer 1992 (watershed)",
    colour="#f0e442",
    needs=("cv2",),
)
def edges(
    image: Image,
    *,
    detector: Annotated[
        Literal["canny", "sobel", "scharr", "prewitt", "roberts", "log"],
        About("Detector", "How the change of brightness is measured.", NAMES),
    ] = "canny",
    sigma: Sigma = 1.5,
    high: High = 0.9,
    low: Annotated[float, Range(0, 1, 0.05), About("Weak edges", LOW_HELP, when={"detector": ("canny",)})] = 0.4,
    gap: Gap = 6,
    min_area: MinArea = 100,
    background: Background = "none",
    background_size: BackgroundSize = 51,
    invert: IsDark = False,
) -> Segmentation:
    """Finds the lines where brightness changes fast, and the regions that they enclose.

    Non-maximum suppression and hysteresis are OpenCV's Canny with the true (L2) norm, on derivatives of an image in
    floating point; scikit-image's Canny gives slightly other lines. Regions grow from the places that no line comes
    near, by OpenCV's watershed, which floods in the order of the differences between neighbouring pixels. They are
    numbered from the largest to the smallest. A constant image has no edges and is one region.

    The trace is an `EdgesTrace`.
    """
    with stage("prepare"):
        grey = remove_background(extract_channel(image, "grey"), background, background_size, invert)
        blurred = blur(grey.astype(np.float32), sigma)
        del grey  # of a photo of 24 megapixels each of these takes up to 0.1 GB
    with stage("infer"):
        across, down = differentiate(blurred, detector)
        gradient = measure_gradient(across, down)
        strong = find_threshold(gradient, high)
        weak = low * strong if detector == "canny" else strong
        trace, is_steep = EdgesTrace(shrink(gradient), low=weak, high=strong), gradient > strong
        del gradient
        if detector == "log":
            lines = find_zero_crossings(blurred) & is_steep
        else:
            lines = find_ridges(across, down, weak, strong)
        del across, down, is_steep
        levels = round_levels(blurred)
        del blurred
    with stage("finish"):
        labels = regions_from_edges(lines, levels, gap, min_area)
    return Segmentation(labels, segments(int(labels.max()) + 1), boundaries=lines, trace=trace)


def blur(plane: Plane, sigma: float) -> Plane:
    """A plane under a Gaussian of `sigma` pixels: ``float32 (H, W)``."""
    import cv2

    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32) if sigma > 0 else plane


def find_threshold(gradient: Plane, high: float) -> float:
    """The gradient, in levels per pixel, that a share of the pixels stays below, and at least what isn't rounding."""
    place = high * (gradient.size - 1)
    below = int(place)
    parted = np.partition(gradient, below, axis=None)  # np.quantile parts at four places: four times as long
    neighbours = np.array([parted[below], parted[below + 1 :].min(initial=parted[-1])])
    return float(max(np.quantile(neighbours, place - below), FAINT * gradient.max(), FAINT))


def differentiate(plane: Plane, detector: str) -> tuple[Plane, Plane]:
    """Change across and down at every pixel, in levels per pixel: two ``float32 (H, W)``."""
    import cv2

    difference, weights = (np.array(part, np.float32) for part in KERNELS[detector])
    difference /= np.ptp(np.flatnonzero(difference))
    weights /= weights.sum()
    across = cv2.sepFilter2D(plane, cv2.CV_32F, difference, weights, borderType=cv2.BORDER_REPLICATE)
    down = cv2.sepFilter2D(plane, cv2.CV_32F, weights, difference, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def measure_gradient(across: Plane, down: Plane) -> Plane:
    """How steep brightness is at every pixel, whichever way: ``float32 (H, W)``.

    Not by OpenCV's ``magnitude``, whose last bit depends on where in memory its answer lies.
    """
    squares = across * across
    squares += down * down
    return np.asarray(np.sqrt(squares, out=squares), np.float32)


def find_ridges(across: Plane, down: Plane, low: float, high: float) -> Lines:
    """Ridges of the gradient above `high`, and those above `low` that are connected with them: ``bool (H, W)``."""
    import cv2

    dx, dy = (cv2.addWeighted(part, FIXED_POINT, part, 0, 0, dtype=cv2.CV_16S) for part in (across, down))
    return np.asarray(cv2.Canny(dx, dy, low * FIXED_POINT, high * FIXED_POINT, L2gradient=True)) > 0


def find_zero_crossings(plane: Plane) -> Lines:
    """Where the Laplacian changes its sign to the right or downwards: ``bool (H, W)``."""
    import cv2

    rises = np.asarray(cv2.Laplacian(plane, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)) > 0
    crossings = np.zeros_like(rises)
    crossings[:, :-1] |= rises[:, :-1] != rises[:, 1:]
    crossings[:-1] |= rises[:-1] != rises[1:]
    return crossings


def round_levels(plane: Plane) -> NDArray[np.uint8]:
    """Brightness of 0 to 255 in whole levels."""
    import cv2

    return np.asarray(cv2.convertScaleAbs(plane), np.uint8)


def regions_from_edges(lines: Lines, levels: NDArray[np.uint8], gap: int, min_area: int) -> Labels:
    """The regions that lines enclose, from the largest to the smallest.

    Parameters
    ----------
    lines : ndarray of bool, shape (H, W)
        Edges.
    levels : ndarray, uint8, shape (H, W)
        Brightness: the pixels near lines join the region from which they differ least.
    gap : int
        Gaps in the lines, in pixels, that regions don't pass.
    min_area : int
        Regions with fewer pixels than this join a neighbour.

    Returns
    -------
    ndarray, uint8 or uint16, shape (H, W)
        uint16 for more than 255 regions; there are at most 65,535.
    """
    import cv2

    framed = cv2.copyMakeBorder(levels, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    colours = np.asarray(cv2.merge([framed] * 3), np.uint8)  # three equal channels, which the watershed asks for
    seeds = np.pad(find_seeds(lines, gap), 1)
    regions = _flood(seeds.copy(), colours)
    areas = _count_pixels(regions)
    keep = np.argsort(-areas, kind="stable")[:MOST_REGIONS]
    keep = np.sort(keep[areas[keep] >= max(min(min_area, areas.max()), 1)])
    if len(keep) < np.count_nonzero(areas):
        kept = np.zeros(len(areas), np.int32)
        kept[keep] = np.arange(1, len(keep) + 1)
        del regions
        for rows in strips(*seeds.shape):
            seeds[rows] = kept.take(seeds[rows])
        regions = _flood(seeds, colours)
        areas = _count_pixels(regions)
    rank = np.zeros(256, np.uint8) if len(keep) <= 255 else np.zeros(65_536, np.uint16)
    rank[np.argsort(-areas, kind="stable")[: len(keep)]] = np.arange(len(keep))
    return cast(Labels, cv2.LUT(regions[1:-1, 1:-1].astype(rank.dtype), rank))


def find_seeds(lines: Lines, gap: int) -> Markers:
    """The places that no line comes near, numbered from 1; 0 is everywhere else. ``int32 (H, W)``."""
    import cv2

    down, across = np.ogrid[-(gap // 2) : gap // 2 + 1, -(gap // 2) : gap // 2 + 1]
    disc = (down * down + across * across <= (gap / 2) ** 2).astype(np.uint8)
    near = cv2.dilate(lines.astype(np.uint8), disc, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    seeds = cv2.connectedComponents(1 - near, connectivity=4)[1]
    return np.asarray(seeds, np.int32)


def _flood(markers: Markers, colours: NDArray[np.uint8]) -> Markers:
    """Markers grown by OpenCV's watershed until they meet; without any marker, one region.

    All has a rim of one pixel, which belongs to nobody. The watershed leaves seams between regions, which join a
    neighbour.
    """
    import cv2

    if markers.any():
        markers = np.asarray(cv2.watershed(colours, markers), np.int32)
    else:
        markers[:] = 1
    markers[[0, -1]] = markers[:, [0, -1]] = 0
    regions, width = markers.ravel(), markers.shape[1]
    row, column = np.divmod(np.flatnonzero(markers[1:-1, 1:-1] < 1), width - 2)
    seams = (row + 1) * width + column + 1
    while len(seams):
        regions[seams] = np.max([regions[seams + step] for step in (-width, -1, 1, width)], axis=0)
        seams = seams[regions[seams] < 1]
    return markers


def _count_pixels(regions: Markers) -> NDArray[np.int64]:
    """The pixels of each region, by its number; those of 0 don't count."""
    areas = np.zeros(int(regions.max()) + 1, np.int64)
    for rows in strips(*regions.shape):
        np.add.at(areas, regions[rows].ravel().astype(np.intp), 1)
    areas[0] = 0
    return areas
