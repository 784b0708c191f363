"""Whether an image looks like those of a job at all: a cat on the page of bottles gets a doubt and no figure.

An image is told by the mean and the spread of what an encoder taught by ImageNet sees in it. It is familiar if that is
about as near to one of a kind's kept images as they are to each other. No pipeline can know this by itself: a network
that knows lungs and background finds lungs in a cat.

``python -m segmethods.jobs.familiarity --data FOLDER``, with a folder for each job, writes down what the kinds look
like: statistics of a few dozen images each, from which no image can be made again.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.models.familiarity import Looks, distances, look

KEPT, SHOWN, DRAWN = 24, 60, 8
"""Images kept of each kind, looked at, and drawn by its generator."""
SLACK, SLACKS = 1.25, {"driving": 1.1}
"""How many times farther than its own images from each other an unfamiliar one is, and where that is known better: of
streets on another continent (CamVid) 93 % are nearer than this, and of photos of people 70 % are not."""


def familiar_file() -> Path:
    """Where the looks of the kinds lie."""
    return settings().jobs_dir / "familiar.npz"


@lru_cache(maxsize=1)
def _kinds() -> Mapping[str, Looks]:
    with np.load(familiar_file(), allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


def is_familiar(kind: str, image: Image) -> bool:
    """Whether an image looks like those of a kind, such as ``"medical/lungs"``; True where a kind is not known."""
    kinds = _kinds()
    if kind not in kinds:
        return True
    asked = (look(image) - kinds["mean"]) / kinds["spread"]
    return bool(distances(asked[None], kinds[kind]).min() <= kinds[f"{kind} limit"])


def keep(every: Looks) -> Looks:
    """A few that cover the rest: each next one is the farthest from those kept."""
    kept = [0]
    nearest = distances(every, every[:1])[:, 0]
    while len(kept) < min(KEPT, len(every)):
        kept.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, distances(every, every[kept[-1:]])[:, 0])
    return every[kept]


def limit_of(every: Looks, slack: float = SLACK, folds: int = 4) -> float:
    """How far the images of a kind are from the kept ones of the others: all but a twentieth, with some slack."""
    away = [
        distances(every[fold::folds], keep(np.delete(every, np.s_[fold::folds], axis=0))).min(axis=1)
        for fold in range(folds)
    ]
    return slack * float(np.quantile(np.concatenate(away), 0.95))


def remember(seen: Mapping[str, Looks], drawn: Mapping[str, Sequence[Looks]]) -> dict[str, NDArray[np.floating]]:
    """What is written down: the scale of each number, and of each kind its kept images and its limit."""
    every = np.concatenate(list(seen.values()))
    mean, spread = every.mean(axis=0), every.std(axis=0) + 1e-6
    kinds: dict[str, NDArray[np.floating]] = {"mean": mean, "spread": spread}
    for name, looks in seen.items():
        scaled = (looks - mean) / spread
        own = [(one - mean) / spread for one in drawn.get(name, ())]
        kinds[name] = np.concatenate([keep(scaled), *[one[None] for one in own]]).astype(np.float16)
        kinds[f"{name} limit"] = np.array(limit_of(scaled, SLACKS.get(name, SLACK)))
    return kinds


def main() -> None:
    """The command."""
    from segmethods.jobs import get_job, list_jobs

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="a folder with one for each job")
    args = parser.parse_args()
    seen: dict[str, Looks] = {}
    drawn: dict[str, Sequence[Looks]] = {}
    for name in list_jobs():
        job = get_job(name)
        wanted = {task.id: task.familiar for task in job.tasks if task.familiar}
        if not wanted or not (args.data / name).is_dir():
            continue
        for task_id, files in job.read(args.data / name).items():
            if task_id in wanted:
                chosen = files[:: max(1, len(files) // SHOWN)][:SHOWN]
                seen[wanted[task_id]] = np.stack([look(file.load().image) for file in chosen])
        if job.generate is not None:
            for task_id, files in job.generate(DRAWN, 1, {k.id: k.default for k in job.knobs}).items():
                if task_id in wanted:
                    drawn[wanted[task_id]] = [look(file.load().image) for file in files]
    np.savez_compressed(familiar_file(), allow_pickle=False, **remember(seen, drawn))


if __name__ == "__main__":
    main()
