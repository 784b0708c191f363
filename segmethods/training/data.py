"""Images and their masks as training takes them, and what a teacher says of them.

What a folder holds is found and read by :mod:`segmethods.datasets`, as for a benchmark; here images are brought to a
common size and kept, and the classes that are worth looking for are listed.
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

from segmethods.core.geometry import fit_long_side
from segmethods.core.messages import ImageError, Message
from segmethods.core.types import VOID, GroundTruth, Vocabulary
from segmethods.datasets.assumptions import tell_assumed
from segmethods.datasets.datasets import Dataset as SampleSet
from segmethods.datasets.files import list_files
from segmethods.datasets.opening import open_parts
from segmethods.datasets.polarity import tell_option
from segmethods.datasets.sample_refs import Drawable, SampleRef
from segmethods.io.id_maps import IdMap
from segmethods.io.images import SUFFIXES, ImageFile, read_image
from segmethods.training.parts import check_classes, check_parts, list_names, split_parts

PRESENT = 0.002
TEACHER_PRESENT = 5

LONGEST = 640
"""Long side in pixels to which larger images are brought, the largest at which any network is asked."""

KEPT = 4000
"""Images that stay in memory once they are read; they take 5 GB at most."""

Source = Path | bytes | Drawable


@dataclass(frozen=True)
class Example:
    """One image and what is known of it.

    Attributes
    ----------
    source : Path, bytes or Drawable
        Where the image is, or the recipe by which it is drawn.
    name : str
        What its teacher's answers are called.
    labels : ndarray, uint8, shape (H, W), or None
        Class ids, 255 for void.
    teacher : ndarray, uint8, shape (C, 33, 33), or None
        Class probabilities as ``distillation.Teacher`` gives them.
    classes : tuple of int
        Ids of the classes that can be seen in it, by its mask or else by its teacher.
    features : Path or None
        File of the teacher's features, uint8 (33, 33, D). Too large to be kept in memory.
    notes : tuple of Message
        What was assumed of the image and its mask, as a benchmark tells it.
    """

    source: Source
    name: str
    labels: npt.NDArray[np.uint8] | None
    teacher: npt.NDArray[np.uint8] | None
    classes: tuple[int, ...]
    features: Path | None = None
    notes: tuple[Message, ...] = ()

    @property
    def image(self) -> npt.NDArray[np.uint8]:
        """uint8 (H, W, 3), RGB."""
        return read_resized(self.source)[0]


@dataclass(frozen=True)
class Dataset:
    """Examples to learn from, examples to judge by, the names of the classes, and how the folder was understood."""

    classes: tuple[str, ...]
    train: Sequence[Example]
    unlabelled: Sequence[Example]
    val: Sequence[Example]
    notes: Sequence[str] = ()

    def digest(self) -> str:
        """SHA-256 of all masks and of a part of all pictures, which tells whether a run goes on with the same ones."""
        found = hashlib.sha256()
        for part in (self.train, self.unlabelled, self.val):
            found.update(str(len(part)).encode())
            for example in part:
                found.update(example.image[::16, ::16].tobytes())
                found.update(b"" if example.labels is None else example.labels.tobytes())
                found.update(b"" if example.teacher is None else example.teacher.tobytes())
        return found.hexdigest()


def load(
    folder: str | Path,
    *,
    unlabelled: Path | None = None,
    teacher: Path | None = None,
    ids: IdMap | None = None,
    keep_white: bool = False,
) -> Dataset:
    """Read a data set.

    Parameters
    ----------
    folder : str or Path
        As of `segmethods.benchmark.open_dataset`. What it calls its training part is learned, its validation part
        judges, or its test part if it has no other; without such a part every tenth image is kept to judge by.
    unlabelled : Path or None
        A folder whose images have no masks.
    teacher : Path or None
        A folder of the teacher's answers, ``NAME.npy`` and ``NAME.features.npy``; a photo without an answer does
        without.
    ids : IdMap or None
        What the ids in the masks become.
    keep_white : bool
        As of `segmethods.benchmark.open_dataset`.

    Raises
    ------
    ValueError
        If a folder lacks what it should hold; the message says what.
    SegmethodsError
        If there is no data set, or a file in it can't be read.
    """
    if teacher and not teacher.is_dir():
        raise ValueError(f"there is no folder {teacher} with a teacher's answers")
    if unlabelled and not teacher:
        raise ValueError(f"from photos without masks, {unlabelled}, only a teacher can teach: give its answers, too")
    learned, judged = split_parts(open_parts(folder, ids, keep_white))
    classes = check_classes(folder, learned.classes)
    check_parts(learned, judged)
    notes = [str(line) for part in (learned, judged) if part for line in (*part.describe(), *tell_option(part.notes))]
    train = read_examples(learned, learned.classes, teacher, notes)
    if judged is None:
        train, val = [example for index, example in enumerate(train) if index % 10], train[::10]
    else:
        val = read_examples(judged, learned.classes, None, notes)
    others = read_unlabelled(unlabelled, teacher) if unlabelled else []
    if not train or not val:
        raise ValueError(f"{folder} has too few pictures: at least two with masks are needed")
    if any(example.teacher is not None and len(example.teacher) != len(classes) for example in (*train, *others)):
        raise ValueError(f"the teacher in {teacher} knows other classes than {folder}")
    check_masks(folder, classes, train, val)
    return Dataset(
        classes, add_small_classes(train), [example for example in others if example.teacher is not None], val, notes
    )


def check_masks(folder: str | Path, classes: Sequence[str], train: Sequence[Example], val: Sequence[Example]) -> None:
    """Raise ``ValueError`` if masks hold classes without names, one class alone, or nothing to judge by."""
    learned, judged = list_ids(train), list_ids(val)
    highest = max(learned | judged, default=0)
    if highest >= len(classes):
        raise ValueError(f"{folder} has a mask with class {highest}, but there are only {len(classes)} classes")
    if len(learned) < 2:
        raise ValueError(f"{folder} has masks of one class alone: a pixel of class 1 has the value 1, and 255 is void")
    if not judged:
        raise ValueError(f"{folder} has no mask to judge by: those of the pictures kept aside are void everywhere")


def list_ids(examples: Iterable[Example]) -> set[int]:
    """The ids in the masks of examples, in however few pixels."""
    masks = [example.labels for example in examples if example.labels is not None]
    return {
        int(class_id) for mask in masks for class_id in np.flatnonzero(np.bincount(mask.ravel(), minlength=256)[:VOID])
    }


def add_small_classes(examples: Sequence[Example]) -> list[Example]:
    """Examples whose classes leave none out: one that is small in every mask counts wherever it occurs."""
    small = list_ids(examples) - {class_id for example in examples for class_id in example.classes}
    return [
        replace(example, classes=tuple(sorted({*example.classes, *(small & list_ids([example]))})))
        if small
        else example
        for example in examples
    ]


def read_folder(folder: Path, teacher: Path | None, *, labelled: bool = True) -> list[Example]:
    """Every image of a folder with its mask and its teacher's answer; without masks if it isn't labelled."""
    if not labelled:
        return read_unlabelled(folder, teacher)
    part = next(iter(open_parts(folder).values()))
    notes: list[str] = []
    examples = read_examples(part, part.classes, teacher, notes)
    print("\n".join(notes), end="\n" * bool(notes))
    return examples


def read_examples(part: SampleSet, classes: Vocabulary, teacher: Path | None, notes: list[str]) -> list[Example]:
    """Read every image of a data set with its mask and its teacher's answer, in its order.

    Those that can't be read are left out, as in a benchmark, and named in `notes`.

    Raises
    ------
    ImageError
        If half of them or more can't be read.
    """

    def read(pair: SampleRef) -> Example | ImageError:
        try:
            return read_example(pair, classes, teacher)
        except ImageError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(read, part.pairs))
    errors = [answer for answer in found if isinstance(answer, ImageError)]
    if 2 * len(errors) >= len(found) > 0:
        raise errors[0]
    notes += [f"Left out: {error}" for error in errors]
    examples = [answer for answer in found if isinstance(answer, Example)]
    notes += map(str, tell_assumed((example.name, note) for example in examples for note in example.notes))
    return examples


def read_example(pair: SampleRef, classes: Vocabulary, teacher: Path | None) -> Example:
    """An image with its mask, in the classes of the data set, and its teacher's answer where there is one."""
    image, size, orientation, told = read_resized(pair.image)
    truth: GroundTruth | None
    if not isinstance(pair.image, Path | bytes):
        truth = pair.image.draw().truth
    elif pair.kind in ("objects", "object files"):
        truth = pair.load().truth
    else:
        truth, more = pair.read_truth(size, orientation)
        told += more
    assert truth is not None  # data sets of regions are refused before
    labels = renumber(truth.labels, truth.classes, classes)
    labels = resize(labels, image.shape, cv2.INTER_NEAREST)
    return replace(make_example(pair.image, pair.name, labels, teacher), notes=told)


