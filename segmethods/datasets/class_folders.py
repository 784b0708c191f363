"""Data sets with a folder of masks for each class: ``masks/cat/x.png`` and ``masks/dog/x.png`` of ``images/x.jpg``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmethods.core.messages import ImageError, Message, ParameterError
from segmethods.core.types import BINARY, Vocabulary
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.files import FolderFiles
from segmethods.datasets.folder_patterns import is_mask_folder, is_split, match_folder, says_part
from segmethods.datasets.mask_facts import read_facts
from segmethods.datasets.pairing import FOUND_WORDS, match_masks, plain_name
from segmethods.datasets.reasons import NO_IMAGE, NO_TRUTH
from segmethods.datasets.sample_refs import SampleRef, Skipped
from segmethods.datasets.scanning import rank_split
from segmethods.io.annotations import is_background
from segmethods.io.files import SUFFIXES
from segmethods.io.ground_truth import read_ground_truth

NAME = "a folder a class"
SHOWS = (
    "`images/NAME.jpg` and `masks/CLASS/NAME.png`, a mask of two values for each class; or a folder `CLASS/` beside "
    "the images or in their folder"
)

IMAGES, MASKS = "{split?}/{images}/{split?}", "{split?}/{masks}/{split?}/*"

OVERLAP = Message("Classes overlap in {some} of {all} pictures: there the last one by name counts.")


@dataclass(frozen=True)
class ClassFolders:
    """One part of such a data set.

    Parameters
    ----------
    split : str
        The part's name; empty where there are no parts.
    masks : mapping of Path to mapping of str to Path
        Image -> class -> mask.
    skipped : tuple of Skipped
        Files that have no partner.
    """

    split: str
    masks: Mapping[Path, Mapping[str, Path]]
    skipped: tuple[Skipped, ...]

    @property
    def classes(self) -> Vocabulary:
        """Background, and the folders' names."""
        names = sorted({name for masks in self.masks.values() for name in masks})
        return Vocabulary("dataset", ("background", *names))


def find_class_folders(files: FolderFiles) -> list[ClassFolders]:
    """The parts of a data set in which an image has masks in several folders of one folder of masks."""
    filled = [path for path in files.folders if _list_images(files, path)]
    images: dict[tuple[str, str], str] = {}
    for path in filled:
        for place in match_folder(IMAGES, path):
            images.setdefault((place.root, place.split), path)
    folders: dict[tuple[str, str, str], dict[str, str]] = {}
    for path in filled:
        above, _, name = path.rstrip("/").rpartition("/")
        keys = ((place.root, place.split) for place in match_folder(MASKS, path))
        if key := next((key for key in keys if key in images), None):
            folders.setdefault((*key, f"{above}/"), {})[name] = path
    found: dict[str, ClassFolders] = {}
    for (root, split, above), named in folders.items():
        beside = images[root, split]
        if len(named) < 2 or all(map(is_split, named)) or _list_images(files, above):
            continue
        stems = {plain_name(file.stem) for file in _list_images(files, beside)}
        if 2 * sum(plain_name(name) in stems for name in named) > len(named):  # a folder an image, not a class
            continue
        if not any(f"{beside}{name}/" in files.folders for name in named):
            part = _match(files, split, beside, named)
            if any(len(masks) > 1 for masks in part.masks.values()):
                found.setdefault(split, part)
    return sorted(found.values(), key=lambda part: rank_split(part.split))


def _find_beside(files: FolderFiles) -> Iterator[ClassFolders]:
    """Images with folders beside or below them that are called by a class, such as ``scratch/``, and hold its masks."""
    for path in files.folders:
        above, _, last = path.rstrip("/").rpartition("/")
        images = _list_images(files, path)
        if not images or _is_taken(last):
            continue
        places = [path] + ([f"{above}/" if above else ""] if says_part(last) else [])
        named = {
            name: other
            for other in files.folders
            for there, _, name in [other.rstrip("/").rpartition("/")]
            if other not in ("", path) and (f"{there}/" if there else "") in places and not _is_plain(name)
        }
        part = _match(files, "", path, {name: other for name, other in named.items() if _list_images(files, other)})
        if part.masks and all(map(_is_two_valued, {mask for masks in part.masks.values() for mask in masks.values()})):
            yield part
            return


