"""Numbers as people read them, the same on every page: IoU 0.91, 0.21 s, 48 ms, 34%."""

from __future__ import annotations

import math

_SPACE = "\u00a0"
"""Keeps a number and its unit on one line."""


def score(value: float) -> str:
    """A score between 0 and 1, two decimals.

    Examples
    --------
    >>> score(0.9149), score(float("nan"))
    ('0.91', '–')
    """
    return f"{value:z.2f}" if math.isfinite(value) else "–"


def seconds(value: float) -> str:
    """A duration, two significant digits.

    Examples
    --------
    >>> [seconds(v).replace("\\u00a0", " ") for v in (0.0004, 0.0478, 0.214, 5.96, 12.3, 130)]
    ['0.40 ms', '48 ms', '0.21 s', '6.0 s', '12 s', '130 s']
    """
    if not math.isfinite(value):
        return "–"
    if value < 0.0995:
        return f"{_two_digits(value * 1000)}{_SPACE}ms"
    return f"{_two_digits(value)}{_SPACE}s"


def duration(length: float) -> str:
    """A rough length of time.

    Examples
    --------
    >>> [duration(v).replace("\u00a0", " ") for v in (0.2, 40.3, 200, 5400)]
    ['1.0 s', '40 s', '3 min', '1.5 h']
    """
    if length < 90:
        return seconds(max(1.0, round(length)))
    return f"{length / 60:.0f}{_SPACE}min" if length < 5400 else f"{length / 3600:.1f}{_SPACE}h"


def share(fraction: float) -> str:
    """A part of the whole, in whole per cents; neither a trace nor all but a trace is rounded away.

    Examples
    --------
    >>> [share(v) for v in (0.344, 0.001, 0.999, 0, 1)]
    ['34%', '<1%', '>99%', '0%', '100%']
    """
    text = f"{fraction * 100:.0f}"
    if text == "0" and fraction > 0:
        text = "<1"
    elif text == "100" and fraction < 1:
        text = ">99"
    return f"{text}%"


def times(ratio: float) -> str:
    """How many times more, two significant digits: "40×".

    Examples
    --------
    >>> times(39.7), times(1.52), times(1234)
    ('40×', '1.5×', '1200×')
    """
    return f"{_two_digits(ratio)}×"


def _two_digits(value: float) -> str:
    if value <= 0:
        return "0"
    digits = 1 - math.floor(math.log10(value))
    rounded = round(value, digits)
    digits = 1 - math.floor(math.log10(rounded))
    return f"{rounded:.{max(0, digits)}f}"
