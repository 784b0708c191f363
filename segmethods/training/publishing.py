"""Turn trained weights into what ships: the file, its entry in the catalogue and its model card (`cards.make_card`).

``python -m segmethods.training.publishing TRAINED.safetensors... --val DIR --out assets/weights``. What a card says is
read from the header that training wrote into the file, and the scores are measured on the file that ships, in the
runtime that runs it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from tqdm import tqdm

from segmethods.core.messages import SegmethodsError
from segmethods.methods._network import argmax_upsampled, resize_long_side
from segmethods.metrics import count_classes, tabulate
from segmethods.models.runtime import load_runner
from segmethods.models.weights import Weights
from segmethods.models.weights.integrity import digest
from segmethods.models.weights.records import read_record, write_record
from segmethods.models.weights.user import read_header, to_record
from segmethods.training.cards import make_card
from segmethods.training.data import read_folder
from segmethods.training.validation import count_nothing, summarise

TERMS = {
    "voc": "Non-commercial research only, as MSRC-21, BSDS500 and CamVid, from which some photos of these networks "
    "come; Caltech-101 and Car-Parts state no terms, VOC and SBD photos come from Flickr, COCO's have mixed Creative "
    "Commons licences. EfficientNet-Lite0's ImageNet weights and the teacher are Apache-2.0.",
    "camvid": "Non-commercial research only, as CamVid. EfficientNet-Lite0's ImageNet weights are Apache-2.0; the "
    "encoder learned everyday photos first, with the voc recipe and its data.",
}

JUDGED_ON = {
    "voc": "160 photos: 104 of VOC 2012 val, 56 of COCO",
    "camvid": "CamVid val, 101 pictures, 480 × 360",
}


def publish(trained: Path, out: Path, val: Path | None = None, size: int | None = None) -> str:
    """Copy one trained file to ``out``, judge it, and write its entry and its card beside it; return its name.

    Parameters
    ----------
    trained : Path
        A file that training wrote.
    out : Path
        The folder of what ships.
    val : Path or None
        Folder with ``images/`` and ``labels/`` to judge it by; without it an earlier judgement of the same file holds,
        or else the last word of the training.
    size : int or None
        The long side that it shall run at, unless that is the one it was trained for.
    """
    about = read_header(trained)
    network, variant = about["network"], about["family"]
    name = f"{network}-{variant}"
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"{name}.safetensors"
    if trained.resolve() != target.resolve():
        shutil.copyfile(trained, target)
    known = read_entry(target)
    told = to_record(
        target,
        about,
        variant,
        TERMS.get(variant, "As the pictures it was trained on."),
        JUDGED_ON.get(variant, "pictures kept aside"),
    )
    told["size"] = size or known.get("size", told["size"])
    told["score"] = known.get("score", about["score"]) | {"on": told["score"]["on"]}
    write_record(target.with_suffix(".json"), told)
    if val:
        told["score"] |= judge(read_record(target.with_suffix(".json")), val)
        write_record(target.with_suffix(".json"), told)
    target.with_suffix(".md").write_text(make_card(read_record(target.with_suffix(".json"))), encoding="utf-8")
    return name


def read_entry(target: Path) -> dict[str, Any]:
    """The entry that this very file has already, or nothing."""
    entry = target.with_suffix(".json")
    known: dict[str, Any] = json.loads(entry.read_text(encoding="utf-8")) if entry.is_file() else {}
    return known if known.get("sha256") == digest(target) else {}


def judge(weights: Weights, val: Path) -> dict[str, Any]:
    """Mean IoU, classes and pixels of weights on labelled pictures, through the real runtime."""
    run = load_runner(weights)
    counts = count_nothing(len(weights.classes))
    for example in tqdm(read_folder(val, None), desc=weights.name, disable=None):
        if example.labels is not None:
            scores = run(resize_long_side(example.image, weights.size)[None])[0]
            answer = argmax_upsampled(scores, example.labels.shape)
            counts += count_classes(tabulate(example.labels, answer), len(weights.classes))
    return summarise(counts)


def main(argv: list[str] | None = None) -> int:
    """Make weight files for release of what training wrote."""
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
