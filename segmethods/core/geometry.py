"""Sizes of images."""

from __future__ import annotations


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
