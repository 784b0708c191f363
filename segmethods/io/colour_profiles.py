"""Colours under a profile (Display P3, Adobe RGB, ProPhoto, CMYK) become those of sRGB."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import numpy as np

from segmethods.core.messages import Message

if TYPE_CHECKING:
    from PIL import Image as Pillow

log = logging.getLogger(__name__)

SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""Pillow's mode -> the colour space that a profile for it names."""

SAME = 3
"""A profile that moves no colour by more than so many of 255 is sRGB under another name."""


def to_srgb(picture: Pillow.Image, profile: bytes | None) -> tuple[Pillow.Image, tuple[Message, ...]]:
    """A picture in the colours of sRGB, and what was done to it.

    Parameters
    ----------
    picture : PIL.Image.Image
        Of mode RGB, L or CMYK; others stay as they are.
    profile : bytes or None
        The ICC profile of its file.

    Returns
    -------
    PIL.Image.Image
        The same picture where there is no profile, it is that of sRGB, it is damaged, or it is for another mode.
    tuple of Message
    """
    from PIL import ImageCms

    if not profile or picture.mode not in SPACES:
        return picture, ()
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != SPACES[picture.mode]:
            return picture, ()
        name = " ".join((source.profile.profile_description or "").split())
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), picture.mode, "RGB")
        if picture.mode != "CMYK" and _is_srgb(picture.mode, transform):
            return picture, ()
        converted = ImageCms.applyTransform(picture, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        log.debug("unusable colour profile: %r", error)
        return picture, (Message("The picture's colour profile is damaged and was ignored."),)
    if converted is None:
        return picture, ()
    return converted, (Message("Colours were converted from {profile} to sRGB.", {"profile": name or "?"}),)


def _is_srgb(mode: str, transform: object) -> bool:
    """Whether a profile leaves colours where they are."""
    from PIL import Image, ImageCms

    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    if mode == "L":
        lattice = Image.fromarray(steps[None])
    else:
        lattice = Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), -1).reshape(9, 81, 3))
    moved = ImageCms.applyTransform(lattice, transform)  # type: ignore[arg-type]
    same = np.asarray(lattice.convert("RGB")).astype(int)
    return moved is not None and int(np.abs(np.asarray(moved).astype(int) - same).max()) <= SAME
