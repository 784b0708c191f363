"""k-means: every pixel joins the nearest of k colours, every colour moves to the mean of its pixels, and again.

A photograph has some hundred thousand colours, many of them alike. So the colours are first counted on a grid of 64
steps a channel, and the groups are sought among a few thousand weighted points instead of all pixels. Where the place
of a pixel counts too, points are pixels, and a sample of them is enough to find the groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Segmentation, Trace, segments

Space = Literal["rgb", "lab", "hsv"]
Points = NDArray[np.float64]
Colours = NDArray[np.uint8]

SPACES = {"rgb": "RGB", "lab": "L*a*b*", "hsv": "HSV"}
BITS = 6
EXACT_BELOW = 4096
SAMPLE = 40_000
CANDIDATES = 6
POSITION_SCALE = 2.0  # at full weight, the image's longer side counts twice the way from black to white
TOLERANCE = 1e-5
ROUNDS = 50


@dataclass(frozen=True, eq=False)
class KMeansTrace(Trace):
    """The way of the centroids; round 0 is the start, the last one the result.

    Parameters
    ----------
    centroids : ndarray, float64, shape (rounds + 1, n, d)
        In the colour space's own units (see `to_space`), then weighted row and column.
    colours : ndarray, uint8, shape (rounds + 1, n, 3)
        The centroids' RGB.
    inertia : ndarray, float64, shape (rounds + 1,)
        The mean squared distance to the nearest centroid.
    """

    centroids: Points
    colours: Colours
    inertia: NDArray[np.float64]

    @property
    def rounds(self) -> int:
        """How many rounds there were after the start."""
        return len(self.inertia) - 1


@method(
    "kmeans",
    title="K-means",
    family="classical",
    source="MacQueen 1967; Lloyd 1982; Arthur & Vassilvitskii 2007",
    colour="#56b4e9",
    needs=("cv2",),
)
def kmeans(
    image: Image,
    *,
    k: Annotated[int, Range(2, 12), About("Colour groups (k)", "More groups cut the picture into finer colours.")] = 4,
    space: Annotated[
        Space, About("Colour space", "Which colours count as alike: L*a*b* follows the eye, HSV the hue.", SPACES)
    ] = "lab",
    position: Annotated[
        float, Range(0, 1, 0.05), About("Weight of position", "Raising it makes groups compact: near pixels join.")
    ] = 0.0,
    rounds: Annotated[
        int, Range(0, 100), About("Rounds at most", "With few rounds the groups stay near where they started.")
    ] = ROUNDS,
    seed: Annotated[int, Range(0, 9999), About("Seed", "Another seed starts from other colours.")] = 0,
) -> Segmentation:
    """Groups pixels whose colours are alike, and if wished near each other.

    Segments are ordered from dark to light. An image with fewer than k different colours gives as many segments as
    it has colours.

    The trace is a `KMeansTrace`.
    """
    rng = np.random.default_rng(seed)
    with stage("prepare"):
        if position == 0:
            colours, counts, cells = count_colours(image)
            points = to_space(colours, space)
        else:
            sample = _sample(image.shape[0] * image.shape[1], rng)
            points, counts = _with_position(image, sample, space, position), np.ones(len(sample), np.int64)
    with stage("infer"):
        path, inertia = cluster(points, counts, k, rounds, rng)
        centroids = path[-1]
        if position == 0:
            nearest = assign(points, centroids)[0][cells]
        else:
            strips = np.array_split(np.arange(image.size // 3), image.size // 3_000_000 + 1)
            nearest = np.concatenate([assign(_with_position(image, s, space, position), centroids)[0] for s in strips])
    with stage("finish"):
        used = np.flatnonzero(np.bincount(nearest))
        palette = to_rgb(path[..., :3], space)
        grey = palette[-1, used].astype(np.int64) @ np.array([299, 587, 114])
        used = used[np.lexsort((*palette[-1, used].T, grey))]
        rank = np.zeros(len(centroids), np.uint8)
        rank[used] = np.arange(len(used))
        labels = rank[nearest].reshape(image.shape[:2])
    trace = KMeansTrace(path[:, used], palette[:, used], inertia)
    return Segmentation(labels, segments(len(used)), trace=trace)


def final_inertias(image: Image, ks: Iterable[int], space: Space = "lab", seed: int = 0) -> list[float]:
    """The last inertia of `kmeans` for several numbers of groups, with the colours of the image counted only once.

    Examples
    --------
    >>> stripes = np.repeat(np.uint8([[[0, 0, 0], [90, 0, 0], [255, 255, 255]]]), 2, axis=0)
    >>> [round(value, 3) for value in final_inertias(stripes, [2, 3], "rgb")]
    [0.021, 0.0]
    """
    colours, counts, _ = count_colours(image)
    points = to_space(colours, space)
    found = (cluster(points, counts, k, ROUNDS, np.random.default_rng(seed)) for k in ks)
    return [float(inertia[-1]) for _, inertia in found]


def cluster(
    points: Points, counts: NDArray[np.int64], k: int, rounds: int, rng: np.random.Generator
) -> tuple[Points, NDArray[np.float64]]:
    """Lloyd's algorithm on weighted points, until a round lowers the inertia by less than one part in 100,000.

    Parameters
    ----------
    points : ndarray, float64, shape (N, d)
        What is grouped.
    counts : ndarray, int64, shape (N,)
        How many pixels each point stands for.
    k : int
        Groups; there are fewer if there are fewer different points.
    rounds : int
        Rounds at most.
    rng : numpy.random.Generator
        For the start.

    Returns
    -------
    centroids : ndarray, float64, shape (rounds + 1, n, d)
        From the start to the last round; there are n groups.
    inertia : ndarray, float64, shape (rounds + 1,)
        The mean squared distance to the nearest centroid.
    """
    points = np.asfortranarray(points)  # columns are read one by one
    centroids = init_kmeans_pp(points, counts, k, rng)
    nearest, squares = assign(points, centroids)
    mass, total = counts.astype(np.float64), counts.sum()
    weighted = [mass * column for column in points.T]
    path, inertia = [centroids], [float((squares * mass).sum() / total)]
    for _ in range(rounds):
        weight = np.bincount(nearest, mass, len(centroids))
        sums = [np.bincount(nearest, column, len(centroids)) for column in weighted]
        means = np.stack(sums, axis=1) / np.maximum(weight, 1)[:, None]
        centroids = np.where(weight[:, None] > 0, means, centroids)
        nearest, squares = assign(points, centroids)
        path.append(centroids)
        inertia.append(float((squares * mass).sum() / total))
        if inertia[-2] - inertia[-1] <= TOLERANCE * inertia[-2]:
            break
    return np.stack(path), np.array(inertia)


def init_kmeans_pp(points: Points, counts: NDArray[np.int64], k: int, rng: np.random.Generator) -> Points:
    """k-means++: points far from all chosen ones are likely to be drawn; of a few drawn, the best is chosen.

    Returns
    -------
    ndarray, float64, shape (n, d)
        n is k, or the number of different points if that is smaller.
    """
    chosen = [points[rng.choice(len(points), p=counts / counts.sum())]]
    squares = _distance(points, chosen[0])
    while len(chosen) < k and squares.any():
        chances = squares * counts
        drawn = points[rng.choice(len(points), CANDIDATES, p=chances / chances.sum())]
        trials = [np.minimum(squares, _distance(points, point)) for point in drawn]
        best = int(np.argmin([(trial * counts).sum() for trial in trials]))
        chosen.append(drawn[best])
        squares = trials[best]
    return np.stack(chosen)


def assign(points: Points, centroids: Points) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The nearest centroid of every point, and the squared distance to it. No BLAS: the same on any thread count."""
    nearest = np.zeros(len(points), np.uint8)
    squares = _distance(points, centroids[0])
    for i, centroid in enumerate(centroids[1:], start=1):
        candidate = _distance(points, centroid)
        nearest[candidate < squares] = i
        np.minimum(squares, candidate, out=squares)
    return nearest, squares


