"""Sizes of images."""

from __future__ import annotations

from collections.abc import Iterator

STRIP = 1 << 14  # pixels, of which what is computed stays in the processor's cache


def fit_long_side(height: int, width: int, side: int, enlarge: bool = True) -> tuple[int, int]:
    """Height and width with the long side at `side` pixels and the short side in proportion, at least 1.

    Parameters
    ----------
    height, width : int
        The size of the image, in pixels.
    side : int
        The wanted long side, in pixels.
    enlarge : bool
        Whether an image whose long side is shorter than `side` grows. If not, it keeps its size.

    Examples
    --------
    >>> fit_long_side(480, 640, 320)
    (240, 320)
    >>> fit_long_side(2, 1000, 100), fit_long_side(30, 40, 80), fit_long_side(30, 40, 80, enlarge=False)
    ((1, 100), (60, 80), (30, 40))
    """
    scale = side / max(height, width)
    if not enlarge:
        scale = min(1.0, scale)
    return max(1, round(height * scale)), max(1, round(width * scale))


def strips(height: int, width: int = 1) -> Iterator[slice]:
    """Slices of so many rows that what is computed of one stays in the processor's cache; at least one row.

    Examples
    --------
    >>> list(strips(20, 2000))
    [slice(0, 8, None), slice(8, 16, None), slice(16, 24, None)]
    """
    rows = max(1, STRIP // width)
    return (slice(start, start + rows) for start in range(0, height, rows))
