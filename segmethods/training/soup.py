"""The mean of two trained files: ``python -m segmethods.training.soup FIRST SECOND --share 0.6 --out FILE``.

A run that began with the weights of another ends not far from them, and between both lies what is often better than
either on pictures that none has seen (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from segmethods.messages import SegmethodsError
from segmethods.training.command import check_place
from segmethods.weights.keeping import described


def mix(first: Path, second: Path, share: float, out: Path) -> None:
    """Writes ``(1 - share) * first + share * second`` in half precision, with the header of the second.

    Raises
    ------
    ParameterError : ``out`` can't be written.
    WeightsError : one of both is no file that training wrote.
    ValueError : they are of different networks or classes, or the share is none.
    """
    check_place(out)
    if not 0 <= share <= 1:
        raise ValueError(f"the share must lie between 0 and 1, not at {share:g}")
    one, other = described(first), described(second)
    if (one["network"], one["classes"]) != (other["network"], other["classes"]):
        raise ValueError(f"{first} and {second} are of different networks or classes")
    before, after = load_file(first), load_file(second)
    mean = {name: torch.lerp(before[name].float(), value.float(), share).half() for name, value in after.items()}
    about: dict[str, Any] = {name: value for name, value in other.items() if name != "parameters"}
    mixed = f"{one['recipe']['name']} ({one['minutes']:g} minutes, {one['recipe']['steps']} steps)"
    told = f"{share:.0%} of what came of that, {1 - share:.0%} of {mixed}"
    about["recipe"] = other["recipe"] | {"start": f"{other['recipe']['start']}; {told}"}
    save_file(mean, out, metadata={"segmethods": json.dumps(about)})


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.soup", description=__doc__)
    parser.add_argument("first", type=Path, help="where a run began")
    parser.add_argument("second", type=Path, help="what it gave")
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1 (default: 0.5)")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    args = parser.parse_args(argv)
    try:
        mix(args.first, args.second, args.share, args.out)
    except (SegmethodsError, ValueError) as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
