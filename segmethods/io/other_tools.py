"""Files of labelling tools that are not read here, told apart so that a message can name them and the way out."""

from __future__ import annotations

from typing import Any

from segmethods.core.messages import ImageError


def refuse_other_tool(content: Any, name: str) -> None:
    """Raise `ImageError` if a JSON is of a labelling tool that is not read here, or says nothing of one picture.

    Examples
    --------
    >>> refuse_other_tool({"type": "Feature"}, "a.json")
    Traceback (most recent call last):
    ...
    segmethods.core.messages.ImageError: a.json is a file of GeoJSON, which is not read here. Export COCO JSON with \
outlines there, or a PNG of class ids.
    >>> refuse_other_tool({"shapes": []}, "a.json")
    """
    match content:
        case [{"image": str(), "annotations": [{"coordinates": _}, *_]}, *_]:
            raise ImageError("{name} has boxes, not outlines. Export outlines for segmentation.", name=name)
        case [{"category_id": _, "image_id": _}, *_]:
            raise ImageError(
                "{name} is COCO's list of results, without its pictures. Save each answer as a PNG of class ids.",
                name=name,
            )
    tool = _name_tool(content)
    if tool:
        raise ImageError(
            "{name} is a file of {tool}, which is not read here. Export COCO JSON with outlines there, "
            "or a PNG of class ids.",
            name=name,
            tool=tool,
        )


def _name_tool(content: Any) -> str:
    match content:
        case {"project": _, "metadata": _, "view": _}:
            return "VIA 3"
        case {"type": "FeatureCollection"} | {"type": "Feature"}:
            return "GeoJSON"
        case {"annotations": list(), "item": _} | {"annotations": list(), "dataset": _, "image": _}:
            return "V7 Darwin"
        case {"data_row": _, "projects": _}:
            return "Labelbox"
    return ""