def count_colours(image: Image) -> tuple[Points, NDArray[np.int64], NDArray[np.int64]]:
    """The colours of an image, counted on a grid of 64 steps a channel; exactly, where there are few.

    Returns
    -------
    colours : ndarray, float64, shape (N, 3)
        Mean RGB of the pixels in each occupied cell.
    counts : ndarray, int64, shape (N,)
        Its number of pixels.
    cells : ndarray, int64, shape (H * W,)
        The cell of every pixel: ``colours[cells]`` are the pixels' colours.
    """
    pixels = image.reshape(-1, 3)
    cells = _pack(np.right_shift(pixels, 8 - BITS), BITS).astype(np.intp)  # the type that bincount and indexing want
    size = np.bincount(cells, minlength=1 << 3 * BITS)
    occupied = np.flatnonzero(size)
    if len(occupied) < EXACT_BELOW:
        exact, cells, counts = np.unique(_pack(pixels, 8), return_inverse=True, return_counts=True)
        return np.stack([exact >> 16, exact >> 8 & 255, exact & 255], axis=1).astype(np.float64), counts, cells
    counts = size[occupied]
    sums = [np.bincount(cells, channel.astype(np.float64))[occupied] for channel in pixels.T]
    colours = np.stack(sums, axis=1) / counts[:, None]
    index = np.zeros(len(size), np.int64)
    index[occupied] = np.arange(len(occupied))
    return colours, counts, index[cells]


