"""The catalogue: one frozen record for each set of weights, with all that is needed to run it and to judge it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from segmethods.messages import MethodError
from segmethods.segmentation import CAMVID, VOC, Vocabulary
from segmethods.settings import settings

VOCABULARIES = {"voc": VOC, "camvid": CAMVID}


class WeightsError(MethodError):
    """Weights that are missing, damaged or out of reach."""


@dataclass(frozen=True)
class Score:
    """How good weights are on pictures that they have not learned from.

    Parameters
    ----------
    mean : float
        Mean over classes of intersection over union, 0 to 1.
    pixels : float
        Share of the pixels that are right; NaN where nobody published it.
    classes : tuple of float
        Intersection over union of each class, by id; empty where nobody published it.
    on : str
        Which pictures.
    """

    mean: float
    pixels: float
    classes: tuple[float, ...]
    on: str


@dataclass(frozen=True)
class Weights:
    """Weights of one network for one vocabulary.

    Parameters
    ----------
    name : str
        Unique, such as ``"deeplab-voc"``.
    network : str
        Id of the method that they are for.
    family : str
        What the method's parameter ``weights`` calls them: ``"voc"``, ``"camvid"`` or ``"torchvision"``.
    classes : Vocabulary
        What the class ids mean.
    file : Path
        Where they are, or will be once they are fetched.
    sha256 : str
        Of the file; of published files only the first digits may be known.
    bytes, parameters : int
        Size of the file, and how many numbers the network has.
    mean, deviation : tuple of 3 floats
        A pixel's R, G and B (0 to 255) enter the network less ``mean``, divided by ``deviation``.
    size : int
        Long side of the pictures, in pixels, that they were made for.
    terms : str
        Under which terms the weights, and what they were trained on, may be used.
    score : Score
        How good they are.
    origin : {"embedded", "fetched"}
    url : str
        Where they are fetched from, or empty.
    """

    name: str
    network: str
    family: str
    classes: Vocabulary
    file: Path
    sha256: str
    bytes: int
    parameters: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    size: int
    terms: str
    score: Score
    origin: Literal["embedded", "fetched"] = "embedded"
    url: str = ""


def catalogue() -> dict[str, Weights]:
    """Every set of weights by name, the embedded ones first."""
    return {**embedded(), **fetchable()}


def find(network: str, family: str) -> Weights:
    """The weights of a network for a family.

    Raises
    ------
    WeightsError
        If there are none; the message names those there are.
    """
    known = catalogue()
    for weights in known.values():
        if (weights.network, weights.family) == (network, family):
            return weights
    there = ", ".join(weights.family for weights in known.values() if weights.network == network)
    if not there:
        raise WeightsError(
            "No weights for {network} are in this copy. Restore assets/weights, or choose another method.",
            network=network,
        )
    raise WeightsError(
        "There are no weights {family} for {network}. Use one of these: {choices}.",
        family=family, network=network, choices=there,
    )  # fmt: skip


@cache
def embedded() -> dict[str, Weights]:
    """The weights that ship with the project, from the JSON files in ``assets/weights``."""
    return {
        weights.name: weights for weights in map(read_entry, sorted((settings().assets_dir / "weights").glob("*.json")))
    }


def read_entry(entry: Path) -> Weights:
    """The record in one JSON file; the weights lie beside it."""
    about = json.loads(entry.read_text(encoding="utf-8"))
    own = Vocabulary(about["vocabulary"], tuple(about["classes"]))
    score = about["score"]
    return Weights(
        name=about["name"],
        network=about["network"],
        family=about["family"],
        classes=VOCABULARIES.get(own.id, own),
        file=entry.with_name(about["file"]),
        sha256=about["sha256"],
        bytes=about["bytes"],
        parameters=about["parameters"],
        mean=(about["mean"][0], about["mean"][1], about["mean"][2]),
        deviation=(about["deviation"][0], about["deviation"][1], about["deviation"][2]),
        size=about["size"],
        terms=about["terms"],
        score=Score(score["mean"], score["pixels"], tuple(score["classes"]), score["on"]),
    )


MEBIBYTE = 2**20
TORCHVISION = "https://download.pytorch.org/models/"


def fetchable() -> dict[str, Weights]:
    """Torchvision's weights with the classes of Pascal VOC, trained on COCO; fetched when somebody wants them."""
    folder = settings().cache_dir / "weights"

    def published(network: str, file: str, bytes: int, parameters: int, mean: float, pixels: float) -> Weights:
        return Weights(
            name=f"{network}-torchvision",
            network=network,
            family="torchvision",
            classes=VOC,
            file=folder / file,
            sha256=Path(file).stem.rpartition("-")[2],
            bytes=bytes,
            parameters=parameters,
            mean=(123.675, 116.28, 103.53),
            deviation=(58.395, 57.12, 57.375),
            size=520,
            terms="torchvision, BSD-3-Clause; trained on COCO, whose photos have mixed terms",
            score=Score(mean, pixels, (), "COCO val2017 with the VOC classes, as published"),
            origin="fetched",
            url=TORCHVISION + file,
        )

    entries = (
        published("fcn", "fcn_resnet50_coco-1167a1af.pth", round(135.009 * MEBIBYTE), 35_322_218, 0.605, 0.914),
        published(
            "deeplab", "deeplabv3_resnet50_coco-cd0a2569.pth", round(160.515 * MEBIBYTE), 42_004_074, 0.664, 0.924
        ),
    )
    return {weights.name: weights for weights in entries}


def digest(file: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verified(weights: Weights) -> Path:
    """The file of the weights, after its SHA-256 was found right.

    Raises
    ------
    WeightsError
        If the file is missing or damaged.
    """
    try:
        found = digest(weights.file)
    except OSError as error:
        if weights.origin == "fetched":
            raise WeightsError(
                "The weights {name} are not here yet. Fetch them, or use the weights {instead}, which are included.",
                name=weights.name, instead=weights.classes.id,
            ) from error  # fmt: skip
        raise WeightsError(
            "The weights {name} are missing. Restore {file}.", name=weights.name, file=weights.file.name
        ) from error
    damaged = not weights.sha256 or not found.startswith(weights.sha256)
    if damaged and weights.origin == "fetched":
        weights.file.unlink(missing_ok=True)
        raise WeightsError(
            "The weights {name} were damaged and are removed. Try again to fetch them, or use the weights {instead}, "
            "which are included.",
            name=weights.name, instead=weights.classes.id,
        )  # fmt: skip
    if damaged:
        raise WeightsError("The weights {name} are damaged. Restore {file}.", name=weights.name, file=weights.file.name)
    return weights.file
