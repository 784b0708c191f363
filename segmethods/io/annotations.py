"""Truths in the files of labelling tools: labelme JSON, COCO JSON, YOLO's outlines, NumPy arrays.

================  ====================================================================================================
labelme JSON      polygons, rectangles, circles and masks, painted in their order; ``__ignore__`` isn't judged
COCO JSON         polygons, and run lengths as a list or as packed text; the image is found by its file's name
YOLO (.txt)       ``CLASS x y x y ...`` a line, in shares of width and height; class 0 comes after the background
NumPy (.npy)      a map of class ids, ``(H, W)``
================  ====================================================================================================
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import has_background
from segmethods.core.settings import settings
from segmethods.core.types import VOID, Labels, Vocabulary
from segmethods.io.polygons import Mask, fill_rings
from segmethods.io.run_lengths import decode_runs

ANNOTATION_SUFFIXES = (".json", ".txt", ".npy")
"""How the names of such files end."""

OUTLINES = "outlines"
"""The id of a vocabulary whose names a labelling tool wrote."""

IGNORED = ("__ignore__", "_ignore_", "void")
BACKGROUND = ("_background_", "background")

_ROW = re.compile(rb"\s*\d+(\s+-?\d*\.?\d+([eE]-?\d+)?){4,}\s*(\r?\n|$)")


@dataclass(frozen=True, eq=False)
class Annotation:
    """What such a file says of one image."""

    labels: Labels
    classes: Vocabulary
    notes: tuple[Message, ...] = ()


def is_annotation(data: bytes) -> bool:
    """Whether a file holds outlines, by its first bytes."""
    return data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") or _ROW.match(data) is not None


def read_annotation(
    data: bytes, name: str, size: tuple[int, int] | None, classes: Vocabulary | None = None, image: str = ""
) -> Annotation:
    """Read the outlines of one image.

    Parameters
    ----------
    data : bytes
        A file for which `is_annotation` is true.
    name : str
        What error messages call it; the image has its name where `image` is left out.
    size : (int, int) or None
        Height and width of the image; None where the file says them.
    classes : Vocabulary, optional
        The classes, to which its names are matched.
    image : str
        The name of the image's file, by which COCO finds it.

    Raises
    ------
    ImageError
        If it can't be read, or has nothing to say of this image.
    """
    try:
        if _ROW.match(data):
            return _read_yolo(data.decode("ascii"), name, size, classes)
        content = json.loads(data.decode("utf-8-sig"))
        if isinstance(content, dict) and isinstance(content.get("shapes"), list):
            return _read_labelme(content, size, classes)
        if isinstance(content, dict) and isinstance(content.get("annotations"), list):
            return _read_coco(content, name, size, classes, image or name)
    except ImageError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, binascii.Error) as error:
        raise ImageError(
            "{name} has outlines that can't be read ({reason}). Export them again.",
            name=name,
            reason=" ".join(str(error).split())[:80] or "?",
        ) from error
    raise ImageError("{name} has no outlines. Export labelme JSON, COCO JSON, YOLO's outlines or a PNG.", name=name)


def read_array(data: bytes, name: str) -> NDArray[Any]:
    """The map in a NumPy file.

    Raises
    ------
    ImageError
        If it holds no array of numbers with height and width.
    """
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ImageError("{name} is damaged, or no array of numbers. Save it anew.", name=name) from error
    array = array.squeeze() if array.ndim == 3 and 1 in (array.shape[0], array.shape[-1]) else array
    if array.ndim != 2 or not array.size or array.dtype.kind not in "biuf" or array.size > settings().max_pixels:
        raise ImageError(
            "{name} is an array of shape {shape}. A truth is one map of class ids, of height and width.",
            name=name,
            shape=str(array.shape),
        )
    return np.asarray(array)


def _read_labelme(content: Mapping[str, Any], size: tuple[int, int] | None, classes: Vocabulary | None) -> Annotation:
    height, width = int(content.get("imageHeight") or 0), int(content.get("imageWidth") or 0)
    if not height or not width:
        height, width = size or (0, 0)
    place = _new_map((height, width), classes)
    shapes = [(str(shape["label"]), _labelme_mask(shape, (height, width))) for shape in content["shapes"]]
    left_out = sum(mask is None for _, mask in shapes)
    known = _name_ids([label for label, mask in shapes if mask is not None], classes)
    for label, mask in shapes:
        if mask is not None:
            place[mask] = known.ids[_plain(label)]
    note = Message("Left out: {count:shape|shapes} without an area.", {"count": left_out})
    return Annotation(place, known.classes, (note,) if left_out else ())


def _labelme_mask(shape: Mapping[str, Any], size: tuple[int, int]) -> Mask | None:
    """The pixels of a shape; None for points and lines, which have no area."""
    points = np.array(shape["points"], np.float64).reshape(-1, 2)
    if not np.isfinite(points).all():
        raise ValueError("a corner that is no number")
    match shape.get("shape_type") or "polygon":
        case "polygon" if len(points) >= 3:
            return fill_rings([points], size)
        case "rectangle" if len(points) >= 2:
            (x0, y0), (x1, y1) = points[:2]
            return fill_rings([np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])], size)
        case "circle" if len(points) >= 2:
            rows, columns = np.indices(size) + 0.5
            (x, y), radius = points[0], np.hypot(*(points[1] - points[0]))
            return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)
        case "mask":
            return _pasted(shape["mask"], points, size)
    return None


def _pasted(text: str, points: NDArray[np.float64], size: tuple[int, int]) -> Mask:
    """A small PNG of a labelme mask, laid where it belongs."""
    from segmethods.io.opening import opened

    with opened(base64.b64decode(text), "mask") as picture:
        part = np.asarray(picture.convert("L")) > 0
    column, row = (int(value) for value in points[0])
    if row < 0 or column < 0 or row + part.shape[0] > size[0] or column + part.shape[1] > size[1]:
        raise ValueError("a mask that lies outside of the picture")
    mask = np.zeros(size, bool)
    mask[row : row + part.shape[0], column : column + part.shape[1]] = part
    return mask


def _read_coco(
    content: Mapping[str, Any], name: str, size: tuple[int, int] | None, classes: Vocabulary | None, image: str
) -> Annotation:
    record = _find_image(content.get("images") or [], name, image)
    shape = (int(record["height"]), int(record["width"])) if "height" in record else size or (0, 0)
    place = _new_map(shape, classes)
    titles = {int(c["id"]): str(c["name"]) for c in content.get("categories") or []}
    known = _name_ids([titles[number] for number in sorted(titles)], classes)
    for entry in content["annotations"]:
        if record and entry.get("image_id") != record["id"]:
            continue
        class_id = known.ids[_plain(titles.get(int(entry["category_id"]), ""))]
        place[_coco_mask(entry["segmentation"], shape)] = class_id
    return Annotation(place, known.classes)


def _find_image(images: Sequence[Mapping[str, Any]], name: str, image: str) -> Mapping[str, Any]:
    """The image that a file is about: the only one, or the one with the image's name."""
    if len(images) == 1:
        return images[0]
    stem = PurePath(image.replace("\\", "/")).stem.casefold()
    found = [i for i in images if PurePath(str(i.get("file_name", "")).replace("\\", "/")).stem.casefold() == stem]
    if len(found) != 1:
        raise ImageError(
            "{name} has outlines of {count:picture|pictures}, and not of one called {image}. Rename the picture.",
            name=name,
            count=len(images),
            image=stem,
        )
    return found[0]


