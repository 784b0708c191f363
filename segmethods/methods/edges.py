"""Edges: find the lines where brightness changes fast, then the regions that these lines enclose.

Blur against noise, differentiate, keep only the ridges of the gradient (non-maximum suppression), keep only strong
ones: that is Canny's recipe. The other detectors differ in the kernel that differentiates, and in having one
threshold where Canny has two. The Laplacian of Gaussian looks for the zero crossings of the second derivative, and
keeps those where the first one is strong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Labels, Segmentation, Trace, segments
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
    ridges : ndarray of bool, shape (h, w)
        The lines before any threshold.
    low, high : float
        The thresholds, in levels per pixel.
    """

    gradient: Plane
    ridges: Lines
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
) -> Segmentation:
    """Finds the lines where brightness changes fast, and the regions that they enclose.

    Non-maximum suppression and hysteresis are OpenCV's Canny with the true (L2) norm, on derivatives of an image in
    floating point; scikit-image's Canny gives slightly other lines. Regions grow from the places that no line comes
    near, by OpenCV's watershed, which floods in the order of the differences between neighbouring pixels. They are
    numbered from the largest to the smallest. A constant image has no edges and is one region.

    The trace is an `EdgesTrace`.
    """
    with stage("prepare"):
        blurred = blur(extract_channel(image, "grey").astype(np.float32), sigma)
    with stage("infer"):
        across, down = differentiate(blurred, detector)
        gradient = np.hypot(across, down)
        strong = find_threshold(gradient, high)
        weak = low * strong if detector == "canny" else strong
        if detector == "log":
            ridges = find_zero_crossings(blurred)
            lines = ridges & (gradient > strong)
        else:
            ridges = find_ridges(across, down, 0, 0)
            lines = find_ridges(across, down, weak, strong)
    with stage("finish"):
        labels = regions_from_edges(lines, blurred, gap, min_area)
    trace = EdgesTrace(shrink(gradient), shrink(ridges.astype(np.float32)) > 0, low=weak, high=strong)
    return Segmentation(labels, segments(int(labels.max()) + 1), boundaries=lines, trace=trace)


def blur(plane: Plane, sigma: float) -> Plane:
    """A plane under a Gaussian of `sigma` pixels: ``float32 (H, W)``."""
    import cv2

    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32) if sigma > 0 else plane


def find_threshold(gradient: Plane, high: float) -> float:
    """The gradient, in levels per pixel, that a share of the pixels stays below, and at least what isn't rounding."""
    return float(max(np.quantile(gradient, high), FAINT * gradient.max(), FAINT))


def differentiate(plane: Plane, detector: str) -> tuple[Plane, Plane]:
    """Change across and down at every pixel, in levels per pixel: two ``float32 (H, W)``."""
    import cv2

    difference, weights = (np.array(part, np.float32) for part in KERNELS[detector])
    difference /= np.ptp(np.flatnonzero(difference))
    weights /= weights.sum()
    across = cv2.sepFilter2D(plane, cv2.CV_32F, difference, weights, borderType=cv2.BORDER_REPLICATE)
    down = cv2.sepFilter2D(plane, cv2.CV_32F, weights, difference, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def find_ridges(across: Plane, down: Plane, low: float, high: float) -> Lines:
    """Ridges of the gradient above `high`, and those above `low` that are connected with them: ``bool (H, W)``."""
    import cv2

    dx, dy = ((part * FIXED_POINT).round().astype(np.int16) for part in (across, down))
    return np.asarray(cv2.Canny(dx, dy, low * FIXED_POINT, high * FIXED_POINT, L2gradient=True)) > 0


def find_zero_crossings(plane: Plane) -> Lines:
    """Where the Laplacian changes its sign to the right or downwards: ``bool (H, W)``."""
    import cv2

    rises = np.asarray(cv2.Laplacian(plane, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)) > 0
    crossings = np.zeros_like(rises)
    crossings[:, :-1] |= rises[:, :-1] != rises[:, 1:]
    crossings[:-1] |= rises[:-1] != rises[1:]
    return crossings


def regions_from_edges(lines: Lines, plane: Plane, gap: int, min_area: int) -> Labels:
    """The regions that lines enclose, from the largest to the smallest.

    Parameters
    ----------
    lines : ndarray of bool, shape (H, W)
        Edges.
    plane : ndarray, float32, shape (H, W)
        Brightness, 0 to 255: the pixels near lines join the region from which they differ least.
    gap : int
        Gaps in the lines, in pixels, that regions don't pass.
    min_area : int
        Regions with fewer pixels than this join a neighbour.

    Returns
    -------
    ndarray, uint8 or uint16, shape (H, W)
        uint16 for more than 255 regions; there are at most 65,535.
    """
    markers = find_seeds(lines, gap)
    regions = _flood(markers, plane)
    areas = np.bincount(regions.ravel())
    areas[0] = 0
    keep = np.argsort(-areas, kind="stable")[:MOST_REGIONS]
    keep = keep[areas[keep] >= min(min_area, areas.max())]
    if len(keep) < np.count_nonzero(areas):
        regions = _flood(np.where(np.isin(np.arange(len(areas)), keep), np.arange(len(areas)), 0)[markers], plane)
    return _by_area(regions)


def find_seeds(lines: Lines, gap: int) -> Markers:
    """The places that no line comes near, numbered from 1; 0 is everywhere else. ``int32 (H, W)``."""
    import cv2

    distance = cv2.distanceTransform(np.pad(~lines, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    seeds = cv2.connectedComponents((distance > gap / 2).astype(np.uint8), connectivity=4)[1]
    return np.asarray(seeds, np.int32)


def _flood(markers: NDArray[np.integer], plane: Plane) -> Markers:
    """Markers grown by OpenCV's watershed until they meet; without any marker, one region.

    The watershed leaves seams of -1 between regions and around the image; the former join a neighbour.
    """
    import cv2

    if not markers.any():
        return np.ones(markers.shape, np.int32)
    plane8 = np.pad(plane, 1, mode="edge").round().clip(0, 255).astype(np.uint8)
    regions = np.asarray(cv2.watershed(cv2.merge([plane8] * 3), np.pad(markers, 1).astype(np.int32)), np.int32)
    while len(seams := np.argwhere(regions[1:-1, 1:-1] < 1) + 1):
        row, column = seams.T
        around = regions[[row - 1, row + 1, row, row], [column, column, column - 1, column + 1]]
        regions[row, column] = around.max(axis=0)
    return regions[1:-1, 1:-1]


def _by_area(regions: Markers) -> Labels:
    """Region numbers from 0 without holes, the largest region first."""
    areas = np.bincount(regions.ravel())
    count = np.count_nonzero(areas)
    rank = np.zeros(len(areas), np.int64)
    rank[np.argsort(-areas, kind="stable")[:count]] = np.arange(count)
    return rank.astype(np.uint8)[regions] if count <= 255 else rank.astype(np.uint16)[regions]
