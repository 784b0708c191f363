"""Which layout a folder has, and which image belongs to which mask there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from segmethods.core.messages import Message, ParameterError
from segmethods.datasets.annotators import Alone, Pairs, match_annotators
from segmethods.datasets.files import FolderFiles, is_junk, list_files
from segmethods.datasets.folder_patterns import ROOT_DEPTH, SPLITS, Place, match_folder, same_split, says_part
from segmethods.datasets.layout import Layout
from segmethods.datasets.layouts import LAYOUTS
from segmethods.datasets.pairing import core_name, match_trees, plain_name
from segmethods.datasets.reasons import (
    NO_FILE,
    NO_FORMAT,
    NO_IMAGE,
    NO_TRUTH,
    NOTHING,
    OTHER_FORM,
    OTHER_MASK,
    SAME_NAME,
    SEVERAL,
)
from segmethods.datasets.sample_refs import Skipped
from segmethods.io.annotations import is_annotation
from segmethods.io.formats import UNREAD, recognise_name
from segmethods.io.images import SUFFIXES

BESIDE = (".txt", ".csv", ".json", ".yaml", ".yml", ".md", ".xml", ".names", ".html", ".pdf")
"""Endings of files that lie beside images without being meant for images."""


@dataclass(frozen=True)
class Part:
    """The images and masks of one part of a data set, such as its training images.

    Parameters
    ----------
    split : str
        The part's name; empty where a data set has no parts.
    pairs : tuple of (Path, tuple of Path)
        Each image with its masks; several only for several annotators, none where it shows nothing but background.
    skipped : tuple of Skipped
        Files that have no partner, or are none that can be read.
    folders : tuple of Path
        The folders of the images and of the masks.
    passed : int
        Files that the layout knows and doesn't use.
    rivals : tuple of str
        Other folders whose files would do as masks as well.
    """

    split: str
    pairs: tuple[tuple[Path, tuple[Path, ...]], ...]
    skipped: tuple[Skipped, ...]
    folders: tuple[Path, Path]
    passed: int = 0
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class FolderScan:
    """A data set that was found in a folder.

    Parameters
    ----------
    layout : Layout
        How it lies there.
    root : Path
        Its own folder.
    parts : tuple of Part
        In the order in which one is chosen where none is named.
    junk : tuple of str
        Files and folders that were passed over, such as ``Thumbs.db``.
    """

    layout: Layout
    root: Path
    parts: tuple[Part, ...]
    junk: tuple[str, ...]

    def part(self, split: str, source: str) -> Part:
        """The part of this name, or the first one where none is named.

        Raises
        ------
        ParameterError
            If there is no such part.
        """
        if not split:
            return self.parts[0]
        wanted = same_split(split)
        for part in self.parts:
            if plain_name(part.split) == plain_name(split):
                return part
        for part in self.parts:
            if same_split(part.split) == wanted:
                return part
        raise ParameterError(
            "{folder} has no part {split}. Choose from {choices}.",
            folder=source,
            split=split,
            choices=", ".join(sorted(part.split for part in self.parts if part.split)) or "none",
        )


def scan_folder(folder: Path, split: str = "", source: str = "") -> FolderScan:
    """Find the data set in a folder, or in a folder in it.

    Parameters
    ----------
    folder : Path
        See :mod:`segmethods.datasets.layouts`.
    split : str, optional
        The part that is wanted, or the folder of the data set where there are several.
    source : str, optional
        What errors call it, if not by its folder.

    Raises
    ------
    ParameterError
        If there is no data set, or more than one, or its files are of a format that is not read.
    """
    files = list_files(_unwrap(folder))
    _refuse_formats(files)
    source = source or str(folder)
    candidates = _candidates(files)
    for wants_pairs in (True, False):
        for depth in sorted({root.count("/") for root, _ in candidates}):
            found = _scan_roots(files, [c for c in candidates if c[0].count("/") == depth], wants_pairs)
            if len(found) == 1:
                return found[0]
            if found:
                named = [scan for scan in found if plain_name(scan.root.name) == plain_name(split)]
                if named:
                    return named[0]
                raise ParameterError(
                    SEVERAL,
                    folder=source,
                    choices=", ".join(sorted(scan.root.name for scan in found)),
                )
    raise ParameterError(NOTHING, folder=source)


def _refuse_formats(files: FolderFiles) -> None:
    """Raise `ParameterError` if no file is a picture, and one has a format that is known and not read."""
    every = [file for there in files.folders.values() for file in there]
    if any(file.suffix.lower() in SUFFIXES for file in every):
        return
    known = ((file, format_) for file in every if (format_ := recognise_name(file.name)) is not None)
    for file, (kind, way) in known:
        raise ParameterError(UNREAD, name=file.name, kind=kind, way=way)


def _unwrap(folder: Path) -> Path:
    """The folder, or the one in it where there is nothing else and its name says nothing of a data set's parts."""
    for _ in range(ROOT_DEPTH):
        there = [entry for entry in folder.iterdir() if not is_junk(entry.name)] if folder.is_dir() else []
        if len(there) != 1 or not there[0].is_dir() or says_part(there[0].name):
            break
        folder = there[0]
    return folder


