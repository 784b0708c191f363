"""Data sets with many masks an image, one for each object, as in the Data Science Bowl 2018."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from segmethods.core.types import BINARY
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.files import FolderFiles
from segmethods.datasets.folder_patterns import is_split, match_folder
from segmethods.datasets.pairing import plain_name
from segmethods.datasets.reasons import NO_TRUTH
from segmethods.datasets.sample_refs import SampleRef, Skipped
from segmethods.datasets.scanning import rank_split
from segmethods.io.files import SUFFIXES

NAME = "DSB 2018"
SHOWS = (
    "`stage1_train/ID/images/ID.png` and `stage1_train/ID/masks/*.png`, one mask for each object; or `images/ID.png` "
    "and `masks/ID/*.png`"
)


def open_object_files(files: FolderFiles, folder: Path, source: str, name: str) -> dict[str, Dataset]:
    """The parts of a folder whose images lie in a folder each, with a mask for each object beside them."""
    pairs: dict[str, list[SampleRef]] = {}
    skipped: dict[str, list[Skipped]] = {}
    beside = {plain_name(path): found for path, found in files.folders.items()}
    for path, there in files.folders.items():
        above, _, last = path.rstrip("/").rpartition("/")
        images = [file for file in there if file.suffix.lower() in SUFFIXES]
        if plain_name(last) != "images" or len(images) != 1:
            continue
        image, split = images[0], _split(above)
        found = beside.get(plain_name(f"{above}/masks/".lstrip("/")), ())
        masks = [file for file in found if file.suffix.lower() in SUFFIXES]
        short = image.relative_to(files.root).as_posix()
        if not masks:
            skipped.setdefault(split, []).append(Skipped(short, NO_TRUTH))
            continue
        names = (short, *(mask.relative_to(files.root).as_posix() for mask in masks))
        pairs.setdefault(split, []).append(SampleRef(image.stem, image, tuple(masks), "object files", BINARY, names))
    if not any(len(pair.truth) > 1 for found in pairs.values() for pair in found):
        pairs, skipped = _find_by_folders(files)
    if not any(len(pair.truth) > 1 for found in pairs.values() for pair in found):
        return {}
    title = name or folder.absolute().name
    return {
        split: Dataset(
            f"{title} {split}".strip(),
            source,
            _named_apart(pairs[split]),
            tuple(skipped.get(split, ())),
            BINARY,
            NAME,
            len(files.junk),
        )
        for split in sorted(pairs, key=rank_split)
    }


def has_object_folders(files: FolderFiles) -> bool:
    """Whether images have a folder of masks each, which is called like the image."""
    return any(len(pair.truth) > 1 for found in _find_by_folders(files)[0].values() for pair in found)


def _find_by_folders(files: FolderFiles) -> tuple[dict[str, list[SampleRef]], dict[str, list[Skipped]]]:
    """Images with a folder of masks each, called like the image: ``images/NAME.jpg`` and ``masks/NAME/*.png``."""
    pairs: dict[str, list[SampleRef]] = {}
    skipped: dict[str, list[Skipped]] = {}
    masks: dict[tuple[str, str, str], list[Path]] = {}
    for path, there in files.folders.items():
        above, _, name = path.rstrip("/").rpartition("/")
        for place in match_folder("{split?}/{masks}/{split?}", f"{above}/"):
            found = [file for file in there if file.suffix.lower() in SUFFIXES]
            masks.setdefault((place.root, place.split, plain_name(name)), found)
    for path, there in files.folders.items():
        for place in match_folder("{split?}/{images}/{split?}", path):
            for image in (file for file in there if file.suffix.lower() in SUFFIXES):
                own = masks.get((place.root, place.split, plain_name(image.stem)), [])
                names = tuple(file.relative_to(files.root).as_posix() for file in (image, *own))
                if own:
                    found_pair = SampleRef(image.stem, image, tuple(own), "object files", BINARY, names)
                    pairs.setdefault(place.split, []).append(found_pair)
                else:
                    skipped.setdefault(place.split, []).append(Skipped(names[0], NO_TRUTH))
    return pairs, skipped


def _named_apart(pairs: list[SampleRef]) -> tuple[SampleRef, ...]:
    """The samples by the names of their images; by their paths where two have one name."""
    counts = Counter(pair.name for pair in pairs)
    return tuple(pair if counts[pair.name] == 1 else pair.renamed(pair.files[0]) for pair in pairs)


def _split(above: str) -> str:
    """The part that the folders around an image name, such as train for ``stage1_train/ID``."""
    words = (word for folder in above.split("/")[:-1] for word in plain_name(folder).replace("-", "_").split("_"))
    return next((word for word in words if is_split(word)), "")
