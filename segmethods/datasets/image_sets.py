"""A person's own pictures as one set, however they came: loose files, folders, archives, with masks or without.

Files are kept below the cache folder, in a folder whose name is their SHA-256. Pictures that have a mask in any known
layout, or outlines of a labelling tool, are a data set; the others are pictures whose truth nobody knows.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePath, PurePosixPath

from segmethods.core.messages import Message, ParameterError
from segmethods.core.settings import settings
from segmethods.datasets.archives import is_archive, unpack
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.files import KEEP_WHITE
from segmethods.datasets.folders import open_folder
from segmethods.datasets.loose_truths import add_loose_truths, list_all, list_pictures
from segmethods.datasets.pairing import core_name
from segmethods.datasets.polarity import INVERTED, list_names
from segmethods.datasets.reasons import NO_IMAGE, NO_TRUTH, OTHER_FORM, SAME_NAME, SEVERAL, TRUTH_REFUSED, UNMASKED
from segmethods.datasets.sample_refs import SampleRef, Skipped
from segmethods.datasets.settling import find_problem, settle_truths

NO_PAIRS = Message("No mask has the name of a picture. Name masks like pictures: cat.jpg and cat.png.")
NO_PICTURE = Message("There is no picture in it.")

_MASK_NAME = re.compile(r"[-_. ](mask|masks|seg|segmentation|gt|label|labels|trimap)$", re.IGNORECASE)


@dataclass(frozen=True)
class SetImage:
    """A picture of a set.

    Parameters
    ----------
    name : str
        Unique in its set.
    file : Path
        Where it lies.
    sample : SampleRef or None
        The picture with its truth, where there is one.
    refused : str
        The file of its truth, where that was left out.
    """

    name: str
    file: Path
    sample: SampleRef | None = None
    refused: str = ""


@dataclass(frozen=True)
class ImageSet:
    """Pictures that a person brought.

    Parameters
    ----------
    name : str
        What it is called.
    digest : str
        Of all its files and their names.
    folder : Path
        Where they lie.
    images : tuple of SetImage
        All pictures, with a truth or without.
    dataset : Dataset or None
        Those that have a truth.
    problem : Message or None
        Why no picture has a truth, where files look as if some had.
    skipped : tuple of Skipped
        Files that are neither pictures nor truths that can be read, and why; none of the pictures without a truth.
    """

    name: str
    digest: str
    folder: Path
    images: tuple[SetImage, ...]
    dataset: Dataset | None = None
    problem: Message | None = None
    skipped: tuple[Skipped, ...] = ()

    @property
    def has_white(self) -> bool:
        """Whether masks seem to be the wrong way round, or are judged all the same because their owner said so."""
        skipped = self.skipped if self.dataset is None else (*self.skipped, *self.dataset.skipped)
        return (self.folder / KEEP_WHITE).exists() or any(one.reason.template == INVERTED.template for one in skipped)

    def describe(self) -> list[Message]:
        """How its truths were understood, in lines."""
        return replace(self.dataset, skipped=self.skipped).describe() if self.dataset else []

    @property
    def judged(self) -> int:
        """How many pictures have a truth."""
        return sum(image.sample is not None for image in self.images)

    def find(self, name: str) -> SetImage | None:
        """The picture of this name."""
        return next((image for image in self.images if image.name == name), None)


def open_image_set(files: Sequence[tuple[str, bytes]], name: str = "", keep_white: bool = False) -> ImageSet:
    """Keep files and find out which of them are pictures, and which are their masks.

    Parameters
    ----------
    files : sequence of (str, bytes)
        Names, with folders where they are known, and contents; archives among them are unpacked.
    name : str, optional
        What the set is called; the archive's or the folder's name if left out.
    keep_white : bool
        Whether masks that seem to be the wrong way round are judged all the same.

    Raises
    ------
    ParameterError
        If no file is a picture that can be read.

    Examples
    --------
    >>> open_image_set([("notes.txt", b"nothing to see")])
    Traceback (most recent call last):
    ...
    segmethods.core.messages.ParameterError: There is no picture among the 1 file. Choose PNG, JPEG, WebP, TIFF or BMP.
    """
    digest = hashlib.sha256()
    for file, data in sorted(files):
        digest.update(f"{file}\n".encode() + hashlib.sha256(data).digest())
    if keep_white:
        digest.update(KEEP_WHITE.encode())
    folder = settings().cache_dir / "datasets" / digest.hexdigest()
    if not folder.is_dir():
        _keep(files, folder, keep_white)
    found = read_image_set(folder, name or _name_of([file for file, _ in files]))
    empty = [file for file, _ in files if is_archive(file) and not _gave_pictures(file, found)]
    unopened = {one.name for one in found.skipped}
    more = tuple(Skipped(file, NO_PICTURE) for file in empty if _safe(file).name not in unopened)
    return _complete(found, name or _name_of([file for file, _ in files if file not in empty]), more)


def read_image_set(folder: Path, name: str) -> ImageSet:
    """The set whose files `open_image_set` kept in a folder.

    Raises
    ------
    ParameterError
        If no file in it is a picture that can be read.
    """
    keep_white = (folder / KEEP_WHITE).exists()
    known, problem = _open_known(folder, name, keep_white)
    pictures = list_pictures(folder)
    is_refused = problem is not None and problem.template not in (*UNMASKED, SEVERAL, NO_PAIRS.template)
    every = None if is_refused else add_loose_truths(folder, known, _find_free(pictures, known))
    dataset = None if every is None else settle_truths(every, keep_white)
    images, broken = _list_images(folder, every, dataset)
    left_out = (*_list_skipped(folder, every, dataset, images, broken), *broken)
    images = _mark_refused(images, left_out)
    skipped = (*left_out, *_list_archives(folder))
    if not images and skipped:
        raise ParameterError("No picture can be read. {reason}", reason=skipped[0].reason)
    if not images:
        count = len(list_all(folder))
        raise ParameterError(
            "There is no picture among the {count:file|files}. Choose PNG, JPEG, WebP, TIFF or BMP.", count=count
        )
    if dataset is not None and not dataset.pairs:
        dataset, problem = None, next((one.reason for one in skipped), problem)
    if dataset is not None:
        dataset, problem = replace(dataset, notes=(*dataset.notes, *_tell_refused(images))), None
    return _complete(ImageSet(name, folder.name, folder, images, dataset, problem), name, skipped)


def _complete(found: ImageSet, name: str, more: tuple[Skipped, ...]) -> ImageSet:
    """The set and its data set under one name; what has no truth is left out of the data set alone."""
    skipped, dataset = (*found.skipped, *more), found.dataset
    if dataset is not None:
        bare = [one.file for one in found.images if one.sample is None and not one.refused]
        alone = [Skipped(_short(file, found.folder), NO_TRUTH) for file in bare]
        dataset = replace(dataset, name=name, skipped=(*skipped, *alone))
    return replace(found, name=name, dataset=dataset, skipped=skipped)


def _mark_refused(images: Sequence[SetImage], skipped: Sequence[Skipped]) -> tuple[SetImage, ...]:
    """Those without a truth know which file would have been theirs."""
    refused = {core_name(Path(one.name)): Path(one.name).name for one in skipped}
    return tuple(
        image if image.sample else replace(image, refused=refused.get(core_name(image.file), "")) for image in images
    )


def _tell_refused(images: Sequence[SetImage]) -> tuple[Message, ...]:
    """Which pictures aren't judged since their truth was left out."""
    files = [image.file for image in images if image.refused]
    return (Message(TRUTH_REFUSED.template, {"files": list_names(files)}),) if files else ()


