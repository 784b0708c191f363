"""Histogram methods: cut the histogram where it is low, and the image falls apart with it.

Peaks and valleys looks at the histogram as a landscape. Multi-level Otsu asks for the cuts that leave most variance
between the groups; with 256 levels all placings of the cuts can be tried, by dynamic programming.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.registry import About, Range, method, stage
from segmethods.core.types import BINARY, Image, Segmentation, Trace, segments
from segmethods.methods._background import (
    Background,
    BackgroundSize,
    IsDark,
    SmallestPiece,
    join_specks,
    remove_background,
)
from segmethods.methods._channels import CHANNELS, Channel, count_levels, extract_channel

Counts = NDArray[np.int64]
Curve = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class HistogramTrace(Trace):
    """The histogram, and where it was cut.

    Parameters
    ----------
    histogram : ndarray, int64, shape (256,)
        Pixels by level of the channel.
    cuts : ndarray, float64, shape (n,)
        In levels: a pixel above a cut belongs to the group after it.
    """

    histogram: Counts
    cuts: Curve


@dataclass(frozen=True, eq=False)
class PeaksTrace(HistogramTrace):
    """What peaks and valleys saw besides.

    Parameters
    ----------
    smoothed : ndarray, float64, shape (256,)
        The histogram after smoothing.
    peaks : ndarray, int64
        Levels of the peaks, the highest first.
    valleys : ndarray, int64
        The lowest level between every two neighbouring peaks.
    """

    smoothed: Curve
    peaks: Positions
    valleys: Positions


@method(
    "histogram",
    title="Histogram",
    family="classical",
    source="Prewitt & Mendelsohn 1966; Otsu 1979; Liao, Chen & Chung 2001",
    colour="#009e73",
    needs=("cv2",),
)
def histogram(
    image: Image,
    *,
    algorithm: Annotated[
        Literal["peaks", "multi_otsu"],
        About(
            "Algorithm",
            "Peaks and valleys finds background and object; multi-level Otsu cuts into as many groups as you ask for.",
            {"peaks": "Peaks and valleys", "multi_otsu": "Multi-level Otsu"},
        ),
    ] = "peaks",
    channel: Annotated[Channel, About("Channel", "The quantity whose histogram is cut.", CHANNELS)] = "grey",
    smoothing: Annotated[
        float,
        Range(0, 20, 0.5),
        About("Smoothing", "Raising it melts small peaks into large ones.", when={"algorithm": ("peaks",)}),
    ] = 2.0,
    prominence: Annotated[
        float,
        Range(0, 0.5, 0.01),
        About(
            "Smallest peak",
            "How far a peak must rise above the valleys beside it, as a share of the highest one.",
            when={"algorithm": ("peaks",)},
        ),
    ] = 0.01,
    levels: Annotated[
        int, Range(2, 5), About("Groups", "How many groups of brightness.", when={"algorithm": ("multi_otsu",)})
    ] = 3,
    background: Background = "none",
    background_size: BackgroundSize = 51,
    invert: IsDark = False,
    min_area: SmallestPiece = 0,
) -> Segmentation:
    """Cuts the histogram at its valleys, or at the levels that separate a given number of groups best.

    Peaks and valleys: the largest peak of the smoothed histogram is the background, the next one the object; the cut
    lies at the lowest valley between them, and everything on the object's side of it is object. Multi-level Otsu
    gives segments from dark to light. Hue is treated as a line, not as a circle: reds lie at both of its ends.

    The trace is a `PeaksTrace`, or a `HistogramTrace` for multi-level Otsu.

    Raises
    ------
    MethodError
        If the histogram has fewer than two peaks, or fewer values than groups.
    """
    with stage("prepare"):
        plane = remove_background(extract_channel(image, channel), background, background_size, invert)
        counts = count_levels(plane)
    if np.count_nonzero(counts) < 2:
        raise MethodError(
            "Every pixel has the same value ({value}) in this channel, so the histogram has nothing to cut. "
            "Try another channel.",
            value=int(counts.argmax()),
        )
    if algorithm == "multi_otsu":
        with stage("infer"):
            cuts = find_cuts(counts, levels)
        with stage("finish"):
            labels = join_specks(_group(plane, cuts), min_area)
        return Segmentation(labels, segments(levels), trace=HistogramTrace(counts, cuts))
    with stage("infer"):
        smoothed = smooth(counts, smoothing)
        peaks = find_peaks(smoothed, prominence)
        if len(peaks) < 2:
            raise MethodError(
                "The histogram has one peak only, so there is no valley to cut at. "
                "Lower the smoothing or the smallest peak, or choose another channel or multi-level Otsu."
            )
        valleys = find_valleys(smoothed, peaks)
        ground, object_ = peaks[:2]
        cut = lowest_between(smoothed, ground, object_)
    with stage("finish"):
        labels = _group(plane, np.array([cut]))
        if object_ < ground:
            labels = 1 - labels
        labels = join_specks(labels, min_area)
    trace = PeaksTrace(counts, np.array([cut], np.float64), smoothed, peaks, valleys)
    return Segmentation(labels, BINARY, trace=trace)


def smooth(counts: Counts, sigma: float) -> Curve:
    """The histogram under a Gaussian of `sigma` levels; what would spill over its ends is mirrored back."""
    if sigma == 0:
        return counts.astype(np.float64)
    reach = int(4 * sigma + 0.5)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.convolve(np.pad(counts, reach, mode="symmetric"), bell / bell.sum(), mode="valid")


def find_peaks(curve: Curve, prominence: float) -> Positions:
    """Peaks that stand out by a share of the highest one, the highest first.

    A peak stands out by as much as one must go down from it to reach a higher one. A flat top counts at its middle.

    Examples
    --------
    >>> find_peaks(np.array([0.0, 4, 1, 10, 10, 10, 9, 9.5]), 0.1).tolist()
    [4, 1]
    """
    slope = np.diff(curve, prepend=-1.0, append=-1.0)
    moves = np.flatnonzero(slope).tolist()
    tops = [(up, down - 1) for up, down in pairwise(moves) if slope[up] > 0 > slope[down]]
    peaks = [(start + end) // 2 for start, end in tops if _prominence(curve, start, end) > prominence * curve.max()]
    return np.array(sorted(peaks, key=lambda p: -curve[p]), np.int64)


def _prominence(curve: Curve, start: int, end: int) -> float:
    """How far a top rises above the higher of the two lowest places on the ways to a higher top, or to the ends."""
    higher = np.flatnonzero(curve > curve[start])
    left = higher[higher < start].max(initial=-1)
    right = higher[higher > end].min(initial=len(curve))
    bases = [
        curve[left + 1 : start + 1].min() if left >= 0 else 0.0,
        curve[end:right].min() if right < len(curve) else 0.0,
    ]
    return float(curve[start] - max(bases))


def find_valleys(curve: Curve, peaks: Positions) -> Positions:
    """The lowest level between every two neighbouring peaks."""
    ordered = np.sort(peaks)
    return np.array([lowest_between(curve, left, right) for left, right in pairwise(ordered)], np.int64)


def lowest_between(curve: Curve, a: int, b: int) -> int:
    """Where a curve is lowest between two places; the middle of a flat valley."""
    left, right = sorted((int(a), int(b)))
    part = curve[left : right + 1]
    lowest = np.flatnonzero(part <= part.min() + 1e-9)
    return left + int(lowest[len(lowest) // 2])


def find_cuts(counts: Counts, groups: int) -> Curve:
    """The cuts that leave most variance between the groups: the best of all placings, by dynamic programming.

    The variance between groups is, but for a constant, a sum over groups of (sum of levels)² / (number of pixels).
    So the best way to cut the levels 0 to t into g groups is the best way to cut 0 to s into g - 1, plus s + 1 to t
    as the last group, for the best s.

    Parameters
    ----------
    counts : ndarray, int64, shape (256,)
        A histogram.
    groups : int
        Two or more.

    Returns
    -------
    ndarray, float64, shape (groups - 1,)
        Rising levels; a pixel above a cut belongs to the group after it.

    Raises
    ------
    MethodError
        If fewer levels than groups occur.

    Examples
    --------
    >>> counts = np.zeros(256, np.int64)
    >>> counts[[10, 12, 100, 200]] = 5
    >>> find_cuts(counts, 3).tolist()
    [12.0, 100.0]
    """
    occurring = np.flatnonzero(counts)
    if len(occurring) < groups:
        raise MethodError(
            "This channel has {count} different values, too few for {groups} groups. "
            "Choose fewer groups or another channel.",
            count=len(occurring),
            groups=groups,
        )
    gain = _gains(counts[occurring].astype(np.float64), occurring.astype(np.float64))
    best, choices = gain[:, 0], []
    for _ in range(groups - 2):
        candidates = best[:-1] + gain[:, 1:]  # (t, s): groups up to s, then one group from s + 1 to t
        choices.append(candidates.argmax(axis=1))
        best = candidates[np.arange(len(best)), choices[-1]]
    places = [(best[:-1] + gain[-1, 1:]).argmax()]
    for choice in reversed(choices):
        places.append(choice[places[-1]])
    return occurring[places[::-1]].astype(np.float64)


def _gains(counts: Curve, levels: Curve) -> Curve:
    """At (t, s), of a group from place s to place t: (sum of levels)² / (pixels); minus infinity where t < s."""
    pixels = np.concatenate([[0], counts.cumsum()])
    sums = np.concatenate([[0], (counts * levels).cumsum()])
    count = pixels[1:, None] - pixels[:-1]
    total = sums[1:, None] - sums[:-1]
    gain: Curve = np.full(count.shape, -np.inf)
    np.divide(total**2, count, out=gain, where=count > 0)
    return gain


def _group(plane: NDArray[np.uint8], cuts: NDArray[np.number]) -> NDArray[np.uint8]:
    """How many cuts lie below each pixel's level."""
    groups = np.zeros(plane.shape, np.uint8)
    for cut in cuts.tolist():
        groups += plane > int(cut)
    return groups
