"""The record of a set of weights, kept as JSON beside their file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from segmethods.core.atomic import atomic_write
from segmethods.core.messages import MethodError
from segmethods.core.types import CAMVID, VOC, Vocabulary
from segmethods.models.architectures import NETWORKS

VOCABULARIES = {"voc": VOC, "camvid": CAMVID}

Origin = Literal["embedded", "own", "fetched"]


class WeightsError(MethodError):
    """Weights that are missing, damaged or out of reach."""


@dataclass(frozen=True)
class Validation:
    """How good weights are on images that they were not trained on.

    Parameters
    ----------
    mean : float
        Mean over classes of intersection over union, 0 to 1.
    pixels : float
        Share of the pixels that are right; NaN if it was not published.
    classes : tuple of float
        Intersection over union of each class, by id; NaN for classes that did not occur; empty if it was not
        published.
    on : str
        Which images.
    """

    mean: float
    pixels: float
    classes: tuple[float, ...]
    on: str


@dataclass(frozen=True)
class Fold:
    """Weights that have not seen some of the images that the others learned from.

    Parameters
    ----------
    file : Path
        Where they are.
    sha256 : str
        Of the file.
    unseen : frozenset of str
        Digests of the decoded images that they have not seen.
    """

    file: Path
    sha256: str
    unseen: frozenset[str]


@dataclass(frozen=True)
class Weights:
    """Weights of one network for one vocabulary.

    Parameters
    ----------
    name : str
        Unique, such as ``"deeplab-voc"``: the network and the variant.
    network : str
        Id of their network, which is that of its method.
    variant : str
        What the method's parameter ``weights`` calls them: ``"voc"``, ``"camvid"``, one of torchvision's, or the name
        that a user gave to weights of their own.
    classes : Vocabulary
        What the class ids mean.
    file : Path
        Where they are, or will be once they are fetched.
    sha256 : str
        Of the file; for published files only the first digits may be known.
    bytes, parameters : int
        Size of the file, and how many numbers the network has.
    mean, deviation : tuple of 3 floats
        A pixel's R, G and B (0 to 255) minus ``mean``, divided by ``deviation``, enter the network.
    size : int
        Long side of the images, in pixels, that they were trained for.
    terms : str
        Under which terms the weights, and what they were trained on, may be used.
    score : Validation
        How good they are.
    origin : {"embedded", "own", "fetched"}
        Whether they ship with the project, are the user's own, or are downloaded.
    url : str
        Where they are fetched from, or empty.
    folds : tuple of Fold
        For images that these have learned from: weights that have not seen them.
    """

    name: str
    network: str
    variant: str
    classes: Vocabulary
    file: Path
    sha256: str
    bytes: int
    parameters: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    size: int
    terms: str
    score: Validation
    origin: Origin = "embedded"
    url: str = ""
    folds: tuple[Fold, ...] = ()

    def unseen(self, image: str) -> Weights:
        """These weights, or of their folds the one that has not seen the image with this digest."""
        for number, fold in enumerate(self.folds, 1):
            if image in fold.unseen:
                return replace(self, name=f"{self.name}, fold {number}", file=fold.file, sha256=fold.sha256, folds=())
        return self

    @property
    def card(self) -> Path | None:
        """The model card, in Markdown, where there is one beside the file."""
        file = self.file.with_suffix(".md")
        return file if file.is_file() else None

    @property
    def curve(self) -> Path | None:
        """The validation curve of the training, a CSV file, where there is one beside the file."""
        file = self.file.with_suffix(".csv")
        return file if file.is_file() else None


def read_record(entry: Path, origin: Origin = "embedded") -> Weights:
    """The record in one JSON file; the weights lie beside it.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError
        If it can't be read or is incomplete.
    """
    about = json.loads(entry.read_text(encoding="utf-8"))
    if about["network"] not in NETWORKS:
        raise ValueError(f"there is no network {about['network']!r}")
    own = Vocabulary(about["vocabulary"], tuple(about["classes"]))
    score = about["score"]
    return Weights(
        name=about["name"],
        network=about["network"],
        variant=about["family"],
        classes=VOCABULARIES.get(own.id, own),
        file=entry.with_name(about["file"]),
        sha256=about["sha256"],
        bytes=about["bytes"],
        parameters=about["parameters"],
        mean=(about["mean"][0], about["mean"][1], about["mean"][2]),
        deviation=(about["deviation"][0], about["deviation"][1], about["deviation"][2]),
        size=about["size"],
        terms=about["terms"],
        score=Validation(score["mean"], score["pixels"], tuple(score["classes"]), score["on"]),
        origin=origin,
        folds=tuple(
            Fold(entry.with_name(fold["file"]), fold["sha256"], frozenset(fold["unseen"]))
            for fold in about.get("folds", [])
        ),
    )


def write_record(entry: Path, about: Mapping[str, Any]) -> None:
    """Write a record where `read_record` finds it."""
    with atomic_write(entry) as part:
        part.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
