"""Mistakes made on purpose: each one does what it says and nothing else."""

import numpy as np
import pytest

from segmethods.classroom.mask_perturbations import (
    count_objects,
    dilate,
    drop,
    erode,
    invent,
    join,
    number_objects,
    shift,
    tear,
)
from segmethods.core.messages import ParameterError

DISCS = np.zeros((40, 60), np.uint8)
_rows, _columns = np.ogrid[:40, :60]
for _row, _column, _radius, _id in ((12, 12, 8, 1), (12, 45, 5, 2), (32, 30, 3, 1)):
    DISCS[(_rows - _row) ** 2 + (_columns - _column) ** 2 <= _radius**2] = _id
EMPTY, FULL = np.zeros((5, 7), np.uint8), np.ones((5, 7), np.uint8)


def test_shift_moves_everything_and_brings_in_ground():
    moved = shift(DISCS, 3, -2)
    assert np.array_equal(moved[:-2, 3:], DISCS[2:, :-3])
    assert not moved[-2:].any()
    assert not moved[:, :3].any()
    assert not shift(DISCS, 60, 0).any()
    assert not shift(DISCS, 0, -999).any()
    assert np.array_equal(shift(DISCS, 0, 0), DISCS)


def test_grow_and_shrink_by_true_distance():
    for radius in (1, 3):
        grown, shrunk = dilate(DISCS == 2, radius), erode((DISCS == 2).astype(np.uint8), radius)
        assert np.ptp(np.argwhere(grown), axis=0).tolist() == [10 + 2 * radius] * 2
        assert np.ptp(np.argwhere(shrunk), axis=0).tolist() == [10 - 2 * radius] * 2


def test_growing_keeps_classes_and_shrinking_loses_small_objects():
    grown = dilate(DISCS, 4)
    assert np.array_equal(grown[DISCS > 0], DISCS[DISCS > 0])
    assert set(np.unique(grown)) == {0, 1, 2}
    assert count_objects(erode(DISCS, 4)) == 2
    assert not erode(DISCS, 20).any()


def test_the_smallest_objects_go_first():
    assert count_objects(DISCS) == 3
    assert not drop(DISCS, 1)[28:].any()
    assert set(np.unique(drop(DISCS, 2))) == {0, 1}
    assert not drop(DISCS, 3).any()
    assert not drop(DISCS, 99).any()
    assert np.array_equal(drop(DISCS, 0), DISCS)
    with pytest.raises(ParameterError):
        drop(DISCS, -1)


def test_strips_are_objects_of_their_own():
    objects = number_objects(DISCS)
    torn = tear(objects, 3)
    assert set(np.unique(torn)) == set(range(10))
    assert np.array_equal((torn - 1) % 3 + 1, np.where(objects, objects, 3))
    assert np.array_equal(tear(objects, 1), objects)


def test_neighbours_become_one_object():
    objects = number_objects(DISCS)
    assert [len(np.unique(join(objects, count))) - 1 for count in (1, 2, 3, 9)] == [3, 2, 1, 1]
    joined = join(objects, 2)
    assert joined[12, 12] == joined[32, 30] != joined[12, 45]


def test_a_thing_that_isnt_there():
    assert set(np.unique(invent(EMPTY, 9, 1))) == {0, 9}


@pytest.mark.parametrize("labels", [EMPTY, FULL, EMPTY.astype(np.uint16), FULL[:1, :1]])
def test_empty_and_full_masks_go_through_everything(labels):
    for edited in (
        shift(labels, 1, 1),
        dilate(labels, 2),
        erode(labels, 2),
        drop(labels, 1),
        tear(number_objects(labels), 2),
        join(number_objects(labels), 2),
        invent(labels, 1, 2),
    ):
        assert edited.shape == labels.shape
    assert np.array_equal(dilate(labels, 2), labels)
    assert np.array_equal(erode(labels, 2), labels)
    assert dilate(labels, 2) is not labels
