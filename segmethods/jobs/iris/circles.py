"""Pupil and limbus of an eye: circles found by Daugman's operator, or by segmentation and a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.jobs.frame import JobError

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Circle:
    """A circle in pixels."""

    x: float
    y: float
    r: float

    def scaled(self, times: float) -> Circle:
        """The circle in an image so many times as large."""
        return Circle(times * (self.x + 0.5) - 0.5, times * (self.y + 0.5) - 0.5, times * self.r)


@dataclass(frozen=True)
class Rings:
    """The two borders of an iris."""

    pupil: Circle
    limbus: Circle

    def scaled(self, times: float) -> Rings:
        """The borders in an image so many times as large."""
        return Rings(self.pupil.scaled(times), self.limbus.scaled(times))


LARGEST = 640
"""The longest side, in pixels, of an image in which borders are looked for: lengths here are those of small images."""


def reduce(grey: Grey) -> tuple[Grey, float]:
    """An image of at most `LARGEST` pixels a side, and how many times as large the given one is."""
    times = max(1.0, max(grey.shape) / LARGEST)
    if times == 1:
        return grey, 1.0
    small = cv2.resize(grey, None, fx=1 / times, fy=1 / times, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), times


def in_small(find: Callable[[Grey], Rings]) -> Callable[[Grey], Rings]:
    """What finds borders, made to look for them in a smaller copy of a large image."""

    @wraps(find)
    def find_in_small(grey: Grey) -> Rings:
        small, times = reduce(grey)
        return find(small).scaled(times) if times > 1 else find(small)

    return find_in_small


def ellipse(size: int) -> Grey:
    """A round neighbourhood."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def fill_glints(grey: Grey) -> Grey:
    """The eye without the reflections of its lamps: what is bright and small takes the grey around it."""
    opened = np.asarray(cv2.morphologyEx(grey, cv2.MORPH_OPEN, ellipse(15)), np.uint8)
    bright = ((grey.astype(int) - opened > 60) & (grey > 120)).astype(np.uint8)
    bright = np.asarray(cv2.dilate(bright, np.ones((3, 3), np.uint8)), np.uint8)
    return np.where(bright > 0, cv2.GaussianBlur(opened, (0, 0), 2), grey).astype(np.uint8)


def dark_blob(grey: Grey) -> Circle:
    """Where the pupil is, roughly: the dark spot that fills its own circle best.

    Raises
    ------
    JobError
        If nothing dark is round.
    """
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), 2), np.uint8)
    levels = np.percentile(smooth, (0.5, 1, 2, 3, 4, 6, 8, 11))
    darkest = float(levels[0])
    best, score = None, 0.0
    for level in np.unique(levels):
        mask = (smooth <= level + 4).astype(np.uint8)
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, ellipse(9)), np.uint8)
        count, _, stats, middles = cv2.connectedComponentsWithStats(mask)
        for i in range(1, count):
            _, _, w, h, area = stats[i]
            if min(w, h) < 12 or max(w, h) > 0.5 * min(grey.shape) or min(w, h) < 0.7 * max(w, h):
                continue
            filled = area / (np.pi * (w / 2) * (h / 2))
            inner, outer = ring_mean(smooth, middles[i], 0.7 * w / 2), ring_mean(smooth, middles[i], 1.35 * w / 2)
            even = np.exp(-(inner - darkest) / 15)
            value = (1 - abs(1 - filled)) * min(w, h) / max(w, h) * (outer - inner) * even
            if value > score:
                best, score = Circle(float(middles[i][0]), float(middles[i][1]), float((w + h) / 4)), value
    if best is None or score < 8:
        raise JobError("No pupil was found: nothing dark and round. Choose a close photo of an eye.")
    return best


def ring_mean(grey: Grey, middle: Sequence[float], radius: float) -> float:
    """Mean brightness on a circle."""
    return float(ring_means(grey, [(middle[0], middle[1])], np.array([radius]), FULL)[0, 0])


FULL = np.linspace(0, 2 * np.pi, 64, endpoint=False)
SIDES = np.radians(np.concatenate([np.arange(-30, 50, 4.0), np.arange(130, 211, 4.0)]))
"""Directions in which lids seldom hide the limbus: 0 is right, 90 is down."""


def sample_rings(
    grey: Grey, middles: Sequence[tuple[float, float]], radii: NDArray[np.floating], angles: NDArray[np.floating]
) -> Floats:
    """Brightness on circles around several middles, float32 (middles, radii, angles)."""
    centres = np.asarray(middles, np.float32)
    x = centres[:, 0, None, None] + radii[None, :, None] * np.cos(angles)[None, None]
    y = centres[:, 1, None, None] + radii[None, :, None] * np.sin(angles)[None, None]
    flat = (len(centres), len(radii) * len(angles))
    seen = cv2.remap(
        grey,
        x.reshape(flat).astype(np.float32),
        y.reshape(flat).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen.reshape(len(centres), len(radii), len(angles)), np.float32)