def renumber(labels: npt.NDArray[np.integer], own: Vocabulary, classes: Vocabulary) -> npt.NDArray[np.uint8]:
    """Class ids of a mask as those of a whole data set, whose classes have the same names."""
    if own.names == classes.names:
        return labels.astype(np.uint8)
    unknown = set(own.names) - set(classes.names)
    if unknown:
        raise ValueError(
            f"the masks of one part show {list_names(classes)}, those of another {list_names(own)}: name all classes "
            "in a classes.txt beside the parts, id 0 in the first line, or with their colours in a labelmap.txt"
        )
    table = np.full(VOID + 1, VOID, np.uint8)
    table[: len(own)] = [classes.names.index(name) for name in own.names]
    found: npt.NDArray[np.uint8] = table[labels]
    return found


def read_unlabelled(folder: Path, teacher: Path | None) -> list[Example]:
    """Every image in ``folder/images`` with its teacher's answer, in order of name; junk is passed over."""
    if not (folder / "images").is_dir():
        raise ValueError(f"{folder} has no folder images")
    files = list_images(folder / "images")
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda file: make_example(file, file.stem, None, teacher), files))


def list_images(folder: Path) -> list[Path]:
    """The files of a folder that are images by their names, in order of name."""
    return [file for file in list_files(folder).folders.get("", ()) if file.suffix.lower() in SUFFIXES]


