"""Data sets of COCO's panoptic form: a JSON that lists the segments of many images, and a mask of colours for each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmethods.core.messages import Message, ParameterError
from segmethods.core.types import VOID, Vocabulary
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.files import FolderFiles
from segmethods.datasets.folder_patterns import is_mask_folder
from segmethods.datasets.listings import name_part
from segmethods.datasets.pairing import core_name, plain_name
from segmethods.datasets.reasons import NO_FILE, NO_TRUTH
from segmethods.datasets.sample_refs import SampleRef, Skipped
from segmethods.io.files import SUFFIXES
from segmethods.io.text_marks import as_utf8

NAME = "COCO panoptic"
SHOWS = (
    "`panoptic_val2017.json`, its `panoptic_val2017/*.png` (or `masks/`), and the images: every segment has its "
    "category, and what belongs to none isn't judged"
)

NO_PLACE = Message("{file} lists its mask as {mask}, which isn't there. Add it, or take the picture out.")
NO_SEGMENTS = Message("{file} doesn't list its segments. Export both again together.")

Found = dict[str, list[Path]]


@dataclass(frozen=True)
class Panoptic:
    """A JSON of the panoptic form, and the pictures in the same folder tree that it names.

    Parameters
    ----------
    file : Path
        The JSON.
    classes : Vocabulary
        Its categories, in the order of their ids.
    pairs : tuple of (Path, Path, bytes)
        Each image, its mask, and the class of each of its segments as JSON.
    skipped : tuple of Skipped
        What lacks a part.
    """

    file: Path
    classes: Vocabulary
    pairs: tuple[tuple[Path, Path, bytes], ...]
    skipped: tuple[Skipped, ...]


def find_panoptic(files: FolderFiles) -> list[Panoptic]:
    """The panoptic JSONs in a folder.

    Raises
    ------
    ParameterError
        If one names no categories, two of one name, or too many.
    """
    every = [file for _, there in files.under("") for file in there]
    pictures: Found = {}
    for file in every:
        if file.suffix.lower() in SUFFIXES:
            pictures.setdefault(plain_name(file.name), []).append(file)
    names = {plain_name(Path(name).stem) for name in pictures} | pictures.keys()
    # a JSON with a picture's name is about that picture alone
    shared = (f for f in every if f.suffix.lower() == ".json" and plain_name(f.stem) not in names)
    return [_match(file, content, pictures, files.root) for file in shared if (content := _read(file)) is not None]


def numbers_segments(files: FolderFiles, masks: set[Path]) -> bool:
    """Whether some of these masks are those of a panoptic JSON."""
    return any(mask in masks for part in find_panoptic(files) for _, mask, _ in part.pairs)


def open_panoptic(files: FolderFiles, folder: Path, source: str, name: str) -> dict[str, Dataset]:
    """The parts of a data set, one for each panoptic JSON.

    Raises
    ------
    ParameterError
        As of `find_panoptic`, and if no mask is there.
    """
    found: dict[str, Dataset] = {}
    for part in find_panoptic(files):
        reasons = {one.reason.template: one.reason for one in part.skipped}
        if not part.pairs and NO_PLACE.template in reasons:
            raise ParameterError(
                "{file} is COCO's panoptic form, but its masks, such as {mask}, aren't there. "
                "Add the folder of its PNGs.",
                **reasons[NO_PLACE.template].values,
            )
        split = name_part(part.file.relative_to(files.root))
        key = split if split not in found else part.file.relative_to(files.root).with_suffix("").as_posix()
        pairs = tuple(
            SampleRef(
                image.stem,
                image,
                (mask, segments),
                "panoptic",
                part.classes,
                (*(file.relative_to(files.root).as_posix() for file in (image, mask)), part.file.name),
            )
            for image, mask, segments in part.pairs
        )
        title = name or f"{folder.absolute().name} {split}".strip()
        found[key] = Dataset(title, source, pairs, part.skipped, part.classes, NAME, len(files.junk))
    return found


def _read(file: Path) -> Mapping[str, Any] | None:
    """What such a JSON says; None of all others."""
    try:
        data = as_utf8(file.read_bytes())
        content = json.loads(data) if b'"segments_info"' in data else None
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("annotations"), list) else None


def _match(file: Path, content: Mapping[str, Any], pictures: Found, root: Path) -> Panoptic:
    """The images and masks of the entries, and those that lack one."""
    try:
        categories = {int(c["id"]): str(c["name"]).strip() for c in content["categories"]}
        numbers = {category: number for number, category in enumerate(sorted(categories))}
        images = {str(image["id"]): str(image["file_name"]) for image in content.get("images") or []}
        entries = [
            (
                str(entry["image_id"]),
                str(entry["file_name"]),
                {int(s["id"]): numbers[int(s["category_id"])] for s in entry["segments_info"]},
            )
            for entry in content["annotations"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ParameterError(
            "{file} is COCO's panoptic form, but its categories or segments can't be read ({reason}). Export it again.",
            file=file.name,
            reason=" ".join(str(error).split())[:80],
        ) from error
    classes = Vocabulary("dataset", tuple(categories[category] for category in sorted(categories)))
    _check(classes, file)
    masks = {name: _find_mask(name, file, pictures) for _, name, _ in entries}
    taken = {mask for mask in masks.values() if mask is not None}
    cores: Found = {}
    for there in pictures.values():
        for picture in there:
            cores.setdefault(core_name(picture), []).append(picture)
    pairs, skipped = [], []
    for number, name, segments in entries:
        image = _find_image(images.get(number, name), number, name, pictures, cores, taken)
        mask = masks[name]
        if image is None:
            skipped.append(Skipped(images.get(number, name), NO_FILE))
        elif mask is None:
            values = {"file": file.name, "mask": name}
            skipped.append(Skipped(_short(image, root), Message(NO_PLACE.template, values)))
        else:
            pairs.append((image, mask, json.dumps(segments).encode()))
    used = {image for image, *_ in pairs} | taken
    skipped += [Skipped(_short(f, root), reason) for f, reason in _list_alone(pairs, pictures, used, file)]
    return Panoptic(file, classes, tuple(pairs), tuple(skipped))


def _check(classes: Vocabulary, file: Path) -> None:
    names = classes.names
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise ParameterError(
            "{file} has two classes with the name {name}. Name them apart.", file=file.name, name=twice
        )
    if not 0 < len(names) <= VOID:
        raise ParameterError(
            "{file} has {count} categories; 1 to 255 can be told apart.", file=file.name, count=len(names)
        )


def _find_mask(name: str, file: Path, pictures: Found) -> Path | None:
    """The mask of an entry: in the folder that is called like the JSON, in one of masks, or the only one."""
    there = pictures.get(plain_name(Path(name.replace("\\", "/")).name), [])
    folder = plain_name(file.stem)
    for choices in (
        [f for f in there if plain_name(f.parent.name) == folder],
        [f for f in there if plain_name(f.parent.name).startswith("panoptic")],
        [f for f in there if is_mask_folder(f.parent.name)],
        there,
    ):
        if len(choices) == 1:
            return choices[0]
    return None


def _find_image(name: str, number: str, mask: str, pictures: Found, cores: Found, taken: set[Path]) -> Path | None:
    """The image of an entry by its file's name, or by its number or its mask's name, as Cityscapes has it."""
    plain = Path(name.replace("\\", "/"))
    for there in (
        pictures.get(plain_name(plain.name), []),
        *(cores.get(core_name(Path(key)), []) for key in (plain.name, f"{number}.png", Path(mask).name)),
    ):
        choices = [picture for picture in there if picture not in taken]
        if len(choices) == 1:
            return choices[0]
    return None


def _list_alone(
    pairs: list[tuple[Path, Path, bytes]], pictures: Found, used: set[Path], file: Path
) -> Iterator[tuple[Path, Message]]:
    """Images and masks beside the others which the JSON doesn't name."""
    images, masks = {image.parent for image, _, _ in pairs}, {mask.parent for _, mask, _ in pairs}
    for picture in sorted(picture for there in pictures.values() for picture in there if picture not in used):
        if picture.parent in images:
            yield picture, NO_TRUTH
        elif picture.parent in masks:
            yield picture, Message(NO_SEGMENTS.template, {"file": file.name})


def _short(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()
