"""Things of one crop that stand in another."""

import numpy as np
import torch

from segmethods.core.types import CAMVID, VOC, VOID
from segmethods.training.classmix import choose_pixels, decide_unknown, find_things, list_movable, paste
from segmethods.training.parts import UNKNOWN

NOBODY = torch.zeros(2, 1, 8, 8)


def crops():
    labels = torch.zeros(2, 8, 8, dtype=torch.int64)
    labels[0, 2:4, 2:6] = 7
    labels[0, 0] = VOID
    return labels


def test_a_thing_is_carried_into_the_next_crop_and_the_ground_stays():
    labels = crops()
    taken = choose_pixels(find_things(labels, None, NOBODY, torch.tensor([7])), 1.0, np.random.default_rng(0))
    mixed = paste(labels, taken)
    assert (mixed[1] == 7).sum() == 8
    assert (mixed[1] == VOID).sum() == 0
    assert torch.equal(mixed[0], labels[0])


def test_pixels_labels_and_what_was_taught_move_together():
    labels = crops()
    taken = choose_pixels(find_things(labels, None, NOBODY, torch.tensor([7])), 1.0, np.random.default_rng(0))
    images = labels[:, None].expand(-1, 3, -1, -1) + torch.tensor([10, 20])[:, None, None, None]
    mixed = paste(images, taken[:, None])
    assert (mixed[1, 0][taken[1]] == 17).all()
    assert (mixed[1, 0][~taken[1]] == 20).all()


def test_without_a_mask_the_teacher_says_what_a_thing_is_if_it_is_sure():
    labels = torch.full((2, 8, 8), UNKNOWN)
    teacher = torch.zeros(2, 3, 8, 8)
    teacher[:, 0] = 1
    teacher[0, :, :4] = torch.tensor([0.1, 0.9, 0.0])[:, None, None]
    teacher[1, :, :4] = torch.tensor([0.45, 0.55, 0.0])[:, None, None]
    seen = find_things(labels, teacher, torch.ones(2, 1, 8, 8), torch.tensor([1, 2]))
    assert seen[0, :4].all()
    assert not seen[0, 4:].any()
    assert not seen[1].any()


def test_what_is_unknown_is_decided_by_a_teacher_that_is_sure_and_nothing_else_is():
    labels = torch.tensor([[[0, VOID, UNKNOWN, UNKNOWN, UNKNOWN]]])
    teacher = torch.tensor([[0.1, 0.9], [0.1, 0.9], [0.1, 0.9], [0.45, 0.55], [0.1, 0.9]]).T[None, :, None]
    valid = torch.tensor([1.0, 1.0, 1.0, 1.0, 0.0])[None, None, None]
    assert decide_unknown(labels, teacher, valid).tolist() == [[[0, VOID, 1, VOID, VOID]]]
    assert decide_unknown(labels, None, valid).tolist() == [[[0, VOID, VOID, VOID, VOID]]]


def test_specks_and_what_fills_the_crop_stay_where_they_are():
    seen = torch.zeros(2, 32, 32, dtype=torch.bool)
    seen[0, 0, 0] = True
    seen[1, :20] = True
    assert not choose_pixels(seen, 1.0, np.random.default_rng(0)).any()


def test_where_nothing_can_be_moved_nothing_is():
    labels = torch.zeros(2, 8, 8, dtype=torch.int64)
    nothing = torch.tensor(list_movable(["Background", "Road"]), dtype=torch.long)
    assert not find_things(labels, None, NOBODY, nothing).any()


def test_roads_and_backgrounds_are_not_carried_about():
    kept = {CAMVID.names[index] for index in list_movable(CAMVID.names)}
    assert {"Car", "Pedestrian", "Bicyclist"} < kept
    assert not {"Road", "Sky", "Building"} & kept
    assert list_movable(VOC.names) == list(range(1, 21))
