"""Truths in the files of labelling tools: labelme, COCO, CVAT, VIA and others, YOLO, NumPy arrays.

================  ====================================================================================================
labelme JSON      polygons, rectangles, circles and masks, painted in their order; ``__ignore__`` isn't judged
COCO JSON         polygons, and run lengths as a list or as packed text; the image is found by its file's name
CVAT and others   see :mod:`segmethods.io.labelling_tools`
YOLO (.txt)       ``CLASS x y x y ...`` a line, in shares of width and height; class 0 comes after the background
NumPy (.npy)      a map of class ids, ``(H, W)``
================  ====================================================================================================
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, NoReturn

import numpy as np

from segmethods.core.messages import ImageError, Message
from segmethods.core.palette import has_background
from segmethods.core.settings import settings
from segmethods.core.types import VOID, Labels, Vocabulary
from segmethods.io.coco import read_segmentation, tell_unlisted
from segmethods.io.drawings import Drawing
from segmethods.io.labelling_tools import looks_like_table, looks_like_xml, read_drawing
from segmethods.io.painting import Painting
from segmethods.io.polygons import fill_rings
from segmethods.io.shapes import fill_shape
from segmethods.io.text_marks import as_utf8

ANNOTATION_SUFFIXES = (".json", ".txt", ".npy", ".xml")
"""How the names of such files end."""

OUTLINES = "outlines"
"""The id of a vocabulary whose names a labelling tool wrote."""

IGNORED = ("__ignore__", "_ignore_", "void")
BACKGROUND = ("_background_", "background")

NO_OUTLINES = "{name} has no outlines. Export a PNG, COCO JSON, or what README.md lists."

SPELLED = Message("{one} and {two} count as one class.")

OTHER_IMAGE = Message("It says that it is about {file}, which has another name than the picture.")

_ROW = re.compile(rb"\s*\d+(\s+-?\d*\.?\d+([eE]-?\d+)?){4,}\s*(\r?\n|$)")


@dataclass(frozen=True, eq=False)
class Annotation:
    """What such a file says of one image."""

    labels: Labels
    classes: Vocabulary
    notes: tuple[Message, ...] = ()


def is_annotation(data: bytes, name: str = "") -> bool:
    """Whether a file holds outlines, by its first bytes; YOLO's of an image without objects are empty."""
    data = as_utf8(data)
    if not data.strip():
        return name.lower().endswith(".txt")
    start = data.lstrip()
    is_tool = looks_like_xml(data) or looks_like_table(data)
    return start.startswith((b"{", b"[")) or is_tool or _ROW.match(start) is not None


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
    data = as_utf8(data)
    try:
        if _ROW.match(data) or not data.strip():
            return _read_yolo(data.decode(), name, size, classes)
        if drawing := read_drawing(data, name):
            return _read_drawing(drawing, name, size, classes, image or name)
        content = json.loads(data.decode())
        if isinstance(content, dict) and isinstance(content.get("shapes"), list):
            return _tell_image(_read_labelme(content, size, classes, name), content.get("imagePath"), image)
        if isinstance(content, dict) and isinstance(content.get("annotations"), list):
            record = _find_image(content.get("images") or [], name, image or name)
            return _tell_image(_read_coco(content, record, name, size, classes), record.get("file_name"), image)
    except ImageError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, binascii.Error) as error:
        raise ImageError(
            "{name} has outlines that can't be read ({reason}). Export them again.",
            name=name,
            reason=" ".join(str(error).split())[:80] or "?",
        ) from error
    raise ImageError(NO_OUTLINES, name=name)


def list_classes(data: bytes, name: str) -> tuple[str, ...]:
    """The classes that a file about one image names, without the background; those of YOLO are numbers.

    Raises
    ------
    ImageError
        If it is no such file.

    Examples
    --------
    >>> list_classes(b"2 0.1 0.1 0.5 0.1 0.5 0.5", "a.txt")
    ('class 0', 'class 1', 'class 2')
    """
    data = as_utf8(data)
    if _ROW.match(data) or not data.strip():
        last = max((int(line.split()[0]) for line in data.split(b"\n") if line.strip()), default=-1)
        return tuple(f"class {i}" for i in range(last + 1))
    try:
        if drawing := read_drawing(data, name):
            labels = list(drawing.classes)
        else:
            labels = [str(shape["label"]).strip() for shape in json.loads(data.decode())["shapes"]]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ImageError("{name} has no outlines. Export it again as labelme JSON.", name=name) from error
    return tuple(dict.fromkeys(x for x in labels if _plain(x) not in IGNORED and not is_background(x)))


