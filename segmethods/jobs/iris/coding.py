"""From an iris to a code: unrolled, lids masked, Gabor's phases as bits, compared by Hamming's distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.jobs.iris.circles import Floats, Grey, Rings

ROWS, COLUMNS = 32, 256
EDGE, STEPS = slice(1, 30), (3, 2)
"""The rows that are encoded, and how many rows and columns lie between two places."""
WAVELENGTHS, BANDWIDTH = (7.0, 10.0, 14.0), 0.5
LOCAL = 6.0
"""How far, in pixels of a strip, mean and contrast are taken: shadows of lids are wider than this, fibres narrower."""
FRAGILE = 0.4
"""Share of a filter's weakest answers that don't count: their signs change with the noise (Hollingsworth 2009)."""
SHIFTS = 6
TOP = 45
"""Degrees to both sides of the highest place that never count: the upper lid, its lashes and their shadow."""
LID = 3.2
"""How far from what the iris looks like, in robust deviations, lids and lashes begin."""


@dataclass(frozen=True, eq=False)
class Code:
    """Bits of an iris, bool (parts, rows, columns), and which of them count, of the same shape."""

    bits: NDArray[np.bool_]
    valid: NDArray[np.bool_]

    @cached_property
    def packed_bits(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Both, eight bits a byte."""
        return np.packbits(self.bits), np.packbits(self.valid)


def unroll(grey: Grey, rings: Rings) -> Grey:
    """The iris as a strip, uint8 (ROWS, COLUMNS): rows from pupil to limbus, columns around it (Daugman 1993)."""
    turn = np.linspace(0, 2 * np.pi, COLUMNS, endpoint=False)
    depth = ((np.arange(ROWS) + 0.5) / ROWS)[:, None]
    inner, outer = rings.pupil, rings.limbus
    x = (1 - depth) * (inner.x + inner.r * np.cos(turn)) + depth * (outer.x + outer.r * np.cos(turn))
    y = (1 - depth) * (inner.y + inner.r * np.sin(turn)) + depth * (outer.y + outer.r * np.sin(turn))
    x, y = x.astype(np.float32), y.astype(np.float32)
    return np.asarray(cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def find_iris(strip: Grey) -> NDArray[np.bool_]:
    """Which pixels of a strip show iris: neither lid, nor lash, nor glint.

    What the iris looks like is taken from its sides, which lids seldom hide. A lid comes from outside, so whatever lies
    beyond a pixel that is no iris is none either. What lies below the middle of the upper lid is left out always.
    """
    smooth = cv2.GaussianBlur(strip, (0, 0), 1.5).astype(np.float32)
    turn = np.arange(COLUMNS) * (360 / COLUMNS)
    sides = (turn < 30) | (turn > 340) | ((turn > 150) & (turn < 200))
    level = np.median(smooth[:, sides], axis=1, keepdims=True)
    spread = max(7.0, 1.4826 * float(np.median(np.abs(smooth[:, sides] - level))))
    bright = (strip > 235).astype(np.uint8)
    odd = (np.abs(smooth - level) > LID * spread) | (bright > 0)
    outer = odd.astype(np.uint8)
    outer[: ROWS // 4] = 0
    lids = np.maximum.accumulate(cv2.dilate(outer, np.ones((3, 7), np.uint8)), axis=0) > 0
    lids[:, sides] = False
    lids[:, np.abs(turn - 270) < TOP] = True
    return np.asarray(~(lids | odd | (cv2.dilate(bright, np.ones((5, 5), np.uint8)) > 0)), bool)


@cache
def log_gabor(wavelength: float) -> NDArray[np.float64]:
    """A log-Gabor filter along a strip's columns, in frequencies (Field 1987), float64 (COLUMNS,)."""
    frequency = np.fft.fftfreq(COLUMNS)
    along = np.where(frequency > 0, frequency * wavelength, 1.0)
    return np.where(frequency > 0, np.exp(-(np.log(along) ** 2) / (2 * np.log(BANDWIDTH) ** 2)), 0.0)


def encode(strip: Grey, valid: NDArray[np.bool_]) -> Code:
    """The signs of both parts of the filters' answers: two bits of phase at each place."""
    flat = cv2.GaussianBlur(even_out(strip[EDGE], valid[EDGE]), (0, 0), sigmaX=1e-6, sigmaY=1.5)
    spectrum = np.fft.fft(flat, axis=1)
    seen = valid[EDGE][:: STEPS[0], :: STEPS[1]]
    bits, masks = [], []
    for wavelength in WAVELENGTHS:
        answer = np.fft.ifft(spectrum * log_gabor(wavelength), axis=1)[:: STEPS[0], :: STEPS[1]]
        for part in (answer.real, answer.imag):
            size = np.abs(part)
            weak = np.quantile(size[seen], FRAGILE) if seen.any() else 0.0
            bits.append(part > 0)
            masks.append(seen & (size > weak))
    return Code(np.stack(bits), np.stack(masks))


def even_out(strip: Grey, valid: NDArray[np.bool_]) -> Floats:
    """A strip without its local mean, of local contrast 1, and 0 where no iris is seen: shadows don't count."""
    weight, grey = valid.astype(np.float32), np.where(valid, strip, 0).astype(np.float32)
    seen = np.maximum(blur_around(weight), 0.05)
    away = np.asarray(grey - weight * (blur_around(grey) / seen), np.float32)
    return np.asarray(away / np.sqrt(blur_around(away * away) / seen + 4), np.float32)


def blur_around(strip: Floats) -> Floats:
    """A strip blurred; its first column lies beside its last."""
    beside = 4 * round(LOCAL)
    wide = cv2.copyMakeBorder(strip, 0, 0, beside, beside, cv2.BORDER_WRAP)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), LOCAL)[:, beside:-beside], np.float32)


def distances(code: Code, others: Sequence[Code]) -> NDArray[np.float64]:
    """Hamming's distance of one code from others: the share of differing bits among those that count in both.

    An eye may be tilted: the least distance over shifts of some columns each way counts.

    Examples
    --------
    >>> bits = np.random.default_rng(0).random((4, 15, 128)) < 0.5
    >>> all_of_it = np.ones_like(bits)
    >>> turned = Code(np.roll(bits, 3, axis=2), all_of_it)
    >>> float(distances(Code(bits, all_of_it), [turned])[0])
    0.0
    """
    if not others:
        return np.zeros(0)
    bits, valid = (np.stack(part) for part in zip(*(o.packed_bits for o in others), strict=True))
    best = np.ones(len(others))
    for shift in range(-SHIFTS, SHIFTS + 1):
        own, counted = (np.packbits(np.roll(v, shift, axis=2)) for v in (code.bits, code.valid))
        both = valid & counted
        size = np.bitwise_count(both).sum(axis=1)
        differ = np.bitwise_count((bits ^ own) & both).sum(axis=1)
        best = np.minimum(best, np.where(size > 0, differ / np.maximum(size, 1), 1.0))
    return best


def draw_code(code: Code) -> Floats:
    """A code as a picture: bits black and white, what doesn't count grey."""
    shown = np.where(code.valid, code.bits.astype(np.float32), 0.5)
    return np.asarray(shown.reshape(-1, shown.shape[2]), np.float32)
