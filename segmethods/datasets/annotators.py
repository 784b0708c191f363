"""Which regions belong to which image where several people drew them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from segmethods.core.messages import Message
from segmethods.datasets.pairing import plain_name
from segmethods.datasets.reasons import NO_IMAGE, NO_TRUTH
from segmethods.io.images import SUFFIXES

Alone = list[tuple[Path, Message]]
Pairs = list[tuple[Path, tuple[Path, ...]]]


def match_annotators(images: dict[PurePosixPath, Path], truths: dict[PurePosixPath, Path]) -> tuple[Pairs, Alone]:
    """Images with the regions that several people drew."""
    known = {plain_name(name.stem): file for name, file in images.items() if file.suffix.lower() in SUFFIXES}
    owners = {file: _owner(name, known) for name, file in truths.items()}
    pairs: Pairs = []
    alone: Alone = [(file, NO_IMAGE) for file, owner in owners.items() if owner is None]
    for stem, image in known.items():
        drawn = tuple(file for file, owner in owners.items() if owner == stem)
        if drawn:
            pairs.append((image, drawn))
        else:
            alone.append((image, NO_TRUTH))
    return pairs, alone


def _owner(name: PurePosixPath, images: Iterable[str]) -> str | None:
    """The image that a file in ``segmentations/`` belongs to, by its folder or by its name."""
    folder, stem = plain_name(name.parts[0]), plain_name(name.stem)
    for candidate in (folder if len(name.parts) > 1 else stem, stem, re.sub(r"[-_. ]\w*$", "", stem)):
        if candidate in images:
            return candidate
    return None