Candidate = tuple[str, Layout]


def _candidates(files: FolderFiles) -> list[Candidate]:
    """The roots at which a layout has both of its folders."""
    found: dict[Candidate, None] = {}
    for layout in LAYOUTS:
        sides = []
        for pattern in (layout.images, layout.masks):
            places = (place for path in files.folders for place in match_folder(pattern, path))
            sides.append({place.root for place in places if _is_at(layout, files, place.root)})
        found |= {(root, layout): None for root in sorted(sides[0] & sides[1])}
    return list(found)


def _is_at(layout: Layout, files: FolderFiles, root: str) -> bool:
    return not layout.at or re.fullmatch(layout.at, (files.root / root).name.lower()) is not None


def _scan_roots(files: FolderFiles, candidates: Sequence[Candidate], wants_pairs: bool) -> list[FolderScan]:
    """The data set at each root: that of the first layout that has pairs there, or else any at all."""
    found: dict[str, FolderScan] = {}
    for root, layout in candidates:
        if root not in found:
            parts = _scan_parts(files, root, layout)
            if any(part.pairs for part in parts) or (parts and not wants_pairs and not layout.image_name):
                found[root] = FolderScan(layout, files.root / root, parts, files.junk)
    return list(found.values())


def _scan_parts(files: FolderFiles, root: str, layout: Layout) -> tuple[Part, ...]:
    images, masks = (_bases(files, pattern, root) for pattern in (layout.images, layout.masks))
    parts = []
    for split in dict.fromkeys(split for split, _ in images):
        choices = [
            _scan_part(files, layout, split, images[split, base], masks[split, other])
            for (place, base) in images
            for (there, other) in masks
            if place == there == split and (base != other or layout.mask_name)
        ]
        if choices:
            best = max(choices, key=lambda part: len(part.pairs))
            others = (part.folders[1] for part in choices if part.pairs and part.folders[1] != best.folders[1])
            parts.append(replace(best, rivals=tuple(dict.fromkeys(folder.name for folder in others))))
    if any(part.pairs for part in parts):
        parts = [part for part in parts if part.pairs]
    lists = _lists(files, root, layout)
    if lists and parts:
        parts = [_take_listed(parts[0], file) for file in lists]
    return tuple(sorted(parts, key=lambda part: rank_split(part.split)))


def rank_split(split: str) -> tuple[int, str]:
    """By which parts are sorted: the one that is chosen where none is named comes first."""
    words = same_split(split)
    return (SPLITS.index(words) if words in SPLITS else len(SPLITS)), split


def _bases(files: FolderFiles, pattern: str, root: str) -> dict[tuple[str, str], list[Place]]:
    """The folders that a pattern finds below a root, by part and by base."""
    found: dict[tuple[str, str], list[Place]] = {}
    for path in files.folders:
        for place in match_folder(pattern, path):
            if place.root == root:
                found.setdefault((place.split, place.base), []).append(place)
    return found


