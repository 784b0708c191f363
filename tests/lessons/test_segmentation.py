"""What the lesson on segmentation promises happens."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pages.learn.lesson import LessonContext
from pages.learn.lessons.segmentation import COINS, IN_ROW, find_objects, show_thrice
from pages.learn.views import learning_image
from pages.state.images import LoadedImage
from pages.ui.image_picker import sample_image
from segmethods import VOC, segment
from segmethods.classroom.touching import push_together
from segmethods.core.types import CAMVID, Image, Instances, Segmentation
from segmethods.io.images import digest
from segmethods.methods._instances import find_instances
from tests.lessons.samples import answer, image, says

CAT, BOTTLE = VOC.names.index("cat"), VOC.names.index("bottle")


@cache
def coins() -> Instances:
    found = answer("coins", "threshold", **COINS)
    return find_instances(found.labels, found.classes, "connected")


def network_finds(pixels: Image) -> dict[int, int]:
    result = segment(pixels, "deeplab")
    return find_instances(result.labels, result.classes, "connected").counts()


def thrice(pixels: Image) -> Image:
    return learning_image(show_thrice(learning_image(LoadedImage("own.png", pixels, digest(pixels))))).pixels


def test_touching_coins_are_one_object_in_a_row_until_they_are_cut() -> None:
    says("segmentation", "Connected, each row of six coins is one object", "一排六枚硬币是一个物体")
    assert len(coins().class_ids) == 24
    _, mask = push_together(image("coins"), coins(), IN_ROW)
    labels, classes = mask.astype(np.uint8), answer("coins", "threshold").classes
    assert find_instances(labels, classes, "connected").counts() == {1: 4}
    assert find_instances(labels, classes, "watershed").counts() == {1: 24}


def test_the_cat_is_found_three_times() -> None:
    says(
        "segmentation",
        "Here it found {{before}} before, and {{after}} now",
        "这里原来找到：{{before}}；现在找到：{{after}}",
    )
    assert set(network_finds(image("chelsea"))) == {CAT}
    assert network_finds(thrice(image("chelsea"))) == {CAT: 3}


def test_what_was_found_in_the_tissue_is_gone() -> None:
    says("segmentation", "choose the stained tissue", "选“组织染色切片”试试")
    assert network_finds(image("ihc"))
    assert not network_finds(thrice(image("ihc")))


@pytest.mark.parametrize("copies", [2, 3])
def test_a_wide_photo_is_not_emptied(copies: int) -> None:
    wide = np.tile(image("chelsea"), (1, copies, 1))
    shown = thrice(wide)
    assert shown.shape[1] < 2 * shown.shape[0]
    assert CAT in network_finds(shown)


def test_the_astronaut_has_a_bottle() -> None:
    says("segmentation", "If it sees a bottle", "要是它说有瓶子")
    assert BOTTLE in network_finds(image("astronaut"))


def test_a_box_follows_from_one_object_not_from_two_that_touch() -> None:
    says("segmentation", "they are one patch and get one box", "只得到一个框")
    labels = np.zeros((30, 60), np.uint8)
    labels[5:25, 5:30] = labels[5:25, 30:55] = CAT
    assert find_instances(labels, VOC, "connected").counts() == {CAT: 1}


def test_what_stands_in_front_splits_an_object_whichever_way_it_is_cut() -> None:
    says("segmentation", "when something stands in front of an object, it falls into two", "它就断成两个")
    labels = np.zeros((60, 90), np.uint8)
    labels[20:40, 10:80] = CAT
    labels[:, 40:50] = BOTTLE
    for how in ("connected", "watershed"):
        assert find_instances(labels, VOC, how).counts()[CAT] == 2


def test_cutting_at_waists_changes_nothing_where_nothing_touches() -> None:
    says("segmentation", "On pictures where nothing touches, it changes nothing", "图里没有东西相接时，它什么也不改变")
    found = answer("coins", "threshold", **COINS)
    assert find_instances(found.labels, found.classes, "watershed").counts() == coins().counts()
    cat = answer("chelsea", "deeplab")
    assert find_instances(cat.labels, cat.classes, "watershed").counts() == {CAT: 1}


def test_chosen_street_weights_see_a_smaller_street(monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.learn.lessons.segmentation import LESSON
    from pages.learn.network_views import STREET_SIZE, chosen_weights

    asked = {"voc": {"weights": "voc"}, "camvid": {"weights": "camvid", "size": str(STREET_SIZE)}}
    for weights, params in asked.items():
        ctx = LessonContext(LESSON, sample_image("street"))
        monkeypatch.setattr(LessonContext, "value", lambda _ctx, _name, chosen=weights: chosen)
        assert chosen_weights(ctx) == params
    cars = answer("street", "deeplab", **asked["camvid"])
    assert cars.classes is CAMVID
    assert find_instances(cars.labels, cars.classes, "connected").counts()


def test_specks_are_no_objects_and_what_the_street_shows_are() -> None:
    """However the outline of the cat frays on this processor, the page starts with one cat."""
    says("segmentation", "connected pixels, except for specks", "太小的碎块不算")
    cat = answer("chelsea", "deeplab")
    labels = np.where(np.indices(cat.labels.shape).sum(axis=0) < 16, CAT, cat.labels)
    frayed = Segmentation(labels, cat.classes)
    assert find_objects(frayed, "connected").counts() == {CAT: 1}
    street = answer("street", "deeplab", weights="camvid", size="384")
    assert find_objects(street, "connected").counts()[CAMVID.names.index("Car")] == 3
