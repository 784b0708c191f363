"""A thousand small pairs of masks: absent classes, empty masks and void included."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
COUNT = 1000


def random_pairs(classes: int = 4, void: bool = True, side: int = 8) -> Iterator[tuple[Mask, Mask]]:
    """Truths and predictions; each draws from classes of its own, so that every one is absent now and then."""
    random = np.random.default_rng(12)
    for number in range(COUNT):
        pair = [_blocks(random, random.choice(classes, random.integers(1, classes + 1), replace=False), side)]
        pair.append(_blocks(random, random.choice(classes, random.integers(1, classes + 1), replace=False), side))
        truth, prediction = pair
        if random.random() < 0.5:
            prediction = np.where(random.random(truth.shape) < 0.7, truth, prediction)
        if void:
            truth[random.random(truth.shape) < random.choice([0, 0.3])] = 255
            prediction[random.random(truth.shape) < random.choice([0, 0.1])] = 255
            if number % 50 == 0:
                truth[:] = 255
        yield truth, prediction.astype(np.uint8)


def random_objects(side: int = 12) -> Iterator[tuple[Mask, Mask]]:
    """Masks with a few rectangular objects on 0; the prediction has some of them, moved a little, and others."""
    random = np.random.default_rng(7)
    for _ in range(COUNT):
        truth, found = np.zeros((2, side, side), np.uint8)
        for number in range(1, random.integers(1, 6)):
            y, x, height, width = random.integers(0, side - 3, 2).tolist() + random.integers(1, 6, 2).tolist()
            if random.random() < 0.8:
                truth[y : y + height, x : x + width] = number
            if random.random() < 0.8:
                dy, dx = random.integers(0, 2, 2)
                found[y + dy : y + dy + height, x + dx : x + dx + width] = 9 - number
        yield truth, found


def _blocks(random: np.random.Generator, values: NDArray[np.int64], side: int) -> Mask:
    size = random.choice([1, 2, 4])
    coarse = random.choice(values, (side // size, side // size)).astype(np.uint8)
    return np.kron(coarse, np.ones((size, size), np.uint8))