def name_outlines(names: Sequence[str]) -> Vocabulary:
    """The classes of outlines that a file names: the background comes first, and is an id of its own where it is named.

    Examples
    --------
    >>> name_outlines(["cat"]).names, name_outlines(["background", "cat"]).names
    (('background', 'cat'), ('_background_', 'cat'))
    """
    first, rest = ("_background_", names[1:]) if names and is_background(names[0]) else ("background", names)
    return Vocabulary("dataset", (first, *rest))


def unite_spellings(labels: Iterable[str]) -> tuple[list[str], tuple[Message, ...]]:
    """Names of classes, each once, and which of them differ only in capital letters: they are one class.

    Examples
    --------
    >>> names, notes = unite_spellings(["cat", "dog", "Cat"])
    >>> names, str(notes[0])
    (['cat', 'dog'], 'Cat and cat count as one class.')
    """
    names: dict[str, str] = {}
    others: dict[str, str] = {}
    for label in labels:
        first = names.setdefault(_plain(label), label.strip())
        if first != label.strip():
            others.setdefault(_plain(label), label.strip())
    notes = (Message(SPELLED.template, {"one": other, "two": names[key]}) for key, other in others.items())
    return list(names.values()), tuple(notes)


def is_background(name: str) -> bool:
    """Whether a tool calls what is around all objects so."""
    return _plain(name) in BACKGROUND


def _read_drawing(
    drawing: Drawing, name: str, size: tuple[int, int] | None, classes: Vocabulary | None, image: str
) -> Annotation:
    stem = PurePath(image.replace("\\", "/")).stem.casefold()
    found = [one for one in drawing.images if len(drawing.images) == 1 or one.is_of(stem)]
    if len(found) != 1:
        _refuse_image(name, len(drawing.images), stem)
    if not drawing.classes:
        raise ImageError(NO_OUTLINES, name=name)
    first = () if classes else tuple(c for c in drawing.classes if not is_background(c))
    read = _read_labelme(found[0].content, size, classes, name, first)
    about = "" if found[0].is_of(stem) else found[0].plain_name
    return _tell_image(replace(read, notes=(*drawing.notes, *read.notes)), about, stem)


def _tell_image(read: Annotation, about: Any, image: str) -> Annotation:
    """What was read, and that the file names another picture than the one that it is used for."""
    file = PurePath(str(about or "").replace("\\", "/")).name
    if not image or not file or PurePath(file).stem.casefold() == PurePath(image.replace("\\", "/")).stem.casefold():
        return read
    return replace(read, notes=(*read.notes, Message(OTHER_IMAGE.template, {"file": file})))


def _read_labelme(
    content: Mapping[str, Any],
    size: tuple[int, int] | None,
    classes: Vocabulary | None,
    name: str,
    first: Sequence[str] = (),
) -> Annotation:
    height, width = int(content.get("imageHeight") or 0), int(content.get("imageWidth") or 0)
    if not height or not width:
        height, width = size or (0, 0)
    place = _new_map((height, width), classes)
    shapes = [(str(shape["label"]), fill_shape(shape, (height, width))) for shape in content["shapes"]]
    left_out = sum(mask is None for _, mask in shapes)
    if left_out == len(shapes) > 0:
        raise ImageError("{name} has points and lines alone, which cover nothing. Draw outlines of areas.", name=name)
    known = _name_ids([*first, *(label for label, mask in shapes if mask is not None)], classes)
    for label, mask in shapes:
        if mask is not None:
            place.paint(mask, known.ids[_plain(label)])
    note = Message("Left out: {count:shape|shapes} without an area.", {"count": left_out})
    _, spelled = unite_spellings([*first, *(label for label, _ in shapes)])
    return Annotation(place.labels, known.classes, (*spelled, *((note,) if left_out else ()), *place.notes))


