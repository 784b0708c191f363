"""All of the user's own pictures as one set, which Compare, Benchmark and My pictures share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from pathlib import Path, PurePath

from pages.state.images import LoadedImage, Upload
from pages.state.session import Session
from pages.state.uploads import open_images, touch_images
from segmethods.core.messages import ImageError, Message
from segmethods.datasets.image_sets import ImageSet, SetImage
from segmethods.datasets.sample_refs import Skipped
from segmethods.io.annotations import ANNOTATION_SUFFIXES
from segmethods.io.files import SUFFIXES
from segmethods.io.images import read_image

KNOWN_ENDINGS = (*SUFFIXES, *ANNOTATION_SUFFIXES, ".zip", ".tar", ".gz", ".tgz", ".xml", ".csv", ".md", ".ini", ".db")
"""Endings of files that are pictures, belong to pictures, or lie beside them; Compare says what others are."""


def take_images(files: Sequence[Upload], session: Session) -> None:
    """Make these files the user's set, in place of the one before; what is wrong with them is said."""
    before = {(file.name, file.digest) for file in session.given}
    shown = next((upload.name for upload in session.uploads if upload.digest == session.shown), "")
    others = tuple(file for file in files if not file.name.lower().endswith(KNOWN_ENDINGS))
    session.given = tuple({(file.name, file.digest): file for file in files}.values())
    session.set_digest, session.set_problem = "", None
    if not session.given:
        session.uploads, session.keep_white = (), False
        return
    found = open_images([(file.name, file.data) for file in session.given], keep_white=session.keep_white)
    if isinstance(found, Message):  # single pictures are shown all the same, from memory
        plain = tuple(file for file in files if file.name.lower().endswith(SUFFIXES))
        session.uploads, session.source = plain + others, "files"
        session.set_problem = None if others else found
        return
    session.set_digest = found.digest
    broken = [file for file in session.given if _is_broken(file, found)]
    session.uploads = (*(_upload(found, image) for image in found.images), *broken, *others)
    new = {PurePath(file.name).name for file in session.given if (file.name, file.digest) not in before}
    session.source, session.shown = "files", _find_next(session.uploads, new, shown).digest
    if found.dataset is not None:  # else a mask that was given by itself stays with its picture
        session.truth_file, session.mask_files, session.truth = None, (), "file"


def _is_broken(file: Upload, found: ImageSet) -> bool:
    """Whether a file was left out of a set because it is no picture, though its name says so; Compare says why."""
    if not file.name.lower().endswith(SUFFIXES) or PurePath(file.name).name not in {one.name for one in found.skipped}:
        return False
    try:
        read_image(file.data)
    except ImageError:
        return True
    return False


def _find_next(uploads: Sequence[Upload | LoadedImage], new: Set[str], shown: str) -> Upload | LoadedImage:
    """What is shown next: the first new picture; where only masks are new, the one that is shown already."""
    wanted = [*(u for u in uploads if PurePath(u.name).name in new), *(u for u in uploads if u.name == shown)]
    return next(iter(wanted), uploads[0])


def add_images(files: Sequence[Upload], session: Session) -> None:
    """Add files to the user's set, such as masks that were drawn meanwhile."""
    new = {file.name for file in files}
    take_images([*(file for file in session.given if file.name not in new), *files], session)


def keep_white_masks(is_kept: bool, session: Session) -> None:
    """Judge masks that seem to be the wrong way round, or leave them out again."""
    session.keep_white = is_kept
    take_images(session.given, session)


def own_set(session: Session) -> ImageSet | None:
    """The user's set; None if there is none, or nobody looked at it for so long that it was deleted."""
    found = touch_images(session.set_digest) if session.set_digest else None
    if found is None and session.set_digest and session.given:
        take_images(session.given, session)
        found = touch_images(session.set_digest) if session.set_digest else None
    return found


def find_in_set(name: str, session: Session) -> SetImage | None:
    """The picture of the user's set that an upload of this name stands for."""
    found = own_set(session)
    if found is None:
        return None
    return next((image for image in found.images if upload_name(found, image) == name), None)


def find_refused_truth(name: str, session: Session) -> Skipped | None:
    """The truth of a picture of the user's set that was left out, and why."""
    found, known = own_set(session), find_in_set(name, session)
    if found is None or known is None or not known.refused:
        return None
    return next((one for one in found.skipped if Path(one.name).name == known.refused), None)


def upload_name(found: ImageSet, image: SetImage) -> str:
    """What a picture of a set is called among uploads: its file, or its path where two have one name."""
    counts = Counter(one.file.name for one in found.images)
    return image.file.name if counts[image.file.name] == 1 else image.file.relative_to(found.folder).as_posix()


def _upload(found: ImageSet, image: SetImage) -> Upload:
    name = upload_name(found, image)
    return Upload(name, image.file, f"{found.digest}/{name}")
