"""Semantic to instance: three cars are one class and three objects."""

import numpy as np
import pytest

import segmethods as sm
from segmethods.methods._instances import SMALLEST, find_instances
from tests.methods.test_contract import make_image, same

CAR, PERSON = sm.VOC.names.index("car"), sm.VOC.names.index("person")


def discs(*places, shape=(300, 400)):
    """A label map of discs, each (row, column, radius, class)."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint8)
    for row, column, radius, ident in places:
        labels[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = ident
    return labels


THREE_CARS = discs((100, 80, 50, CAR), (100, 160, 50, CAR), (100, 300, 40, CAR), (230, 330, 40, PERSON))


def test_what_hangs_together_is_one_object_and_a_waist_is_cut():
    connected = find_instances(THREE_CARS, sm.VOC, "connected")
    cut = find_instances(THREE_CARS, sm.VOC, "watershed")
    assert connected.counts() == {CAR: 2, PERSON: 1}
    assert cut.counts() == {CAR: 3, PERSON: 1}
    assert cut.class_ids == (CAR, CAR, CAR, PERSON)
    assert cut.ids[100, 60] != cut.ids[100, 180]
    for objects in (connected, cut):
        assert objects.ids.dtype == np.uint16
        np.testing.assert_array_equal(objects.ids > 0, THREE_CARS > 0)
        areas = np.bincount(objects.ids.ravel())[1:]
        assert list(areas[:-1]) == sorted(areas[:-1], reverse=True)
        for number, ident in enumerate(objects.class_ids, 1):
            assert set(THREE_CARS[objects.ids == number]) == {ident}


def test_the_watershed_leaves_whole_what_has_no_waist():
    bar = np.zeros((200, 300), np.uint8)
    bar[90:120, 20:280] = CAR
    bar[20:180, 140:170] = PERSON
    disc = discs((100, 150, 90, CAR), shape=(200, 300))
    assert find_instances(disc, sm.VOC, "watershed").counts() == {CAR: 1}
    assert find_instances(bar, sm.VOC, "watershed").counts() == {CAR: 2, PERSON: 1}


def test_two_equal_heads_need_a_waist_between_them():
    """The middle of the bar is a little narrower than its ends, no waist."""
    bone = np.zeros((200, 300), np.uint8)
    bone[80:120, 20:280] = CAR
    bone[78:122, 20:80] = bone[78:122, 220:280] = CAR
    assert find_instances(bone, sm.VOC, "watershed").counts() == {CAR: 1}


def test_specks_are_no_objects():
    labels = discs((100, 100, 40, CAR), (250, 350, 3, CAR))
    assert find_instances(labels, sm.VOC, "connected").counts() == {CAR: 1}
    assert find_instances(labels, sm.VOC, "connected", smallest=0).counts() == {CAR: 2}
    assert np.pi * 3**2 < SMALLEST * labels.size


def test_nobody_counts_roads():
    labels = np.full((40, 60), sm.CAMVID.names.index("Road"), np.uint8)
    labels[10:20, 10:20] = labels[10:20, 30:40] = sm.CAMVID.names.index("Car")
    assert find_instances(labels, sm.CAMVID, "connected").counts() == {sm.CAMVID.names.index("Car"): 2}


@pytest.mark.parametrize(
    "labels", [np.zeros((1, 1), np.uint8), np.full((1, 1), CAR, np.uint8), np.eye(9, dtype=np.uint8)]
)
@pytest.mark.parametrize("how", ["connected", "watershed"])
def test_any_map_has_an_answer(labels, how):
    assert find_instances(labels, sm.VOC, how).ids.shape == labels.shape


@pytest.mark.parametrize("method", [m.id for m in sm.list_methods() if m.family in ("network", "ensemble")])
def test_an_option_of_every_network_that_changes_nothing_else(method):
    image = make_image(48, 64)
    fast = {"size": "256"} | ({"evaluation": "dense"} if method == "patch_cnn" else {})
    plain, parted = (sm.segment(image, method, **fast, instances=how) for how in ("none", "watershed"))
    assert same(plain.labels, parted.labels)
    assert same(plain.probabilities, parted.probabilities)
    found = parted.instances
    assert (found.ids.dtype, found.ids.shape) == (np.uint16, image.shape[:2])
    assert sum(found.counts().values()) == found.ids.max() == len(found.class_ids)
    assert plain.instances is None


def test_a_speck_at_the_rim_keeps_no_two_objects_together():
    touching = discs((150, 120, 50, CAR), (150, 212, 50, CAR), (150, 283, 22, CAR))
    least = 2000 / touching.size
    assert np.pi * 22**2 < least * touching.size
    assert find_instances(touching, sm.VOC, "watershed", least).counts() == {CAR: 2}
