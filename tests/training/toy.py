"""A data set for training in seconds: red squares on a dark ground."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from segmethods.core.types import VOID
from segmethods.training.data import answer_files, read_folder
from segmethods.training.recipes import RECIPES

QUICK = {"side": 160, "batch": 2, "size": 160, "frozen": 2, "scales": (0.8, 1.2), "rate": 3e-3, "mixed": 0.0}
"""What makes a recipe fit for a toy."""


def draw_squares(folder: Path, count: int, size: tuple[int, int] = (160, 200)) -> Path:
    """Writes `count` pictures, their masks and ``classes.txt``; returns the folder."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    (folder / "classes.txt").write_text("background\nsquare\n")
    rng = np.random.default_rng(0)
    height, width = size
    for index in range(count):
        image = rng.integers(0, 60, (height, width, 3), dtype=np.uint8)
        labels = np.zeros(size, np.uint8)
        top, left = rng.integers(0, min(size) // 2, 2)
        place = (slice(top, top + min(size) * 7 // 16), slice(left, left + min(size) * 7 // 16))
        image[place] = (220, 30, 30)
        labels[place] = 1
        labels[:, -3:] = VOID
        cv2.imwrite(str(folder / "images" / f"{index}.png"), image[..., ::-1])
        cv2.imwrite(str(folder / "labels" / f"{index}.png"), labels)
    return folder


def write_answers(toy: Path, folder: Path) -> Path:
    """Writes what a teacher would say that knows the truth and has two features: the square, and all but the square."""
    folder.mkdir()
    for example in read_folder(toy, None):
        nodes = np.arange(33) * 16 / 513 * max(example.labels.shape)
        rows, columns = (np.minimum(nodes.astype(int), side - 1) for side in example.labels.shape)
        square = (example.labels[np.ix_(rows, columns)] == 1) * np.uint8(255)
        probabilities, features = answer_files(folder, example.name)
        np.save(probabilities, np.stack([255 - square, square]))
        np.save(features, np.stack([square, 255 - square], axis=-1))
    return folder


def quicken(recipe: str) -> None:
    """Make a recipe fit for a toy, in this process."""
    RECIPES[recipe] = replace(RECIPES[recipe], **QUICK)