def ring_means(
    grey: Grey, middles: Sequence[tuple[float, float]], radii: NDArray[np.floating], angles: NDArray[np.floating]
) -> Floats:
    """Mean brightness on these circles, float32 (middles, radii)."""
    return np.asarray(sample_rings(grey, middles, radii, angles).mean(axis=2, dtype=np.float64), np.float32)


def daugman(
    grey: Grey,
    start: Circle,
    reach: float,
    step: float,
    radii: NDArray[np.floating],
    angles: NDArray[np.floating],
    blur: float,
) -> tuple[Circle, float]:
    """Daugman's integro-differential operator: the circle across whose border brightness changes most.

    For every middle near `start` the mean brightness on circles is a function of their radius; it is smoothed, and its
    steepest rise is taken (Daugman 1993).
    """
    offsets = np.arange(-reach, reach + step / 2, step)
    middles = [(start.x + dx, start.y + dy) for dy in offsets for dx in offsets]
    means = ring_means(grey, middles, radii, angles)
    rise = np.gradient(means, axis=1)
    rise = cv2.GaussianBlur(rise.astype(np.float32), (0, 0), sigmaX=blur, sigmaY=1e-6, borderType=cv2.BORDER_REPLICATE)
    place, ring = np.unravel_index(int(rise.argmax()), rise.shape)
    x, y = middles[place]
    return Circle(x, y, float(radii[ring])), float(rise[place, ring])


def find_limbus(
    smooth: Grey, start: Circle, reach: float, step: float, radii: NDArray[np.floating], pupil: Circle
) -> tuple[Circle, float]:
    """Daugman's operator for the limbus: a slope over some pixels, on both sides of the eye.

    A lid's edge is steeper than any limbus; each direction's slope counts up to `STEEPEST` only. Both borders have
    nearly one middle, so a middle far from the pupil's must be much steeper.
    """
    offsets = np.arange(-reach, reach + step / 2, step)
    middles = [(start.x + dx, start.y + dy) for dy in offsets for dx in offsets]
    seen = sample_rings(smooth, middles, np.concatenate([radii - WIDTH, radii + WIDTH]), SIDES)
    seen = seen.reshape(len(middles), 2, len(radii), len(SIDES))
    slope = np.clip(seen[:, 1] - seen[:, 0], -STEEPEST, STEEPEST).mean(axis=2)
    centres = np.array(middles, np.float32)
    away = np.hypot(centres[:, 0] - pupil.x, centres[:, 1] - pupil.y)
    slope[radii[None, :] < (away + pupil.r + 8)[:, None]] = -1
    slope -= APART * away[:, None] ** 2
    place, ring = np.unravel_index(int(slope.argmax()), slope.shape)
    return Circle(float(centres[place, 0]), float(centres[place, 1]), float(radii[ring])), float(slope[place, ring])


WIDTH, STEEPEST, APART = 3.0, 50.0, 0.1
"""Half the width of the slope in pixels, the most grey levels that one direction may count, and what a squared pixel
between both middles costs."""


@in_small
def rings_by_daugman(grey: Grey) -> Rings:
    """Both borders by the integro-differential operator, coarse first."""
    clean = fill_glints(grey)
    blob = dark_blob(clean)
    radii = np.arange(max(6, 0.6 * blob.r), 1.5 * blob.r + 3, 1.0)
    pupil, _ = daugman(clean, blob, 6, 2, radii, FULL, 1.5)
    pupil, _ = daugman(clean, pupil, 1.5, 0.5, np.arange(pupil.r - 4, pupil.r + 4, 0.5), FULL, 1.5)
    smooth = np.asarray(cv2.GaussianBlur(clean, (0, 0), 1.5), np.uint8)
    high = min(0.6 * min(grey.shape), 4.5 * pupil.r)
    radii = np.arange(max(1.25 * pupil.r, pupil.r + 12), high, 2.0)
    if not radii.size:
        raise JobError("The pupil fills the image. Choose a photo that shows the whole iris.")
    limbus, _ = find_limbus(smooth, pupil, 9, 3, radii, pupil)
    limbus, rise = find_limbus(smooth, limbus, 2, 1, np.arange(limbus.r - 4, limbus.r + 4.1, 0.5), pupil)
    if rise < 4:
        raise JobError("No iris was found around the pupil. Choose a close photo of an open eye.")
    return Rings(pupil, limbus)


