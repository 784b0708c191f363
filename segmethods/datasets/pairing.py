"""Which mask belongs to which image: the one rule of every command and page.

Names are compared without case and in Unicode's form NFC, since one system writes ``größe`` with six letters and
another with five. A mask belongs to an image if, tried in this order,

1. both have the same name except for the ending: ``cat.jpg`` and ``cat.png``;
2. the mask has the image's whole name: ``cat.jpg`` and ``cat.jpg.png``;
3. the mask has a word such as ``_mask`` after the image's name, or ``mask_`` before it: ``cat.jpg`` and
   ``cat_mask.png``;
4. the image has a word such as ``_image`` of its own too: ``cat_sat.jpg`` and ``cat_mask.png``;
5. both have the same name but for any such words, before or after it, and no other file has it: ``img_7.jpg`` and
   ``mask_7.png``, a truth ``cat_gt.png`` and a prediction ``cat_pred.png``, or, in a folder of its own,
   ``img.png`` and ``seg.png``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from segmethods.core.messages import ImageError

MASK_WORDS = (
    "masks?|cp_masks|msk|seg|segm|segmentations?|segmented|gt|groundtruth|ground_truth|truth|labels?|lbl|l|labelids|"
    "labeltrainids|trainids|gtfine|gtcoarse|trimap|annotations?|annot|anno|ann|mattes?|alpha|manual1?|target|y"
)
IMAGE_WORDS = "images?|scan|raw|img|im|sat|rgb|photo|picture|pic|frame|input|original|orig|src|x|leftimg8bit|0000"
FOUND_WORDS = "pred|preds|predictions?|predicted|results?|out|outputs?"

_AFTER_MASK = re.compile(rf"(?:[-_. ]+(?:{MASK_WORDS}))+$")
_BEFORE_MASK = re.compile(rf"^(?:{MASK_WORDS})(?:[-_. ]+|(?=\d))")
_AFTER_IMAGE = re.compile(rf"[-_. ]+({IMAGE_WORDS})$")
_ANY = f"{MASK_WORDS}|{IMAGE_WORDS}|{FOUND_WORDS}"
_AFTER_ANY = re.compile(rf"(?:[-_. ]+(?:{_ANY}))+$")
_ONLY_ANY = re.compile(_ANY)
_BEFORE_ANY = re.compile(rf"^(?:(?:{_ANY})[-_. ]+)+|^(?:{_ANY})(?=\d)")

NameKey = Callable[[Path], str]


@dataclass(frozen=True)
class Matches:
    """What belongs together, and what is left over.

    Parameters
    ----------
    masks : dict of path to path
        The mask of each image that has one, in the order of the images.
    images_alone : tuple of path
        Images without a mask.
    masks_alone : tuple of path
        Masks without an image.
    same_name : tuple of path
        Files that can't be told from another one by their names.
    """

    masks: dict[Path, Path]
    images_alone: tuple[Path, ...] = ()
    masks_alone: tuple[Path, ...] = ()
    same_name: tuple[Path, ...] = ()


def plain_name(text: str) -> str:
    """A name as it is compared: without case, in Unicode's form NFC.

    Examples
    --------
    >>> plain_name("GRO\\u0308SSE") == plain_name("größe".replace("ß", "ss"))
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def match_masks(images: Iterable[Path], masks: Iterable[Path]) -> Matches:
    """Find the mask of each image by the names of the files; the rule is at the top of this module.

    Parameters
    ----------
    images, masks : iterable of path
        The files; their folders aren't looked at.

    Examples
    --------
    >>> found = match_masks([Path("A.JPG"), Path("b.png"), Path("c.png")], [Path("a.png"), Path("b_mask.png")])
    >>> {image.name: mask.name for image, mask in found.masks.items()}, [image.name for image in found.images_alone]
    ({'A.JPG': 'a.png', 'b.png': 'b_mask.png'}, ['c.png'])
    """
    images, same_image = _without_twins(list(images))
    masks, same_mask = _without_twins(list(masks))
    found: dict[Path, Path] = {}
    for image_key, mask_key in _RULES:
        waiting: dict[str, Path] = {}
        for image in images:
            if image not in found:
                waiting.setdefault(image_key(image), image)
        taken = set(found.values())
        for mask in masks:
            if mask not in taken and (key := mask_key(mask)) in waiting:
                found[waiting.pop(key)] = mask
    found |= _match_cores([i for i in images if i not in found], [m for m in masks if m not in set(found.values())])
    taken = set(found.values())
    return Matches(
        {image: found[image] for image in images if image in found},
        tuple(image for image in images if image not in found),
        tuple(mask for mask in masks if mask not in taken),
        (*same_image, *same_mask),
    )


