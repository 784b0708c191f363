"""What the networks of the jobs learn from: images of a job's folder and the classes of their pixels."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from segmethods.core.types import VOID, Image
from segmethods.io.images import load_image


@dataclass(frozen=True, eq=False)
class Example:
    """An image, uint8 (H, W, 3), the classes of its pixels, uint8 (H, W), and the number of its group for folds."""

    name: str
    image: Image
    labels: NDArray[np.uint8]
    group: int


def read_examples(network: str, folder: Path) -> list[Example]:
    """The examples of a network from its job's folder, such as ``medical`` or ``driving``."""
    inside = {"driving": "", "satellite": "", "shelf": ""}.get(network, network)
    return list(_shelf(folder) if network == "shelf" else _labelled(network, folder / inside))


def _labelled(network: str, folder: Path) -> Iterator[Example]:
    files, drives = sorted((folder / "images").iterdir()), _drives(folder)
    for number, file in enumerate(files):
        image = load_image(file)
        with PillowImage.open(folder / "labels" / f"{file.stem}.png") as mask:
            labels = np.array(mask).astype(np.int32)
        group = int(drives.get(file.stem, number))
        yield Example(file.stem, image, to_classes(network, folder, file.stem, labels), group)


def _drives(folder: Path) -> dict[str, str]:
    """The drive of each photo, so that folds part drives and not photos of one drive."""
    if not (folder / "files.csv").is_file():
        return {}
    with (folder / "files.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["drive"] for row in csv.DictReader(file) if "drive" in row}


def to_classes(network: str, folder: Path, name: str, labels: NDArray[np.int32]) -> NDArray[np.uint8]:
    """A truth of the job's folder as the classes that its network learns."""
    match network:
        case "driving":
            return np.asarray(np.where(labels == VOID, VOID, labels == 0), np.uint8)
        case "nuclei":
            return nuclei_classes(labels.astype(np.int32))
        case "em":
            return np.asarray(labels == 0, np.uint8)
        case "retina":
            with PillowImage.open(folder / "field" / f"{name}.png") as mask:
                inside = np.array(mask) > 0
            return np.asarray(np.where(inside, labels > 0, VOID), np.uint8)
    return np.asarray(labels, np.uint8)


def nuclei_classes(instances: NDArray[np.int32]) -> NDArray[np.uint8]:
    """0 around nuclei, 1 in the core of each, 2 in its rim: nuclei that touch have cores that don't.

    The rim is what is nearer to the outline than two fifths of the nucleus's depth.
    """
    classes = np.zeros(instances.shape, np.uint8)
    for number in np.unique(instances[instances > 0]):
        rows, columns = np.nonzero(instances == number)
        top, left = rows.min(), columns.min()
        own = np.zeros((np.ptp(rows) + 3, np.ptp(columns) + 3), np.uint8)
        own[rows - top + 1, columns - left + 1] = 1
        depth = cv2.distanceTransform(own, cv2.DIST_L2, 5)[rows - top + 1, columns - left + 1]
        classes[rows, columns] = np.where(depth > 0.4 * depth.max(), 1, 2)
    return classes


def _shelf(folder: Path) -> Iterator[Example]:
    boxes: dict[str, list[tuple[float, float, float, float]]] = {}
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            boxes.setdefault(row["file"], []).append(
                (float(row["x"]), float(row["y"]), float(row["w"]), float(row["h"]))
            )
    for number, file_ in enumerate(sorted((folder / "images").iterdir())):
        image = load_image(file_)
        labels = np.zeros(image.shape[:2], np.uint8)
        for x, y, w, h in boxes.get(file_.name, []):
            labels[round(y) : round(y + h), round(x) : round(x + w)] = 1
        yield Example(file_.stem, image, labels, number)