def _gave_pictures(archive: str, found: ImageSet) -> bool:
    place = found.folder / _safe(PurePosixPath(archive).stem)
    return any(image.file.is_relative_to(place) for image in found.images)


def _keep(files: Sequence[tuple[str, bytes]], folder: Path, keep_white: bool) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="keeping-", ignore_cleanup_errors=True) as place:
        root = Path(place, "files")
        root.mkdir()
        if keep_white:
            (root / KEEP_WHITE).touch()
        for name, data in files:
            target = root / _safe(name)
            if is_archive(name):
                try:
                    shutil.copytree(unpack(data, name), root / _safe(PurePosixPath(name).stem), dirs_exist_ok=True)
                    continue
                except ParameterError:
                    if len(files) == 1:
                        raise
                    target = root / target.name  # `_list_archives` says why
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if not folder.is_dir():
            root.rename(folder)


def _list_archives(folder: Path) -> tuple[Skipped, ...]:
    """The archives that couldn't be unpacked."""
    skipped = []
    for file in sorted(folder.iterdir()):
        if file.is_file() and is_archive(file.name):
            try:
                unpack(file, file.name)
            except ParameterError as error:
                skipped.append(Skipped(file.name, error.message))
    return tuple(skipped)


def _safe(name: str) -> Path:
    """A path that stays where it is put."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/").replace(":", "_")).parts if part not in ("/", "..")]
    return Path(*parts) if parts else Path("file")


def _open_known(folder: Path, name: str, keep_white: bool) -> tuple[Dataset | None, Message | None]:
    """The data set that lies in a folder in a known layout, or why there is none."""
    try:
        found = open_folder(folder, "", name, keep_white=keep_white)
    except ParameterError as error:
        return None, error.message
    return (found, None) if found.pairs else (None, NO_PAIRS)


def _find_free(pictures: Sequence[Path], known: Dataset | None) -> list[Path]:
    """The files that a known layout takes neither for pictures with a truth nor for masks."""
    if known is None:
        return list(pictures)
    taken = {file for pair in known.pairs for file in (pair.image, *pair.truth)}
    inverted = _inverted_names(known)
    return [file for file in pictures if file not in taken and not file.as_posix().endswith(inverted)]


def _inverted_names(dataset: Dataset) -> tuple[str, ...]:
    """How the paths of masks end that seem to be the wrong way round."""
    return tuple(f"/{one.name}" for one in dataset.skipped if one.reason.template == INVERTED.template)


def _list_images(
    folder: Path, every: Dataset | None, settled: Dataset | None
) -> tuple[tuple[SetImage, ...], list[Skipped]]:
    """The pictures with a truth, those beside them that have none, and the files that can't be read."""
    pairs = settled.pairs if settled else ()
    known = [SetImage(pair.name, pair.image, pair) for pair in pairs if isinstance(pair.image, Path)]
    files, skipped = list_pictures(folder), []
    told = {pair.image for pair in every.pairs} if every else set()
    if every is not None and every.pairs:
        own = {image.file for image in known}
        masks = _truth_files(folder, every)
        beside = {pair.image.parent for pair in every.pairs if isinstance(pair.image, Path)}
        inverted = _inverted_names(every)
        files = [
            file
            for file in files
            if file not in own
            and file not in masks
            and not file.as_posix().endswith(inverted)
            and file.parent in beside
            and not _MASK_NAME.search(file.stem)
        ]
        twins = {file.stem for file in own}
        doubles = [file for file in files if file.suffix.lower() == ".png" and file.stem in twins]
        skipped = [Skipped(_short(file, folder), SAME_NAME) for file in doubles]
        files = [file for file in files if file not in doubles]
    taken = {image.name for image in known}
    others = []
    with ThreadPoolExecutor(2) as pool:
        problems = list(pool.map(find_problem, files))
    for file, problem in zip(files, problems, strict=True):
        if problem is not None:
            skipped += [] if file in told else [Skipped(_short(file, folder), problem)]
            continue
        name = file.stem if file.stem not in taken else file.relative_to(folder).as_posix()
        taken.add(name)
        others.append(SetImage(name, file))
    return (*known, *others), skipped