def _match_cores(images: Sequence[Path], masks: Sequence[Path]) -> dict[Path, Path]:
    """Files whose names are equal without any words, where nothing else could be meant."""
    ours, theirs = (Counter(map(core_name, files)) for files in (images, masks))
    cores = {core_name(mask): mask for mask in masks}
    return {image: cores[key] for image in images if ours[key := core_name(image)] == theirs[key] == 1}


def match_trees(images: Mapping[PurePosixPath, Path], masks: Mapping[PurePosixPath, Path]) -> Matches:
    """Find the mask of each image folder by folder; where one side has no folders, across folders.

    Parameters
    ----------
    images, masks : mapping of PurePosixPath to Path
        The files by the names and folders that both sides share.
    """
    flat = any({name.parent for name in side} <= {PurePosixPath()} for side in (images, masks))
    folders = [None] if flat else sorted({name.parent for side in (images, masks) for name in side})
    parts = []
    for folder in folders:
        ours, theirs = (
            {Path(name): file for name, file in side.items() if folder is None or name.parent == folder}
            for side in (images, masks)
        )
        found = match_masks(ours, theirs)
        parts.append(
            Matches(
                {ours[image]: theirs[mask] for image, mask in found.masks.items()},
                tuple(ours[name] for name in found.images_alone),
                tuple(theirs[name] for name in found.masks_alone),
                tuple(ours.get(name) or theirs[name] for name in found.same_name),
            )
        )
    return Matches(
        {image: mask for part in parts for image, mask in part.masks.items()},
        tuple(file for part in parts for file in part.images_alone),
        tuple(file for part in parts for file in part.masks_alone),
        tuple(file for part in parts for file in part.same_name),
    )


def find_mask(image: str, folder: Path, endings: Sequence[str]) -> Path:
    """The mask of an image in a folder.

    Parameters
    ----------
    image : str
        The image's path or name. Where masks lie beside images, the image isn't taken for its own mask.
    folder : path
        A folder of masks.
    endings : sequence of str
        The endings of files that may be masks, in lower case.

    Raises
    ------
    ImageError
        If none has the image's name, or two have.
    """
    path = Path(image)
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in endings and file.is_file())
    files = [file for file in files if file.absolute() != path.absolute()]
    matches = match_masks([path], files)
    if path not in matches.masks:
        raise ImageError(
            "{folder} has no mask for {image}. Name it {stem}.png.", folder=str(folder), image=image, stem=path.stem
        )
    mask = matches.masks[path]
    twins = [file for file in matches.same_name if _stem(file) == _stem(mask)]
    if twins:
        raise ImageError(
            "{folder} has two masks for {image}, {first} and {second}. Take one of them out.",
            folder=str(folder),
            image=image,
            first=mask.name,
            second=twins[0].name,
        )
    return mask


def _without_twins(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The files, each name once, and those whose name another one has but for its ending."""
    first: dict[str, Path] = {}
    for file in files:
        first.setdefault(_stem(file), file)
    kept = set(first.values())
    return list(first.values()), [file for file in files if file not in kept]


def _stem(file: Path) -> str:
    return plain_name(file.stem)


def _name(file: Path) -> str:
    return plain_name(file.name)


def _mask_stem(file: Path) -> str:
    return _BEFORE_MASK.sub("", _AFTER_MASK.sub("", Path(_stem(file)).stem if _is_double(file) else _stem(file)))


def _image_stem(file: Path) -> str:
    return _AFTER_IMAGE.sub("", _stem(file))


def core_name(file: Path) -> str:
    """A file's name without the words that say whether it is an image or a mask; empty if it has no other."""
    if _ONLY_ANY.fullmatch(_stem(file)):
        return ""
    return _BEFORE_ANY.sub("", _AFTER_ANY.sub("", Path(_stem(file)).stem if _is_double(file) else _stem(file)))


def _is_double(file: Path) -> bool:
    """Whether a name has two endings, as ``cat_mask.jpg.png``."""
    return re.fullmatch(r"\.(png|jpe?g|tiff?|bmp|webp|gif)", Path(file.stem).suffix.lower()) is not None


_RULES: tuple[tuple[NameKey, NameKey], ...] = (
    (_stem, _stem),
    (_name, _stem),
    (_stem, _mask_stem),
    (_image_stem, _mask_stem),
)
