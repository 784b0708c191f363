"""Files of CVAT, SuperAnnotate, Label Studio, Supervisely and VIA, as shapes of each image.

=================  ===================================================================================================
CVAT               ``annotations.xml`` of "CVAT for images": polygons, masks, boxes and ellipses, by their ``z_order``
SuperAnnotate      ``NAME.jpg___objects.json`` or ``NAME.jpg.json``, one file an image; ``exclude`` are holes
Label Studio       JSON or JSON-MIN: polygons, brushes, boxes and ellipses, in shares of the image
Supervisely        see :mod:`segmethods.io.supervisely`
VIA                see :mod:`segmethods.io.via`
=================  ===================================================================================================

Each image becomes what labelme would have written (see :mod:`segmethods.io.shapes`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import numpy as np

from segmethods.core.messages import ImageError, Message
from segmethods.io.drawings import Drawing, DrawnImage, Shape, gather, make_box
from segmethods.io.other_tools import refuse_other_tool
from segmethods.io.supervisely import read_supervisely
from segmethods.io.text_marks import as_utf8
from segmethods.io.via import is_via_entry, read_via, read_via_table

SEVERAL = Message("Where several people marked a picture, the first of them counts.")

BOXES = Message(
    "{name} has boxes, as Pascal VOC does for detection, and boxes are no masks. What is read are masks that are "
    "named like the pictures, and outlines of labelme, COCO, CVAT or YOLO."
).template
"""The answer to boxes that nobody draws around pixels."""

XML = re.compile(rb"<annotations?\b")


def looks_like_xml(data: bytes) -> bool:
    """Whether a file is XML of a labelling tool, by its first bytes."""
    return data[:64].lstrip().startswith(b"<") and XML.search(data[:4096]) is not None


def has_boxes(data: bytes) -> bool:
    """Whether a file is XML as Pascal VOC has it for detection: an image, and boxes around its objects."""
    return looks_like_xml(data) and re.search(rb"<annotation\b", data[:4096]) is not None


def looks_like_table(data: bytes) -> bool:
    """Whether a file is a table of VIA, by its first line."""
    return b"region_shape_attributes" in data[:1000].partition(b"\n")[0]


def read_drawing(data: bytes, name: str) -> Drawing | None:
    """What such a file says of its images; None if it is another one.

    Raises
    ------
    ImageError
        If it is such a file, and of a kind that says nothing of pixels, or of a tool that is not read here.
    """
    data = as_utf8(data)
    if looks_like_xml(data):
        return _read_cvat(data, name)
    if looks_like_table(data):
        return read_via_table(data, name)
    try:
        content = json.loads(data.decode())
    except (ValueError, RecursionError):
        return None
    refuse_other_tool(content, name)
    match content:
        case {"instances": list() as instances}:
            return _read_superannotate(instances, content.get("metadata") or {})
        case [{"annotations": list()} | {"completions": list()}, *_] | [{"image": str()}, *_]:
            return _read_label_studio(content)
        case {"objects": list(), "size": {"height": _, "width": _}}:
            return read_supervisely(content)
        case {"_via_img_metadata": dict() as entries}:
            return read_via(entries, name, (content.get("_via_attributes") or {}).get("region") or {})
        case dict() if content and all(map(is_via_entry, content.values())):
            return read_via(content, name)
    return None


def _read_cvat(data: bytes, name: str) -> Drawing:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ImageError("{name} is XML with definitions of its own, which are not read. Export it again.", name=name)
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise ImageError("{name} is damaged XML ({reason}). Export it again.", name=name, reason=str(error)) from error
    if root.tag == "annotation":
        raise ImageError(BOXES, name=name)
    images = root.findall("image")
    if not images:
        kind = Message("{name} is of a video or empty. Export it as “CVAT for images”.", {"name": name})
        raise ImageError(kind.template, **kind.values)
    labels = [found.text.strip() for found in root.iterfind(".//labels/label/name") if found.text]
    drawn = [DrawnImage(str(image.get("name")), _read_cvat_image(image)) for image in images]
    return gather("CVAT", drawn, labels, ())


def _read_cvat_image(image: ElementTree.Element) -> Mapping[str, Any]:
    marks = [mark for mark in image if mark.tag != "tag"]
    shapes = [_read_cvat_shape(mark) for mark in sorted(marks, key=lambda mark: int(mark.get("z_order") or 0))]
    return {"imageHeight": int(image.get("height", 0)), "imageWidth": int(image.get("width", 0)), "shapes": shapes}


def _read_cvat_shape(mark: ElementTree.Element) -> Shape:
    label = mark.get("label", "")

    def value(key: str) -> float:
        return float(mark.get(key) or 0)

    match mark.tag:
        case "polygon":
            corners = [[float(v) for v in pair.split(",")] for pair in mark.get("points", "").split(";") if pair]
            return {"label": label, "shape_type": "polygon", "points": corners}
        case "box":
            x0, y0, x1, y1 = (value(key) for key in ("xtl", "ytl", "xbr", "ybr"))
            return make_box(
                label, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], ((x0 + x1) / 2, (y0 + y1) / 2), value("rotation")
            )
        case "ellipse":
            points = [[value("cx"), value("cy")], [value("rx"), value("ry")]]
            return {"label": label, "shape_type": "ellipse", "points": points, "angle": value("rotation")}
        case "mask":
            points = [[value("left"), value("top")], [value("width"), value("height")]]
            runs = [int(run) for run in mark.get("rle", "").split(",") if run.strip()]
            return {"label": label, "shape_type": "runs", "points": points, "runs": runs}
    return {"label": label, "shape_type": "line", "points": []}


def _read_superannotate(instances: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> Drawing:
    shapes = [_read_superannotate_shape(instance) for instance in instances]
    content = {"imageHeight": about.get("height"), "imageWidth": about.get("width"), "shapes": shapes}
    return gather("SuperAnnotate", [DrawnImage("", content)], (), ())


def _read_superannotate_shape(instance: Mapping[str, Any]) -> Shape:
    label, points = str(instance.get("className", "")).strip(), instance.get("points")
    match instance.get("type"):
        case "polygon":
            rings = [points, *(instance.get("exclude") or [])]
            return {"label": label, "shape_type": "rings", "points": [np.reshape(r, (-1, 2)).tolist() for r in rings]}
        case "bbox" if isinstance(points, Mapping):
            x0, y0, x1, y1 = (float(points[key]) for key in ("x1", "y1", "x2", "y2"))
            return make_box(label, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], (x0, y0), 0)
        case "rbbox" if isinstance(points, Mapping):
            corners = [(float(points[f"x{i}"]), float(points[f"y{i}"])) for i in range(1, 5)]
            return make_box(label, corners, corners[0], 0)
        case "ellipse":
            places = [[instance["cx"], instance["cy"]], [instance["rx"], instance["ry"]]]
            return {"label": label, "shape_type": "ellipse", "points": places, "angle": instance.get("angle") or 0}
    if "parts" in instance:
        raise ValueError("pixels in another file: use the picture that ends in ___fuse.png")
    return {"label": label, "shape_type": "line", "points": []}


def _read_label_studio(tasks: Sequence[Mapping[str, Any]]) -> Drawing:
    images, several = [], False
    for task in tasks:
        people = [
            one for one in task.get("annotations") or task.get("completions") or () if not one.get("was_cancelled")
        ]
        several = several or len(people) > 1
        chosen = next((one for one in people if one.get("ground_truth")), people[0] if people else {"result": []})
        results = [r for r in chosen["result"] if "value" in r] if "image" not in task else list(_unfold(task))
        size = next(((r["original_height"], r["original_width"]) for r in results if "original_height" in r), (0, 0))
        shapes = [shape for r in results if (shape := _read_label_studio_shape(r, size)) is not None]
        if shapes and not all(size):
            raise ValueError("shapes without the size of their picture")
        content = {"imageHeight": size[0], "imageWidth": size[1], "shapes": shapes}
        images.append(DrawnImage(_name_image(task), content))
    return gather("Label Studio", images, (), (SEVERAL,) if several else ())


def _unfold(task: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The results of JSON-MIN, whose values lie flat beside the size."""
    for found in task.values():
        if isinstance(found, list):
            yield from ({**r, "value": r} for r in found if isinstance(r, dict) and "original_width" in r)


