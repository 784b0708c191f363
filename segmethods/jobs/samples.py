"""What the networks of the jobs learn from: images of a job's folder and the classes of their pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import ParameterError
from segmethods.core.types import VOID, Image
from segmethods.io.id_images import read_ids
from segmethods.io.images import load_image
from segmethods.jobs._masks import list_images
from segmethods.jobs.bottles import generated
from segmethods.jobs.learned import stretch_contrast
from segmethods.jobs.medical.nuclei import DIAMETER, median_diameter
from segmethods.jobs.tables import BOX, boxes_of, match_lines, read_table

FOLDS = 4
"""Quarters of a folder: what is told of anything that learns comes from one that it hasn't seen."""

SEED = 90_000_001
"""Drawn images that networks learn from begin here, far from those that pages and commands show."""


@dataclass(frozen=True, eq=False)
class Example:
    """An image, uint8 (H, W, 3), and the classes of its pixels, uint8 (H, W).

    Parameters
    ----------
    group : int
        The number of its group for folds.
    scale : float
        By how much it is enlarged before anything else.
    weight : float
        How often it is shown.
    """

    name: str
    image: Image
    labels: NDArray[np.uint8]
    group: int
    scale: float = 1.0
    weight: float = 1.0


def read_examples(network: str, folder: Path | None) -> list[Example]:
    """The examples of a network from its job's folder, such as ``medical`` or ``driving``; bottles are drawn."""
    if network == "bottles":
        return list(_bottles())
    if folder is None:
        raise ParameterError("{network} learns from images. Give the job's folder with --data.", network=network)
    inside = {"driving": "", "satellite": "", "shelf": ""}.get(network, network)
    return list(_shelf(folder) if network == "shelf" else _list_labelled(network, folder / inside))


def _list_labelled(network: str, folder: Path) -> Iterator[Example]:
    files, drives = list_images(folder), _drives(folder)
    for number, file in enumerate(files):
        image = load_image(file)
        labels = read_ids(folder / "labels" / f"{file.stem}.png", image.shape[:2])
        group = int(drives.get(file.stem, number))
        classes = to_classes(network, folder, file.stem, labels)
        if network == "nuclei":
            count = len(np.unique(labels[labels > 0]))
            yield Example(
                file.stem, stretch_contrast(image), classes, group, DIAMETER / median_diameter(labels), count**0.5
            )
        else:
            yield Example(file.stem, image, classes, group)


def _drives(folder: Path) -> dict[str, str]:
    """The drive of each photo, so that folds part drives and not photos of one drive."""
    if not (folder / "files.csv").is_file():
        return {}
    rows = read_table(folder / "files.csv", "name")
    return {row.text("name"): row.text("drive") for row in rows if row.text("drive")}


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
            inside = read_ids(folder / "field" / f"{name}.png", labels.shape) > 0
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


def _bottles(count: int = 320) -> Iterator[Example]:
    """Drawn bottles, the easiest to the hardest, and where the liquid stands in them."""
    columns = np.abs(np.arange(generated.WIDTH) - generated.AXIS)
    inside = columns[None] < generated.radii()[:, None]
    rows = np.arange(generated.HEIGHT)[:, None]
    rng = np.random.default_rng(SEED)
    for number in range(count):
        knobs = {k.id: float(rng.uniform(k.low, 0.7 * k.high)) for k in generated.KNOBS}
        case = generated.draw_bottle(f"bottle-{number}", SEED + number, knobs)
        if case.truth.surface is None:
            continue
        labels = np.asarray(inside & (rows > case.truth.surface), np.uint8)
        labels[(np.abs(rows - case.truth.surface) < 4) & (columns[None] > 8)] = VOID  # a tilted bottle's slant
        yield Example(case.name, case.image, labels, number)


def _shelf(folder: Path) -> Iterator[Example]:
    files = list_images(folder)
    boxes = boxes_of(match_lines(read_table(folder / "truth.csv", "file", *BOX), "file", [f.name for f in files]))
    for number, file in enumerate(files):
        image = load_image(file)
        labels = np.zeros(image.shape[:2], np.uint8)
        for box in boxes.get(file.name, ()):
            labels[round(box.y) : round(box.y + box.h), round(box.x) : round(box.x + box.w)] = 1
        yield Example(file.stem, image, labels, number)
