"""BlazeFace (Bazarevsky 2019) over an image and over its parts, and a face mesh that says where the eyes are.

The network sees 256 x 256 pixels and finds faces that fill a fair part of them. So it looks at the whole image
and, for small faces, at overlapping squares of it; what several looks agree on is one face.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from segmethods.core.types import Image
from segmethods.io.boxes import Box
from segmethods.jobs._boxes import box_iou
from segmethods.jobs.borrowed import load_borrowed
from segmethods.jobs.faces.face import Face

Floats = NDArray[np.float32]
LOOKS = (1.0, 0.5, 0.33)
"""Sides of the squares that are looked at, as shares of the image's longer side."""
SMALLEST = 96
"""Squares smaller than this, in pixels, hold no face that a network could find."""
LEAST, SURE, SHARED = 0.5, 0.76, 0.3


@dataclass(frozen=True)
class Network:
    """One of BlazeFace's networks: the side of its input, strides of its anchors, and how many stand at each place."""

    name: str
    side: int
    anchors: tuple[tuple[int, int], ...]


BACK = Network("blazeface-back", 256, ((16, 2), (32, 6)))


@cache
def anchor_places(network: Network) -> Floats:
    """Where the network's anchors stand, as shares of its input, float32 (N, 2)."""
    found = []
    for stride, each in network.anchors:
        middle = (np.arange(network.side // stride) + 0.5) * stride / network.side
        grid = np.stack(np.meshgrid(middle, middle), axis=-1).reshape(-1, 2)
        found.append(np.repeat(grid, each, axis=0))
    return np.concatenate(found).astype(np.float32)


def look(network: Network, square: Image) -> tuple[Floats, Floats]:
    """What the network finds in a square image.

    Returns
    -------
    points : ndarray, float32, shape (N, 8, 2)
        Middle and size of the box, then eyes, nose, mouth and ears, in pixels of the square.
    scores : ndarray, float32, shape (N,)
    """
    side = square.shape[0]
    way = cv2.INTER_AREA if side > network.side else cv2.INTER_LINEAR
    small = cv2.resize(square, (network.side, network.side), interpolation=way)
    boxes, raw = load_borrowed(network.name)(small[None].astype(np.float32) / 127.5 - 1)
    points = boxes.reshape(-1, 8, 2) / network.side
    points[:, 0] += anchor_places(network)
    points[:, 2:] += anchor_places(network)[:, None]
    scores = 1 / (1 + np.exp(-np.clip(raw.reshape(-1), -80, 80)))
    return np.asarray(points * side, np.float32), np.asarray(scores, np.float32)


def squares(height: int, width: int) -> Iterator[tuple[int, int, int]]:
    """Overlapping squares over an image: left, top and side."""
    for share in LOOKS:
        side = round(max(height, width) * share)
        if share == 1 or side >= SMALLEST:
            for top in _starts(height, side):
                for left in _starts(width, side):
                    yield left, top, side


def _starts(length: int, side: int) -> list[int]:
    if side >= length:
        return [(length - side) // 2]
    count = int(np.ceil((length - side) / (0.5 * side))) + 1
    return [round(v) for v in np.linspace(0, length - side, count)]


def cut_square(image: Image, left: int, top: int, side: int) -> Image:
    """A square of an image; what lies outside is black."""
    square = np.zeros((side, side, 3), np.uint8)
    height, width = image.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + side), min(height, top + side)
    square[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
    return square


def gather(image: Image, network: Network = BACK, whole: bool = False) -> tuple[Floats, Floats]:
    """All that the network finds in all looks at an image (only the first if `whole`), in pixels of the image."""
    points, scores = [np.zeros((0, 8, 2), np.float32)], [np.zeros(0, np.float32)]
    for left, top, side in squares(*image.shape[:2]):
        found, sure = look(network, cut_square(image, left, top, side))
        kept = sure > LEAST
        found = found[kept]
        found[:, 0] += (left, top)
        found[:, 2:] += (left, top)
        points.append(found)
        scores.append(sure[kept])
        if whole:
            break
    return np.concatenate(points), np.concatenate(scores)


def agree(points: Floats, scores: Floats) -> list[tuple[Floats, float]]:
    """One face for all finds that lie over each other: their mean, weighted, and the best of their scores."""
    boxes = [Box(*(p[0] - p[1] / 2), *p[1]) for p in points]
    left = [int(i) for i in np.argsort(-scores)]
    faces = []
    while left:
        first = left[0]
        group = [i for i in left if box_iou(boxes[i], boxes[first]) > SHARED or _inside(points[i], points[first])]
        near = [i for i in group if scores[i] > 0.8 * scores[first]]
        weights = scores[near] / scores[near].sum()
        faces.append(((points[near] * weights[:, None, None]).sum(axis=0), float(scores[first])))
        left = [i for i in left if i not in group]
    return faces


def _inside(small: Floats, large: Floats) -> bool:
    """Whether a find's middle lies well inside another one's box."""
    return bool((np.abs(small[0] - large[0]) < 0.3 * large[1]).all())


def find_faces(image: Image, whole: bool = False, least: float = SURE) -> list[Face]:
    """Faces with both eyes, the surest first."""
    faces = []
    for points, score in agree(*gather(image, whole=whole)):
        if score >= least:
            eyes = place_eyes(image, points)
            left, top = points[0] - points[1] / 2
            box = Box(float(left), float(top), float(points[1, 0]), float(points[1, 1]), score)
            faces.append(Face(box, ((float(eyes[0, 0]), float(eyes[0, 1])), (float(eyes[1, 0]), float(eyes[1, 1])))))
    return faces


def has_face(image: Image) -> bool:
    """Whether a face fills a fair part of an image: the mesh sees it too, which no cat's face deceives."""
    return any(score >= SURE and _fits_mesh(image, points) for points, score in agree(*gather(image, whole=True)))


def _fits_mesh(image: Image, points: Floats) -> bool:
    cut, _ = cut_upright(image, points, 1.5)
    answers = load_borrowed("face-mesh")(np.ascontiguousarray(cut[None] / 255, np.float32))
    return any(answer.size == 1 and answer.item() > 0 for answer in answers)


LIDS = ((33, 133, 160, 158, 144, 153), (263, 362, 387, 385, 373, 380))
"""Points of the face mesh: corners and lids of each eye."""
MESH = 192


def place_eyes(image: Image, points: Floats) -> Floats:
    """Both eyes' middles by the face mesh, in a cut turned upright and in its mirror image, float32 (2, 2)."""
    places = []
    for scale in (1.5, 1.25):
        cut, matrix = cut_upright(image, points, scale)
        for mirrored in (False, True):
            seen = cut[:, ::-1] if mirrored else cut
            answers = load_borrowed("face-mesh")(np.ascontiguousarray(seen[None] / 255, np.float32))
            mesh = next(a for a in answers if a.size == 3 * 468).reshape(468, 3)[:, :2]
            eyes = np.stack([mesh[list(lids)].mean(axis=0) for lids in LIDS]).astype(np.float32)
            if mirrored:
                eyes = np.stack([MESH - eyes[::-1, 0], eyes[::-1, 1]], axis=1).astype(np.float32)
            places.append(eyes @ matrix[:, :2].T + matrix[:, 2])
    mean = np.asarray(np.mean(places, axis=0), np.float32)
    return np.asarray(mean[np.argsort(mean[:, 0])])


def cut_upright(image: Image, points: Floats, scale: float) -> tuple[Image, Floats]:
    """The square around a find, so many times as large as it is, with the eyes level; as of `turn_upright`."""
    tilt = points[3] - points[2]
    return turn_upright(image, points[0], float(points[1].max()) * scale, float(np.arctan2(tilt[1], tilt[0])))


def turn_upright(image: Image, middle: Sequence[float] | Floats, side: float, angle: float) -> tuple[Image, Floats]:
    """A turned square of an image at the mesh's size, and the matrix from its pixels to the image's."""
    cos, sin = np.cos(angle) * side / MESH, np.sin(angle) * side / MESH
    half = MESH / 2
    matrix: Floats = np.array(
        [[cos, -sin, middle[0] - half * (cos - sin)], [sin, cos, middle[1] - half * (sin + cos)]], np.float32
    )
    cut = cv2.warpAffine(image, matrix, (MESH, MESH), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(cut, np.uint8), matrix
