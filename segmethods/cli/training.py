"""``train``: a network learns from pictures and their masks."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, TextIO, TypeVar

from segmethods.cli.ids import add_id_options, add_white_option
from segmethods.core.extras import require
from segmethods.io.id_maps import choose_ids
from segmethods.training.recipes import RECIPES

Number = TypeVar("Number", int, float)

EPILOG = """DATA is what `benchmark` takes: a folder, zip or tar file with images/, masks/ (PNGs of the pictures' names
and sizes; a pixel is the number of its class, 255 is not judged) and classes.txt (one name a line, the first is class
0; call it background if it is), or another of the layouts that README.md lists. It learns from train and judges by val;
without these, every tenth picture is kept aside to judge by."""


def add_command(commands: Any) -> None:
    """Add ``train`` to the parser's commands."""
    text = "Train a network on pictures and their masks, from weights that ship or others."
    parser = commands.add_parser(
        "train", help="train a network on pictures and their masks", description=text, epilog=EPILOG
    )
    parser.add_argument("recipe", choices=RECIPES, metavar="RECIPE", help=f"one of {', '.join(RECIPES)}")
    parser.add_argument("--data", metavar="DATA", required=True, help="pictures and masks, see below")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument(
        "--name", metavar="NAME", help="keep the result under this name, for the dashboard and the command line"
    )
    place.add_argument("--out", metavar="FILE", type=Path, help="write the result to this .safetensors file")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=above_zero(float), help="stop after so many minutes (default: the recipe's)")
    length.add_argument(
        "--epochs",
        type=above_zero(int),
        help="stop after so many rounds; the result depends on the seed, the threads and the kind of processor",
    )
    parser.add_argument("--resume", action="store_true", help="take up a run that was stopped")
    parser.add_argument("--seed", type=seed, default=0, help="another one draws other crops (default: 0)")
    parser.add_argument("--threads", type=above_zero(int), default=os.cpu_count() or 1, help="(default: all cores)")
    parser.add_argument(
        "--init",
        metavar="FILE",
        type=Path,
        help="start from these weights, .safetensors or ImageNet's .pth (default: the recipe's own)",
    )
    parser.add_argument("--photos", metavar="DIR", type=Path, help="photos without masks, for a teacher alone")
    parser.add_argument("--teacher", metavar="DIR", type=Path, help="a teacher's answers")
    add_id_options(parser)
    add_white_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Train, and say what came of it."""
    require("torch", "safetensors", "filelock")
    from segmethods.training.command import train  # loads torch

    options = {name: value for name, value in vars(args).items() if name not in ("run", "verbose", "ids", "ignore")}
    with redirect_stdout(out):  # each check of the run prints a line
        try:
            print(train(**options, ids=choose_ids(args.ids, args.ignore)))
        except KeyboardInterrupt:
            print("Stopped. The same command with --resume goes on, if there was time for a step.")
            raise
    return 0


def seed(text: str) -> int:
    """A reader of seeds for argparse."""
    number = int(text)
    if not 0 <= number < 2**31:
        raise argparse.ArgumentTypeError(f"{text} must lie between 0 and {2**31 - 1}")
    return number


def above_zero(kind: Callable[[str], Number]) -> Callable[[str], Number]:
    """A reader of numbers for argparse that takes none below or at zero."""

    def read(text: str) -> Number:
        number = kind(text)
        if not 0 < number < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} must be above zero")
        return number

    return read
