"""Data sets whose truths are in one file that says what is in many images: of COCO, CVAT, Label Studio or VIA."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmethods.core.messages import ImageError, Message, ParameterError
from segmethods.datasets.files import FolderFiles
from segmethods.datasets.folder_patterns import is_split
from segmethods.datasets.pairing import plain_name
from segmethods.datasets.reasons import NO_FILE, NO_TRUTH, SAME_NAME
from segmethods.datasets.sample_refs import Skipped
from segmethods.io.annotations import is_background, unite_spellings
from segmethods.io.coco import tell_unlisted
from segmethods.io.drawings import Drawing
from segmethods.io.files import SUFFIXES
from segmethods.io.labelling_tools import looks_like_table, looks_like_xml, read_drawing
from segmethods.io.text_marks import as_utf8

SHOWS = {
    "COCO": "`instances_val.json`, `_annotations.coco.json` or another JSON of COCO's, and its images",
    "CVAT": "`annotations.xml` of “CVAT for images”, and its images",
    "Label Studio": "an export as JSON or JSON-MIN, and its images",
    "VIA": "a project, JSON or CSV of the VGG Image Annotator, and its images",
}
"""The tools by what a data set is read as, and what lies where, as Markdown."""

EMPTY = Message("{count:picture has|pictures have} no outlines in {file}: they count as background alone.")
TWICE = Message("The file has this picture twice; the first entry counts.")


@dataclass(frozen=True)
class Listing:
    """One file and its images.

    Parameters
    ----------
    tool : str
        Whose file it is, a key of `SHOWS`.
    split : str
        The part's name; empty where its name says none.
    file : Path
        The file.
    classes : tuple of str
        The background, and the categories in the order of their ids.
    truths : tuple of (Path, bytes)
        Each image, and what would be a file about it alone.
    skipped : tuple of Skipped
        Images that aren't there, and images without an entry.
    notes : tuple of Message
        What was assumed.
    """

    tool: str
    split: str
    file: Path
    classes: tuple[str, ...]
    truths: tuple[tuple[Path, bytes], ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class _Record:
    """What a file says of one image: its name, that without what a tool put before it, and a file about it alone."""

    name: str
    plain: str
    truth: bytes
    is_empty: bool


def find_listings(files: FolderFiles) -> list[Listing]:
    """The files in a folder that say what is in many images, those of validation first.

    Raises
    ------
    ParameterError
        If two of its categories have one name.
    """
    images: dict[str, list[Path]] = {}
    for _, there in files.under(""):
        for file in there:
            if file.suffix.lower() in SUFFIXES:
                images.setdefault(plain_name(file.name), []).append(file)
    found = [
        listing
        for _, there in files.under("")
        for file in there
        if file.suffix.lower() in (".json", ".xml", ".csv") and (listing := _read(file, images, files.root)) is not None
    ]
    return [listing for listing in found if listing.truths]


def _read(file: Path, images: Mapping[str, list[Path]], root: Path) -> Listing | None:
    """The listing in a file; None of all others."""
    try:
        data = as_utf8(file.read_bytes())
        if file.suffix.lower() != ".json" and not (looks_like_xml(data) or looks_like_table(data)):
            return None
        drawing = read_drawing(data, file.name)
        content = None if drawing else json.loads(data)
    except (ImageError, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, RecursionError):
        return None
    if drawing is not None:
        return _read_drawing(file, drawing, images, root) if drawing.tool in SHOWS else None
    return _read_coco(file, content, images, root) if content is not None and _is_coco(content) else None


def _is_coco(content: Any) -> bool:
    parts = [content.get(name) for name in ("images", "annotations", "categories")] if isinstance(content, dict) else []
    is_listed = bool(parts) and all(isinstance(p, list) and all(isinstance(e, dict) for e in p) for p in parts)
    return is_listed and not any("segments_info" in entry for entry in content["annotations"])


def _read_drawing(file: Path, drawing: Drawing, images: Mapping[str, list[Path]], root: Path) -> Listing:
    records = [
        _Record(one.name, one.plain_name, json.dumps(one.content).encode(), not one.content["shapes"])
        for one in drawing.images
    ]
    return _match(drawing.tool, file, drawing.classes, records, images, root, drawing.notes)


def _read_coco(file: Path, content: Mapping[str, Any], images: Mapping[str, list[Path]], root: Path) -> Listing:
    categories = sorted(content["categories"], key=lambda c: int(c.get("id", 0)))
    names = [str(c.get("name", "")).strip() for c in categories]
    entries: dict[str, list[Any]] = {}
    for entry in content["annotations"]:
        entries.setdefault(str(entry.get("image_id")), []).append(entry)
    records = []
    for record in content["images"]:
        name = str(record.get("file_name", ""))
        own = {
            "images": [record],
            "categories": content["categories"],
            "annotations": entries.get(str(record.get("id")), []),
        }
        records.append(_Record(name, name, json.dumps(own).encode(), not own["annotations"]))
    try:
        unlisted = tell_unlisted(content, file.name)
    except ImageError as error:
        raise ParameterError(error.message.template, **error.message.values) from error
    return _match("COCO", file, names, records, images, root, unlisted)


def _match(
    tool: str,
    file: Path,
    names: Sequence[str],
    records: Sequence[_Record],
    images: Mapping[str, list[Path]],
    root: Path,
    notes: tuple[Message, ...] = (),
) -> Listing:
    """The images of the records, and those beside them that have none."""
    plain = [plain_name(name) for name in names]
    if tool == "COCO" and len(set(plain)) < len(plain):
        twice = next(name for name, key in zip(names, plain, strict=True) if plain.count(key) > 1)
        raise ParameterError(
            "{file} has two classes with the name {name}. Name them apart.", file=file.name, name=twice
        )
    names, spelled = unite_spellings(names)
    notes += spelled
    truths, skipped, empty = [], [], 0
    known: set[Path] = set()
    for record in records:
        image, reason = _find(record.name, file, images)
        if image is None and record.plain != record.name:
            image, reason = _find(record.plain, file, images)
        if image is None:
            skipped.append(Skipped(record.name, reason))
        elif image in known:
            skipped.append(Skipped(record.name, TWICE))
        else:
            known.add(image)
            truths.append((image, record.truth))
            empty += record.is_empty
    beside = {image.parent for image in known}
    alone = (f for there in images.values() for f in there if f.parent in beside and f not in known)
    skipped += [Skipped(f.relative_to(root).as_posix(), NO_TRUTH) for f in sorted(alone)]
    if empty:
        notes += (Message(EMPTY.template, {"count": empty, "file": file.name}),)
    classes = ("background", *(name for name in names if not is_background(name)))
    return Listing(tool, name_part(file.relative_to(root)), file, classes, tuple(truths), tuple(skipped), notes)


def _find(name: str, file: Path, images: Mapping[str, list[Path]]) -> tuple[Path | None, Any]:
    """The image of an entry: the one whose path ends like it, in the JSON's folder or part before others."""
    path = plain_name(name.replace("\\", "/"))
    there = images.get(path.rpartition("/")[2], [])
    for choices in (
        [f for f in there if f.parent == file.parent],
        [f for f in there if f.is_relative_to(file.parent) and plain_name(f.as_posix()).endswith(f"/{path}")],
        [f for f in there if plain_name(f.as_posix()).endswith(f"/{path}") and name_part(f) == name_part(file) != ""],
        [f for f in there if plain_name(f.as_posix()).endswith(f"/{path}")],
        there,
    ):
        if len(choices) == 1:
            return choices[0], None
    return None, SAME_NAME if there else NO_FILE


def name_part(file: Path) -> str:
    """The part that a path names, such as val for ``annotations/instances_val2017.json``."""
    return next((word for word in _words(reversed(file.parts)) if is_split(word)), "")


def _words(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield from re.split(r"[^a-z0-9]+", plain_name(part))