def _list_skipped(
    folder: Path,
    every: Dataset | None,
    settled: Dataset | None,
    images: Sequence[SetImage],
    broken: Sequence[Skipped],
) -> list[Skipped]:
    """What has no partner or no truth that can be read, without files that are used or broken."""
    if every is None or settled is None:
        return []
    used = {image.file for image in images} | (_truth_files(folder, every) if settled.pairs else set())
    paths = {f"/{name}" for name in (*(_short(file, folder) for file in used), *(one.name for one in broken))}
    partners = {one.template for one in (NO_TRUTH, NO_IMAGE, SAME_NAME, OTHER_FORM)}
    return [
        one
        for one in settled.skipped
        if one.reason.template not in partners or not any(path.endswith(f"/{one.name}") for path in paths)
    ]


def _truth_files(folder: Path, dataset: Dataset) -> set[Path]:
    """Where the truths lie; those that were read already know their file's name."""
    return {
        part if isinstance(part, Path) else folder / name
        for pair in dataset.pairs
        for part, name in zip(pair.truth, pair.files[1:], strict=True)
    }


def _short(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()


def _name_of(names: Sequence[str]) -> str:
    archives = [PurePath(name).stem.removesuffix(".tar") for name in names if is_archive(name)]
    folders = [PurePosixPath(name).parts[0] for name in names if len(PurePosixPath(name).parts) > 1]
    folders = folders if len(folders) == len(names) else []
    return (archives or folders or [PurePath(names[0]).stem if len(names) == 1 else "pictures"])[0]
