"""Pictures composed of photos, for a teacher to answer: so that a student never runs out of what it has not seen.

A teacher's answer to a photo can be learned by heart, like a mask. Its answers to ever new pictures can't, and they
need not make sense to people: photos cut, turned, stretched, in other colours, four in one or two through each other.
What matters is that the student sees what the teacher saw (Beyer, Zhai, Royer, Markeeva, Anil, Kolesnikov 2022,
"Knowledge Distillation: A Good Teacher Is Patient and Consistent").

``python -m segmethods.training.composition OUT FOLDER... --teacher DIR`` writes them to OUT/images. They are then
answered as photos are (see ``distillation``), and learned from with ``train --photos OUT``. Pictures that are there
already are kept, so it can be stopped and started.
"""

import argparse
import os
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from segmethods.training.augmentation import position
from segmethods.training.data import LONGEST, Example, read_folder
from segmethods.training.sampling import Pool

GREY = 128
ONE, TWO = 0.45, 0.15
"""Shares of the pictures that show one photo, and two through each other. The others show four."""


def compose(pool: Pool, rng: np.random.Generator, side: int = LONGEST) -> npt.NDArray[np.uint8]:
    """One picture, uint8 (side, side, 3), of photos drawn by class."""
    kind = rng.random()
    if kind < ONE:
        return view(pool, (side, side), side * np.exp(rng.uniform(np.log(0.6), np.log(1.8))), rng)
    if kind < ONE + TWO:
        one, other = (view(pool, (side, side), side * rng.uniform(0.7, 1.4), rng) for _ in range(2))
        share = rng.uniform(0.25, 0.75)
        return cv2.addWeighted(one, share, other, 1 - share, 0).astype(np.uint8, copy=False)
    row, column = (int(side * rng.uniform(0.3, 0.7)) for _ in range(2))
    picture = np.empty((side, side, 3), np.uint8)
    for rows in (slice(0, row), slice(row, side)):
        for columns in (slice(0, column), slice(column, side)):
            shape = rows.stop - rows.start, columns.stop - columns.start
            picture[rows, columns] = view(pool, shape, max(shape) * rng.uniform(0.9, 1.6), rng)
    return picture


def view(pool: Pool, shape: tuple[int, int], long_side: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """A photo, magnified so that its long side has so many pixels, in a frame of this height and width.

    The class that it was drawn for is in the frame.
    """
    example, wanted = pool.draw(rng)
    moved = placing(example, wanted, shape, long_side, rng)
    picture = cv2.warpAffine(
        example.image,
        moved,
        (shape[1], shape[0]),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101 if rng.random() < 0.5 else cv2.BORDER_CONSTANT,
        borderValue=(GREY, GREY, GREY),
    ).astype(np.uint8, copy=False)
    return recoloured(picture, rng)


def placing(
    example: Example, wanted: int, shape: tuple[int, int], long_side: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """The affine map (2, 3) from the photo to the frame: magnified, stretched, perhaps mirrored and turned."""
    height, width = example.image.shape[:2]
    scale, stretch = long_side / max(height, width), np.exp(rng.uniform(-0.1, 0.1))
    angle = np.deg2rad(rng.uniform(-12, 12)) if rng.random() < 0.5 else 0.0
    mirror = -1 if rng.random() < 0.5 else 1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([mirror * scale * stretch, scale / stretch])
    middle = np.array([width, height]) / 2
    focus = linear @ (np.array(position(example, wanted, rng)) - middle)
    extent = np.array([width * stretch, height / stretch]) * scale
    centre = [
        rng.uniform(photo / 2, frame - photo / 2)
        if photo <= frame
        else np.clip(frame * rng.uniform(0.2, 0.8) - at, frame - photo / 2, photo / 2)
        for photo, frame, at in zip(extent, shape[::-1], focus, strict=True)
    ]
    return np.column_stack([linear, np.array(centre) - linear @ middle])


def recoloured(picture: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The picture in other hues, by up to 24 degrees, and sometimes out of focus."""
    hues = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    hues[..., 0] = (hues[..., 0].astype(np.int16) + int(rng.uniform(-12, 12))) % 180
    picture = cv2.cvtColor(hues, cv2.COLOR_HSV2RGB).astype(np.uint8, copy=False)
    if rng.random() < 0.15:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 2)).astype(np.uint8, copy=False)
    return picture


def compose_folder(pool: Pool, out: Path, count: int, seed: int = 0) -> None:
    """Writes pictures to ``out/images`` until there are ``count``. Each depends on the seed and its number alone."""
    images = out / "images"
    images.mkdir(parents=True, exist_ok=True)
    for number in tqdm(range(count), desc=str(images), mininterval=10):
        file = images / f"{number:06}.jpg"
        if file.exists():
            continue
        picture = compose(pool, np.random.default_rng((seed, number)))
        part = file.with_suffix(".part.jpg")
        cv2.imwrite(str(part), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
        os.replace(part, file)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m segmethods.training.composition", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the pictures, which go to its images/")
    parser.add_argument("folders", type=Path, nargs="+", help="folders with images/, and labels/ if there are masks")
    parser.add_argument("--teacher", type=Path, required=True, help="the teacher's answers to the photos")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    try:
        examples = [
            example
            for folder in args.folders
            for example in read_folder(folder, args.teacher, labelled=(folder / "labels").is_dir())
        ]
    except ValueError as error:
        parser.error(str(error))
    classes = 1 + max((id for example in examples for id in example.classes), default=-1)
    if not classes:
        parser.error("neither masks nor the teacher's answers show anything in these photos")
    compose_folder(Pool(examples, classes), args.out, args.count, args.seed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
