"""Points of an image that a person chose."""

from __future__ import annotations

from typing import Annotated

from segmethods.core.messages import MethodError
from segmethods.core.registry import Range
from segmethods.core.types import Image

Pixel = Annotated[int, Range(0, 99_999)]
"""A row or a column."""


def check_point(image: Image, x: int, y: int) -> None:
    """Nothing, if the pixel in column `x` and row `y` is there.

    Raises
    ------
    MethodError
        If it is not.
    """
    height, width = image.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        raise MethodError(
            "The point {x}, {y} lies outside of the picture, which is {width} × {height} pixels. Choose another one.",
            x=x,
            y=y,
            width=width,
            height=height,
        )
