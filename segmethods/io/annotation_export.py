"""Truths as files of labelling tools; :mod:`segmethods.io.annotations` reads them back, bit for bit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from segmethods.core.palette import has_background
from segmethods.core.types import VOID, GroundTruth, Labels, Vocabulary
from segmethods.io.polygons import Ring, join_rings, ring_area, trace_rings
from segmethods.io.run_lengths import encode_runs, pack_runs


def encode_labelme(truth: GroundTruth, image: str) -> str:
    """A truth as labelme JSON: polygons, the larger ones first, painted one over the other.

    Parameters
    ----------
    truth : GroundTruth
        With up to 255 classes.
    image : str
        The name of the image's file.

    Examples
    --------
    >>> from segmethods.core.types import BINARY
    >>> text = encode_labelme(GroundTruth(np.array([[0, 1]], np.uint8), BINARY), "cat.jpg")
    >>> [(shape["label"], shape["points"]) for shape in json.loads(text)["shapes"]]
    [('object', [[1.0, 0.0], [2.0, 0.0], [2.0, 1.0], [1.0, 1.0]])]
    """
    height, width = truth.labels.shape
    rings = [
        (abs(ring_area(r)), class_id, r)
        for class_id in _ids(truth.labels)
        for r in trace_rings(truth.labels == class_id)
    ]
    parts = sorted(((a, class_id, r) for a, class_id, r in rings if ring_area(r) > 0), key=lambda part: -part[0])
    shapes = [
        {
            "label": _name(class_id, truth.classes),
            "points": ring.tolist(),
            "group_id": None,
            "shape_type": "polygon",
            "flags": {},
        }
        for _, class_id, ring in parts
        if class_id != 0 or not has_background(truth.classes) or _is_inside(ring, height, width)
    ]
    content = {
        "version": "5.0.0",
        "flags": {},
        "shapes": shapes,
        "imagePath": image,
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }
    return json.dumps(content)


def encode_coco(truth: GroundTruth, image: str, packed: bool = True) -> str:
    """A truth as COCO JSON: one annotation a class, as run lengths.

    Parameters
    ----------
    packed : bool
        Whether run lengths are packed into text, as pycocotools does, or listed.
    """
    height, width = truth.labels.shape
    ids = [class_id for class_id in _ids(truth.labels) if class_id != 0 or not has_background(truth.classes)]
    named = [*range(len(truth.classes)), *([VOID] if VOID in ids else [])]
    content = {
        "images": [{"id": 1, "file_name": image, "height": height, "width": width}],
        "categories": [{"id": class_id, "name": _name(class_id, truth.classes)} for class_id in named],
        "annotations": [_coco_entry(truth.labels == class_id, class_id, packed) for class_id in ids],
    }
    return json.dumps(content)


def encode_yolo(truth: GroundTruth) -> str:
    """A truth as YOLO's outlines: one line for each part of an object, with its holes.

    Pixels that aren't judged are left out, which YOLO has no word for.
    """
    from scipy.ndimage import find_objects, label

    height, width = truth.labels.shape
    first = 1 if has_background(truth.classes) else 0
    lines = []
    for class_id in _ids(truth.labels):
        if not first <= class_id < len(truth.classes):
            continue
        parts, _ = label(truth.labels == class_id)
        for number, place in enumerate(find_objects(parts), 1):
            corner = np.array([place[1].start, place[0].start])
            rings = sorted(trace_rings(parts[place] == number), key=lambda ring: -ring_area(ring))
            ring = join_rings([r + corner for r in rings]) / (width, height)
            lines.append(f"{class_id - first} " + " ".join(f"{v:.8g}" for v in ring.ravel().tolist()))
    return "\n".join(lines) + "\n"


def _coco_entry(mask: np.ndarray, class_id: int, packed: bool) -> dict[str, Any]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
    runs = encode_runs(mask)
    return {
        "id": class_id + 1,
        "image_id": 1,
        "category_id": class_id,
        "segmentation": {"size": list(mask.shape), "counts": pack_runs(runs) if packed else runs},
        "area": int(mask.sum()),
        "bbox": [int(v) for v in box],
        "iscrowd": 1,
    }


def _ids(labels: Labels) -> list[int]:
    return [int(v) for v in np.unique(labels)]


def _name(class_id: int, classes: Vocabulary) -> str:
    if class_id < len(classes):
        return "_background_" if class_id == 0 and has_background(classes) else classes.names[class_id]
    return "__ignore__"


def _is_inside(ring: Ring, height: int, width: int) -> bool:
    """Whether a part touches no side of the image: only such background lies within something else."""
    x, y = ring.T
    return bool(x.min() > 0 and y.min() > 0 and x.max() < width and y.max() < height)
