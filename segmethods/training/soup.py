"""The mean of two trained files: ``python -m segmethods.training.soup FIRST SECOND --share 0.6 --val DIR --out FILE``.

A run that began with the weights of another ends not far from them, and between both lies what is often better than
either on pictures that none has seen (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from segmethods.messages import SegmethodsError
from segmethods.networks import restore
from segmethods.training.data import check_masks, read_folder
from segmethods.training.files import check_place, write_weights
from segmethods.training.validation import summary, validate
from segmethods.weights.keeping import described


def mix(first: Path, second: Path, share: float, val: Path, out: Path) -> None:
    """Writes ``(1 - share) * first + share * second`` in half precision, with the header of the second.

    Only its score is its own, measured on the pictures and masks of the folder ``val``.

    Raises
    ------
    ParameterError : ``out`` can't be written.
    WeightsError : one of both is no file that training wrote.
    ValueError : they are of different networks or classes, the share is none, or the folder lacks something.
    """
    check_place(out)
    if not 0 <= share <= 1:
        raise ValueError(f"the share must lie between 0 and 1, not at {share:g}")
    one, other = described(first), described(second)
    if (one["network"], one["classes"]) != (other["network"], other["classes"]):
        raise ValueError(f"{first} and {second} are of different networks or classes")
    before, after = load_file(first), load_file(second)
    if before.keys() != after.keys():
        raise ValueError(f"{first} and {second} hold weights of different names")
    mean = {name: torch.lerp(before[name].float(), value.float(), share).half() for name, value in after.items()}
    about: dict[str, Any] = {name: value for name, value in other.items() if name != "parameters"}
    mixed = f"{one['recipe']['name']} ({one['minutes']:g} minutes, {one['recipe']['steps']} steps)"
    told = f"{share:.0%} of what came of that, {1 - share:.0%} of {mixed}"
    about["recipe"] = other["recipe"] | {"start": f"{other['recipe']['start']}; {told}"}
    try:
        network = restore(about["network"], len(about["classes"]), mean)
    except RuntimeError as error:
        raise ValueError(f"{first} and {second} lack some of their network's weights, or have others") from error
    examples = read_folder(val, None)
    check_masks(val, about["classes"], examples, examples)
    about["score"] = summary(validate(network, examples, len(about["classes"]), about["size"]))
    write_weights(out, mean, about)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.soup", description=__doc__)
    parser.add_argument("first", type=Path, help="where a run began")
    parser.add_argument("second", type=Path, help="what it gave")
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1 (default: 0.5)")
    parser.add_argument("--val", type=Path, required=True, help="folder with images/ and labels/ to judge it by")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    args = parser.parse_args(argv)
    try:
        mix(args.first, args.second, args.share, args.val, args.out)
    except (SegmethodsError, ValueError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
