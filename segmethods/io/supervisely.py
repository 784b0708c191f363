"""Annotations of Supervisely, one file an image: polygons with holes, bitmaps and rectangles, painted in their order.

Its corners are pixels, which belong to the object, and those of a hole to the hole.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any

from segmethods.core.settings import settings
from segmethods.io.drawings import Drawing, DrawnImage, Shape, gather, make_box

LINES = ("point", "line", "graph", "cuboid")


def read_supervisely(content: Mapping[str, Any]) -> Drawing:
    """The shapes of a file.

    Raises
    ------
    ValueError
        If a shape is of a kind that says nothing of pixels, or is damaged.
    """
    shapes = [_read_shape(entry) for entry in content["objects"]]
    size = content["size"]
    image = {"imageHeight": size["height"], "imageWidth": size["width"], "shapes": shapes}
    return gather("Supervisely", [DrawnImage("", image)], (), ())


def _read_shape(entry: Mapping[str, Any]) -> Shape:
    label, kind = str(entry.get("classTitle", "")).strip(), entry.get("geometryType")
    if kind is None:  # files of old have no kinds
        kind = "bitmap" if entry.get("bitmap") else "polygon"
    match kind:
        case "polygon":
            points = entry["points"]
            return {"label": label, "shape_type": "pixels", "points": [points["exterior"], *points["interior"]]}
        case "rectangle":
            (x0, y0), (x1, y1) = entry["points"]["exterior"]
            (left, right), (top, bottom) = sorted((x0, x1)), sorted((y0, y1))
            corners = [(left, top), (right + 1, top), (right + 1, bottom + 1), (left, bottom + 1)]
            return make_box(label, corners, corners[0], 0)
        case "bitmap":
            bitmap = entry["bitmap"]
            png = base64.b64encode(_inflate(base64.b64decode(bitmap["data"]))).decode()
            return {"label": label, "shape_type": "mask", "points": [bitmap["origin"]], "mask": png}
        case _ if kind in LINES:
            return {"label": label, "shape_type": "line", "points": []}
    raise ValueError(f"shapes of the kind {kind}")


def _inflate(data: bytes) -> bytes:
    """What was compressed, and not more than a picture may have."""
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(data, settings().max_bytes)
    except zlib.error as error:
        raise ValueError("a damaged bitmap") from error
    if not unpacking.eof:
        raise ValueError("a bitmap that is cut short or too large")
    return found
