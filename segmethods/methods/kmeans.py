"""k-means: every pixel joins the nearest of k colours, every colour moves to the mean of its pixels, and again.

A photograph has some hundred thousand colours, many of them alike. So the colours are first counted on a grid of 64
steps a channel, and the groups are sought among a few thousand weighted points, the means of cells of a grid half as
fine, instead of all pixels. Where the place of a pixel counts too, points are pixels, and a sample of them is enough to
find the groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import strips
from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import Image, Segmentation, Trace, segments
from segmethods.methods._background import (
    Background,
    BackgroundSize,
    IsDark,
    SmallestPiece,
    join_specks,
    remove_background,
)
from segmethods.methods._colours import (
    EXACT_BELOW,
    SPACES,
    Colours,
    Points,
    Space,
    count_colours,
    join_colours,
    look_up,
    to_rgb,
    to_space,
)

SAMPLE = 8_000
CANDIDATES = 16
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
    background: Background = "none",
    background_size: BackgroundSize = 51,
    invert: IsDark = False,
    min_area: SmallestPiece = 0,
) -> Segmentation:
    """Groups pixels whose colours are alike, and if wished near each other.

    Segments are ordered from dark to light. An image with fewer than k different colours gives as many segments as
    it has colours.

    The trace is a `KMeansTrace`.
    """
    rng = np.random.default_rng(seed)
    with stage("prepare"):
        image = remove_background(image, background, background_size, invert)
        if position == 0:
            colours, counts, index, cells = count_colours(image)
        else:
            sample = _sample(image.shape[0] * image.shape[1], rng)
            points, counts = _with_position(image, sample, space, position), np.ones(len(sample), np.int64)
    with stage("infer"):
        if position == 0:
            points, path, inertia = cluster_colours(colours, counts, space, k, rounds, rng)
        else:
            path, inertia = cluster(points, counts, k, rounds, rng)
        centroids = path[-1]
        if position == 0 or len(sample) == image.size // 3:
            nearest = assign(points, centroids)[0]  # of colours, or of all pixels
        else:
            nearest = _assign_with_position(image, space, position, centroids)
    with stage("finish"):
        used = np.flatnonzero(np.bincount(nearest))
        palette = to_rgb(path[..., :3], space)
        grey = palette[-1, used].astype(np.int64) @ np.array([299, 587, 114])
        used = used[np.lexsort((*palette[-1, used].T, grey))]
        rank = np.zeros(len(centroids), np.uint8)
        rank[used] = np.arange(len(used))
        groups = rank[nearest] if position else look_up(rank[nearest][index], cells)
        labels = join_specks(groups.reshape(image.shape[:2]), min_area)
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
    colours, counts, _, _ = count_colours(image)
    found = (cluster_colours(colours, counts, space, k, ROUNDS, np.random.default_rng(seed)) for k in ks)
    return [float(inertia[-1]) for _, _, inertia in found]


def cluster_colours(
    colours: Points, counts: NDArray[np.int64], space: Space, k: int, rounds: int, rng: np.random.Generator
) -> tuple[Points, Points, NDArray[np.float64]]:
    """`cluster` for the colours that `count_colours` gives, of which neighbours are taken together if they are many.

    Returns
    -------
    points : ndarray, float64, shape (N, 3)
        The colours in their space.
    centroids, inertia : ndarray
        As of `cluster`; the inertia is that of all points.
    """
    points = to_space(colours, space)
    if len(points) < EXACT_BELOW:
        return points, *cluster(points, counts, k, rounds, rng)
    cells = join_colours(colours)
    mass = np.bincount(cells, counts)
    means = np.stack([np.bincount(cells, counts * column) / mass for column in points.T], axis=1)
    spread = float((((points - means[cells]) ** 2).sum(axis=1) * counts).sum() / counts.sum())
    path, inertia = cluster(means, mass.astype(np.int64), k, rounds, rng)
    return points, path, inertia + spread


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
        trials = np.minimum(squares, _distance(points, drawn.T[..., None]))
        best = int(np.argmin((trials * counts).sum(axis=1)))
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


def _with_position(image: Image, pixels: NDArray[np.int64], space: Space, position: float) -> Points:
    """Colour, row and column of some pixels; the image's longer side has the length ``POSITION_SCALE * position``."""
    height, width = image.shape[:2]
    rows, columns = np.divmod(pixels, width)
    unit = POSITION_SCALE * position / max(height, width)
    return np.stack([*to_space(image[rows, columns].astype(np.float64), space).T, rows * unit, columns * unit]).T


def _assign_with_position(image: Image, space: Space, position: float, centroids: Points) -> NDArray[np.uint8]:
    """The nearest centroid of every pixel: its distance is that of its colour, its row and its column, each known."""
    height, width = image.shape[:2]
    colours, _, index, cells = count_colours(image)
    points, unit = to_space(colours, space), POSITION_SCALE * position / max(height, width)
    of_colours = [_distance(points, centroid[:3]).astype(np.float32)[index] for centroid in centroids]
    of_rows, of_columns = (
        ((np.arange(length) * unit - centroids[:, [axis]]) ** 2).astype(np.float32)
        for axis, length in ((3, height), (4, width))
    )
    cells, nearest = cells.reshape(height, width), np.zeros((height, width), np.uint8)
    for rows in strips(height, width):
        part, found = cells[rows].astype(np.intp), nearest[rows]
        squares = np.full(part.shape, np.inf, np.float32)
        for i in range(len(centroids)):
            candidate = of_colours[i].take(part)
            candidate += of_rows[i, rows, None]
            candidate += of_columns[i]
            np.copyto(found, i, where=candidate < squares, casting="unsafe")
            np.minimum(squares, candidate, out=squares)
    return nearest.ravel()


def _sample(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Places of at most `SAMPLE` points, in order."""
    return np.arange(count) if count <= SAMPLE else np.sort(rng.choice(count, SAMPLE, replace=False))


def _distance(points: Points, centroid: Points) -> NDArray[np.float64]:
    """Squared distance of every point to one centroid."""
    squares: NDArray[np.float64] = (points[:, 0] - centroid[0]) ** 2
    for column, value in zip(points.T[1:], centroid[1:], strict=True):
        squares += (column - value) ** 2
    return squares
