"""A face as numbers: aligned by its eyes, then grey values, local binary patterns, or what a network sees."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.messages import SegmethodsError
from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs._masks import to_grey
from segmethods.jobs.faces.face import Face, Point
from segmethods.jobs.faces.skin import valley_eyes
from segmethods.models.encoder import features

Grey = NDArray[np.uint8]
Vector = NDArray[np.float32]
WIDE, HIGH = 96, 112
EYES = ((30.0, 44.0), (66.0, 44.0))
"""Where both eyes stand in an aligned face."""


def align(image: Image) -> tuple[Grey, tuple[Point, Point]]:
    """The face in an image, turned, scaled and moved so that its eyes stand at `EYES`; and where they were.

    Without the network's file the eyes are the deepest valleys of the image's grey values.
    """
    eyes = None
    try:
        from segmethods.jobs.faces.blazeface import find_faces

        faces: list[Face] = find_faces(image, whole=True, least=0.5)
        if faces:
            eyes = max(faces, key=lambda f: f.box.w).eyes
    except SegmethodsError:
        pass
    height, width = image.shape[:2]
    eyes = eyes or valley_eyes(image, Box(0, 0, width, height))
    eyes = eyes or ((0.31 * width, 0.39 * height), (0.69 * width, 0.39 * height))
    return warp(to_grey(image), eyes), eyes


def warp(
    grey: Grey, eyes: tuple[Point, Point], shift: tuple[float, float] = (0.0, 0.0), zoom: float = 1.0, turn: float = 0.0
) -> Grey:
    """An aligned face; a little moved, scaled and turned if wanted."""
    (x1, y1), (x2, y2) = eyes
    angle = np.arctan2(y2 - y1, x2 - x1) + np.radians(turn)
    scale = (EYES[1][0] - EYES[0][0]) / max(np.hypot(x2 - x1, y2 - y1), 4.0) * zoom
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = np.array((WIDE / 2, EYES[0][1])) + shift - matrix[:, :2] @ np.array(middle)
    if scale < 0.7:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.4 / scale), np.uint8)
    return np.asarray(cv2.warpAffine(grey, matrix, (WIDE, HIGH), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def grey_values(face: Grey) -> Vector:
    """Grey values at half size, without their mean and of spread 1."""
    values = cv2.resize(face, (WIDE // 2, HIGH // 2), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-3), np.float32)


GRID, RADII, PATTERNS = (8, 7), (1, 3), 59


def pattern_histograms(face: Grey) -> Vector:
    """Histograms of local binary patterns (Ahonen 2006) in a grid of cells, at two radii; roots of the shares."""
    from skimage.feature import local_binary_pattern

    rows = np.linspace(0, GRID[0], HIGH, endpoint=False).astype(int)[:, None]
    columns = np.linspace(0, GRID[1], WIDE, endpoint=False).astype(int)[None]
    cell = rows * GRID[1] + columns
    parts = []
    for radius in RADII:
        patterns = local_binary_pattern(face, 8, radius, "nri_uniform").astype(int)
        table = np.bincount((cell * PATTERNS + patterns).ravel(), minlength=GRID[0] * GRID[1] * PATTERNS)
        shares = table.reshape(-1, PATTERNS) / np.bincount(cell.ravel())[:, None]
        parts.append(np.sqrt(shares).ravel())
    return np.concatenate(parts).astype(np.float32)


def encoder_maps(face: Grey) -> Vector:
    """What EfficientNet-Lite0's middle sees, on a grid of five by six."""
    maps = features(np.repeat(face[:, :, None], 3, axis=2), 160)
    small = np.stack([cv2.resize(m, (5, 6), interpolation=cv2.INTER_AREA) for m in maps])
    return np.asarray(np.sign(small) * np.sqrt(np.abs(small)), np.float32).ravel()


KINDS: dict[str, Callable[[Grey], Vector]] = {
    "grey": grey_values,
    "patterns": pattern_histograms,
    "encoder": encoder_maps,
}