def _read_coco(
    content: Mapping[str, Any],
    record: Mapping[str, Any],
    name: str,
    size: tuple[int, int] | None,
    classes: Vocabulary | None,
) -> Annotation:
    shape = (int(record["height"]), int(record["width"])) if "height" in record else size or (0, 0)
    place = _new_map(shape, classes)
    titles = {int(c["id"]): str(c["name"]) for c in content.get("categories") or []}
    known = _name_ids([titles[number] for number in sorted(titles)], classes)
    if len({_plain(title) for title in titles.values()}) < len(titles):
        twice = next(t for t in titles.values() if sum(_plain(t) == _plain(other) for other in titles.values()) > 1)
        raise ImageError("{file} has two classes with the name {name}. Name them apart.", file=name, name=twice)
    for entry in content["annotations"]:
        if record and str(entry.get("image_id")) != str(record["id"]):
            continue
        if "segments_info" in entry:
            raise ImageError(
                "{name} is COCO's panoptic form, whose masks are pictures of colours. Export instances, or PNG of ids.",
                name=name,
            )
        if (category := int(entry["category_id"])) not in titles:
            raise ValueError(f"category {category} has no name")
        place.paint(read_segmentation(entry.get("segmentation"), shape), known.ids[_plain(titles[category])])
    return Annotation(place.labels, known.classes, (*place.notes, *tell_unlisted(content, name)))


def _find_image(images: Sequence[Mapping[str, Any]], name: str, image: str) -> Mapping[str, Any]:
    """The image that a file is about: the only one, or the one with the image's name."""
    if len(images) == 1:
        return images[0]
    stem = PurePath(image.replace("\\", "/")).stem.casefold()
    found = [i for i in images if PurePath(str(i.get("file_name", "")).replace("\\", "/")).stem.casefold() == stem]
    if len(found) != 1:
        _refuse_image(name, len(images), stem)
    return found[0]


def _refuse_image(name: str, count: int, stem: str) -> NoReturn:
    raise ImageError(
        "{name} has outlines of {count:picture|pictures}, and not of one called {image}. Rename the picture.",
        name=name,
        count=count,
        image=stem,
    )


def _read_yolo(text: str, name: str, size: tuple[int, int] | None, classes: Vocabulary | None) -> Annotation:
    if size is None:
        raise ImageError("{name} has outlines in shares of a picture. Give them together with the picture.", name=name)
    rows = [line.split() for line in text.splitlines() if line.strip()]
    if rows and all(len(row) == 5 for row in rows):
        raise ImageError("{name} has boxes, not outlines. Export outlines for segmentation.", name=name)
    shift = 1 if classes is None or has_background(classes) else 0
    last = max((int(row[0]) for row in rows), default=0) + shift
    if last >= (len(classes) if classes is not None else VOID):
        raise ImageError(
            "{name} has class {id}, which has no name here. Add it to the classes.", name=name, id=last - shift
        )
    place = _new_map(size, classes)
    for row in rows:
        points = np.array(row[1:], np.float64)
        if len(points) % 2 or len(points) < 6 or points.min() < -0.001 or points.max() > 1.001:
            raise ValueError(f"the line that starts with {' '.join(row[:3])}")
        place.paint(fill_rings([points.reshape(-1, 2) * size[::-1]], size), int(row[0]) + shift)
    names = ("background", *(f"class {i}" for i in range(last)))
    note = Message("YOLO has no background: its class 0 is the id 1 here.")
    notes = (*((note,) if shift else ()), *place.notes)
    return Annotation(place.labels, classes or Vocabulary("mask", names), notes)


def _new_map(size: tuple[int, int], classes: Vocabulary | None) -> Painting:
    """A map of background; of what nobody judges where no class is the background."""
    if not 0 < size[0] * size[1] <= settings().max_pixels:
        raise ValueError("a picture without a size, or one that is too large")
    is_ground = classes is None or has_background(classes) or _plain(classes.names[0]) in BACKGROUND
    ground = 0 if is_ground else VOID
    return Painting(np.full(size, ground, np.uint8), ground)


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
    names = [label for label in unite_spellings(labels)[0] if _plain(label) not in ids]
    if len(names) >= VOID:
        raise ValueError("more than 254 classes")
    ids |= {_plain(name): i for i, name in enumerate(names, 1)}
    return _Known(ids, Vocabulary(OUTLINES, ("background", *names)))
