"""Patterns of folders, by which layouts say where images and masks lie.

A folder pattern is a path from the data set's root, compared without case:

==============  =====================================================================================================
``name``        a folder of this name; ``a|b`` of one of these, ``*`` stands for any letters
``{split}``     a part such as train, val or test, also as a piece of a name: ``images{split}``
``{split?}``    such a part, or no folder at all
``{images}``    ``images``, ``imgs``, ``JPEGImages`` and so on; ``{masks}`` likewise
``{more}``      any folders, or none; those of an image and of its mask are the same
``{more:a|b}``  one folder of these names, likewise; ``{more:*}`` of any name
``{name}``      at the end, a folder that is called like the image whose masks lie in it
==============  =====================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from segmethods.datasets.pairing import plain_name

TRAIN = ("train", "training", "tr")
VAL = ("val", "valid", "validation")
TEST = ("test", "testing", "ts")
TRAINVAL = ("trainval",)
SPLITS = (VAL, TEST, TRAIN, TRAINVAL)
"""Parts of a data set by their names, in the order in which one is chosen where none is named."""

ROOT_DEPTH = 5
"""How many folders deep a data set is looked for."""

_IMAGES = (
    "images?|imgs?|im|pictures?|photos?|inputs?|jpegimages|pngimages|img_dir|originals?|x|data|frames?|src|sources?|"
    "rgb|raw|colou?r|tiles?|scans?|slices|tissue images|clip_img"
)
_MASKS = (
    "labels?|lbls?|masks?|msks?|annotations?|annots?|annos?|anns?|gts?|ground_?truths?|ground truth|truths?|"
    "segmentation_?masks?|segs?|targets?|segmentationclass|segmentations?|ann_dir|segmentation maps|y|outputs?|mattes?|"
    r"trimaps?|alphas?|(?:binary|class|semantic|mask)[-_]?(?:masks?|labels?|images?)|semantic|manual\d?|"
    "silhouettes?|matting|masks?_(?:png|machine)|ped_?masks"
)
_SPLIT = rf"(?:{'|'.join(word for words in SPLITS for word in words)})(?:20\d\d)?"


@dataclass(frozen=True)
class Place:
    """What a pattern says of a folder.

    Parameters
    ----------
    root : str
        The data set's folder, ``""`` or with a slash at its end, as all paths here.
    split : str
        The part, in lower case; empty where there are none.
    base : str
        The folder without those that ``{more}`` and ``{name}`` stand for.
    more : str
        These folders, such as ``"city/"``.
    folder : str
        The folder itself.
    name : str
        What ``{name}`` stands for, the name of an image; empty where files have names of their own.
    """

    root: str
    split: str
    base: str
    more: str
    folder: str
    name: str = ""


def match_folder(pattern: str, path: str) -> Iterator[Place]:
    """All that a pattern can say of a folder's path, from the root closest to the top on.

    Examples
    --------
    >>> next(match_folder("{split?}/{images}/{split?}/{more}", "Train/Images/city/"))
    Place(root='', split='train', base='Train/Images/', more='city/', folder='Train/Images/city/', name='')
    """
    words = path.split("/")[:-1]
    for depth in range(min(ROOT_DEPTH, len(words)) + 1):
        rest = "".join(f"{plain_name(word)}/" for word in words[depth:])
        if found := _compile(pattern).fullmatch(rest):
            groups = found.groupdict()
            split = next((group for name, group in groups.items() if name.startswith("split") and group), "")
            start, end = found.span("more") if groups.get("more") else (len(rest), len(rest))
            start, end = (depth + rest[:place].count("/") for place in (start, end))
            last = len(words) - 1 if groups.get("name") else len(words)
            base = [*words[:start], *words[end:last]]
            name = "".join(words[last:])
            yield Place(_join(words[:depth]), split, _join(base), _join(words[start:end]), path, name)


def _join(words: list[str]) -> str:
    return "".join(f"{word}/" for word in words)


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """A folder pattern as a regular expression for a path in lower case that ends with a slash."""
    parts = []
    for number, word in enumerate(pattern.lower().split("/")):
        match word:
            case "{split?}":
                parts.append(rf"(?:(?P<split{number}>{_SPLIT})/)?")
            case "{more}":
                parts.append(r"(?P<more>(?:[^/]+/)*)")
            case _ if word.startswith("{more:"):
                parts.append(rf"(?P<more>(?:{word[6:-1].replace('*', '[^/]+')})/)")
            case "{name}":
                parts.append("(?P<name>[^/]+)/")
            case "{images}":
                parts.append(rf"(?:{_IMAGES})/")
            case "{masks}":
                parts.append(rf"(?:{_MASKS})/")
            case _:
                choices = [_piece(choice, f"split{number}x{n}") for n, choice in enumerate(word.split("|"))]
                parts.append(f"(?:{'|'.join(choices)})/")
    return re.compile("".join(parts))


def _piece(word: str, group: str) -> str:
    literal = re.escape(word).replace(r"\*", "[^/]*")
    words = literal.replace(re.escape("{images}"), f"(?:{_IMAGES})").replace(re.escape("{masks}"), f"(?:{_MASKS})")
    return words.replace(re.escape("{split}"), f"(?P<{group}>{_SPLIT})")


def is_mask_folder(name: str) -> bool:
    """Whether a folder's name says that masks lie in it.

    Examples
    --------
    >>> is_mask_folder("SegmentationClass"), is_mask_folder("pictures")
    (True, False)
    """
    return re.fullmatch(_MASKS, plain_name(name)) is not None


def is_side(name: str) -> bool:
    """Whether a folder's name says that images lie in it, or masks.

    Examples
    --------
    >>> is_side("photos"), is_side("masks"), is_side("train")
    (True, True, False)
    """
    return re.fullmatch(f"{_IMAGES}|{_MASKS}", plain_name(name)) is not None


def says_part(name: str) -> bool:
    """Whether a folder's name says that it is a part of a data set: images, masks, or those of training and so on.

    Examples
    --------
    >>> says_part("JPEGImages"), says_part("train_masks"), says_part("my cells")
    (True, True, False)
    """
    words = (
        _IMAGES,
        _MASKS,
        _SPLIT,
        rf"(?:{_SPLIT})[-_]?(?:{_IMAGES}|{_MASKS})",
        "leftimg8bit|gtfine|.*_(?:input|data)",
    )
    return any(re.fullmatch(word, plain_name(name)) for word in words)


def is_split(name: str) -> bool:
    """Whether a word names a part of a data set.

    Examples
    --------
    >>> is_split("val2017"), is_split("images")
    (True, False)
    """
    return re.fullmatch(_SPLIT, plain_name(name)) is not None


def same_split(name: str) -> tuple[str, ...]:
    """All names of a part of a data set.

    Examples
    --------
    >>> same_split("Valid"), same_split("train2017"), same_split("fold1")
    (('val', 'valid', 'validation'), ('train', 'training', 'tr'), ('fold1',))
    """
    plain = plain_name(name)
    word = re.sub(r"20\d\d$", "", plain)
    return next((words for words in SPLITS if word in words), (plain,))
