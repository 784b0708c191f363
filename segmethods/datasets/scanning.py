"""Which layout a folder has, and which image belongs to which mask there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from segmethods.core.messages import Message, ParameterError
from segmethods.datasets.files import FolderFiles, list_files
from segmethods.datasets.layouts import LAYOUTS, SPLITS, Layout, Place, match_folder, same_split
from segmethods.datasets.pairing import match_masks, plain_name
from segmethods.datasets.pairs import Skipped
from segmethods.io.images import SUFFIXES

NO_TRUTH = Message("No mask has this picture's name. Add one, or take the picture out.")
NO_PICTURE = Message("No picture has this mask's name. Add it, or take the mask out.")
NO_FORMAT = Message("This is not a PNG, JPEG, WebP, TIFF, BMP or GIF file. Save it as one of them.")
NO_FILE = Message("The list names it, but it isn't there. Add it, or take it off the list.")
SAME_NAME = Message("Another file has the same name but for its ending. Rename one of them.")


@dataclass(frozen=True)
class Part:
    """The images and masks of one part of a data set, such as its training images.

    Parameters
    ----------
    split : str
        The part's name; empty where a data set has no parts.
    pairs : tuple of (Path, tuple of Path)
        Each image with its masks; several only for several annotators.
    skipped : tuple of Skipped
        Files that have no partner, or are none that can be read.
    folders : tuple of Path
        The folders of the images and of the masks.
    passed : int
        Files that the layout knows and doesn't use.
    """

    split: str
    pairs: tuple[tuple[Path, tuple[Path, ...]], ...]
    skipped: tuple[Skipped, ...]
    folders: tuple[Path, Path]
    passed: int = 0


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
        If there is no data set, or more than one.
    """
    files = list_files(folder)
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
                    "{folder} holds several data sets. Name one of them: {choices}.",
                    folder=source,
                    choices=", ".join(sorted(scan.root.name for scan in found)),
                )
    raise ParameterError(
        "{folder} holds no data set. It needs images/ and masks/ with files of the same names, or another of the "
        "layouts that README.md lists.",
        folder=source,
    )


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
            parts.append(max(choices, key=lambda part: len(part.pairs)))
    if any(part.pairs for part in parts):
        parts = [part for part in parts if part.pairs]
    lists = _lists(files, root, layout)
    if lists and parts:
        parts = [_take_listed(parts[0], file) for file in lists]
    return tuple(sorted(parts, key=_rank))


def _rank(part: Part) -> tuple[int, str]:
    words = same_split(part.split)
    return (SPLITS.index(words) if words in SPLITS else len(SPLITS)), part.split


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
    pictures, passed = _take(files, images, layout.image_name)
    truths, others = _take(files, masks, layout.mask_name)
    passed = 0 if images[0].base == masks[0].base else passed + others
    skipped = []
    if layout.regions and layout.endings == SUFFIXES:
        pairs, alone = _match_annotators(pictures, truths)
    else:
        pairs, alone = _match(pictures, {name: f for name, f in truths.items() if f.suffix.lower() in layout.endings})
        skipped += [
            Skipped(_short(f, root), NO_FORMAT) for f in truths.values() if f.suffix.lower() not in layout.endings
        ]
    skipped += [Skipped(_short(f, root), NO_FORMAT) for f in pictures.values() if f.suffix.lower() not in SUFFIXES]
    skipped += [Skipped(_short(file, root), reason) for file, reason in alone]
    return Part(split, tuple(pairs), tuple(skipped), (files.root / images[0].base, files.root / masks[0].base), passed)


def _take(files: FolderFiles, places: Iterable[Place], pattern: str) -> tuple[dict[PurePosixPath, Path], int]:
    """The files by the names that images and masks share, and how many have other names."""
    found: dict[PurePosixPath, Path] = {}
    passed = 0
    for place in places:
        for file in files.folders[place.base + place.more]:
            key = re.fullmatch(pattern, plain_name(file.stem)) if pattern else None
            if pattern and key is None:
                passed += 1
                continue
            name = file.name if key is None else key[1] + file.suffix
            found.setdefault(PurePosixPath(place.more, name), file)
    return found, passed


Alone = list[tuple[Path, Message]]
Pairs = list[tuple[Path, tuple[Path, ...]]]


def _match(pictures: dict[PurePosixPath, Path], truths: dict[PurePosixPath, Path]) -> tuple[Pairs, Alone]:
    """Images with their masks, folder by folder; where one side has no folders, across folders."""
    pictures = {name: file for name, file in pictures.items() if file.suffix.lower() in SUFFIXES}
    flat = any({name.parent for name in side} <= {PurePosixPath()} for side in (pictures, truths))
    folders = [None] if flat else sorted({name.parent for side in (pictures, truths) for name in side})
    pairs: Pairs = []
    alone: Alone = []
    for folder in folders:
        ours, theirs = (
            {Path(name): file for name, file in side.items() if folder is None or name.parent == folder}
            for side in (pictures, truths)
        )
        found = match_masks(ours, theirs)
        pairs += [(ours[image], (theirs[mask],)) for image, mask in found.masks.items()]
        alone += [(ours[name], NO_TRUTH) for name in found.images_alone]
        alone += [(theirs[name], NO_PICTURE) for name in found.masks_alone]
        alone += [((ours.get(name) or theirs[name]), SAME_NAME) for name in found.same_name]
    return pairs, alone


def _match_annotators(pictures: dict[PurePosixPath, Path], truths: dict[PurePosixPath, Path]) -> tuple[Pairs, Alone]:
    """Images with the regions that several people drew."""
    known = {plain_name(name.stem): file for name, file in pictures.items() if file.suffix.lower() in SUFFIXES}
    owners = {file: _owner(name, known) for name, file in truths.items()}
    pairs: Pairs = []
    alone: Alone = [(file, NO_PICTURE) for file, owner in owners.items() if owner is None]
    for stem, image in known.items():
        drawn = tuple(file for file, owner in owners.items() if owner == stem)
        if drawn:
            pairs.append((image, drawn))
        else:
            alone.append((image, NO_TRUTH))
    return pairs, alone


def _owner(name: PurePosixPath, images: Iterable[str]) -> str | None:
    """The image that a file in ``segmentations/`` belongs to, by its folder or by its name."""
    folder, stem = plain_name(name.parts[0]), plain_name(name.stem)
    for candidate in (folder if len(name.parts) > 1 else stem, stem, re.sub(r"[-_. ]\w*$", "", stem)):
        if candidate in images:
            return candidate
    return None


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
