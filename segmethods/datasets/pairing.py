"""Which mask belongs to which image: the one rule of every command and page.

Names are compared without case and in Unicode's form NFC, since one system writes ``größe`` with six letters and
another with five. A mask belongs to an image if, tried in this order,

1. both have the same name but for the ending: ``cat.jpg`` and ``cat.png``;
2. the mask has the image's whole name: ``cat.jpg`` and ``cat.jpg.png``;
3. the mask has a word such as ``_mask`` after the image's name, or ``mask_`` before it: ``cat.jpg`` and
   ``cat_mask.png``;
4. the image has a word such as ``_image`` of its own too: ``cat_sat.jpg`` and ``cat_mask.png``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from segmethods.core.messages import ImageError

MASK_WORDS = "mask|masks|seg|segm|segmentation|segmented|gt|groundtruth|ground_truth|label|labels|trimap|annotation"
IMAGE_WORDS = "image|img|sat|rgb|photo|0000"

_AFTER_MASK = re.compile(rf"[-_. ]+({MASK_WORDS})$")
_BEFORE_MASK = re.compile(rf"^({MASK_WORDS})[-_. ]+")
_AFTER_IMAGE = re.compile(rf"[-_. ]+({IMAGE_WORDS})$")

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
    taken = set(found.values())
    return Matches(
        {image: found[image] for image in images if image in found},
        tuple(image for image in images if image not in found),
        tuple(mask for mask in masks if mask not in taken),
        (*same_image, *same_mask),
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


def _is_double(file: Path) -> bool:
    """Whether a name has two endings, as ``cat_mask.jpg.png``."""
    return re.fullmatch(r"\.(png|jpe?g|tiff?|bmp|webp|gif)", Path(file.stem).suffix.lower()) is not None


_RULES: tuple[tuple[NameKey, NameKey], ...] = (
    (_stem, _stem),
    (_name, _stem),
    (_stem, _mask_stem),
    (_image_stem, _mask_stem),
)
