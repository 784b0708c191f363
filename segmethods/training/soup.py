"""The mean of trained files: ``python -m segmethods.training.soup FIRST SECOND... --val DIR --out FILE``.

Runs that began with the same weights end not far from them and from each other, and between them lies what is often
better than any on pictures that none has seen (Wortsman et al. 2022, "Model soups"). An image-level head fits
the maps of one file and is left out: the mean learns it anew, by ``python -m segmethods.training.image_head``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from segmethods.core.messages import SegmethodsError
from segmethods.models.architectures import restore
from segmethods.models.weights.user import read_header
from segmethods.training.data import check_masks, read_folder
from segmethods.training.files import check_place, write_weights
from segmethods.training.validation import summarise, validate


def mix(files: Sequence[Path], val: Path, out: Path, parts: Sequence[float] = ()) -> None:
    """Write the mean of the files' weights in half precision, with the header of the last.

    Only its score is its own, measured on the pictures and masks of the folder ``val``.

    Parameters
    ----------
    parts : sequence of float
        How much each file counts beside the others; all the same unless given.

    Raises
    ------
    ParameterError
        If ``out`` can't be written.
    WeightsError
        If one of the files is none that training wrote.
    ValueError
        If they are of different networks or classes, the parts make no sense, or the folder lacks something.
    """
    check_place(out)
    parts = parts or [1.0] * len(files)
    if len(files) < 2 or len(parts) != len(files):
        raise ValueError("a mean needs two files or more, and as many parts as files if any")
    if min(parts) < 0 or not 0 < sum(parts) < math.inf:
        raise ValueError("parts are 0 or more, and not all are 0")
    abouts = [read_header(file) for file in files]
    *others, about = abouts
    for file, other in zip(files, others, strict=False):
        if (other["network"], other["classes"]) != (about["network"], about["classes"]):
            raise ValueError(f"{file} and {files[-1]} are of different networks or classes")
    shares = [part / sum(parts) for part in parts]
    mean = average([read_without_head(file) for file in files], shares)
    try:
        network = restore(about["network"], len(about["classes"]), mean)
    except RuntimeError as error:
        raise ValueError(f"{files[0]} lacks some of its network's weights, or has others") from error
    examples = read_folder(val, None)
    check_masks(val, about["classes"], examples, examples)
    about = {name: value for name, value in about.items() if name != "parameters"}
    told = ", ".join(
        f"{share:.0%} of {other['recipe']['name']} ({other['minutes']:g} minutes, {other['recipe']['steps']} steps)"
        for share, other in zip(shares, others, strict=False)
    )
    start = f"{about['recipe']['start']}; {shares[-1]:.0%} of what came of that, {told}"
    about["recipe"] = about["recipe"] | {"start": start, "presence": False}
    about["score"] = summarise(validate(network, examples, len(about["classes"]), about["size"]))
    write_weights(out, mean, about)


def read_without_head(file: Path) -> dict[str, Tensor]:
    """The weights in a file, without those of the head for whole images."""
    return {name: value for name, value in load_file(file).items() if not name.startswith("presence.")}


def average(files: Sequence[Mapping[str, Tensor]], shares: Sequence[float]) -> dict[str, Tensor]:
    """The sum of each weight times its file's share, in half precision.

    Raises
    ------
    ValueError
        If the files hold weights of different names or shapes.
    """
    shapes = [{name: value.shape for name, value in weights.items()} for weights in files]
    if any(other != shapes[0] for other in shapes):
        raise ValueError("the files hold weights of different names or shapes")
    counted = torch.tensor(shares)
    return {
        name: torch.tensordot(counted, torch.stack([weights[name].float() for weights in files]), dims=1).half()
        for name in shapes[0]
    }


def main(argv: list[str] | None = None) -> int:
    """Average the weights of several trainings."""
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.soup", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="files that training wrote, the newest last")
    parser.add_argument("--parts", type=float, nargs="+", default=(), help="how much each counts (default: the same)")
    parser.add_argument("--val", type=Path, required=True, help="folder with images/ and labels/ to judge it by")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    args = parser.parse_args(argv)
    try:
        mix(args.files, args.val, args.out, args.parts)
    except (SegmethodsError, ValueError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
