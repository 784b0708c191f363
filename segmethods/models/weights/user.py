"""User weights: a file that training wrote becomes an entry of the catalogue."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segmethods.core.atomic import atomic_write
from segmethods.core.extras import require
from segmethods.core.messages import ParameterError
from segmethods.core.types import VOID
from segmethods.models.architectures import NETWORKS, build
from segmethods.models.weights.catalogue import catalogue, own_folder
from segmethods.models.weights.integrity import digest
from segmethods.models.weights.published import PUBLISHED
from segmethods.models.weights.records import VOCABULARIES, Weights, WeightsError, read_record, write_record

NAME = re.compile(r"[^\W_][\w-]{0,39}")
RESERVED_NAMES = {
    *VOCABULARIES,
    *(record.variant for record in PUBLISHED),
    "binary",
    "segments",
    "mask",
    "colours",
    "none",
}
"""Reserved names: those of other weights, and of vocabularies that mean something of their own."""

LARGEST = 4096
"""The longest side, in pixels, that a file may ask to be run at."""

TERMS = "Yours, and those of the pictures that they were trained on."
JUDGED_ON = "pictures kept aside"


def register_user_weights(
    file: Path, variant: str, folds: Sequence[tuple[Path, Sequence[str]]] = (), on: str = JUDGED_ON
) -> Weights:
    """Add a file that training wrote to the catalogue, as weights of the user's own.

    Parameters
    ----------
    file : Path
        A ``.safetensors`` file of ``python -m segmethods train``; it is copied, with the curve in the ``.csv`` beside
        it, if there is one.
    variant : str
        The name; several networks can share it if they have the same classes.
    folds : sequence of (path, sequence of str)
        Weights that have not seen some of the images that `file` learned from, and the digests of these images.
    on : str
        Which images the score in the file comes from.

    Raises
    ------
    ParameterError
        If the name can't be used.
    WeightsError
        If training didn't write the file, or it can't be stored.
    """
    about = read_header(file)
    _check_weights(file, about)
    check_name(variant, about["network"], tuple(about["classes"]))
    name = f"{about['network']}-{variant}"
    target = own_folder() / f"{name}.safetensors"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.resolve() != target.resolve():
            _copy(file, target)
            if file.with_suffix(".csv").is_file():
                _copy(file.with_suffix(".csv"), target.with_suffix(".csv"))
        kept = [(_keep_fold(part, target, number), list(unseen)) for number, (part, unseen) in enumerate(folds, 1)]
        told = [{"file": part.name, "sha256": digest(part), "unseen": unseen} for part, unseen in kept]
        record = to_record(target, about, variant, TERMS, on) | ({"folds": told} if told else {})
        write_record(target.with_suffix(".json"), record)
    except OSError as error:
        raise WeightsError(
            "The weights {name} can't be stored: {reason}. Make room, or set SEGMETHODS_HOME to another folder.",
            name=name,
            reason=error.strerror or type(error).__name__,
        ) from error
    return read_record(target.with_suffix(".json"), "own")


def _keep_fold(file: Path, target: Path, number: int) -> Path:
    place = target.with_name(f"{target.stem}.fold-{number}.safetensors")
    _copy(file, place)
    return place


def check_name(variant: str, network: str, classes: tuple[str, ...]) -> None:
    """Raise `ParameterError` unless weights of this network and these classes can have this name."""
    if not NAME.fullmatch(variant):
        raise ParameterError(
            "{name} is no name for weights. Use up to 40 letters, digits, - and _, a letter or digit first.",
            name=repr(variant),
        )
    if variant in RESERVED_NAMES or variant in catalogue() or variant.startswith(tuple(f"{one}-" for one in NETWORKS)):
        raise ParameterError("The name {name} is taken. Choose another one.", name=variant)
    for other in catalogue().values():
        if other.variant != variant:
            continue
        if other.network == network:
            raise ParameterError(
                "There are weights {name} already. Choose another name, or remove them: "
                "python -m segmethods weights remove {name}.",
                name=other.name,
            )
        if other.classes.names != classes:
            raise ParameterError(
                "The weights {name} know other classes. Choose another name than {variant}.",
                name=other.name,
                variant=variant,
            )


def read_header(file: Path) -> dict[str, Any]:
    """Read what training wrote into the header of a file, and count its trained numbers as ``parameters``.

    Raises
    ------
    WeightsError
        If training didn't write the file.
    """
    require("safetensors")
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="np") as opened:
            about: dict[str, Any] = json.loads((opened.metadata() or {})["segmethods"])
            learned = [name for name in opened.keys() if "running_" not in name]  # noqa: SIM118
            shapes = [opened.get_slice(name).get_shape() for name in learned]
    except (OSError, SafetensorError, KeyError, ValueError, RecursionError) as error:
        raise _no_weights(file) from error
    if not _is_description(about):
        raise _no_weights(file)
    return about | {"parameters": sum(math.prod(shape) for shape in shapes)}


def _check_weights(file: Path, about: Mapping[str, Any]) -> None:
    """Raise `WeightsError` unless a file holds the weights of the network in its header, and no others."""
    require("safetensors")
    import torch
    from safetensors import safe_open

    with safe_open(file, framework="np") as opened:
        shapes = {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118
    with torch.device("meta"):
        presence = any(name.startswith("presence.") for name in shapes)
        built = build(about["network"], len(about["classes"]), presence=presence).state_dict()
    if shapes != {name: tuple(v.shape) for name, v in built.items() if not name.endswith("num_batches_tracked")}:
        raise _no_weights(file)


def _no_weights(file: Path) -> WeightsError:
    return WeightsError("{file} is no file of weights that training wrote. Choose another one.", file=str(file))


def _is_description(about: Any) -> bool:
    """Whether a header is complete and its values are valid."""
    match about:
        case {
            "network": str(network),
            "classes": [str(), str(), *_] as classes,
            "mean": int() | float() as mean,
            "deviation": int() | float() as deviation,
            "size": int(size),
            "score": {"mean": mean_iou, "pixels": pixels, "classes": list(scores)},
        }:
            return (
                network in NETWORKS
                and all(isinstance(name, str) and name.strip() for name in classes)
                and len(set(classes)) == len(classes) == len(scores) < VOID
                and all(_is_share(score) for score in (mean_iou, pixels, *scores))
                and -LARGEST < mean < LARGEST
                and 0 < deviation < LARGEST
                and 0 < size <= LARGEST
            )
    return False


def _is_share(score: Any) -> bool:
    """Whether a score lies between 0 and 1, or is NaN."""
    return isinstance(score, int | float) and (score != score or 0 <= score <= 1)


def to_record(target: Path, about: dict[str, Any], variant: str, terms: str, on: str) -> dict[str, Any]:
    """The record that `read_record` reads from the JSON file beside weights.

    Parameters
    ----------
    target : Path
        The weights, in their place.
    about : dict
        From `read_header`.
    terms, on : str
        Their terms; the images that the score in the header comes from.
    """
    return {
        "name": f"{about['network']}-{variant}",
        "network": about["network"],
        "family": variant,
        "vocabulary": variant,
        "classes": about["classes"],
        "file": target.name,
        "sha256": digest(target),
        "bytes": target.stat().st_size,
        "parameters": about["parameters"],
        "mean": [about["mean"]] * 3,
        "deviation": [about["deviation"]] * 3,
        "size": about["size"],
        "terms": terms,
        "score": about["score"] | {"on": on},
    }


def _copy(source: Path, target: Path) -> None:
    with atomic_write(target) as part:
        shutil.copyfile(source, part)
