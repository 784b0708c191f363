"""Colours under a profile (Display P3, Adobe RGB, ProPhoto, CMYK), or made with another gamma, become those of sRGB."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import Message

if TYPE_CHECKING:
    from PIL import Image as Pillow

log = logging.getLogger(__name__)

SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""Pillow's mode -> the colour space that a profile for it names."""

SAME = 3
"""A profile that moves no colour by more than so many of 255 is sRGB under another name."""

SCREEN = 1 / 2.2
"""The gamma with which values for screens are made, as a PNG's chunk gAMA has it."""

ALIKE = 0.05
"""Gammas that differ by no larger part are the same."""

LEAST_GAMMA, MOST_GAMMA = 0.1, 4.0
"""Others are mistakes and are ignored."""


def to_srgb(image: Pillow.Image, profile: bytes | None) -> tuple[Pillow.Image, tuple[Message, ...]]:
    """A picture in the colours of sRGB, and what was done to it.

    Parameters
    ----------
    image : PIL.Image.Image
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

    if not profile or image.mode not in SPACES:
        return image, ()
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != SPACES[image.mode]:
            return image, ()
        name = " ".join((source.profile.profile_description or "").split())
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), image.mode, "RGB")
        if image.mode != "CMYK" and _is_srgb(image.mode, transform):
            return image, ()
        converted = ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        log.debug("unusable colour profile: %r", error)
        return image, (Message("The picture's colour profile is damaged and was ignored."),)
    if converted is None:
        return image, ()
    return converted, (Message("Colours were converted from {profile} to sRGB.", {"profile": name or "?"}),)


def to_screen(values: NDArray[np.uint8], gamma: float | None) -> tuple[NDArray[np.uint8], tuple[Message, ...]]:
    """Values of a PNG that says with which gamma they were made, as those of screens, and what was done.

    Examples
    --------
    >>> to_screen(np.array([0, 55, 255], np.uint8), 1.0)[0].tolist(), to_screen(np.array([9], np.uint8), 0.45455)[1]
    ([0, 127, 255], ())
    """
    if gamma is None or not LEAST_GAMMA <= gamma <= MOST_GAMMA or abs(gamma / SCREEN - 1) < ALIKE:
        return values, ()
    table = np.round(255 * (np.arange(256) / 255) ** (SCREEN / gamma)).astype(np.uint8)
    note = Message("Its values were made with a gamma of {gamma} and became those of screens.", {"gamma": f"{gamma:g}"})
    return table[values], (note,)


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
