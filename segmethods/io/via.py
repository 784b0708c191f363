"""Files of the VGG Image Annotator (VIA 1 and 2): polygons, boxes, circles and ellipses, as a project, JSON or CSV.

The class of a region is its attribute, or that of several that is called ``class``, ``label`` or alike; regions without
attributes are all of one class.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from segmethods.core.messages import ImageError, Message
from segmethods.io.drawings import Drawing, DrawnImage, Shape, gather, make_box

CLASS_WORDS = ("class", "label", "category", "class_name", "type", "name", "object")
"""What the attribute with the class is called where there are several, the first one that is there."""

OBJECT = "object"
CHOSEN = Message("The class of a region is its attribute {name}; the others are {others}.")
NO_ATTRIBUTES = Message("Its regions have no attributes: all are of one class, object.")

Region = tuple[Mapping[str, Any], Mapping[str, str]]
"""A shape, and the values of its attributes."""


def is_via_entry(entry: Any) -> bool:
    """Whether this is what a file says of one image."""
    return isinstance(entry, Mapping) and "filename" in entry and isinstance(entry.get("regions"), list | dict)


def read_via_table(data: bytes, name: str) -> Drawing:
    """The shapes of a table, a region a line."""
    entries: dict[str, dict[str, Any]] = {}
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig").removeprefix("#"))):
        entry = entries.setdefault(row["filename"], {"filename": row["filename"], "regions": []})
        shape, attributes = (json.loads(row[f"region_{key}"] or "{}") for key in ("shape_attributes", "attributes"))
        if shape:
            entry["regions"].append({"shape_attributes": shape, "region_attributes": attributes})
    return read_via(entries, name)


def read_via(entries: Mapping[str, Any], name: str, about: Mapping[str, Any] | None = None) -> Drawing:
    """The shapes of a file.

    Parameters
    ----------
    entries : mapping
        What it says of each image.
    name : str
        What error messages call it.
    about : mapping, optional
        What a project says of attributes: their options, which values stand for.

    Raises
    ------
    ImageError
        If it can't be told which attribute is the class, or a region has none.
    ValueError
        If a region is damaged.
    """
    regions = [(str(entry["filename"]), _list_regions(entry["regions"], about or {})) for entry in entries.values()]
    wanted, notes = _choose_attribute([values for _, found in regions for _, values in found], name)
    missing = [file for file, found in regions for _, values in found if wanted and not values.get(wanted)]
    if missing:
        raise ImageError(
            "{name} has {count:region|regions} without a class, such as in {file}. Give each its {attribute} in VIA.",
            name=name,
            count=len(missing),
            file=missing[0],
            attribute=wanted,
        )
    images = [
        DrawnImage(file, {"shapes": [_read_shape(shape, values.get(wanted, OBJECT)) for shape, values in found]})
        for file, found in regions
    ]
    return gather("VIA", images, (), notes)


def _list_regions(regions: Any, about: Mapping[str, Any]) -> list[Region]:
    every = regions.values() if isinstance(regions, Mapping) else regions
    return [
        (
            region["shape_attributes"],
            {key: _name(value, about.get(key) or {}) for key, value in region["region_attributes"].items()},
        )
        for region in every
    ]


def _name(value: Any, about: Mapping[str, Any]) -> str:
    """What a value means: that of an option is its description, and of boxes the one that is ticked."""
    if isinstance(value, Mapping):
        ticked = [key for key, is_on in value.items() if is_on]
        if len(ticked) > 1:
            raise ValueError(f"a region that is both {ticked[0]} and {ticked[1]}")
        value = ticked[0] if ticked else ""
    options = about.get("options")
    told = options.get(str(value)) if isinstance(options, Mapping) else None
    told = told.get("description") if isinstance(told, Mapping) else told
    return str(told or value).strip()


def _choose_attribute(values: Sequence[Mapping[str, str]], name: str) -> tuple[str, tuple[Message, ...]]:
    """The attribute that says the class, empty where there is none, and what was assumed."""
    known = list(dict.fromkeys(key for found in values for key, value in found.items() if value))
    if len(known) < 2:
        return (known[0], ()) if known else ("", (NO_ATTRIBUTES,) if values else ())
    plain = {key.strip().casefold(): key for key in known}
    wanted = next((plain[word] for word in CLASS_WORDS if word in plain), None)
    if wanted is None:
        raise ImageError(
            "{name} has regions with the attributes {names}. Call the one with the class “class” in VIA.",
            name=name,
            names=", ".join(known),
        )
    others = ", ".join(key for key in known if key != wanted)
    return wanted, (Message(CHOSEN.template, {"name": wanted, "others": others}),)


def _read_shape(shape: Mapping[str, Any], label: str) -> Shape:
    match shape["name"]:
        case "polygon":
            points = zip(shape["all_points_x"], shape["all_points_y"], strict=True)
            return {"label": label, "shape_type": "polygon", "points": [list(point) for point in points]}
        case "rect":
            x, y, width, height = (float(shape[key]) for key in ("x", "y", "width", "height"))
            corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
            return make_box(label, corners, (x, y), 0)
        case "circle" | "ellipse":
            radii = [shape[key] if key in shape else shape["r"] for key in ("rx", "ry")]
            angle = math.degrees(float(shape.get("theta") or 0))
            centre = [shape["cx"], shape["cy"]]
            return {"label": label, "shape_type": "ellipse", "points": [centre, radii], "angle": angle}
    return {"label": label, "shape_type": "line", "points": []}
