"""The masks that a user gave: which of them belongs to the picture that is shown.

A mask is bound to the picture that it was given for, and never laid over another one because it happens to have its
size or its name; the user may keep it for further ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pages.state.images import KnownTruth, LoadedImage, Upload
from pages.state.own_images import own_set
from pages.state.session import Session
from segmethods.datasets.pairing import core_name, match_masks, plain_name
from segmethods.io.files import SUFFIXES

Mask = Upload | KnownTruth
Picture = Upload | LoadedImage


def take_masks(files: Iterable[Upload], session: Session) -> None:
    """Make these files the masks that count, in place of those before."""
    session.mask_files, session.truth_file = tuple(files), None
    kept = {_key(file) for file in session.mask_files}
    session.mask_images = {mask: owners for mask, owners in session.mask_images.items() if mask in kept}


def find_mask_of(image: LoadedImage, session: Session) -> Mask | None:
    """The mask that belongs to a picture: by its name, or the order, or because it was given while this was shown."""
    masks = _masks(session)
    if session.mask_files:
        _bind_pairs(session)
    free = [mask for mask in masks if _may_judge(mask, image, session)]
    free = [mask for _, mask in _match([image], free)] or free
    if len(free) != 1:
        return None
    keep_mask(free[0], image, session)
    return free[0]


def find_mask_of_other(image: LoadedImage, session: Session) -> tuple[Mask, str] | None:
    """The only mask that there is, and the name of the other picture that it was given for."""
    masks = _masks(session)
    if len(masks) != 1 or _may_judge(masks[0], image, session):
        return None
    return masks[0], next(iter(session.mask_images[_key(masks[0])].values()))


def keep_mask(mask: Mask, image: LoadedImage, session: Session) -> None:
    """Let a mask count for a picture too."""
    session.mask_images.setdefault(_key(mask), {})[image.owner] = image.name


def is_named_like(mask: str, image: str) -> bool:
    """Whether nothing in a mask's name tells of another picture; outlines in one file may be of many.

    Examples
    --------
    >>> is_named_like("cat_mask.png", "cat.jpg"), is_named_like("mask.png", "cat.jpg")
    (True, True)
    >>> is_named_like("dog_mask.png", "cat.jpg")
    False
    """
    tells = mask.lower().endswith(SUFFIXES) and core_name(Path(mask)) not in ("", plain_name(Path(mask).stem))
    return not tells or _belongs(mask, image)


def _masks(session: Session) -> tuple[Mask, ...]:
    return session.mask_files or ((session.truth_file,) if session.truth_file is not None else ())


def _key(mask: Mask) -> tuple[str, str]:
    return mask.name, mask.digest


def _may_judge(mask: Mask, image: LoadedImage, session: Session) -> bool:
    owners = session.mask_images.get(_key(mask))
    return not owners or image.owner in owners


def _bind_pairs(session: Session) -> None:
    """Bind the masks to the pictures that are here: as their names say, or else in their order."""
    masks = session.mask_files
    own_set(session)  # whose files have to be there
    pairs = _match(session.uploads, masks)
    for upload, mask in pairs:
        owners = session.mask_images.get(_key(mask), {})
        if not any(_belongs(mask.name, name) for name in owners.values()):
            session.mask_images[_key(mask)] = {upload.owner: upload.name}
    if not pairs and len(masks) == len(session.uploads) > 1:
        for upload, mask in zip(session.uploads, masks, strict=True):
            session.mask_images.setdefault(_key(mask), {upload.owner: upload.name})


def _match(images: Sequence[Picture], masks: Sequence[Mask]) -> list[tuple[Picture, Mask]]:
    """What belongs together by name; a number before each name keeps those of equal names apart."""
    ours = {Path(str(number), image.name): image for number, image in enumerate(images)}
    theirs = {Path(str(number), mask.name): mask for number, mask in enumerate(masks)}
    return [(ours[image], theirs[mask]) for image, mask in match_masks(ours, theirs).masks.items()]


def _belongs(mask: str, image: str) -> bool:
    return bool(match_masks([Path(image)], [Path(mask)]).masks)
