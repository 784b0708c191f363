"""A saved prediction beside its saved truth: what the ids of both files mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from segmethods.core.messages import ImageError
from segmethods.core.types import VOID, Labels, Segmentation, Vocabulary, segments
from segmethods.io.annotations import OUTLINES
from segmethods.io.label_maps import THRESHOLDS, Saved, load_maps, number_classes


def load_pair(
    prediction: str | Path,
    truth: str | Path,
    classes: Vocabulary | None = None,
    by_name: bool = True,
    thresholds: int = THRESHOLDS,
) -> tuple[Saved, Saved]:
    """Read a prediction and its truth so that they can be compared.

    0 and 255 mean background and object where they are the only values, unless the other file or `classes` say that
    there are more classes.

    Parameters
    ----------
    prediction, truth : path
        Files as :func:`segmethods.io.label_maps.load_maps` reads them.
    classes : Vocabulary, optional
        What the ids of both mean; found out if left out.
    by_name : bool
        Whether equal ids of the two files mean the same; segments without names otherwise.
    thresholds : int
        How many thresholds a contour map is cut at.

    Raises
    ------
    ImageError
        If a file can't be read, or the two differ in size.
    """
    found, true = load_maps(prediction, thresholds=thresholds), load_maps(truth, truth=True, thresholds=thresholds)
    if len(classes or ()) > 2 or _has_more_classes(found) or _has_more_classes(true):
        found = load_maps(prediction, white_is_object=False, thresholds=thresholds)
        true = load_maps(truth, truth=True, white_is_object=False, thresholds=thresholds)
    if found.shape != true.shape:
        raise ImageError(
            "{first} is {first_size} pixels, but {second} is {second_size}. Score maps of one picture.",
            first=str(prediction),
            first_size=_size(found),
            second=str(truth),
            second_size=_size(true),
        )
    if classes is not None:
        found, true = (saved.with_classes(classes) if saved.has_classes else saved for saved in (found, true))
    elif by_name:
        found, true = _name_alike(found, true)
    if not by_name and found.has_classes:
        found = found.with_classes(segments(max(len(label_map.classes) for label_map in found.maps)))
    return found, true


def _has_more_classes(saved: Saved) -> bool:
    """Whether class ids go beyond background and object."""
    return saved.has_classes and any(
        np.any((label_map.labels > 1) & (label_map.labels != VOID)) for label_map in saved.maps
    )


def _name_alike(found: Saved, true: Saved) -> tuple[Saved, Saved]:
    """Both with one vocabulary, where ids or colours are all that is known of one of them."""
    first, second = found.maps[0].classes, true.maps[0].classes
    if first.id == second.id == "colours":
        names = second.names + tuple(name for name in first.names if name not in second.names)
        vocabulary = Vocabulary("colours", names)
        renamed = tuple(_recolour(label_map, vocabulary) for label_map in found.maps)
        return replace(found, maps=renamed), true.with_classes(vocabulary)
    numbered = [saved for saved in (found, true) if saved.maps[0].classes.id in ("mask", "voc", "camvid", OUTLINES)]
    if all(saved.maps[0].classes.id != "mask" for saved in numbered):
        return found, true
    count = max(len(label_map.classes) for saved in numbered for label_map in saved.maps)
    if second.id in ("voc", "camvid") or (second.id == OUTLINES and len(second) == count):
        shared = second
    elif first.id in ("voc", "camvid", OUTLINES) and len(first) == count:
        shared = first
    else:
        shared = number_classes(count)
    found, true = (saved.with_classes(shared) if saved in numbered else saved for saved in (found, true))
    return found, true


def _recolour(label_map: Segmentation, vocabulary: Vocabulary) -> Segmentation:
    places = np.full(VOID + 1, VOID, np.uint8)
    places[: len(label_map.classes)] = [vocabulary.names.index(name) for name in label_map.classes.names]
    labels: Labels = places[label_map.labels]
    return replace(label_map, labels=labels, classes=vocabulary)


def _size(saved: Saved) -> str:
    return " × ".join(str(side) for side in reversed(saved.shape))
