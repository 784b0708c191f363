"""What labelling tools draw, whatever the tool: the shapes of each image, as labelme would have written them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from segmethods.core.messages import Message
from segmethods.io.shapes import turn_corners

Shape = dict[str, Any]

BOXES = Message("Boxes count as areas that are filled.")
_HASH = re.compile(r"^[0-9a-f]{8}-(?=.)")


@dataclass(frozen=True)
class DrawnImage:
    """The shapes of one image.

    Parameters
    ----------
    name : str
        The image's file as the tool calls it; empty where the file is about its only image.
    content : mapping
        What labelme would have written.
    """

    name: str
    content: Mapping[str, Any]

    @property
    def plain_name(self) -> str:
        """The name without folders and without the hash that Label Studio puts before it."""
        return _HASH.sub("", PurePosixPath(self.name.replace("\\", "/")).name)

    def is_of(self, stem: str) -> bool:
        """Whether it is about the image of this name, in lower case and without ending."""
        names = (self.name.replace("\\", "/"), self.plain_name)
        return stem in [PurePosixPath(name).stem.casefold() for name in names]


@dataclass(frozen=True)
class Drawing:
    """What a labelling tool wrote: the names of the classes, the images, and what was assumed."""

    tool: str
    classes: tuple[str, ...]
    images: tuple[DrawnImage, ...]
    notes: tuple[Message, ...]


def gather(tool: str, images: Sequence[DrawnImage], first: Sequence[str], notes: Sequence[Message]) -> Drawing:
    """The drawing of these images, with the classes in the order in which they come.

    Raises
    ------
    ValueError
        If a shape has no label.
    """
    shapes = [shape for image in images for shape in image.content["shapes"]]
    if not all(shape["label"] for shape in shapes):
        raise ValueError("a shape without a label")
    classes = dict.fromkeys((*first, *(shape["label"] for shape in shapes)))
    boxes = (BOXES,) if any(shape.get("box") for shape in shapes) else ()
    return Drawing(tool, tuple(classes), tuple(images), (*notes, *boxes))


def make_box(label: str, corners: list[tuple[float, float]], centre: tuple[float, float], degrees: float) -> Shape:
    """A box of these corners, turned around a point."""
    points = turn_corners(corners, centre, degrees)
    return {"label": label, "shape_type": "polygon", "points": points, "box": True}