def _name_image(task: Mapping[str, Any]) -> str:
    """The image of a task: a path, an address, or what was uploaded."""
    values = [task.get("image"), *(task.get("data") or {}).values(), task.get("file_upload")]
    named = next((v for v in values if isinstance(v, str) and "." in v), "")
    return named.partition("?d=")[2] or named.partition("?")[0]


def _read_label_studio_shape(result: Mapping[str, Any], size: tuple[int, int]) -> Shape | None:
    value = result["value"]
    label = next((str(v[0]) for key, v in value.items() if key.endswith("labels") and isinstance(v, list) and v), "")
    if not label:  # the shape alone, which comes again with its label
        return None
    if result.get("image_rotation"):
        raise ValueError("a picture that was turned in the tool")
    across, down = size[1] / 100, size[0] / 100
    if "rle" in value:
        runs = _to_runs(_unpack_brush(value["rle"]), size)
        return {"label": label, "shape_type": "runs", "points": [[0, 0], [size[1], size[0]]], "runs": runs}
    if "points" in value:
        corners = [[x * across, y * down] for x, y in value["points"]]
        return {"label": label, "shape_type": "polygon", "points": corners}
    if "radiusX" in value:
        points = [[value["x"] * across, value["y"] * down], [value["radiusX"] * across, value["radiusY"] * down]]
        return {"label": label, "shape_type": "ellipse", "points": points, "angle": value.get("rotation") or 0}
    if "width" in value and "height" in value:
        x, y, w, h = value["x"] * across, value["y"] * down, value["width"] * across, value["height"] * down
        return make_box(label, [(x, y), (x + w, y), (x + w, y + h), (x, y + h)], (x, y), value.get("rotation") or 0)
    return {"label": label, "shape_type": "line", "points": []}


def _unpack_brush(packed: Sequence[int]) -> np.ndarray:
    """The bytes of a brush, four a pixel: runs and single words in bits, as thi.ng's rle-pack writes them."""
    bits = np.unpackbits(np.array(packed, np.uint8))
    at = 0

    def take(count: int) -> int:
        nonlocal at
        if at + count > bits.size:
            raise ValueError("a brush that is cut short")
        word = int("".join(map(str, bits[at : at + count].tolist())), 2)
        at += count
        return word

    total, word = take(32), take(5) + 1
    lengths = [take(4) + 1 for _ in range(4)]
    if total > 4 * 10**9 or word != 8:
        raise ValueError("a brush of another kind")
    values = np.zeros(total, np.uint8)
    done = 0
    while done < total:
        is_run, end = take(1), done + 1 + take(lengths[take(2)])
        if is_run:
            values[done:end] = take(word)
        else:
            words = bits[at : at + word * (end - done)]
            values[done:end] = np.packbits(words)
            at += words.size
        done = end
    return values


def _to_runs(values: np.ndarray, size: tuple[int, int]) -> list[int]:
    if values.size != 4 * size[0] * size[1]:
        raise ValueError("a brush of another size")
    inside = np.concatenate([[False], values[3::4] > 0])  # how opaque
    borders = np.flatnonzero(np.diff(inside)) + 1
    return [int(run) for run in np.diff([1, *borders.tolist(), inside.size])]
