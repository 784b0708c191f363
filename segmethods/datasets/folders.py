"""A data set in a folder, as its layout says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from segmethods.core.messages import ParameterError
from segmethods.core.types import CAMVID, VOC, Vocabulary
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.masks import MaskReading, decide_reading
from segmethods.datasets.pairs import NO_CLASSES, Pair
from segmethods.datasets.scanning import FolderScan, Part, scan_folder, short_names
from segmethods.io.class_names import FILES, ClassNames, read_class_names
from segmethods.io.id_maps import PRESETS, IdMap


def open_folder(folder: Path, split: str, source: str, name: str = "", ids: IdMap | None = None) -> Dataset:
    """The data set in a folder, or one part of it.

    Parameters
    ----------
    folder : Path
        Where it lies, or a folder around it.
    split : str
        The part; the first one if empty.
    source : str
        What messages call the folder.
    name : str, optional
        What the data set is called, if not by its folder.
    ids : IdMap, optional
        What the ids in its masks become, if not what its layout says.

    Raises
    ------
    ParameterError
        If there is no data set, no such part, or its classes can't be told.
    """
    scan = scan_folder(folder.absolute(), split, source)
    return _open_part(scan, scan.part("" if _is_root(scan, split) else split, source), source, name, ids)


def open_folder_parts(
    folder: Path, split: str, source: str, name: str = "", ids: IdMap | None = None
) -> dict[str, Dataset]:
    """All parts of the data set in a folder by their names, or the one that is named; as `open_folder`."""
    scan = scan_folder(folder.absolute(), split, source)
    parts = scan.parts if not split or _is_root(scan, split) else (scan.part(split, source),)
    return {part.split: _open_part(scan, part, source, name, ids) for part in parts}


def _is_root(scan: FolderScan, split: str) -> bool:
    """Whether a name is that of the data set's own folder, and not of a part."""
    return scan.root.name == split and all(part.split != split for part in scan.parts)


def _open_part(scan: FolderScan, part: Part, source: str, name: str, ids: IdMap | None) -> Dataset:
    if ids is None and scan.layout.ids:
        ids = PRESETS[scan.layout.ids]
    reading = _decide(scan, part, ids)
    pairs = tuple(
        Pair(
            title,
            image,
            masks,
            reading.kind,
            reading.classes,
            tuple(short_names(scan, (image, *masks))),
            ids,
            reading.colours,
            reading.void_alone,
        )
        for title, (image, masks) in zip(_unique_names(scan, part), part.pairs, strict=True)
    )
    return Dataset(
        name or f"{scan.root.name} {part.split}".strip(),
        source,
        pairs,
        part.skipped,
        reading.classes,
        scan.layout.name,
        part.passed + len(scan.junk),
        reading.notes,
    )


def _decide(scan: FolderScan, part: Part, ids: IdMap | None) -> MaskReading:
    if scan.layout.regions:
        return MaskReading("segmentations", NO_CLASSES)
    if ids is not None and ids.classes is not None:
        return MaskReading("labels", ids.classes)
    if scan.layout.kind and scan.layout.classes:
        return MaskReading(scan.layout.kind, scan.layout.classes)
    known = _find_names(scan, part)
    return decide_reading([mask for _, masks in part.pairs for mask in masks], known, _name_classes(known, scan))


def _unique_names(scan: FolderScan, part: Part) -> list[str]:
    """The names of images without their endings, or their paths where two have one name."""
    stems = [image.stem for image, _ in part.pairs]
    if len(set(stems)) == len(stems):
        return stems
    return [short.rpartition(".")[0] for short in short_names(scan, (image for image, _ in part.pairs))]


def _find_names(scan: FolderScan, part: Part) -> ClassNames | None:
    """What the first file of class names says: in the data set's folder, in that of a part, or one folder up."""
    for folder in dict.fromkeys(_places_of_names(scan, part)):
        there = {file.name.lower(): file for file in folder.iterdir()} if folder.is_dir() else {}
        for file in (there[name] for name in FILES if name in there):
            found = read_class_names(file)
            if found.names and not all(found.names):
                raise ParameterError("{file} has an empty line between its names. A line is a class.", file=file.name)
            if found.names:
                return found
    return None


def _places_of_names(scan: FolderScan, part: Part) -> Iterator[Path]:
    yield scan.root
    for known in (part, *scan.parts):
        for folder in known.folders:
            yield from (place for place in (folder, *folder.parents) if place.is_relative_to(scan.root))
    yield scan.root.parent


def _name_classes(known: ClassNames | None, scan: FolderScan) -> Vocabulary | None:
    """The classes that a file or the layout names: a known vocabulary where they are its names."""
    if known is None:
        return scan.layout.classes
    vocabularies = {tuple(map(_plain, v.names)): v for v in (VOC, CAMVID)}
    return vocabularies.get(tuple(map(_plain, known.names))) or Vocabulary("dataset", known.names)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
