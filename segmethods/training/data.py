"""Pictures and their masks, read once and kept in memory.

A data set is a folder with ``images/`` and ``labels/`` (index PNG of the same size and name, 255 = void) and a
``classes.txt`` with one name a line, the line number being the id. A folder with ``train/`` and ``val/`` inside holds
two such sets. A folder with ``images/`` alone holds photos without masks, from which only a teacher can teach.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

VOID = 255
PRESENT = 0.002
TEACHER_PRESENT = 5


@dataclass(frozen=True)
class Example:
    """One photo and what is known of it.

    Attributes
    ----------
    image : uint8 (H, W, 3), RGB.
    labels : uint8 (H, W) of class ids with 255 for void, or None.
    teacher : uint8 (C, 33, 33) of class probabilities as ``distillation.Teacher`` gives them, or None.
    classes : ids of the classes that can be seen in it, by its mask or else by its teacher.
    """

    image: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8] | None
    teacher: npt.NDArray[np.uint8] | None
    classes: tuple[int, ...]


@dataclass(frozen=True)
class Dataset:
    """Examples to learn from, examples to judge by, and the names of the classes."""

    classes: tuple[str, ...]
    train: Sequence[Example]
    photos: Sequence[Example]
    val: Sequence[Example]


def load(folder: Path, *, photos: Path | None = None, teacher: Path | None = None) -> Dataset:
    """Reads a data set.

    Parameters
    ----------
    folder : has ``train/`` and ``val/``, or ``images/`` and ``labels/``; of the latter every tenth picture is
        kept to judge by.
    photos : a folder whose ``images/`` have no masks.
    teacher : a folder of the teacher's answers, ``NAME.npy``; a photo without an answer does without.

    Raises
    ------
    ValueError : a folder lacks what it should hold; the message says what.
    """
    classes = read_classes(folder)
    if (folder / "train").is_dir():
        train = read_folder(folder / "train", teacher)
        val = read_folder(folder / "val", None)
    else:
        every = read_folder(folder, teacher)
        train = [example for index, example in enumerate(every) if index % 10]
        val = every[::10]
    unlabelled = read_folder(photos, teacher, labelled=False) if photos and teacher else []
    if not train or not val:
        raise ValueError(f"{folder} has too few pictures: at least two with masks are needed")
    if any(example.teacher is not None and len(example.teacher) != len(classes) for example in (*train, *unlabelled)):
        raise ValueError(f"the teacher in {teacher} knows other classes than {folder}/classes.txt")
    highest = max(max(example.classes, default=0) for example in train)
    if highest >= len(classes):
        raise ValueError(f"{folder} has a mask with class {highest}, but classes.txt names only {len(classes)} classes")
    return Dataset(classes, train, [photo for photo in unlabelled if photo.teacher is not None], val)


def read_classes(folder: Path) -> tuple[str, ...]:
    """The class names of a data set, from the first ``classes.txt`` in it, in ``train/`` or beside it."""
    for place in (folder, folder / "train"):
        file = place / "classes.txt"
        if file.is_file():
            return tuple(line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    raise ValueError(f"{folder} has no classes.txt, which names one class a line")


def read_folder(folder: Path, teacher: Path | None, *, labelled: bool = True) -> list[Example]:
    """Decodes every picture of ``folder/images`` with its mask and its teacher's answer, in order of name."""
    if not (folder / "images").is_dir():
        raise ValueError(f"{folder} has no folder images")
    pictures = sorted((folder / "images").iterdir())
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda picture: read_example(picture, folder, teacher, labelled), pictures))


def read_example(picture: Path, folder: Path, teacher: Path | None, labelled: bool) -> Example:
    image = cv2.imread(str(picture), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise ValueError(f"{picture} is not a picture that can be read")
    labels = read_mask(folder / "labels" / f"{picture.stem}.png", image.shape[:2]) if labelled else None
    file = teacher / f"{picture.stem}.npy" if teacher else None
    answer = np.load(file, allow_pickle=False) if file and file.is_file() else None
    return Example(image.astype(np.uint8, copy=False), labels, answer, tuple(seen(labels, answer)))


def read_mask(file: Path, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    labels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED) if file.is_file() else None
    if labels is None or labels.ndim != 2 or labels.dtype != np.uint8 or labels.shape != shape:
        raise ValueError(f"{file} must be an 8-bit index PNG of its picture's size, {shape[1]} x {shape[0]}")
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
