"""Levels from a histogram: seven ideas of what cuts its 256 numbers into two groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError

Counts = NDArray[np.int64]

MOST_ROUNDS, STRIDE = 10_000, 16
"""How often a histogram is smoothed at most, and how often it is looked at."""


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
    smooth = _smooth_until_few_peaks(counts[first : last + 1].astype(np.float64))
    peaks = _peaks(smooth)
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


def _smooth_until_few_peaks(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve under a running mean of three, again and again, until it has fewer than three peaks.

    Once a curve is smooth its peaks only vanish, so that then one round in `STRIDE` is looked at, and of those before
    it each one when that has few.
    """
    padded, mixed = np.pad(curve, 1), np.empty(len(curve))
    smooth, before = padded[1:-1], curve

    def advance() -> bool:
        padded[0], padded[-1] = smooth[0], smooth[-1]
        np.add(padded[:-2], smooth, out=mixed)
        np.add(mixed, padded[2:], out=mixed)
        np.divide(mixed, 3, out=smooth)
        return True

    for done in range(MOST_ROUNDS):
        advance()
        if done >= 2 * STRIDE and done % STRIDE:
            continue
        if _has_few_peaks(smooth):
            if done > 2 * STRIDE:
                smooth[:] = before
                while advance() and not _has_few_peaks(smooth):
                    pass
            break
        before = smooth.copy()
    return smooth


def _has_few_peaks(curve: NDArray[np.float64]) -> bool:
    """Whether a curve has fewer than three peaks; where nothing is flat, without looking for their places."""
    rises, falls = curve[1:] > curve[:-1], curve[1:] < curve[:-1]
    if np.count_nonzero(rises) + np.count_nonzero(falls) < len(rises) or not len(rises):
        return len(_peaks(curve)) < 3
    inside = np.count_nonzero(rises[:-1] & falls[1:])
    return int(inside) + int(falls[0]) + int(rises[-1]) < 3
