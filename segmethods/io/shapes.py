"""What people draw with labelling tools becomes pixels, whatever the tool: one shape, one mask.

A shape is a mapping as labelme writes it, ``label``, ``shape_type`` and ``points``, which are x and y in pixels. Beside
labelme's kinds there are ``rings`` (outlines with holes), ``pixels`` (the same by pixels, which
belong to the object), ``ellipse`` (centre, radii, ``angle`` in degrees clockwise)
and ``runs`` (left and top, width and height, and ``runs`` of background and object in turns, row by row).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.io.polygons import Mask, Ring, fill_rings


def fill_shape(shape: Mapping[str, Any], size: tuple[int, int]) -> Mask | None:
    """The pixels of a shape; None for points and lines, which have no area.

    Parameters
    ----------
    shape : mapping
    size : (int, int)
        Height and width of the image.

    Raises
    ------
    ValueError
        If a corner is no number, or a mask lies outside of the image.

    Examples
    --------
    >>> runs = {"shape_type": "runs", "points": [[1, 0], [2, 2]], "runs": [1, 2, 1]}
    >>> fill_shape(runs, (2, 4)).astype(int).tolist()
    [[0, 0, 1, 0], [0, 1, 0, 0]]
    """
    kind = shape.get("shape_type") or "polygon"
    if kind == "rings":
        return fill_rings([_read_corners(ring) for ring in shape["points"]], size)
    if kind == "pixels":
        return _fill_pixels([_read_corners(ring) for ring in shape["points"]], size)
    points = _read_corners(shape["points"])
    match kind:
        case "polygon" | "rotation" | "oriented_rectangle" if len(points) >= 3:
            return fill_rings([points], size)
        case "rectangle" if len(points) == 4:  # of X-AnyLabeling, all corners
            return fill_rings([points], size)
        case "rectangle" if len(points) >= 2:
            (x0, y0), (x1, y1) = points[:2]
            return fill_rings([np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])], size)
        case "circle" if len(points) >= 2:
            radius = float(np.hypot(*(points[1] - points[0])))
            return _fill_ellipse(points[0], (radius, radius), 0.0, size)
        case "ellipse":
            return _fill_ellipse(points[0], points[1], float(shape.get("angle") or 0), size)
        case "mask":
            return _lay(_decode_png(shape["mask"]), points[0], size)
        case "runs":
            return _lay(_decode_runs(shape["runs"], points[1]), points[0], size)
    return None


def turn_corners(
    corners: Sequence[tuple[float, float]], centre: tuple[float, float], degrees: float
) -> list[list[float]]:
    """Corners turned clockwise around a point, as boxes of labelling tools are.

    Examples
    --------
    >>> [[round(v, 6) for v in corner] for corner in turn_corners([(2, 1)], (1, 1), 90)]
    [[1.0, 2.0]]
    """
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    offsets = np.array(corners, np.float64) - centre
    turned: list[list[float]] = (offsets @ np.array([[cos, sin], [-sin, cos]]) + centre).tolist()
    return turned


def _read_corners(points: Any) -> Ring:
    corners = np.array(points, np.float64).reshape(-1, 2)
    if not np.isfinite(corners).all():
        raise ValueError("a corner that is no number")
    return corners


def _fill_pixels(rings: Sequence[Ring], size: tuple[int, int]) -> Mask:
    """What an outline of pixels encloses, its corners and edges included, without the same of its holes."""
    import cv2

    mask = np.zeros(size, np.uint8)
    outer, *holes = (np.round(ring).astype(np.int32) for ring in rings)
    cv2.fillPoly(mask, [outer], (1,))
    for hole in holes:
        cv2.fillPoly(mask, [hole], (0,))
    return mask > 0


def _fill_ellipse(centre: Any, radii: Any, degrees: float, size: tuple[int, int]) -> Mask:
    """The pixels whose centres lie in an ellipse."""
    if not min(radii) > 0:
        return np.zeros(size, bool)
    rows, columns = np.indices(size) + 0.5
    dx, dy = columns - centre[0], rows - centre[1]
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    return np.asarray((along / radii[0]) ** 2 + (across / radii[1]) ** 2 <= 1)


def _decode_png(text: str) -> Mask:
    """A small PNG of a mask."""
    from segmethods.io.opening import decode_image

    with decode_image(base64.b64decode(text), "mask") as image:
        if image.has_transparency_data:  # as Supervisely has it
            return np.asarray(image.convert("RGBA"))[..., 3] > 0
        return np.asarray(image.convert("L")) > 0


def _decode_runs(runs: Sequence[int], sides: NDArray[np.float64]) -> Mask:
    width, height = (int(side) for side in sides)
    counts = np.array(runs, np.int64)
    if not counts.size or counts.min() < 0 or counts.sum() != width * height:
        raise ValueError("runs that don't fill their box")
    return np.repeat(np.arange(counts.size) % 2 == 1, counts).reshape(height, width)


def _lay(part: Mask, corner: NDArray[np.float64], size: tuple[int, int]) -> Mask:
    """A small mask, laid where it belongs."""
    column, row = (int(value) for value in corner)
    if row < 0 or column < 0 or row + part.shape[0] > size[0] or column + part.shape[1] > size[1]:
        raise ValueError("a mask that lies outside of the picture")
    mask = np.zeros(size, bool)
    mask[row : row + part.shape[0], column : column + part.shape[1]] = part
    return mask
