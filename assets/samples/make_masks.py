"""Draws the truth masks of the sample gallery from ``shapes.json``.

    python -m assets.samples.make_masks [ID ...]      # writes ID.png for each sample named, or for all

A mask is painted in steps, later steps over earlier ones, on a ground of class 0. A step is either a *shape*, drawn by
hand and optionally snapped to the nearest edge of the picture, or *marks*, such as ink, that are picked out by their
darkness inside a hand-drawn area. All arithmetic is on integers or on plain double precision coordinates, so that the
same shapes give the same masks, bit for bit. The fields of a step are described in README.md.
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import skimage
from PIL import Image
from skimage.draw import ellipse, polygon
from skimage.segmentation import watershed

from segmethods.core.types import VOC, Vocabulary
from segmethods.io.label_png import encode_labels

HERE = Path(__file__).parent
PICTURES = Path(skimage.__file__).parent / "data"
VOID = 255


def read_picture(source: str) -> np.ndarray:
    """A picture of the scikit-image wheel as uint8 (H, W, 3) RGB, transparent parts over white."""
    picture = Image.open(PICTURES / source).convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB"))


def disc(radius: int) -> np.ndarray:
    """A round structuring element, uint8 (2 r + 1, 2 r + 1)."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def fill(step: dict, size: tuple[int, int]) -> np.ndarray:
    """The area of a step's ellipses and outlines, uint8 (H, W) of 0 and 1; ``holes`` are cut out of it."""
    area = np.zeros(size, np.uint8)
    for x, y, across, down, degrees in step.get("ellipses", []):
        area[ellipse(y, x, down, across, shape=size, rotation=np.deg2rad(-degrees))] = 1
    for value, key in ((1, "outlines"), (0, "holes")):
        for points in step.get(key, []):
            x, y = np.transpose(points)
            area[polygon(y, x, size)] = value
    return area


def snap(area: np.ndarray, picture: np.ndarray, reach: int) -> np.ndarray:
    """Moves the border of ``area`` to the strongest edge of ``picture`` within ``reach`` pixels of it.

    A watershed of the gradient, flooded from the area shrunk by ``reach`` and from what lies further than ``reach``
    outside it. Parts too thin to be shrunk stay as they are drawn. Returns uint8 (H, W) of 0 and 1.
    """
    core = cv2.erode(area, disc(reach))
    thin = area & ~cv2.dilate(core, disc(reach + 1))
    smooth = cv2.medianBlur(picture, 3)
    slope = sum(np.abs(cv2.Sobel(smooth, cv2.CV_16S, *axis)).max(axis=2).astype(np.int32) for axis in ((1, 0), (0, 1)))
    seeds = core.astype(np.int32) + 2 * (cv2.dilate(area, disc(reach)) == 0)
    return (watershed(slope, seeds) == 1).astype(np.uint8) | thin


def pick_marks(area: np.ndarray, picture: np.ndarray, marks: dict) -> tuple[np.ndarray, np.ndarray]:
    """The ink in ``area``: pixels of at most ``ink`` per cent of the paper's brightness, in blobs of ``smallest`` up.

    The paper is white, or, with ``close`` and ``window``, the ``window`` × ``window`` median of the picture after its
    dark marks are closed over by discs of radius ``close``. Returns the ink and its blurred rim of at most ``rim`` per
    cent, both uint8 (H, W) of 0 and 1.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    paper = np.full_like(grey, 255)
    if "close" in marks:
        paper = cv2.medianBlur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, disc(marks["close"])), marks["window"])
    dark, dim = ((100 * grey.astype(np.int32) <= marks[key] * paper.astype(np.int32)) for key in ("ink", "rim"))
    _, blobs, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8) & area, connectivity=8)
    ink = area & dark & (stats[blobs, cv2.CC_STAT_AREA] >= marks["smallest"])
    return ink, cv2.dilate(ink, np.ones((3, 3), np.uint8)) & dim & (1 - ink)


def paint(mask: np.ndarray, picture: np.ndarray, step: dict) -> None:
    """Paints one step into ``mask`` (uint8 (H, W), changed in place), with void where its border is uncertain."""
    area = fill(step, mask.shape)
    if "marks" in step:
        area, rim = pick_marks(area, picture, step["marks"])
        mask[rim == 1] = VOID
    if step.get("snap"):
        area = snap(area, picture, step["snap"])
    mask[area == 1] = step["class"]
    if step.get("void"):
        band = disc(step["void"])
        mask[cv2.dilate(area, band) != cv2.erode(area, band)] = VOID


def drop_specks(mask: np.ndarray, below: int = 6) -> None:
    """Turns areas of fewer than ``below`` pixels, left over between two outlines, into void (``mask`` is changed)."""
    for value in np.unique(mask[mask != VOID]):
        _, blobs, stats, _ = cv2.connectedComponentsWithStats((mask == value).astype(np.uint8), connectivity=4)
        mask[(mask == value) & (stats[blobs, cv2.CC_STAT_AREA] < below)] = VOID


def make_mask(source: str, steps: list[dict]) -> np.ndarray:
    """The truth mask of one picture, uint8 (H, W): class numbers, and 255 for void."""
    picture = read_picture(source)
    mask = np.zeros(picture.shape[:2], np.uint8)
    for step in steps:
        paint(mask, picture, step)
    if not any("marks" in step for step in steps):
        drop_specks(mask)
    return mask


def vocabulary(sample: dict) -> Vocabulary:
    """What a mask's numbers mean; the colour table of its file says so to whoever reads it."""
    if sample["vocabulary"] == "voc":
        return VOC
    return Vocabulary(f"sample-{sample['id']}", tuple(c["name"]["en"] for c in sample["classes"]))


def main(names: list[str]) -> None:
    """Writes the masks of the samples named, or of all that have shapes."""
    shapes = json.loads((HERE / "shapes.json").read_text(encoding="utf-8"))
    for sample in json.loads((HERE / "samples.json").read_text(encoding="utf-8")):
        if sample["truth"] and (not names or sample["id"] in names):
            mask = make_mask(sample["source"], shapes[sample["id"]])
            (HERE / sample["truth"]).write_bytes(encode_labels(mask, vocabulary(sample)))


if __name__ == "__main__":
    main(sys.argv[1:])
