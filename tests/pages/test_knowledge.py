"""What a network's cell says beside the shares: objects, and which classes the weights know."""

import numpy as np
import pytest

import segmethods as sm
from pages.compare import cells
from pages.ui.layers import with_gaps
from segmethods.core.messages import fill
from segmethods.methods._instances import find_instances
from segmethods.methods._network import NetworkTrace

CAR = sm.VOC.names.index("car")


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr(cells, "t", lambda text, **values: fill(text, values))
    monkeypatch.setattr(cells, "class_name", lambda classes, class_id: classes.names[class_id])


def outcome(labels, classes=sm.VOC, how=None):
    entropy, none = np.zeros((2, 3), np.float16), np.zeros(len(classes), np.float16)
    trace = NetworkTrace(
        entropy=entropy, peaks=none, confidence=none, working_size=(2, 3), weights="fcn-voc", runtime="torch"
    )
    found = find_instances(labels, classes, how) if how else None
    return sm.Segmentation(labels, classes, instances=found, trace=trace, method="fcn")


CARS = np.zeros((60, 90), np.uint8)
CARS[10:30, 10:30] = CARS[10:30, 50:70] = CAR


def test_classes_that_the_weights_know():
    words, known = cells.what_it_knows(outcome(CARS))
    assert words == "Knows 20 classes"
    assert known.startswith("These weights know 20 classes and nothing else: aeroplane, bicycle")
    assert "background" not in known


def test_objects_are_counted():
    assert cells.what_it_knows(outcome(CARS, how="connected"))[0] == "2 × car"


@pytest.mark.parametrize("how", [None, "connected"])
def test_a_picture_of_nothing_it_knows(how):
    assert cells.what_it_knows(outcome(CARS * 0, how=how))[0] == "Nothing that these weights know."


def test_long_vocabularies_are_cut():
    classes = sm.Vocabulary("mine", ("background", *(f"thing {i}" for i in range(1, 100))))
    assert "thing 40 (59 more)" in cells.what_it_knows(outcome(CARS, classes))[1]


def test_methods_that_learned_nothing_say_nothing():
    assert cells.what_it_knows(sm.Segmentation(CARS, sm.segments(9))) == ("", "")


def test_a_gap_between_objects_that_touch():
    objects = np.ones((40, 60), np.uint16)
    objects[:, 30:] = 2
    labels = np.full((40, 60), CAR, np.uint8)
    shown = with_gaps(labels, objects)
    assert set(np.unique(shown)) == {CAR, 255}
    assert set(np.flatnonzero((shown == 255).all(axis=0))) <= set(range(27, 33))
    np.testing.assert_array_equal(with_gaps(labels, np.ones_like(objects)), labels)
