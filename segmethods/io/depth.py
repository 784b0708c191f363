"""Values of any depth become 0 to 255, and what was assumed on the way is said.

The range is that of the scene: the depth that a camera records with (8, 10, 12, 14 or 16 bits) where values are whole
and not negative, 0 to 1 or 0 to 255 for floats inside of them, and else from the lowest value to the highest. Few
pixels far away from all others (a dead one of a sensor), values that stand for missing data, and a narrow range far
above zero don't decide it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message

DEPTHS = (255, 1023, 4095, 16383, 65535)
"""The highest values of the depths that cameras record with: 8, 10, 12, 14 and 16 bits."""

FEW = 0.002
"""The share of pixels that may lie apart from the scene without being a part of it."""

FAR = 4
"""So many widths of the scene below it, one negative value that many pixels have stands for missing data."""

BEYOND = 1e15
"""Floats from here on are no measurement; files of climate data mark missing values by 1e20."""

MARKS = (999, 9999, 99999, 999999, 9999999, 32767, 65535)
"""Values that often stand for missing data; one that lies far above all others does."""

NARROW = 1 / 16
"""A scene that fills no more than this share of its range is stretched."""

SCENE = 16
"""Different values that a scene has at least; with fewer of them nothing is said to lie apart."""

Values = NDArray[Any]


def scale_to_8_bit(values: Values, missing: float | None = None) -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    """Values of any depth as 0 to 255.

    Parameters
    ----------
    values : ndarray of bool, int or float, any shape
        Values that are not finite become 0.
    missing : float, optional
        The value that stands for missing data, which becomes 0.

    Returns
    -------
    ndarray, uint8, same shape
    tuple of Message
        What was assumed: one sentence each.

    Examples
    --------
    >>> values, notes = scale_to_8_bit(np.array([[0, 2047, 4095]], np.uint16))
    >>> values.tolist(), [str(note) for note in notes]
    ([[0, 127, 255]], ['Values from 0 to 4095 became black to white.'])
    """
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * 255, ()
    if values.dtype == np.uint8:
        return _blacken(values, missing)
    known = _find_known(values, missing)
    scene = values[known]
    notes = _tell_missing(1 - scene.size / values.size) if scene.size < values.size else []
    scene = _without_outliers(scene)
    low, high = _range(scene, values.dtype)
    if not _is_plain(values.dtype, low, high):
        notes.append(
            Message("Values from {low} to {high} became black to white.", {"low": f"{low:.6g}", "high": f"{high:.6g}"})
        )
    cut = np.count_nonzero(known & ((values < low) | (values > high)))
    if cut:
        share = cut / values.size
        notes.append(Message("Outside of this range and cut off: {share} of the values.", {"share": percent(share)}))
    return _scale(values, known, low, high), tuple(notes)


def _blacken(values: NDArray[np.uint8], missing: float | None) -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    """Values of 8 bits, those that stand for missing data black; of colours only where all bands have it."""
    if missing is None or missing == 0 or not (values == missing).any():
        return values, ()
    lost = (
        np.broadcast_to((values == missing).all(2, keepdims=True), values.shape)
        if values.ndim == 3
        else values == missing
    )
    return np.where(lost, np.uint8(0), values), tuple(_tell_missing(float(lost.mean())) if lost.any() else ())


def _tell_missing(share: float) -> list[Message]:
    return [Message("Missing and shown black: {share} of the values.", {"share": percent(share)})]


def invert(values: Values, missing: float | None = None) -> Values:
    """Values of a picture whose lowest one is white; what is missing stays as it is.

    Examples
    --------
    >>> invert(np.array([[0, 4095]], np.uint16)).tolist(), invert(np.array([[0.25, 1.0, -9999.0]]), -9999).tolist()
    ([[4095, 0]], [[0.75, 0.0, -9999.0]])
    """
    if values.dtype.kind == "u":
        full = np.iinfo(values.dtype).max if values.dtype.itemsize != 2 else depth_of(int(values.max(initial=0)))
        return np.asarray((full - values).astype(values.dtype))
    known = _find_known(values, missing)
    kept = _without_outliers(values[known])
    if not kept.size:
        return values
    if values.dtype.kind == "f" and kept.min() >= 0 and kept.max() <= 1:
        return np.where(known, 1 - values, values)
    turned = (kept.max() + kept.min() - values.astype(np.float64)).astype(values.dtype)
    return np.where(known, turned, values)


def percent(share: float) -> str:
    """A share as a text; a tiny one doesn't read as none.

    Examples
    --------
    >>> percent(0.125), percent(0.00003), percent(0)
    ('12.5%', 'under 0.1%', '0.0%')
    """
    return "under 0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def _find_known(values: Values, missing: float | None) -> NDArray[np.bool_]:
    known = np.isfinite(values)
    if missing is not None and np.isfinite(missing):
        wanted = np.float64(missing)
        known &= ~np.isclose(values.astype(np.float64), wanted, rtol=1e-6, atol=0)
    return known


def _is_plain(dtype: np.dtype[Any], low: float, high: float) -> bool:
    """Whether nothing was assumed: the full range of the type, or floats 0 to 1."""
    return low == 0 and high == (1 if dtype.kind == "f" else 65535)


def _scale(values: Values, known: NDArray[np.bool_], low: float, high: float) -> NDArray[np.uint8]:
    if values.dtype.kind == "u" and values.dtype.itemsize == 2 and low == 0 and known.all():
        full = int(high)
        cut = np.minimum(values, full).astype(np.uint32)  # of either byte order
        return ((cut * 255 + full // 2) // full).astype(np.uint8)
    cut = np.clip(np.where(known, values, low).astype(np.float64), low, high)
    return np.round((cut - low) * (255 / max(high - low, 1e-300))).astype(np.uint8)


def _range(scene: Values, dtype: np.dtype[Any]) -> tuple[float, float]:
    """What becomes black, and what white."""
    if not scene.size:
        return 0.0, 1.0
    low, high = float(scene.min()), float(scene.max())
    whole = dtype.kind in "iu"
    if whole and low >= 0 and high <= 65535:
        full = float(depth_of(int(high)))
    elif whole:
        return low, high
    elif _fits(scene, low, high, 1.0):
        full = 1.0
    elif low >= 0 and high <= 255 and (high > 16 or bool((scene == np.round(scene)).all())):
        full = 255.0
    else:
        return low, high
    width = high - low
    narrow = NARROW if whole or full == 1 else 4 * NARROW
    far_up = low > full / 4 or (not whole and full != 1)
    if not whole and full == 1 and low >= 0 and 0 < high <= NARROW and _is_scene(scene):
        return 0.0, high
    return (low, high) if far_up and 0 < width <= narrow * full and _is_scene(scene) else (0.0, full)


def _fits(scene: Values, low: float, high: float, full: float) -> bool:
    """Whether values go from 0 to `full`, but for some that resampling or noise drove a little beyond."""
    if low >= 0 and high <= full:
        return True
    inside = float(np.count_nonzero((scene >= 0) & (scene <= full)) / scene.size)
    return inside >= 1 - FEW or (inside > 0.9 and low >= -0.1 * full and high <= 1.1 * full)


def depth_of(value: int) -> int:
    """The highest value of the depth that a value was recorded with."""
    return next(depth for depth in DEPTHS if value <= depth)


def _is_scene(values: Values) -> bool:
    sample = values[:: max(1, values.size // 10_000)]
    return np.unique(sample).size >= SCENE


def _without_outliers(scene: Values) -> Values:
    """The values that are no outliers, one after the other."""
    if not scene.size or not _is_scene(scene):
        return scene
    scene = _without_missing(scene)
    few = int(FEW * scene.size)
    if few:
        scene = scene[scene >= _edge(scene, few, -1)]
        scene = scene[scene <= _edge(scene, few, 1)]
        scene = scene[scene >= _edge(scene, few, -1)]  # a hot pixel above hides a cold one
    return scene


def _without_missing(scene: Values) -> Values:
    """Without one negative value, or the highest of the type, that lies far from all others."""
    most = np.iinfo(scene.dtype).max if scene.dtype.kind in "iu" else BEYOND
    for _ in range(2):
        bottom, top = scene.min(), scene.max()
        zero = scene.dtype.kind == "f" and bottom == 0
        for value, is_odd in ((bottom, bottom < 0 or zero), (top, float(top) >= most or int(top) in MARKS)):
            rest = scene[scene != value]
            if not is_odd or not rest.size or not _is_scene(rest):
                continue
            low, high = float(rest.min()), float(rest.max())
            if max(low - float(value), float(value) - high) > FAR * (high - low):
                scene = rest
                break
    return scene


def _edge(scene: Values, few: int, side: int) -> Any:
    """The last value before a gap as wide as all before it, among the few outermost ones of a side."""
    values = scene.astype(np.float64) * side
    tail = np.sort(np.partition(values, -few - 1)[-few - 1 :])
    widths = tail[:-1] - values.min()
    gaps = np.flatnonzero((np.diff(tail) > widths) & (widths > 0))
    return side * (tail[gaps[0]] if gaps.size else tail[-1])