def _coco_mask(segmentation: Any, size: tuple[int, int]) -> Mask:
    if isinstance(segmentation, dict):
        if tuple(segmentation["size"]) != size:
            raise ValueError("run lengths of another size")
        return decode_runs(segmentation["counts"], size)
    mask = np.zeros(size, bool)
    for part in segmentation:  # parts of one object, each filled by itself
        mask |= fill_rings([np.array(part, np.float64).reshape(-1, 2)], size)
    return mask


def _read_yolo(text: str, name: str, size: tuple[int, int] | None, classes: Vocabulary | None) -> Annotation:
    if size is None:
        raise ImageError("{name} has outlines in shares of a picture. Give them together with the picture.", name=name)
    rows = [line.split() for line in text.splitlines() if line.strip()]
    if all(len(row) == 5 for row in rows):
        raise ImageError("{name} has boxes, not outlines. Export outlines for segmentation.", name=name)
    shift = 1 if classes is None or has_background(classes) else 0
    last = max(int(row[0]) for row in rows) + shift
    if last >= (len(classes) if classes is not None else VOID):
        raise ImageError(
            "{name} has class {id}, which has no name here. Add it to the classes.", name=name, id=last - shift
        )
    place = _new_map(size, classes)
    for row in rows:
        points = np.array(row[1:], np.float64)
        if len(points) % 2 or len(points) < 6 or points.min() < -0.001 or points.max() > 1.001:
            raise ValueError(f"the line that starts with {' '.join(row[:3])}")
        place[fill_rings([points.reshape(-1, 2) * size[::-1]], size)] = int(row[0]) + shift
    names = ("background", *(f"class {i}" for i in range(last)))
    note = Message("YOLO has no background: its class 0 is the id 1 here.")
    return Annotation(place, classes or Vocabulary("mask", names), (note,) if shift else ())


def _new_map(size: tuple[int, int], classes: Vocabulary | None) -> Labels:
    """A map of background; of what nobody judges where no class is the background."""
    if not 0 < size[0] * size[1] <= settings().max_pixels:
        raise ValueError("a picture without a size, or one that is too large")
    is_ground = classes is None or has_background(classes) or _plain(classes.names[0]) in BACKGROUND
    return np.full(size, 0 if is_ground else VOID, np.uint8)


@dataclass(frozen=True)
class _Known:
    ids: Mapping[str, int]
    classes: Vocabulary


def _plain(name: str) -> str:
    return name.strip().casefold()


def _name_ids(labels: Sequence[str], classes: Vocabulary | None) -> _Known:
    """The id of every label: by the classes, or numbered after the background in the order of their names."""
    ids = dict.fromkeys(IGNORED, VOID) | dict.fromkeys(BACKGROUND, 0)
    if classes is not None:
        ids |= {_plain(name): i for i, name in enumerate(classes.names)}
        missing = next((label for label in labels if _plain(label) not in ids), None)
        if missing is not None:
            raise ImageError(
                "There is no class {name} here. The classes are {names}.", name=missing, names=", ".join(classes.names)
            )
        return _Known(ids, classes)
    names = list(dict.fromkeys(label for label in labels if _plain(label) not in ids))
    if len(names) >= VOID:
        raise ValueError("more than 254 classes")
    ids |= {_plain(name): i for i, name in enumerate(names, 1)}
    return _Known(ids, Vocabulary(OUTLINES, ("background", *names)))
