"""What good parts look like, patch by patch: a memory of features, and how far a new patch is from all of it.

Roth et al. 2022, "Towards Total Recall in Industrial Anomaly Detection" (PatchCore): features of a network that
learned from ImageNet, taken from its middle, averaged over neighbours; of all patches of good parts a few are kept that
cover the rest (greedy k-centre); a patch is as odd as its distance to the nearest of these.

``python -m segmethods.jobs.defects.normality --data FOLDER`` makes the memory from the good parts of ``tile/``; every
fourth part is held out, the same ones as for the network.
"""

from __future__ import annotations

import argparse
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import MethodError
from segmethods.core.settings import settings
from segmethods.core.types import Image
from segmethods.models.encoder import features

SIDE = 320
WIDTH_OF_THIRD = 40
"""The encoder's first maps are those of its third stage."""
KEPT = 1500
LEVEL = 1.0
Features = NDArray[np.float32]


def even_out(image: Image) -> Image:
    """An image in grey with even light and contrast, so that a dim part and a bright one look alike."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = grey - cv2.GaussianBlur(grey, (0, 0), 40)
    even = np.clip(127 + 40 * grey / (float(grey.std()) + 3), 0, 255).astype(np.uint8)
    return np.repeat(even[:, :, None], 3, axis=2)


def patches(image: Image) -> Features:
    """Features of an image's patches, float32 (h, w, C), each averaged with its eight neighbours.

    Of the encoder's maps those of the fifth stage tell flaws best, and the outermost patches, which see the image's
    edge, tell nothing: parts are cut out differently.
    """
    maps = features(even_out(image), SIDE)[WIDTH_OF_THIRD:]
    return np.asarray(np.dstack([cv2.blur(plane, (3, 3)) for plane in maps])[1:-1, 1:-1], np.float32)


def memory_file() -> Path:
    """Where the memory of good tiles lies."""
    return settings().jobs_dir / "tile-memory.npz"


@lru_cache(maxsize=1)
def load_memory() -> tuple[Features, float, NDArray[np.float32]]:
    """Kept patches, the distance that counts as 1, and each feature's spread."""
    if not memory_file().is_file():
        raise MethodError("The memory of good tiles is missing: {file}.", file=str(memory_file()))
    with np.load(memory_file(), allow_pickle=False) as file:
        return file["patches"].astype(np.float32), float(file["unit"]), file["spread"].astype(np.float32)


def distances(found: Features, memory: Features) -> NDArray[np.float32]:
    """Distance of each patch, float32 (n, C), to the nearest one of the memory."""
    squares = (found**2).sum(1)[:, None] + (memory**2).sum(1)[None] - 2 * found @ memory.T
    return np.asarray(np.sqrt(np.maximum(squares.min(axis=1), 0)), np.float32)


def oddness(image: Image) -> NDArray[np.float32]:
    """How unlike good parts each pixel's surroundings are; 1 is as odd as the oddest hundredth of good patches."""
    memory, unit, spread = load_memory()
    found = patches(image) / spread
    away = distances(found.reshape(-1, found.shape[2]), memory).reshape(found.shape[:2]) / unit
    smooth = cv2.copyMakeBorder(cv2.GaussianBlur(away, (0, 0), 1.0), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(smooth, image.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def cover(every: Features, count: int, seed: int = 0) -> Features:
    """A few patches that cover the rest: each next one is the patch that is farthest from those kept."""
    rng = np.random.default_rng(seed)
    kept = [int(rng.integers(len(every)))]
    nearest = np.linalg.norm(every - every[kept[0]], axis=1)
    while len(kept) < min(count, len(every)):
        kept.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, np.linalg.norm(every - every[kept[-1]], axis=1))
    return every[kept]


def remember(images: list[Image], seed: int = 0) -> dict[str, NDArray[np.floating]]:
    """The memory of good parts; every fourth part sets the unit of distance and is not remembered."""
    told = [patches(image) for image in images]
    flat = [t.reshape(-1, t.shape[2]) for t in told]
    spread = np.concatenate(flat).std(axis=0) + 1e-3
    rng = np.random.default_rng(seed)
    every = np.concatenate([t / spread for i, t in enumerate(flat) if i % 4])
    memory = cover(every[rng.permutation(len(every))[:12_000]], KEPT, seed)
    others = np.concatenate([t / spread for t in flat[::4]])
    unit = float(np.quantile(distances(others, memory), 0.99))
    return {"patches": memory.astype(np.float16), "unit": np.array(unit), "spread": spread.astype(np.float32)}


def main() -> None:
    """The command."""
    from segmethods.jobs.defects.tiles import read
    from segmethods.jobs.samples import FOLDS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="the folder of defects")
    parser.add_argument("--all", action="store_true", help="learn from every image, and not from three quarters")
    args = parser.parse_args()
    cases = [file.load() for number, file in enumerate(read(args.data / "tile")) if args.all or number % FOLDS]
    memory = remember([case.image for case in cases if not np.any(case.truth)])
    memory_file().parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(memory_file(), allow_pickle=False, **memory)


if __name__ == "__main__":
    main()
