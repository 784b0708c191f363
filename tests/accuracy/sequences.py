"""What the recipes for streets promise where they never drove: ``python -m tests.accuracy.sequences --data DIR``.

CamVid's val drives down the streets of its train, so it says little of others. Here each sequence of train is left out
in turn: a network learns the others from the weights for everyday photos, and is judged on the one that it hasn't seen,
at its last step. (The encoder of those weights has seen every third street of train, without its mask.) Folds that are
done are kept in a folder, so that the command can be stopped and started again.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import tempfile
from collections import defaultdict
from pathlib import Path

import torch

from segmethods.models.weights import embedded, verified_path
from segmethods.training.command import train
from tests.bench.methods import machine
from tests.tables import table

NETWORKS = ("deeplab", "fcn", "segnet")


def list_sequences(train_part: Path) -> dict[str, list[Path]]:
    """The images of each sequence, which their names begin with."""
    found: dict[str, list[Path]] = defaultdict(list)
    for image in sorted((train_part / "images").iterdir()):
        found[image.name.partition("_")[0]].append(image)
    return dict(found)


def link_fold(camvid: Path, left_out: str, folder: Path) -> None:
    """A data set of links whose ``val`` is one sequence and whose ``train`` are the others."""
    (folder / "classes.txt").symlink_to(camvid / "classes.txt")
    for sequence, images in list_sequences(camvid / "train").items():
        part = folder / ("val" if sequence == left_out else "train")
        for image in images:
            for kind, file in (("images", image), ("labels", camvid / "train" / "labels" / f"{image.stem}.png")):
                (part / kind).mkdir(parents=True, exist_ok=True)
                (part / kind / file.name).symlink_to(file)


def judge(camvid: Path, network: str, left_out: str, minutes: float, kept: Path) -> float:
    """Mean IoU on a sequence of a network that learned the others."""
    curve = kept / f"{network}-{left_out}.csv"
    if not curve.exists():
        with tempfile.TemporaryDirectory() as folder:
            link_fold(camvid, left_out, Path(folder))
            train(
                f"{network}-camvid",
                folder,
                out=curve.with_suffix(".safetensors"),
                minutes=minutes,
                init=verified_path(embedded()[f"{network}-voc"]),
                threads=torch.get_num_threads(),
                resume=True,
            )
    with curve.open(encoding="utf-8", newline="") as file:
        *_, last = csv.DictReader(file)
    return float(last["mean_iou"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.sequences", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with camvid/train")
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    parser.add_argument("--minutes", type=float, default=15, help="of learning for each network and fold")
    parser.add_argument("--kept", type=Path, default=Path("sequences"), help="where folds that are done are kept")
    args = parser.parse_args()
    camvid = args.data.resolve() / "camvid"
    args.kept.mkdir(parents=True, exist_ok=True)
    sequences = list_sequences(camvid / "train")
    lines = []
    for network in args.networks:
        scores = [judge(camvid, network, name, args.minutes, args.kept) for name in sequences]
        lines.append((f"`{network}`", *(f"{score:.1%}" for score in scores), f"{sum(scores) / len(scores):.1%}"))
    head = ("network", *(f"{name} left out, {len(images)} images" for name, images in sequences.items()), "mean")
    told = f"{args.minutes:g} minutes of learning each, {datetime.date.today():%Y-%m-%d}, {machine()}."
    print(f"Mean IoU on streets never driven down, {told}\n\n{table(head, lines, 'l' + 'r' * (len(head) - 1))}")


if __name__ == "__main__":
    main()