def _is_taken(name: str) -> bool:
    return is_mask_folder(name) or re.fullmatch(FOUND_WORDS, plain_name(name)) is not None


def _is_plain(name: str) -> bool:
    """Whether a folder's name is no class: a word of it is that of a part of a data set, of masks, or of answers."""
    words = [name, *re.split(r"[-_. ]+", plain_name(name))]
    return any(says_part(word) or _is_taken(word) or is_background(word) or word == "lab" for word in words)


def _is_two_valued(mask: Path) -> bool:
    facts = read_facts(mask)
    return facts is not None and len(facts.classes) == 2


def open_beside(files: FolderFiles, folder: Path, source: str, name: str) -> dict[str, Dataset]:
    """The data set of images with folders beside or below them that are called by a class."""
    title = name or folder.absolute().name
    return {part.split: _open(part, files, title, source) for part in _find_beside(files)}


def open_class_folders(files: FolderFiles, folder: Path, source: str, name: str) -> dict[str, Dataset]:
    """The parts of a data set with a folder of masks for each class.

    Raises
    ------
    ParameterError
        If a mask has more than two values: then its folder's name is no class.
    """
    title = name or folder.absolute().name
    return {part.split: _open(part, files, title, source) for part in find_class_folders(files)}


def _match(files: FolderFiles, split: str, beside: str, named: Mapping[str, str]) -> ClassFolders:
    images = _list_images(files, beside)
    masks: dict[Path, dict[str, Path]] = {image: {} for image in images}
    alone: list[tuple[Path, Message]] = []
    for name, path in sorted(named.items()):
        if is_background(name):
            continue
        matches = match_masks(images, _list_images(files, path))
        alone += [(file, NO_IMAGE) for file in matches.masks_alone]
        for image, mask in matches.masks.items():
            masks[image][name] = mask
    alone += [(image, NO_TRUTH) for image, found in masks.items() if not found]
    skipped = tuple(Skipped(_short(files, file), reason) for file, reason in alone)
    return ClassFolders(split, {image: found for image, found in masks.items() if found}, skipped)


def _open(part: ClassFolders, files: FolderFiles, title: str, source: str) -> Dataset:
    classes = part.classes
    pairs = tuple(
        SampleRef(
            image.stem,
            image,
            tuple(masks.values()),
            "class files",
            classes,
            tuple(_short(files, file) for file in (image, *masks.values())),
            class_ids=tuple(map(classes.names.index, masks)),
        )
        for image, masks in part.masks.items()
    )
    with ThreadPoolExecutor(2) as pool:
        overlaps = list(pool.map(_overlap, part.masks.values()))
    notes = (Message(OVERLAP.template, {"some": sum(overlaps), "all": len(pairs)}),) if any(overlaps) else ()
    name = f"{title} {part.split}".strip()
    return Dataset(name, source, pairs, part.skipped, classes, NAME, len(files.junk), notes)


def _overlap(masks: Mapping[str, Path]) -> bool:
    """Whether two masks of an image cover the same pixel; one that can't be read is skipped when its turn comes."""
    covered: np.ndarray | None = None
    for mask in masks.values():
        facts = read_facts(mask)
        if facts is not None and len(facts.classes) > 2 and facts.tones is None:
            raise ParameterError(
                "One image has masks in the folders {folders}, and {name} has more than two values. "
                "Give each image one mask, or each class a folder of masks with two values.",
                folders=", ".join(masks),
                name=f"{mask.parent.name}/{mask.name}",
            )
        try:
            own = read_ground_truth(mask, None, classes=BINARY).truth.labels == 1
        except ImageError:
            continue
        if covered is not None and covered.shape == own.shape and (covered & own).any():
            return True
        covered = own if covered is None or covered.shape != own.shape else covered | own
    return False


def _list_images(files: FolderFiles, path: str) -> Sequence[Path]:
    return [file for file in files.folders.get(path, ()) if file.suffix.lower() in SUFFIXES]


def _short(files: FolderFiles, file: Path) -> str:
    return file.relative_to(files.root).as_posix()
