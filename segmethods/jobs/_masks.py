"""What several jobs do with masks: read them, count how they fit, draw them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.messages import Message
from segmethods.core.types import Image
from segmethods.datasets.pairing import match_masks
from segmethods.io.id_images import read_ids
from segmethods.io.images import SUFFIXES, load_image
from segmethods.jobs.frame import Counts, JobError, JobSample, JobSampleFile

Mask = NDArray[np.bool_]
RED, BLUE, GREEN = (213, 94, 0), (0, 114, 178), (0, 158, 115)
MASK_LEGEND = Message("Green is right, blue is missed, orange is too much.")
BOX_LEGEND = Message("Orange boxes are found, blue ones are true.")

WIDEST = 100
"""Sigma, in pixels, of the widest blur that is taken of an image as it is and not of a smaller copy."""


def list_images(folder: Path) -> list[Path]:
    """The images in ``folder/images``, or in the folder itself, in order of name; what is no image is passed over."""
    place = folder / "images" if (folder / "images").is_dir() else folder
    if not place.is_dir():
        raise JobError("There is no folder {folder}. Give the folder of the job's data.", folder=str(folder))
    return sorted(f for f in place.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith("."))


def list_labelled_cases(
    folder: Path,
    truth_of: Callable[[NDArray[np.int32]], object],
    last: int | None = None,
    notes_of: Callable[[NDArray[np.int32]], tuple[Message, ...]] = lambda _values: (),
    **beside: str,
) -> list[JobSampleFile]:
    """Cases of a folder with ``images/`` and ``labels/``, whose files are called alike; others have no truth.

    Parameters
    ----------
    folder : Path
    truth_of : callable
        Values of a label PNG, int32 (H, W) -> the case's truth.
    last : int, optional
        The highest class, where labels are those of classes.
    notes_of : callable
        Values of a label PNG -> what is assumed of them.
    **beside : str
        Name in the case's extra -> folder of further label PNGs, where there is one.
    """
    files = list_images(folder)
    labels = match_folder(files, folder / "labels")
    others = {name: match_folder(files, folder / place) for name, place in beside.items()}

    def load(file: Path) -> JobSample:
        image = load_image(file)
        label = labels.get(file)
        values = None if label is None else read_ids(label, image.shape[:2], label.name, last)
        extra = {
            name: read_ids(found[file], image.shape[:2], found[file].name)
            for name, found in others.items()
            if file in found
        }
        if values is None:
            return JobSample(file.stem, image, None, extra)
        return JobSample(file.stem, image, truth_of(values), extra, notes_of(values))

    return [JobSampleFile(file.stem, partial(load, file)) for file in files]


def match_folder(images: Sequence[Path], folder: Path) -> dict[Path, Path]:
    """The file of each image in a folder of masks, by the rule of data sets."""
    if not folder.is_dir():
        return {}
    masks = sorted(f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith("."))
    found = match_masks(images, masks).masks
    if masks and images and not found:
        raise JobError(
            "{folder} has nothing for any of the images: {mask} there, {image} here. Name them alike.",
            folder=folder.name,
            mask=masks[0].name,
            image=images[0].name,
        )
    return found


def count_mask(truth: Mask, found: Mask | None, judged: Mask | None = None) -> Counts:
    """True positives, false positives, false negatives and true negatives of a mask; no answer is an empty mask."""
    answer = np.zeros_like(truth) if found is None else found
    inside = np.ones_like(truth) if judged is None else judged
    return {
        "tp": int((truth & answer & inside).sum()),
        "fp": int((~truth & answer & inside).sum()),
        "fn": int((truth & ~answer & inside).sum()),
        "tn": int((~truth & ~answer & inside).sum()),
    }


def dice(tally: Counts) -> float:
    """2 TP / (2 TP + FP + FN); 1 where both masks are empty."""
    size = 2 * tally["tp"] + tally["fp"] + tally["fn"]
    return 2 * tally["tp"] / size if size else 1.0


def sum_counts(tallies: Sequence[Counts], *names: str) -> tuple[float, ...]:
    """Sums of counts over all cases."""
    return tuple(float(sum(t[name] for t in tallies)) for name in names)


def ratio(part: float, whole: float) -> float:
    """A share, NaN of nothing."""
    return part / whole if whole else math.nan


def dice_figures(tallies: Sequence[Counts]) -> Mapping[str, float]:
    """Mean Dice over images and the mean of its worst tenth, sensitivity and specificity pooled."""
    each = np.sort([dice(t) for t in tallies])
    worst = each[: max(1, math.ceil(len(each) / 10))]
    tp, fp, fn, tn = sum_counts(tallies, "tp", "fp", "fn", "tn")
    return {
        "dice": float(each.mean()),
        "worst_tenth": float(worst.mean()),
        "sensitivity": ratio(tp, tp + fn),
        "specificity": ratio(tn, tn + fp),
    }


def paint(image: Image, mask: Mask, colour: tuple[int, int, int] = GREEN, strength: float = 0.45) -> Image:
    """An image with a mask laid over it, its outline in full colour."""
    painted = image.astype(np.float32)
    painted[mask] = (1 - strength) * painted[mask] + strength * np.array(colour, np.float32)
    result: Image = painted.astype(np.uint8)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(result, contours, -1, colour, 1)
    return result


def draw_mask(case: JobSample, value: Mask) -> Image:
    """A mask over its image; where there is a truth, what is missed in blue and what is too much in orange."""
    if not isinstance(case.truth, np.ndarray) or case.truth.dtype != bool:
        return paint(case.image, value)
    painted = paint(case.image, value & case.truth)
    painted = paint(painted, case.truth & ~value, BLUE)
    return paint(painted, value & ~case.truth, RED)


def grey_image(values: NDArray[np.generic]) -> Image:
    """Any map of numbers, stretched to grey, uint8 (H, W, 3)."""
    floats = values.astype(np.float32)
    low, high = float(floats.min()), float(floats.max())
    grey = np.zeros(values.shape, np.uint8) if high <= low else ((floats - low) * (255 / (high - low))).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def to_grey(image: Image) -> NDArray[np.uint8]:
    """Brightness, uint8 (H, W)."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def keep_large(mask: Mask, area: int, most: int | None = None) -> Mask:
    """The connected pieces of at least this area, at most the largest few of them."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = [i for i in np.argsort(-areas) if areas[i] >= area][:most]
    kept: Mask = np.isin(labels, [i + 1 for i in order])
    return kept if count > 1 else np.zeros_like(mask)


def fill_holes(mask: Mask) -> Mask:
    """A mask without holes."""
    from scipy import ndimage

    return np.asarray(ndimage.binary_fill_holes(mask), bool)


def shrink_to(image: Image, side: int) -> Image:
    """An image whose long side is at most `side`."""
    height, width = fit_long_side(image.shape[0], image.shape[1], side, enlarge=False)
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def fit_mask(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """A mask brought to the size of another copy of its image."""
    shares = cv2.resize(mask.astype(np.float32), shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(shares > 0.5)


def blur_widely(grey: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """A Gaussian blur, of a smaller copy where it reaches so far that a large photo would take minutes."""
    times = math.ceil(sigma / WIDEST)
    if times == 1:
        return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.float32)
    small = cv2.resize(grey, None, fx=1 / times, fy=1 / times, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma / times)
    return np.asarray(cv2.resize(blurred, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