def _scan_part(files: FolderFiles, layout: Layout, split: str, images: Sequence[Place], masks: Sequence[Place]) -> Part:
    root = files.root / images[0].root
    image_files, passed, _ = _take(files, images, layout.image_name)
    truths, others, further = _take(files, masks, layout.mask_name)
    passed = 0 if images[0].base == masks[0].base else passed + others
    skipped: list[Skipped] = []
    strange = [f for f in image_files.values() if f.suffix.lower() not in SUFFIXES]
    notes = [f for f in strange if f.suffix.lower() in BESIDE]
    if layout.regions and layout.endings == SUFFIXES:
        pairs, alone = match_annotators(image_files, truths)
    else:
        fit = {name: f for name, f in truths.items() if f.suffix.lower() in layout.endings}
        if layout.endings == (".txt",):
            fit = {name: f for name, f in fit.items() if is_annotation(f.read_bytes(), f.name)}
        pairs, alone = _match(image_files, fit)
        pairs = [(image, (mask, *further.get(mask, ()))) for image, (mask, *_) in pairs]
        skipped += [
            Skipped(_short(f, root), NO_FORMAT)
            for f in truths.values()
            if f.suffix.lower() not in layout.endings and f not in image_files.values()
        ]
    if layout.blank and pairs:
        empty = {f for name, f in image_files.items() if re.fullmatch(layout.blank, plain_name(name.parent.name))}
        pairs += [(file, ()) for file, _ in alone if file in empty]
        alone = [(file, reason) for file, reason in alone if file not in empty]
    if images[0].base != masks[0].base:
        skipped += [Skipped(_short(f, root), NO_FORMAT) for f in strange if f not in notes]
        passed += len(notes)
    skipped += [Skipped(_short(file, root), _find_other_form(file, layout) or reason) for file, reason in alone]
    return Part(split, tuple(pairs), tuple(skipped), (files.root / images[0].base, files.root / masks[0].base), passed)


def _find_other_form(file: Path, layout: Layout) -> Message | None:
    """That outlines lie beside a file, which this layout doesn't read."""
    outlines = file.with_suffix(".json")
    if file.suffix.lower() not in SUFFIXES or ".json" in layout.endings or not outlines.is_file():
        return None
    return Message(OTHER_FORM.template, {"file": outlines.name, "layout": Message(layout.name)})


def _take(
    files: FolderFiles, places: Iterable[Place], pattern: str
) -> tuple[dict[PurePosixPath, Path], int, dict[Path, list[Path]]]:
    """The files by the names that images and masks share, how many have other names, and further ones of a name."""
    found: dict[PurePosixPath, Path] = {}
    further: dict[Path, list[Path]] = {}
    passed = 0
    for place in places:
        for file in files.folders[place.folder]:
            key = re.fullmatch(pattern, plain_name(file.stem)) if pattern else None
            if pattern and key is None:
                passed += 1
                continue
            own = f"{place.name}{file.suffix}" if place.name else file.name
            name = own if key is None else key[key.lastindex or 0] + file.suffix
            first = found.setdefault(PurePosixPath(place.more, name), file)
            if first != file:
                further.setdefault(first, []).append(file)
    return found, passed, further


def _match(images: dict[PurePosixPath, Path], truths: dict[PurePosixPath, Path]) -> tuple[Pairs, Alone]:
    """Images with their masks, folder by folder; where one side has no folders, across folders."""
    images = {name: file for name, file in images.items() if file.suffix.lower() in SUFFIXES}
    found = match_trees(images, truths)
    pairs: Pairs = [(image, (mask,)) for image, mask in found.masks.items()]
    alone: Alone = [(file, NO_TRUTH) for file in found.images_alone]
    owners = {image: core_name(image) for image in found.masks}
    for file in found.masks_alone:
        owner = next((image for image, core in owners.items() if core == core_name(file)), None)
        other = {} if owner is None else {"image": owner.name, "mask": found.masks[owner].name}
        alone.append((file, Message(OTHER_MASK.template, other) if other else NO_IMAGE))
    return pairs, [*alone, *((file, SAME_NAME) for file in found.same_name)]


def _lists(files: FolderFiles, root: str, layout: Layout) -> list[Path]:
    if not layout.lists:
        return []
    return [
        file
        for path, content in files.under(root)
        if plain_name(path[len(root) :]) == layout.lists
        for file in content
        if file.suffix == ".txt"
    ]


def _take_listed(part: Part, file: Path) -> Part:
    """The images that a list names."""
    there = {image.stem: (image, masks) for image, masks in part.pairs}
    names = file.read_text("utf-8", errors="replace").split()
    pairs = tuple(there[name] for name in names if name in there)
    skipped = tuple(Skipped(name, NO_FILE) for name in names if name not in there)
    return Part(file.stem, pairs, skipped, part.folders, len(part.pairs) - len(pairs))


def _short(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name


def short_names(scan: FolderScan, files: Iterable[Path]) -> Iterator[str]:
    """What messages call files: their paths from the data set's folder."""
    return (_short(file, scan.root) for file in files)
