"""The small networks that jobs bring along, and how they run: on OpenVINO, without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmethods.core.geometry import fit_long_side
from segmethods.core.types import Image
from segmethods.models.encoder import MULTIPLE, Run, load_network

MEAN, DEVIATION = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)


@dataclass(frozen=True)
class JobNetwork:
    """A small network of a job.

    Parameters
    ----------
    name : str
        Its file in ``assets/jobs``.
    classes : tuple of str
        What its class ids mean.
    size : int
        Long side, in pixels, of the images that it runs on.
    data, terms : str
        What it learned from, and what that allows.
    stretched : bool
        Whether it sees images with their contrast stretched.
    """

    name: str
    classes: tuple[str, ...]
    size: int
    data: str
    terms: str
    stretched: bool = False


RESEARCH = "non-commercial research only, as its data"
NETWORKS = {
    n.name: n
    for n in (
        JobNetwork("lungs", ("outside", "lung"), 320, "chest X-rays of Shenzhen (Jaeger 2014)", RESEARCH),
        JobNetwork("skin", ("skin", "lesion"), 320, "PH2 (Mendonca 2013)", RESEARCH),
        JobNetwork(
            "nuclei",
            ("background", "core", "rim"),
            480,
            "Data Science Bowl 2018, StarDist img2d",
            "CC0, BSD-3",
            stretched=True,
        ),
        JobNetwork("retina", ("background", "vessel"), 640, "DRIVE (Staal 2004)", RESEARCH),
        JobNetwork("em", ("cell", "membrane"), 512, "ISBI 2012 (Cardona 2010)", RESEARCH),
        JobNetwork("driving", ("other", "drivable"), 320, "IDD-Lite (Varma 2019)", RESEARCH),
        JobNetwork("satellite", ("built-up", "road", "green", "passable"), 512, "aerial images of a city", RESEARCH),
        JobNetwork("tile", ("good", "defect"), 384, "magnetic tiles (Huang 2018)", RESEARCH),
        JobNetwork("crack", ("road", "crack"), 720, "CrackForest (Shi 2016)", RESEARCH),
        JobNetwork("bottles", ("other", "liquid"), 384, "drawn bottles", "as this project"),
        JobNetwork("shelf", ("shelf", "gap"), 512, "SKU-110K photos (Goldman 2019)", RESEARCH),
    )
}


def predict(name: str, image: Image, size: int | None = None) -> NDArray[np.float32]:
    """Class probabilities of every pixel, float32 (C, H, W), of an image, uint8 (H, W, 3).

    Parameters
    ----------
    size : int, optional
        The long side that it runs at; the network's own if left out.

    Raises
    ------
    MethodError
        If the network's file is not there.
    """
    seen = stretch_contrast(image) if NETWORKS[name].stretched else image
    return probabilities_of(load_network(name), seen, size or NETWORKS[name].size)


def stretch_contrast(image: Image) -> Image:
    """An image whose darkest hundredth is black and whose brightest half thousandth is white.

    Fluorescence is often so dim that nothing is seen in it: a tenth of the range holds all of an image.
    """
    low, high = np.quantile(image, [0.01, 0.9995])
    if high <= low:
        return image
    return np.asarray(np.clip((image.astype(np.float32) - low) * (255 / (high - low)), 0, 255), np.uint8)


def probabilities_of(run: Run, image: Image, size: int) -> NDArray[np.float32]:
    """What a network says of an image whose long side is brought to `size`; stretched over the image again."""
    import cv2

    height, width = image.shape[:2]
    way = cv2.INTER_AREA if size < max(height, width) else cv2.INTER_LINEAR
    small = cv2.resize(image, fit_long_side(height, width, size)[::-1], interpolation=way)
    below, right = -small.shape[0] % MULTIPLE, -small.shape[1] % MULTIPLE
    padded = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE)
    answer = run(np.ascontiguousarray(padded, np.uint8)[None])[0][:, : small.shape[0], : small.shape[1]]
    return np.stack([cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in answer])