RISES, RISE, CONTRAST, ASIDE = (0.9, 0.75), (8, 4), 25, 0.1
"""Of an eye: in what share of directions it gets brighter across the pupil's border and across the limbus, by how many
grey levels at least, the pupil's median contrast, and how far apart both middles may be in radii of the limbus. All
eyes of MMU1 and CASIA1 pass, and of 163 other images in which rings are found in 101, one does."""


def is_eye(grey: Grey, rings: Rings) -> bool:
    """Whether two circles are the borders of an iris: dark within, brighter all around, with nearly one middle."""
    small, times = reduce(grey)
    rings = rings.scaled(1 / times) if times > 1 else rings
    clean, pupil, limbus = fill_glints(small), rings.pupil, rings.limbus
    dark, iris = _on_both_sides(clean, pupil, (0.75 * pupil.r, 1.2 * pupil.r + 2), FULL)
    inside, white = _on_both_sides(clean, limbus, (limbus.r - 4, limbus.r + 4), SIDES)
    shares = ((iris - dark) > RISE[0]).mean(), ((white - inside) > RISE[1]).mean()
    away = float(np.hypot(pupil.x - limbus.x, pupil.y - limbus.y))
    rises = shares[0] >= RISES[0] and shares[1] >= RISES[1]
    return bool(rises and np.median(iris - dark) >= CONTRAST and away < ASIDE * limbus.r)


def _on_both_sides(grey: Grey, circle: Circle, radii: tuple[float, float], angles: NDArray[np.floating]) -> Floats:
    return np.asarray(sample_rings(grey, [(circle.x, circle.y)], np.array(radii), angles)[0], np.float32)


@in_small
def rings_by_segmentation(grey: Grey) -> Rings:
    """Both borders by segmentation: the pupil is a dark piece, the limbus a circle fitted to the steepest places."""
    clean = fill_glints(grey)
    blob = dark_blob(clean)
    inside = clean[round(blob.y - blob.r) : round(blob.y + blob.r), round(blob.x - blob.r) : round(blob.x + blob.r)]
    level = float(np.median(inside)) + 22
    _, labels = cv2.connectedComponents((cv2.GaussianBlur(clean, (0, 0), 1) < level).astype(np.uint8))
    piece = labels == labels[round(blob.y), round(blob.x)]
    area = float(piece.sum())
    pupil = blob
    if 0.3 < area / (np.pi * blob.r**2) < 3:
        rows, columns = np.nonzero(piece)
        pupil = Circle(float(np.median(columns)), float(np.median(rows)), float(np.sqrt(area / np.pi)))
    smooth = cv2.GaussianBlur(clean, (0, 0), 3)
    radii = np.arange(1.4 * pupil.r + 6, min(0.6 * min(grey.shape), 4.5 * pupil.r), 1.0)
    if radii.size < 2:
        raise JobError("The pupil fills the image. Choose a photo that shows the whole iris.")
    x = pupil.x + radii[None] * np.cos(SIDES)[:, None]
    y = pupil.y + radii[None] * np.sin(SIDES)[:, None]
    seen = cv2.remap(
        smooth, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    slope = np.gradient(seen.astype(np.float32), axis=1)
    best = slope.argmax(axis=1)
    each = np.arange(len(SIDES))
    limbus = fit_circle(np.stack([x[each, best], y[each, best]], axis=1))
    if limbus.r < 1.25 * pupil.r or float(slope.max(axis=1).mean()) < 1:
        raise JobError("No iris was found around the pupil. Choose a close photo of an open eye.")
    return Rings(pupil, limbus)


def fit_circle(points: NDArray[np.floating]) -> Circle:
    """The circle through most of some points: least squares (Kåsa 1976), again without those that lie far off.

    Examples
    --------
    >>> turn = np.linspace(0, 6, 20)
    >>> circle = fit_circle(np.stack([3 + 2 * np.cos(turn), 1 + 2 * np.sin(turn)], axis=1))
    >>> round(circle.x, 6), round(circle.y, 6), round(circle.r, 6)
    (3.0, 1.0, 2.0)
    """
    kept = np.asarray(points, np.float64)
    for _ in range(5):
        table = np.column_stack([2 * kept, np.ones(len(kept))])
        x, y, rest = np.linalg.lstsq(table, (kept**2).sum(axis=1), rcond=None)[0]
        radius = float(np.sqrt(max(rest + x * x + y * y, 0.0)))
        off = np.abs(np.hypot(points[:, 0] - x, points[:, 1] - y) - radius)
        kept = np.asarray(points)[off <= max(1.0, 2 * float(np.median(off)))]
    return Circle(float(x), float(y), radius)
