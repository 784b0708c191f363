"""Pictures and their masks, and what a teacher says of them.

A data set is a folder with ``images/`` and ``labels/`` (8-bit grey or index PNG of the same size and name, 255 = void)
and a ``classes.txt`` with one name a line, the line number being the id. A folder with ``train/`` and ``val/`` inside
holds two such sets. A folder with ``images/`` alone holds photos without masks, from which only a teacher can teach.
"""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from segmethods.io.images import SUFFIXES
from segmethods.io.label_png import read_class_names

VOID = 255
UNKNOWN = 254
"""Stands in a crop's labels where there is no mask, and a teacher may decide; no data set has so many classes."""

PRESENT = 0.002
TEACHER_PRESENT = 5

LONGEST = 640
"""Long side in pixels to which larger pictures are brought, the largest at which any network is asked."""

KEPT = 4000
"""Pictures that stay in memory once they are read; they take 5 GB at most."""


@dataclass(frozen=True)
class Example:
    """One photo and what is known of it.

    Attributes
    ----------
    file : where the picture is.
    labels : uint8 (H, W) of class ids with 255 for void, or None.
    teacher : uint8 (C, 33, 33) of class probabilities as ``distillation.Teacher`` gives them, or None.
    classes : ids of the classes that can be seen in it, by its mask or else by its teacher.
    features : file of the teacher's features, uint8 (33, 33, D), or None. Too large to be kept in memory.
    """

    file: Path
    labels: npt.NDArray[np.uint8] | None
    teacher: npt.NDArray[np.uint8] | None
    classes: tuple[int, ...]
    features: Path | None = None

    @property
    def image(self) -> npt.NDArray[np.uint8]:
        """uint8 (H, W, 3), RGB."""
        return read_picture(self.file)[0]


@dataclass(frozen=True)
class Dataset:
    """Examples to learn from, examples to judge by, and the names of the classes."""

    classes: tuple[str, ...]
    train: Sequence[Example]
    photos: Sequence[Example]
    val: Sequence[Example]

    def digest(self) -> str:
        """SHA-256 of all masks and of a part of all pictures, which tells whether a run goes on with the same ones."""
        found = hashlib.sha256()
        for part in (self.train, self.photos, self.val):
            found.update(str(len(part)).encode())
            for example in part:
                found.update(example.image[::16, ::16].tobytes())
                found.update(b"" if example.labels is None else example.labels.tobytes())
                found.update(b"" if example.teacher is None else example.teacher.tobytes())
        return found.hexdigest()


def load(folder: Path, *, photos: Path | None = None, teacher: Path | None = None) -> Dataset:
    """Reads a data set.

    Parameters
    ----------
    folder : has ``train/`` and ``val/``, or ``images/`` and ``labels/``; of the latter every tenth picture is
        kept to judge by.
    photos : a folder whose ``images/`` have no masks.
    teacher : a folder of the teacher's answers, ``NAME.npy`` and ``NAME.features.npy``; a photo without an answer
        does without.

    Raises
    ------
    ValueError : a folder lacks what it should hold; the message says what.
    """
    if teacher and not teacher.is_dir():
        raise ValueError(f"there is no folder {teacher} with a teacher's answers")
    if photos and not teacher:
        raise ValueError(f"from photos without masks, {photos}, only a teacher can teach: give its answers, too")
    classes = read_classes(folder)
    if (folder / "train").is_dir():
        train = read_folder(folder / "train", teacher)
        val = read_folder(folder / "val", None)
    else:
        every = read_folder(folder, teacher)
        train = [example for index, example in enumerate(every) if index % 10]
        val = every[::10]
    unlabelled = read_folder(photos, teacher, labelled=False) if photos else []
    if not train or not val:
        raise ValueError(f"{folder} has too few pictures: at least two with masks are needed")
    if any(example.teacher is not None and len(example.teacher) != len(classes) for example in (*train, *unlabelled)):
        raise ValueError(f"the teacher in {teacher} knows other classes than {folder}/classes.txt")
    check_masks(folder, classes, train, val)
    return Dataset(classes, listed(train), [photo for photo in unlabelled if photo.teacher is not None], val)


def check_masks(folder: Path, classes: Sequence[str], train: Sequence[Example], val: Sequence[Example]) -> None:
    """Raises ``ValueError`` if masks hold classes without names, one class alone, or nothing to judge by."""
    learned, judged = shown(train), shown(val)
    highest = max(learned | judged, default=0)
    if highest >= len(classes):
        raise ValueError(f"{folder} has a mask with class {highest}, but classes.txt names only {len(classes)} classes")
    if len(learned) < 2:
        raise ValueError(f"{folder} has masks of one class alone: a pixel of class 1 has the value 1, and 255 is void")
    if not judged:
        raise ValueError(f"{folder} has no mask to judge by: those of the pictures kept aside are void everywhere")


