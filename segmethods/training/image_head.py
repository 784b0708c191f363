"""Teach a trained network which classes are in a picture at all; the network itself stays as it is.

Each image is looked at once, as a whole; what an `ImageLevelHead` then learns from
the maps of the encoder's head takes a minute or two. Recipes end with it where it pays. Weights that were trained
without learn it by ``python -m segmethods.training.image_head TRAINED --data DIR --out FILE``, with the ``--photos``
and the ``--teacher`` of their training.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor
from tqdm import tqdm

from segmethods.core.messages import SegmethodsError
from segmethods.methods._network import resize_long_side
from segmethods.models.architectures import restore
from segmethods.models.architectures.image_head import ImageLevelHead
from segmethods.models.architectures.network import Network
from segmethods.models.weights.user import read_header
from segmethods.training.data import Dataset, Example, load
from segmethods.training.files import check_place, write_weights
from segmethods.training.loop import schedule_rate
from segmethods.training.validation import normalise, summarise, validate

EPOCHS, BATCH, RATE, DECAY, DROPPED = 6, 64, 1e-3, 1.0, 0.3

SEEN = 0.5
"""From this probability on a teacher sees a class."""

STRIDE = 32
"""Positions of the head's map are this far apart, in pixels, at least: DeepLab's finer map is thinned out."""


def teach(network: Network, data: Dataset, size: int) -> ImageLevelHead:
    """Look at every photo to learn from once, its long side at ``size``, and learn which classes it shows."""
    seen = [*data.train, *data.unlabelled]
    return learn(compute_maps(network, seen, size), *list_present(seen, len(data.classes)))


def add_head(
    trained: Path, data: Path, out: Path, *, unlabelled: Path | None = None, teacher: Path | None = None
) -> str:
    """Write a trained file anew, with an `ImageLevelHead`; its other weights are the same. Returns what came of it.

    Parameters
    ----------
    trained : Path
        A file that training wrote.
    data, unlabelled, teacher : Path or None
        As `segmethods.training.data.load` takes them.
    out : Path
        The file to write.

    Raises
    ------
    ParameterError
        If ``out`` can't be written.
    WeightsError
        If ``trained`` is no file that training wrote.
    ValueError
        If the data lacks something or has other classes, or the network sees no whole pictures.
    """
    check_place(out)
    about = read_header(trained)
    examples = load(data, unlabelled=unlabelled, teacher=teacher)
    if tuple(about["classes"]) != examples.classes:
        raise ValueError(f"{trained} knows other classes than {data}/classes.txt")
    weights = {name: value for name, value in load_file(trained).items() if not name.startswith("presence.")}
    network = restore(about["network"], len(examples.classes), weights)
    if network.backbone.head is None:
        raise ValueError(f"{about['network']} sees windows, not whole pictures")
    before = validate(network, examples.val, len(examples.classes), about["size"])
    network.presence = teach(network, examples, about["size"])
    after = validate(network, examples.val, len(examples.classes), about["size"])
    learned = {f"presence.{name}": value for name, value in network.presence.state_dict().items()}
    known = {name: value for name, value in about.items() if name != "parameters"} | {"score": summarise(after)}
    known["recipe"] = about["recipe"] | {"presence": True}
    write_weights(out, weights | learned, known)
    return (
        f"{out}: mean IoU {before.mean_iou:.3f} without, {after.mean_iou:.3f} with it on {len(examples.val)} pictures"
    )


def compute_maps(network: Network, examples: Sequence[Example], size: int) -> list[Tensor]:
    """The map of the encoder's head for each photo as a whole, its long side at ``size``: half (C, h, w)."""
    found: list[Tensor] = []
    assert network.backbone.head is not None
    listening = network.backbone.head.register_forward_hook(lambda _, __, output: found.append(thinned(output[0])))

    def thinned(head: Tensor) -> Tensor:
        step = max(1, STRIDE * head.shape[2] // padded.shape[2])
        return head[:, ::step, ::step].half().clone()

    network.eval().to(memory_format=torch.channels_last)
    with torch.inference_mode():
        for example in tqdm(examples, desc="presence", unit="photo", mininterval=5):
            padded = network.pad(
                normalise(torch.from_numpy(resize_long_side(example.image, size)).permute(2, 0, 1)[None])
            )
            network.logits(padded)
    listening.remove()
    return found


def list_present(examples: Sequence[Example], classes: int) -> tuple[Tensor, Tensor]:
    """How surely a photo shows a class, and how much that counts: two float (N, classes - 1), without the first class.

    A mask is sure of both. Without one it is the teacher's highest probability anywhere. Where a teacher sees what a
    mask lacks, the mask may be of some things only: nothing is learned from that.
    """
    present, counted = torch.zeros(len(examples), classes), torch.ones(len(examples), classes)
    for row, weights, example in zip(present, counted, examples, strict=True):
        sure = list(example.classes)
        if example.teacher is None:
            row[sure] = 1
            continue
        highest = torch.from_numpy(example.teacher.max(axis=(1, 2)) / np.float32(255))
        if example.labels is None:
            row[:] = highest
        else:
            weights[highest > SEEN] = 0
            row[sure] = weights[sure] = 1
    return present[:, 1:], counted[:, 1:]


def learn(maps: Sequence[Tensor], truth: Tensor, counted: Tensor, rate: float = RATE, seed: int = 0) -> ImageLevelHead:
    """An `ImageLevelHead` that tells from maps, half (C, h, w), which classes are there, as `list_present` has them.

    It begins with how often each class is there. Whole channels are left out at random, so that it relies on none.
    """
    torch.manual_seed(seed)
    presence = ImageLevelHead(len(maps[0]), truth.shape[1] + 1)
    share = (truth * counted).sum(dim=0) / counted.sum(dim=0).clamp(min=1)
    usual = torch.logit(share.clamp(1e-3, 1 - 1e-3))
    presence.load_state_dict(
        presence.state_dict()
        | {
            "places.weight": torch.zeros_like(presence.places.weight),
            "signs.weight": torch.randn_like(presence.signs.weight) * 1e-3,
            "signs.bias": usual,
        }
    )
    optimiser = torch.optim.AdamW(presence.parameters(), lr=rate, weight_decay=DECAY)
    shuffle = np.random.default_rng(seed)
    batches = [b for _ in range(EPOCHS) for b in np.array_split(shuffle.permutation(len(maps)), -(-len(maps) // BATCH))]
    for step, batch in enumerate(tqdm(batches, desc="learning", unit="batch", mininterval=5)):
        for group in optimiser.param_groups:
            group["lr"] = rate * schedule_rate(step / len(batches))
        logits = torch.cat([presence(F.dropout2d(maps[index][None].float(), DROPPED)) for index in batch])
        loss = F.binary_cross_entropy_with_logits(logits, truth[batch], counted[batch], reduction="sum") / len(batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return presence.eval()


def main(argv: list[str] | None = None) -> int:
    """Add a head for whole images to a trained network."""
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.image_head", description=__doc__)
    parser.add_argument("trained", type=Path, help="a file that training wrote")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set that it was trained on")
    parser.add_argument("--photos", type=Path, help="folder with images/ that have no masks")
    parser.add_argument("--teacher", type=Path, help="folder of the teacher's answers")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    args = parser.parse_args(argv)
    try:
        print(add_head(args.trained, args.data, args.out, unlabelled=args.photos, teacher=args.teacher))
    except (SegmethodsError, ValueError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
