"""Points of a picture that a person chose."""

from __future__ import annotations

from segmethods.core.messages import MethodError
from segmethods.core.types import Image


def check_inside(image: Image, x: int, y: int) -> None:
    """Nothing, if the pixel in column `x` and row `y` is there.

    Raises
    ------
    MethodError
        If it is not.
    """
    height, width = image.shape[:2]
    if x >= width or y >= height:
        raise MethodError(
            "The point {x}, {y} lies outside of the picture, which is {width} × {height} pixels. Choose another one.",
            x=x,
            y=y,
            width=width,
            height=height,
        )
