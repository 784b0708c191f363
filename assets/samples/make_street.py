"""Draws the sample of a street, which nobody photographed, and its truth: ``python -m assets.samples.make_street``.

Sky, two rows of houses, trees, cars, people and lamp posts, drawn twice: as a picture with texture, haze and noise, and
as a mask with the classes of CamVid. Networks that learned streets from photos find most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from segmethods.core.types import CAMVID
from segmethods.io.label_png import encode_labels

HERE = Path(__file__).parent
HEIGHT, WIDTH, FINER = 360, 480, 2
"""Size of the picture, and how many times finer it is drawn."""

SKY, BUILDING, POLE, ROAD, PAVEMENT, TREE, SIGN, _, CAR, PERSON, _ = range(len(CAMVID))
HORIZON, VANISHING = 0.47, 0.52

Colour = tuple[float, float, float]
Point = tuple[float, float]


class Street:
    """A picture and its labels, drawn side by side; places are shares of the width and height."""

    def __init__(self) -> None:
        self.height, self.width = HEIGHT * FINER, WIDTH * FINER
        self.rng = np.random.default_rng(7)
        self.image = np.zeros((self.height, self.width, 3), np.float32)
        self.labels = np.full((self.height, self.width), SKY, np.uint8)

    def noise(self, cell: int, strength: float) -> np.ndarray:
        """Smooth noise, (H, W, 1), whose grains are so many pixels wide."""
        grains = self.rng.normal(0, 1, (self.height // cell + 2, self.width // cell + 2)).astype(np.float32)
        return cv2.resize(grains, (self.width, self.height), interpolation=cv2.INTER_CUBIC)[..., None] * strength

    def pixels(self, points: Sequence[Point]) -> np.ndarray:
        """Points in pixels of the drawing."""
        return np.array(np.array(points) * [self.width, self.height], np.int32)

    def fill(self, points: Sequence[Point], kind: int | None, colour: Colour) -> None:
        """A polygon; without a kind the labels stay."""
        cv2.fillPoly(self.image, [self.pixels(points)], colour, cv2.LINE_AA)
        if kind is not None:
            cv2.fillPoly(self.labels, [self.pixels(points)], kind)

    def texture(self, points: Sequence[Point], kind: int, colour: Colour, cell: int, strength: float) -> None:
        """A polygon of grainy colour."""
        cv2.fillPoly(self.labels, [self.pixels(points)], kind)
        inside = np.zeros((self.height, self.width), np.uint8)
        cv2.fillPoly(inside, [self.pixels(points)], 1)
        self.image[inside > 0] = (np.array(colour, np.float32) + self.noise(cell, strength))[inside > 0]

    def disc(self, centre: Point, radius: float, kind: int, colour: Colour) -> None:
        """A circle; its radius is a share of the width."""
        ((x, y),) = self.pixels([centre]).tolist()
        cv2.circle(self.image, (x, y), int(radius * self.width), colour, -1, cv2.LINE_AA)
        cv2.circle(self.labels, (x, y), int(radius * self.width), kind, -1)

    def box(self, left: float, top: float, right: float, bottom: float, kind: int | None, colour: Colour) -> None:
        """A rectangle."""
        self.fill([(left, top), (right, top), (right, bottom), (left, bottom)], kind, colour)


def draw_house(street: Street, x: Point, top: Point, bottom: Point, colour: Colour) -> None:
    """A house front from its near edge to its far one, with four rows of windows."""
    street.texture([(x[0], top[0]), (x[1], top[1]), (x[1], bottom[1]), (x[0], bottom[0])], BUILDING, colour, 5, 7)

    def place(along: float, down: float) -> Point:
        upper, lower = (edge[0] + (edge[1] - edge[0]) * along for edge in (top, bottom))
        return x[0] + (x[1] - x[0]) * along, upper + (lower - upper) * down

    columns = max(2, int(abs(x[1] - x[0]) * 22))
    for column in range(columns):
        left, right = (column + 0.25) / columns, (column + 0.7) / columns
        for row in range(4):
            upper, lower = (row + 0.25) / 4, (row + 0.7) / 4
            corners = [place(left, upper), place(right, upper), place(right, lower), place(left, lower)]
            grey = street.rng.uniform(45, 95)
            street.fill(corners, None, (grey, grey + 4, grey + 10))
            cv2.polylines(street.image, [street.pixels(corners)], True, (190, 186, 180), 2)


def draw_tree(street: Street, x: float, y: float, radius: float, foot: float) -> None:
    """A stem and a crown of many leaves."""
    street.box(x - 0.012, y, x + 0.012, foot, TREE, (70, 58, 48))
    for _ in range(700):
        angle, away = street.rng.uniform(0, 6.3), np.sqrt(street.rng.uniform(0, 1)) * radius
        leaf, green = street.rng.uniform(0.05, 0.13) * radius, street.rng.uniform(28, 100)
        centre = (x + np.cos(angle) * away * 0.8, y + np.sin(angle) * away)
        street.disc(centre, leaf, TREE, (green * 0.72, green * 0.92, green * 0.5))


def draw_car(street: Street, x: float, foot: float, width: float, colour: Colour) -> None:
    """A car from behind."""
    high = width * 0.72 * WIDTH / HEIGHT

    def at(*places: Point) -> list[Point]:
        return [(x + across * width, foot - up * high) for across, up in places]

    ((left, low),) = street.pixels([(x, foot)]).tolist()
    axes = (int(width * 0.55 * street.width), int(width * 0.05 * street.width))
    cv2.ellipse(street.image, (left, low), axes, 0, 0, 360, (62, 61, 62), -1, cv2.LINE_AA)
    half = [(0.5, 0.08), (0.5, 0.5), (0.44, 0.58), (0.34, 0.95), (0.26, 1.0)]
    street.fill(at(*half, *[(-across, up) for across, up in reversed(half)]), CAR, colour)
    street.fill(at((-0.38, 0.6), (-0.29, 0.9), (0.29, 0.9), (0.38, 0.6)), None, (52, 60, 70))
    street.fill(at((-0.3, 0.66), (-0.24, 0.86), (0, 0.86), (-0.1, 0.66)), None, (92, 102, 112))
    dark = (colour[0] * 0.7, colour[1] * 0.7, colour[2] * 0.7)
    street.fill(at((-0.5, 0.1), (-0.5, 0.26), (0.5, 0.26), (0.5, 0.1)), None, dark)
    for side in (-1, 1):
        light, wheel = 0.42 * side, 0.36 * side
        street.fill(
            at((light - 0.06, 0.36), (light - 0.06, 0.5), (light + 0.06, 0.5), (light + 0.06, 0.36)),
            None,
            (188, 40, 36),
        )
        street.fill(
            at((wheel - 0.07, 0), (wheel - 0.07, 0.12), (wheel + 0.07, 0.12), (wheel + 0.07, 0)), CAR, (28, 28, 30)
        )
    street.fill(at((-0.14, 0.25), (-0.14, 0.34), (0.14, 0.34), (0.14, 0.25)), None, (215, 212, 190))


def draw_person(street: Street, x: float, foot: float, size: float, coat: Colour, trousers: Colour) -> None:
    """Somebody who stands there; the size is a share of the height."""
    tall = size * street.height
    ((across, down),) = street.pixels([(x, foot)]).tolist()
    hip, waist = (across, int(down - tall * 0.45)), (across, int(down - tall * 0.62))
    for canvas, legs, body in ((street.image, trousers, coat), (street.labels, PERSON, PERSON)):
        for side in (-1, 1):
            cv2.line(canvas, hip, (int(across + side * tall * 0.09), down), legs, int(tall * 0.09), cv2.LINE_8)
        cv2.ellipse(canvas, waist, (int(tall * 0.13), int(tall * 0.22)), 0, 0, 360, body, -1, cv2.LINE_8)
    street.disc((x, foot - 0.91 * size), 0.085 * tall / street.width, PERSON, (176, 136, 112))


def draw_ground(street: Street) -> None:
    """Sky, road, lane marks and pavements."""
    down = np.linspace(0, 1 / HORIZON, street.height, dtype=np.float32)[:, None]
    street.image[:] = np.stack([205 - 25 * down, 215 - 15 * down, 228 - 6 * down], -1) + street.noise(90, 9)
    far = (VANISHING, HORIZON)
    street.texture([(0, 1), (1, 1), (1, 0.78), far, (0, 0.8)], ROAD, (112, 110, 112), 3, 5)
    street.texture([(0, 0.8), far, (0, 0.7)], PAVEMENT, (150, 146, 140), 4, 6)
    street.texture([(1, 0.78), far, (1, 0.68)], PAVEMENT, (150, 146, 140), 4, 6)
    for mark in range(7):
        near, away = (0.62 ** (mark + end) for end in (0, 0.45))
        corners = [
            (VANISHING + side * way, HORIZON + (1 - HORIZON) * way) for way in (near, away) for side in (-0.05, -0.025)
        ]
        street.fill([corners[i] for i in (0, 1, 3, 2)], None, (205, 203, 198))


def draw_street() -> tuple[np.ndarray, np.ndarray]:
    """The picture, uint8 (360, 480, 3), and its labels, uint8 (360, 480)."""
    street = Street()
    draw_ground(street)
    draw_house(street, (0, 0.17), (0.02, 0.14), (0.71, 0.64), (158, 128, 108))
    draw_house(street, (0.17, 0.3), (0.1, 0.22), (0.64, 0.585), (178, 164, 146))
    draw_house(street, (0.3, 0.42), (0.26, 0.34), (0.575, 0.52), (142, 120, 112))
    draw_house(street, (1, 0.84), (0.05, 0.17), (0.7, 0.63), (170, 150, 130))
    draw_house(street, (0.84, 0.7), (0.2, 0.29), (0.63, 0.57), (150, 140, 136))
    draw_house(street, (0.7, 0.6), (0.31, 0.37), (0.565, 0.52), (172, 156, 140))
    for tree in (
        (0.235, 0.36, 0.13, 0.63),
        (0.395, 0.42, 0.07, 0.54),
        (0.78, 0.4, 0.11, 0.61),
        (0.645, 0.43, 0.05, 0.54),
    ):
        draw_tree(street, *tree)
    draw_car(street, 0.485, 0.55, 0.045, (120, 124, 130))
    draw_car(street, 0.565, 0.575, 0.06, (178, 180, 184))
    draw_car(street, 0.4, 0.6, 0.075, (150, 48, 44))
    draw_car(street, 0.7, 0.665, 0.115, (66, 84, 120))
    draw_car(street, 0.275, 0.7, 0.15, (196, 198, 202))
    for x, top, foot, half in ((0.125, 0.13, 0.79, 0.007), (0.885, 0.18, 0.76, 0.006), (0.335, 0.3, 0.62, 0.004)):
        street.box(x - half, top, x + half, foot, POLE, (92, 94, 96))
    street.disc((0.885, 0.25), 0.03, SIGN, (196, 40, 38))
    street.disc((0.885, 0.25), 0.021, SIGN, (232, 230, 226))
    draw_person(street, 0.06, 0.8, 0.26, (44, 62, 96), (40, 40, 46))
    draw_person(street, 0.945, 0.755, 0.22, (128, 42, 46), (52, 54, 66))
    draw_person(street, 0.91, 0.74, 0.2, (70, 74, 66), (38, 40, 44))
    return photograph(street), street.labels[FINER // 2 :: FINER, FINER // 2 :: FINER]


def photograph(street: Street) -> np.ndarray:
    """What a camera would make of it: haze far away, a soft lens, noise."""
    near = np.clip((np.linspace(0, 1, street.height) - HORIZON) / (1 - HORIZON), 0, 1)[:, None, None]
    hazy = street.image * (0.86 + 0.14 * near) + 11 * (1 - near) * (street.labels != SKY)[..., None]
    small = cv2.resize(cv2.GaussianBlur(hazy, (0, 0), 1.6), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    coarse = street.rng.normal(0, 1, (HEIGHT // 3, WIDTH // 3)).astype(np.float32)
    noisy = small + street.rng.normal(0, 3.5, small.shape) + 3 * cv2.resize(coarse, (WIDTH, HEIGHT))[..., None]
    return np.clip(noisy, 0, 255).astype(np.uint8)


def main() -> None:
    """Write the picture and its mask."""
    image, labels = draw_street()
    Image.fromarray(image).save(HERE / "drawn" / "street.png", optimize=True)
    (HERE / "street.png").write_bytes(encode_labels(labels, CAMVID))


if __name__ == "__main__":
    main()
