"""Teach a network a person's own pictures: a process of its own that can be stopped and goes on later.

``python -m segmethods.training.teaching FOLDER`` follows the plan in a folder (see `plans`). Several networks learn,
each without a part of the pictures, and are judged on that part: so every picture is judged by a network that hasn't
seen it. One more learns from all of them. All are kept as weights of the user's own, and a picture that was learned
from is answered by the network that hasn't seen it, wherever these weights are used.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from segmethods.core.messages import ParameterError, SegmethodsError
from segmethods.core.settings import settings
from segmethods.datasets.image_sets import read_image_set
from segmethods.datasets.sample_refs import SampleRef
from segmethods.io.images import digest
from segmethods.metrics import Confusion
from segmethods.models.weights import register_user_weights
from segmethods.training import loop
from segmethods.training.command import describe_start, find_start, read_start, take_up, write
from segmethods.training.data import Dataset, Example, add_small_classes, check_masks, read_example
from segmethods.training.files import reserve
from segmethods.training.parts import check_classes
from segmethods.training.plans import FEWEST, TeachingPlan, read_plan
from segmethods.training.recipes import RECIPES, Recipe
from segmethods.training.sampling import Batch
from segmethods.training.validation import count_nothing, summarise, validate

SIZES = 416, 800
"""Shortest and longest long side, in pixels, at which such a network sees pictures."""

ENLARGED = 5 / 3
"""Pictures are enlarged by so much, where that fits: scratches and cracks are a few pixels wide."""

SLOWEST = 4.0
"""A minute of learning is one of this process's processor time, so that a busy machine teaches as much; but a network
never takes longer than this many times its minutes."""

SAVE_EVERY = 30.0
TELL_EVERY = 2.0

ON = "your pictures, each judged by a network that has not seen it"

Tell = Callable[[dict[str, Any]], None]


def small_recipe(network: str, name: str, examples: Sequence[Example]) -> Recipe:
    """How a network learns a few pictures in minutes: from weights that ship, all of it, on crops in every direction.

    Crops show things at the size at which the network will see them, up to half larger or smaller.
    """
    long_side = float(np.median([max(example.image.shape[:2]) for example in examples]))
    size = int(np.clip(round(ENLARGED * long_side / 32) * 32, *SIZES))
    zoom = size / long_side
    return replace(
        RECIPES[f"{network}-voc"],
        variant=name,
        start=f"{network}-voc",
        side=256,
        batch=6,
        scales=(0.65 * zoom, 1.5 * zoom),
        size=size,
        rate=2e-3,
        backbone=0.5,
        frozen=0,
        mixed=0.0,
        turn=90.0,
        photos=0.0,
        teacher=0.0,
        features=0.0,
        presence=False,
    )


def split(count: int, folds: int) -> list[list[int]]:
    """The numbers of the pictures that each fold leaves out.

    Examples
    --------
    >>> split(7, 3)
    [[0, 3, 6], [1, 4], [2, 5]]
    """
    return [list(range(fold, count, folds)) for fold in range(folds)]


def teach(plan: TeachingPlan, place: Path, tell: Tell) -> None:
    """Follow a plan, from where it was stopped; what comes of it is in the catalogue of weights.

    Parameters
    ----------
    plan : TeachingPlan
        What is taught.
    place : Path
        Where unfinished and finished networks are kept.
    tell : callable
        Told of every step that is worth showing.

    Raises
    ------
    ParameterError
        If the pictures can't teach a network.
    KeyboardInterrupt
        Ctrl-C; the same call goes on from there.
    """
    pairs, classes, examples = read_images(plan)
    recipe = small_recipe(plan.network, plan.name, examples)
    folds = split(len(examples), plan.folds)
    counts, kept = count_nothing(len(classes)), []
    for number, left_out in enumerate(folds):
        train = [example for i, example in enumerate(examples) if i not in left_out]
        data = Dataset(classes, add_small_classes(train), [], [examples[i] for i in left_out])
        check_fold(plan.title, data)
        file, found = learn(recipe, data, place, number, plan, tell)
        counts = counts + found
        kept.append((file, [digest(pairs[i].load().image) for i in left_out]))
    scores = summarise(counts)
    tell({"scores": list(zip(classes, scores["classes"], strict=True))})
    whole = Dataset(classes, add_small_classes(examples), [], [])
    file, _ = learn(recipe, whole, place, len(folds), plan, tell, scores)
    register_user_weights(file, plan.name, kept, ON)


def read_images(plan: TeachingPlan) -> tuple[list[SampleRef], tuple[str, ...], list[Example]]:
    """The pictures of a plan that have a truth, and the classes in it."""
    found = read_image_set(Path(plan.folder), plan.title).dataset
    pairs = list(found.pairs) if found else []
    if found is None or len(pairs) < FEWEST:
        raise ParameterError(
            "Teaching needs {fewest} pictures with a truth, and {name} has {count}. Draw some more.",
            fewest=FEWEST,
            name=plan.title,
            count=len(pairs),
        )
    try:
        classes = check_classes(plan.title, found.classes)
        return pairs, classes, [read_example(pair, found.classes, None) for pair in pairs]
    except ValueError as error:
        raise ParameterError("{problem}.", problem=str(error)) from error


def check_fold(title: str, data: Dataset) -> None:
    """Raise `ParameterError` if a fold shows one class alone, or nothing to judge by."""
    try:
        check_masks(title, data.classes, data.train, data.val)
    except ValueError as error:
        raise ParameterError("{problem}.", problem=str(error)) from error


def learn(
    recipe: Recipe,
    data: Dataset,
    place: Path,
    number: int,
    plan: TeachingPlan,
    tell: Tell,
    scores: dict[str, Any] | None = None,
) -> tuple[Path, Confusion]:
    """Train one network for the plan's minutes, and judge it on the pictures that were left out.

    The weights that are kept are those at the end: choosing by the pictures that judge would flatter them.
    """
    out, checkpoint = place / f"{number}.safetensors", place / f"{number}.run"
    judged = place / f"{number}.npy"
    if out.is_file() and judged.is_file():
        return out, Confusion(np.load(judged))
    begin = find_start(recipe, None)
    with reserve(out):
        run = loop.start(recipe, data.classes, read_start(begin), plan.seed + number, None, data.digest())
        take_up(run, checkpoint, resume=checkpoint.exists())
        _train(run, data, checkpoint, plan, number, tell)
        counts = validate(run.average, data.val, len(data.classes), recipe.size)
        run.best = copy.deepcopy(run.average.state_dict())
        loss = run.history[-1]["loss"] if run.history else 0.0
        check = {"step": run.step, "seconds": run.seconds, "presence": False, "loss": loss}
        run.history = [check | {"score": scores or summarise(counts)}]
        write(run, out, describe_start(begin), data)
        np.save(judged, counts.counts)
        checkpoint.unlink(missing_ok=True)
    return out, counts


def _train(run: loop.Run, data: Dataset, checkpoint: Path, plan: TeachingPlan, number: int, tell: Tell) -> None:
    limit, threads = plan.minutes * 60, torch.get_num_threads()
    batches = loop.make_batches(run, data)

    def draw(step: int) -> Batch:
        return batches.draw(np.random.default_rng((run.seed, step)))

    saved = told = time.monotonic()
    shown = float("nan")
    with loop.delay_interrupt() as is_stopped, ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(draw, run.step)
        while run.seconds < limit:
            begun, worked = time.monotonic(), time.process_time()
            batch, coming = coming.result(), ahead.submit(draw, run.step + 1)
            loss = loop.advance(run, batch, run.seconds / limit)
            shown = loss if shown != shown else 0.9 * shown + 0.1 * loss
            run.step += 1
            now = time.monotonic()
            run.seconds += max((time.process_time() - worked) / threads, (now - begun) / SLOWEST)
            if now - told > TELL_EVERY or run.seconds >= limit:
                tell({"part": number, "seconds": run.seconds, "loss": shown})
                told = now
            if is_stopped() or now - saved > SAVE_EVERY:
                loop.save(run, checkpoint)
                saved = now
            if is_stopped():
                raise KeyboardInterrupt
    run.history.append({"loss": shown})


def main(argv: list[str] | None = None) -> int:
    """Follow the plan in a folder, and print each step as a line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.teaching", description=__doc__)
    parser.add_argument("place", type=Path, help="the folder of a plan")
    place = parser.parse_args(argv).place
    if hasattr(os, "nice"):
        os.nice(5)  # visitors who compare pictures go first
    torch.set_num_threads(settings().workers * settings().threads)
    try:
        teach(read_plan(place), place, lambda told: print(json.dumps(told), flush=True))
    except KeyboardInterrupt:
        return 130
    except SegmethodsError as error:
        print(json.dumps({"problem": [error.message.template, dict(error.message.values)]}), flush=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