def shown(examples: Iterable[Example]) -> set[int]:
    """The ids in the masks of examples, in however few pixels."""
    masks = [example.labels for example in examples if example.labels is not None]
    return {int(id) for mask in masks for id in np.flatnonzero(np.bincount(mask.ravel(), minlength=256)[:VOID])}


def listed(examples: Sequence[Example]) -> list[Example]:
    """Examples whose classes leave none out: one that is small in every mask counts wherever it occurs."""
    small = shown(examples) - {id for example in examples for id in example.classes}
    return [
        replace(example, classes=tuple(sorted({*example.classes, *(small & shown([example]))}))) if small else example
        for example in examples
    ]


def read_classes(folder: Path) -> tuple[str, ...]:
    """The class names of a data set, from the first ``classes.txt`` in it, in ``train/`` or beside it."""
    for place in (folder, folder / "train"):
        file = place / "classes.txt"
        if file.is_file():
            names = read_class_names(file)
            if not (all(names) and 2 <= len(set(names)) == len(names) <= UNKNOWN):
                raise ValueError(
                    f"{file} must name at least two classes and at most {UNKNOWN}, each on its own line, once"
                )
            return names
    raise ValueError(f"{folder} has no classes.txt, which names one class a line")


def read_folder(folder: Path, teacher: Path | None, *, labelled: bool = True) -> list[Example]:
    """Reads every picture of ``folder/images`` with its mask and its teacher's answer, in order of name.

    What is no picture by its name, as the files that Windows and macOS leave in folders, is passed over.
    """
    if not (folder / "images").is_dir():
        raise ValueError(f"{folder} has no folder images")
    pictures = sorted(file for file in (folder / "images").iterdir() if is_picture(file))
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda picture: read_example(picture, folder, teacher, labelled), pictures))


def is_picture(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and not file.name.startswith(".")


def read_example(picture: Path, folder: Path, teacher: Path | None, labelled: bool) -> Example:
    image, shape = read_picture(picture)
    labels = None
    if labelled:
        mask = read_mask(folder / "labels" / f"{picture.stem}.png", shape)
        labels = resized(mask, image.shape, cv2.INTER_NEAREST)
    file, features = answer_files(teacher, picture) if teacher else (None, None)
    answer = np.load(file, allow_pickle=False) if file and file.is_file() else None
    known = features if features and features.is_file() else None
    return Example(picture, labels, answer, tuple(seen(labels, answer)), known)


def answer_files(teacher: Path, picture: Path) -> tuple[Path, Path]:
    """Where a teacher's answer to a picture is kept: its class probabilities, and its features."""
    return teacher / f"{picture.stem}.npy", teacher / f"{picture.stem}.features.npy"


@lru_cache(maxsize=KEPT)
def read_picture(file: Path) -> tuple[npt.NDArray[np.uint8], tuple[int, ...]]:
    """A picture with its long side at no more than `LONGEST`, and the height and width that it has in its file."""
    image = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise ValueError(f"{file} is not a picture that can be read")
    height, width = image.shape[:2]
    scale = min(1.0, LONGEST / max(height, width))
    shape = max(1, round(height * scale)), max(1, round(width * scale))
    return resized(image.astype(np.uint8, copy=False), shape, cv2.INTER_AREA), (height, width)


def resized(image: npt.NDArray[np.uint8], shape: tuple[int, ...], interpolation: int) -> npt.NDArray[np.uint8]:
    """A picture or a mask brought to a height and width."""
    if image.shape[:2] == shape[:2]:
        return image
    return cv2.resize(image, (shape[1], shape[0]), interpolation=interpolation).astype(np.uint8, copy=False)


def read_mask(file: Path, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """The ids in a mask; of an index PNG its indices, whatever their colours."""
    if not file.is_file():
        raise ValueError(f"there is no mask {file}, which its picture needs")
    try:
        with Image.open(file) as picture:
            labels = np.array(picture) if picture.mode in ("L", "P") and picture.format == "PNG" else None
    except (OSError, UnidentifiedImageError, SyntaxError):
        labels = None
    if labels is None or labels.shape != shape:
        raise ValueError(f"{file} must be an 8-bit PNG of class numbers of its picture's size, {shape[1]} x {shape[0]}")
    return labels.astype(np.uint8, copy=False)


def seen(labels: npt.NDArray[np.uint8] | None, teacher: npt.NDArray[np.uint8] | None) -> Iterable[int]:
    """Classes that cover enough of a mask, or else of the teacher's map, to be worth looking for."""
    if labels is not None:
        areas = np.bincount(labels.ravel(), minlength=256)[:VOID]
        return [int(index) for index in np.flatnonzero(areas > PRESENT * labels.size)]
    if teacher is not None:
        cells = np.bincount(teacher.argmax(axis=0).ravel(), minlength=256)
        return [int(index) for index in np.flatnonzero(cells >= TEACHER_PRESENT)]
    return []