def make_example(source: Source, name: str, labels: npt.NDArray[np.uint8] | None, teacher: Path | None) -> Example:
    """An example of an image, its mask, and what a teacher answered to it, as far as there are any."""
    file, features = answer_files(teacher, name) if teacher else (None, None)
    answer = np.load(file, allow_pickle=False) if file and file.is_file() else None
    known = features if features and features.is_file() else None
    return Example(source, name, labels, answer, tuple(list_seen(labels, answer)), known)


def answer_files(teacher: Path, name: str) -> tuple[Path, Path]:
    """Where a teacher's answer to an image is kept: its class probabilities, and its features."""
    return teacher / f"{name}.npy", teacher / f"{name}.features.npy"


@lru_cache(maxsize=KEPT)
def read_resized(source: Source) -> tuple[npt.NDArray[np.uint8], tuple[int, int], int, tuple[Message, ...]]:
    """An image, the size of its file, how it was turned, and what was assumed of it.

    The image's long side is no more than `LONGEST`; the size is height and width; the turn is an EXIF orientation.

    Raises
    ------
    ImageError
        If it can't be read.
    """
    file = read_image(source) if isinstance(source, Path | bytes) else ImageFile(source.draw().image)
    height, width = file.image.shape[:2]
    shape = fit_long_side(height, width, LONGEST, enlarge=False)
    return resize(file.image, shape, cv2.INTER_AREA), (height, width), file.orientation, file.notes


def resize(image: npt.NDArray[np.uint8], shape: tuple[int, ...], interpolation: int) -> npt.NDArray[np.uint8]:
    """An image or a mask brought to a height and width."""
    if image.shape[:2] == shape[:2]:
        return image
    return cv2.resize(image, (shape[1], shape[0]), interpolation=interpolation).astype(np.uint8, copy=False)


def list_seen(labels: npt.NDArray[np.uint8] | None, teacher: npt.NDArray[np.uint8] | None) -> Iterable[int]:
    """Classes that cover enough of a mask, or else of the teacher's map, to be worth looking for."""
    if labels is not None:
        areas = np.bincount(labels.ravel(), minlength=256)[:VOID]
        return [int(index) for index in np.flatnonzero(areas > PRESENT * labels.size)]
    if teacher is not None:
        cells = np.bincount(teacher.argmax(axis=0).ravel(), minlength=256)
        return [int(index) for index in np.flatnonzero(cells >= TEACHER_PRESENT)]
    return []