def to_space(colours: Points, space: Space) -> Points:
    """RGB colours as points whose distances mean something; one unit is the way from black to white.

    L*a*b* is divided by 100. Hue is an angle, so HSV becomes a cone: value upwards, saturation times value outwards,
    hue around; red at 359° lies next to red at 0°, and black is one point.

    Parameters
    ----------
    colours : ndarray, float64, shape (N, 3)
        RGB, 0 to 255.
    space : {"rgb", "lab", "hsv"}
        Which colours count as alike.

    Returns
    -------
    ndarray, float64, shape (N, 3)
    """
    import cv2

    pixels = (colours[:, None] / 255).astype(np.float32)
    if space == "rgb":
        return colours / 255
    if space == "lab":
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[:, 0], np.float64) / 100
    hue, saturation, value = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)[:, 0], np.float64).T
    angle, radius = np.deg2rad(hue), saturation * value
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), value], axis=1)


def to_rgb(points: Points, space: Space) -> Colours:
    """The inverse of `to_space`, rounded to ``uint8``; any number of axes before the last."""
    import cv2

    rgb = points.reshape(-1, 1, 3).astype(np.float32)
    if space == "lab":
        rgb = np.asarray(cv2.cvtColor(rgb * 100, cv2.COLOR_LAB2RGB), np.float32)
    elif space == "hsv":
        x, y, value = rgb[..., 0], rgb[..., 1], rgb[..., 2]
        hsv = np.stack([np.rad2deg(np.arctan2(y, x)) % 360, np.hypot(x, y) / np.maximum(value, 1e-9), value], axis=-1)
        rgb = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.float32)
    return np.clip(rgb * 255, 0, 255).round().astype(np.uint8).reshape(points.shape)


def _with_position(image: Image, pixels: NDArray[np.int64], space: Space, position: float) -> Points:
    """Colour, row and column of some pixels; the image's longer side has the length ``POSITION_SCALE * position``."""
    height, width = image.shape[:2]
    rows, columns = np.divmod(pixels, width)
    unit = POSITION_SCALE * position / max(height, width)
    return np.stack([*to_space(image[rows, columns].astype(np.float64), space).T, rows * unit, columns * unit]).T


def _sample(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Places of at most `SAMPLE` points, in order."""
    return np.arange(count) if count <= SAMPLE else np.sort(rng.choice(count, SAMPLE, replace=False))


def _distance(points: Points, centroid: Points) -> NDArray[np.float64]:
    """Squared distance of every point to one centroid."""
    squares: NDArray[np.float64] = (points[:, 0] - centroid[0]) ** 2
    for column, value in zip(points.T[1:], centroid[1:], strict=True):
        squares += (column - value) ** 2
    return squares


def _pack(colours: NDArray[np.unsignedinteger], bits: int) -> NDArray[np.uint32]:
    """Each colour as one number."""
    packed = np.zeros(len(colours), np.uint32)
    for channel in colours.T:
        packed = packed << np.uint32(bits) | channel
    return packed
