"""A ZIP with everything: pictures, masks, report, charts, tables, settings, and a script that makes the masks again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from segmethods.core.machine import describe_machine
from segmethods.core.types import Image, Outcome, Segmentation
from segmethods.io.images import SUFFIXES
from segmethods.io.label_png import encode_labels
from segmethods.methods import get_method
from segmethods.metrics import Scores
from segmethods.reporting.layers import colour_labels, encode_image, overlay
from segmethods.reporting.outcome_json import report
from segmethods.reporting.versions import list_versions

SCRIPT = Path(__file__).with_name("reproduce.py")


@dataclass(frozen=True, eq=False)
class Analysed:
    """An image and what methods made of it.

    Parameters
    ----------
    name : str
        The image's file name, or what it is called.
    pixels : ndarray, uint8, shape (H, W, 3)
        RGB.
    outcomes : sequence of Segmentation or Failure
        One for each method.
    scores : mapping
        Method id -> its scores, where there is a truth.
    file : bytes
        The image's file as it was given; without it the image is kept as PNG.
    page : int
        Which page of that file the image is, from 0.
    """

    name: str
    pixels: Image = field(repr=False)
    outcomes: Sequence[Outcome]
    scores: Mapping[str, Scores] = field(default_factory=dict)
    file: bytes = field(default=b"", repr=False)
    page: int = 0


def pack_results(images: Iterable[Analysed], texts: Mapping[str, str | bytes], boundaries: bool = True) -> bytes:
    """A ZIP with pictures, masks, settings and the script that makes the masks again.

    Parameters
    ----------
    images : iterable of Analysed
        They are packed one after the other, so they may be computed on the way.
    texts : mapping
        What else is packed: name in the ZIP -> content, such as ``"report.html"``, ``"charts/scores.svg"`` or
        ``"scores.csv"``.
    boundaries : bool
        Whether boundaries are scored, which takes most of the time on large pictures.

    Returns
    -------
    bytes
        ``pictures/NAME``; ``masks/STEM-METHOD.png`` whose pixels are class ids, ``masks/STEM-METHOD-coloured.png`` and
        ``masks/STEM-METHOD-overlay.jpg``; ``settings.json``; ``reproduce.py``; and `texts`.
    """
    buffer, taken = io.BytesIO(), set[str]()
    results: list[dict[str, Any]] = []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for image in images:
            stem = free_stem(image.name, taken)
            suffix = PurePath(image.name).suffix.lower() if image.file else ".png"
            place = f"pictures/{stem}{suffix if suffix in SUFFIXES else '.png'}"
            archive.writestr(place, image.file or encode_image(image.pixels), zipfile.ZIP_STORED)
            for outcome in image.outcomes:
                told = report(outcome, image.scores.get(outcome.method), boundaries)
                if isinstance(outcome, Segmentation):
                    mask = f"masks/{stem}-{outcome.method}.png"
                    _write_masks(archive, mask, image.pixels, outcome)
                    told |= {"mask": mask, "weights_sha256": _weights(outcome)}
                results.append({"picture": place, "page": image.page} | told)
        settings = {
            "versions": list_versions(),
            "machine": describe_machine(),
            "results": [told for told in results if told["status"] == "ok"],
            "failed": [told for told in results if told["status"] != "ok"],
        }
        archive.writestr("settings.json", json.dumps(settings, indent=1, ensure_ascii=False, default=list))
        archive.writestr("reproduce.py", SCRIPT.read_text(encoding="utf-8"))
        for name, text in texts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def free_stem(name: str, taken: set[str]) -> str:
    """The name of a file without its ending, fit for any system, numbered if it is taken; it is taken then.

    Examples
    --------
    >>> taken = set()
    >>> [free_stem(name, taken) for name in ("a/cat.jpg", "b/cat.png", "裂缝 1.tif", "..")]
    ['cat', 'cat-2', '裂缝_1', 'picture']
    """
    stem = re.sub(r"[^\w.-]+", "_", PurePath(name.replace("\\", "/")).stem).strip("._") or "picture"
    number, free = 1, stem
    while free.lower() in taken:
        number += 1
        free = f"{stem}-{number}"
    taken.add(free.lower())
    return free


def _write_masks(archive: zipfile.ZipFile, mask: str, image: Image, outcome: Segmentation) -> None:
    base, labels, classes = mask.removesuffix(".png"), outcome.labels, outcome.classes
    coloured, laid = colour_labels(labels, classes), overlay(image, labels, classes)
    archive.writestr(mask, encode_labels(labels, classes), zipfile.ZIP_STORED)
    archive.writestr(f"{base}-coloured.png", encode_image(coloured), zipfile.ZIP_STORED)
    archive.writestr(f"{base}-overlay.jpg", encode_image(laid, "JPEG", quality=90), zipfile.ZIP_STORED)


def _weights(outcome: Segmentation) -> list[str]:
    used = get_method(outcome.method).used_weights
    return list(used(outcome.params)) if used else []
