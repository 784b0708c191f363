"""Write down what the images look like that weights learned from, see `segmethods.models.familiarity`.

    python -m segmethods.training.familiarity voc --images FOLDER [FOLDER ...]

The looks of all images in the folders are grouped by k-means. The limit is the distance to the nearest group within
which all but a twentieth of the images are that the groups were made without.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from segmethods.io.images import load_image
from segmethods.models.familiarity import Looks, distances, look, looks_file

GROUPS, FOLDS, WITHIN = 24, 4, 0.95


def sum_up(looks: Looks) -> Mapping[str, NDArray[np.floating]]:
    """What is written down of the looks of images, one a row: their scale, the middles of groups, and the limit."""
    mean, spread = looks.mean(axis=0), looks.std(axis=0) + 1e-6
    scaled = (looks - mean) / spread
    away = [
        distances(scaled[fold::FOLDS], group(np.delete(scaled, np.s_[fold::FOLDS], axis=0))).min(axis=1)
        for fold in range(FOLDS)
    ]
    limit = np.array(np.quantile(np.concatenate(away), WITHIN), np.float32)
    return {"mean": mean, "spread": spread, "kept": group(scaled).astype(np.float16), "limit": limit}


def group(looks: Looks) -> Looks:
    """The middles of groups of alike looks."""
    import cv2

    cv2.setRNGSeed(0)
    rounds = (cv2.TERM_CRITERIA_MAX_ITER, 100, 0.0)
    _, _, middles = cv2.kmeans(looks, min(GROUPS, len(looks)), None, rounds, 3, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    return np.asarray(middles, np.float32)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m segmethods.training.familiarity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("classes", help="id of the vocabulary, such as voc")
    parser.add_argument("--images", type=Path, nargs="+", required=True, metavar="FOLDER")
    args = parser.parse_args()
    files = sorted(file for folder in args.images for file in folder.iterdir() if file.is_file())
    looks = np.stack([look(load_image(file)) for file in tqdm(files, desc="Looking at images", disable=None)])
    np.savez_compressed(looks_file(args.classes), allow_pickle=False, **sum_up(looks))


if __name__ == "__main__":
    main()
