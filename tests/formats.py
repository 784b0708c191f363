"""The table of formats in README.md: small files are made and read, and what is said of them is printed.

python -m tests.formats
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import tifffile
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from segmethods.core.messages import ImageError
from segmethods.core.types import BINARY, GroundTruth
from segmethods.io.annotation_export import encode_coco, encode_labelme, encode_yolo
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.images import read_image
from segmethods.io.stored_masks import voc_colour_map
from tests.tables import table

ROWS, COLUMNS = np.mgrid[:64, :96]
DISC = ((ROWS - 30) ** 2 + (COLUMNS - 40) ** 2 < 400).astype(np.uint8)
UNIT = np.where(DISC, 0.8, 0.3) + np.random.default_rng(0).normal(0, 0.01, DISC.shape)
RGB = np.stack([UNIT, UNIT * 0.8, UNIT * 0.6], 2)
TRUTH = GroundTruth(DISC, BINARY)


CVAT = (
    "<?xml version='1.0'?><annotations><image id='0' name='m.png' width='96' height='64'>"
    "<polygon label='road' points='20,10;60,10;60,50'></polygon></image></annotations>"
)
ROAD = {"polygonlabels": ["road"], "points": [[20, 10], [60, 10], [60, 50]]}
RESULT = {"original_width": 96, "original_height": 64, "value": ROAD}
LABEL_STUDIO = {"data": {"image": "m.png"}, "annotations": [{"result": [RESULT]}]}
SUPERVISELY = {
    "size": {"height": 64, "width": 96},
    "objects": [
        {
            "classTitle": "cat",
            "geometryType": "polygon",
            "points": {"exterior": [[5, 5], [20, 5], [20, 20]], "interior": []},
        }
    ],
}
VIA_SHAPE = {"name": "polygon", "all_points_x": [5, 20, 20], "all_points_y": [5, 5, 20]}
VIA_REGION = {"shape_attributes": VIA_SHAPE, "region_attributes": {"class": "cat"}}
VIA = {"m.png9": {"filename": "m.png", "size": 9, "regions": [VIA_REGION], "file_attributes": {}}}
SUPERANNOTATE = {
    "metadata": {"name": "m.jpg", "width": 96, "height": 64},
    "instances": [{"type": "polygon", "className": "road", "points": [20, 10, 60, 10, 60, 50]}],
}


def encode(image: np.ndarray | Pillow.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    (Pillow.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, kind, **options)
    return file.getvalue()


def tiff(values: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def array(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def arrays(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, values)
    return file.getvalue()


def images() -> list[tuple[str, str, bytes]]:
    """What a picture is, its name, and its bytes."""
    eight, jpeg = (RGB * 255).astype(np.uint8), encode((RGB * 255).astype(np.uint8), "JPEG")
    gamma = PngInfo()
    gamma.add(b"gAMA", (100_000).to_bytes(4, "big"))
    holed = np.where(ROWS < 4, -9999, UNIT * 40 + 100).astype(np.float32)
    return [
        ("PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF of 8 bits", "a.png", encode(eight, "PNG")),
        ("12 bits of 16, colour or grey", "a.tif", tiff((RGB * 4095).astype(np.uint16), photometric="rgb")),
        ("floats, with GDAL's tag for missing data", "a.tif", tiff(holed, extratags=[(42113, 2, 0, "-9999", True)])),
        ("several pages, channels or slices", "a.tif", tiff(np.stack([DISC * 200] * 3), photometric="minisblack")),
        ("transparent parts", "a.png", encode(np.dstack([eight, DISC * 255]), "PNG")),
        ("a PNG made with another gamma", "a.png", encode(eight, "PNG", pnginfo=gamma)),
        ("a JPEG without its end marker", "a.jpg", jpeg[:-2]),
        ("a JPEG that was cut short", "a.jpg", jpeg[: len(jpeg) // 2]),
        ("a camera's raw file", "a.nef", tiff(eight[::4, ::4], photometric="rgb")),
        ("an iPhone's HEIC without pi-heif", "a.heic", b"\0\0\0\x10ftypheic\0\0\0\0"),
        ("DICOM", "a.dcm", b"\0" * 128 + b"DICM"),
    ]


def masks() -> list[tuple[str, str, bytes]]:
    """What a mask is, its name, and its bytes."""
    three = np.where(DISC, 2, np.where(ROWS > 55, 1, 0))
    smooth = Pillow.fromarray(np.dstack([DISC * 255, DISC * 90, DISC * 0])).resize((48, 32), Pillow.Resampling.LANCZOS)
    voc = np.array(voc_colour_map(), np.uint8)[np.where(DISC, 8, np.where(ROWS > 55, 15, 0))]
    return [
        ("two values: 0 and 1, black and white, or one colour", "m.png", encode(DISC * 255, "PNG")),
        ("ids, 255 not judged", "m.png", encode(np.where(ROWS < 16, 255, three).astype(np.uint8), "PNG")),
        ("greys in even steps", "m.png", encode(np.array([0, 127, 255], np.uint8)[three], "PNG")),
        ("colours of Pascal VOC", "m.png", encode(voc, "PNG")),
        ("smoothed edges", "m.png", encode(smooth.resize((96, 64), Pillow.Resampling.LANCZOS), "PNG")),
        ("JPEG", "m.jpg", encode(DISC * 255, "JPEG")),
        ("lossy WebP", "m.webp", encode(np.dstack([DISC * 255] * 3), "WEBP")),
        ("labelme JSON", "m.json", encode_labelme(TRUTH, "m.png").encode()),
        ("COCO JSON, polygons and run lengths", "m.json", encode_coco(TRUTH, "m.png").encode()),
        ("CVAT's XML for images", "m.xml", CVAT.encode()),
        ("Label Studio's JSON, polygons and brushes", "m.json", json.dumps([LABEL_STUDIO]).encode()),
        ("SuperAnnotate's JSON", "m.jpg___objects.json", json.dumps(SUPERANNOTATE).encode()),
        ("Supervisely's JSON, polygons and bitmaps", "m.png.json", json.dumps(SUPERVISELY).encode()),
        ("VIA's project, JSON or CSV", "m.json", json.dumps(VIA).encode()),
        ("YOLO's outlines", "m.txt", encode_yolo(TRUTH).encode()),
        ("NumPy array", "m.npy", array(DISC)),
        ("NumPy's .npz", "m.npz", arrays(DISC)),
    ]


def said(read: Callable[..., Any], *what: Any) -> str:
    """What a reader says of a file: its notes, or its refusal."""
    try:
        return " ".join(map(str, read(*what).notes)) or "read as it is"
    except ImageError as error:
        return f"refused: {error}"


if __name__ == "__main__":
    rows = [(what, said(read_image, data, name)) for what, name, data in images()]
    print(table(("picture", "what is said of it"), rows, "ll"))
    rows = [(what, said(read_ground_truth, data, (64, 96), name)) for what, name, data in masks()]
    print("\n" + table(("mask", "what is said of it"), rows, "ll"))
