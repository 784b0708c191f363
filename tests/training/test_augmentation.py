"""What is done to a crop before a network sees it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from segmethods.training.augmentation import crop
from segmethods.training.data import Example


@pytest.fixture
def halves(tmp_path):
    """A grey picture, dark on the left and light on the right; what is light is class 1."""
    labels = np.zeros((300, 300), np.uint8)
    labels[:, 150:] = 1
    image = np.where(labels, 160, 80).astype(np.uint8)[..., None].repeat(3, axis=2)
    cv2.imwrite(str(tmp_path / "halves.png"), image)
    return Example(tmp_path / "halves.png", "halves", labels, None, (0, 1))


def crops(example, **how):
    return [crop(example, 1, 64, np.random.default_rng(seed), (1.0, 1.0), **how) for seed in range(200)]


def leaning(cut):
    """Whether the border between the halves, seen in a crop, isn't upright."""
    return len({tuple(row) for row in cut.labels}) > 1


def test_every_other_crop_is_turned_where_that_is_wanted(halves):
    shares = {
        turn: np.mean([leaning(cut) for cut in crops(halves, turn=turn) if np.ptp(cut.labels)]) for turn in (0, 25)
    }
    assert shares[0] == 0
    assert 0.35 < shares[25] < 0.7


def test_the_wanted_class_is_in_crops_that_are_turned(halves):
    assert np.mean([(cut.labels == 1).any() for cut in crops(halves, turn=25)]) > 0.95


def test_a_thing_at_the_edge_is_in_crops_that_are_stretched(halves):
    labels = np.zeros_like(halves.labels)
    labels[140:160, :6] = 1
    at_edge = replace(halves, labels=labels)
    assert np.mean([(cut.labels == 1).any() for cut in crops(at_edge, turn=0.01)]) > 0.98
    assert np.mean([(cut.labels == 1).any() for cut in crops(at_edge, turn=15)]) > 0.9


@pytest.mark.parametrize(("tint", "least", "most"), [(0, 0, 0.12), (0.3, 0.4, 0.65)])
def test_every_other_crop_of_a_grey_picture_has_a_tint(halves, tint, least, most):
    """Noise has colours, too, and comes one time in ten: so colours are looked at in the mean."""
    means = np.array([cut.image.mean(axis=(0, 1)) for cut in crops(halves, tint=tint)])
    assert least <= np.mean(np.ptp(means, axis=1) > 3) <= most


def test_a_turned_crop_says_where_it_lies_on_the_photo(halves):
    """Its grid leads back to the border between the halves, in whatever way it was turned and stretched."""
    for cut in crops(halves, turn=25)[:40]:
        y, x = np.nonzero(cut.labels < 2)
        column = np.column_stack([x, y, np.ones(len(x))]) @ cut.grid[0]
        light = cut.labels[y, x] == 1
        border = 149.5 * cut.extent[0] / 300
        assert ((column > border) == light).mean() > 0.97
