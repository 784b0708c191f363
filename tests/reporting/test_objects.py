"""Objects of every method, with their areas."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

import segmethods as sm
from segmethods.core.types import BINARY, VOC, Instances, segments
from segmethods.reporting.objects import find_objects, write_objects


def test_objects_are_what_scipy_labels() -> None:
    labels = (np.random.default_rng(0).random((40, 60)) > 0.7).astype(np.uint8)
    numbers, count = scipy.ndimage.label(labels, np.ones((3, 3)))
    found = find_objects(sm.Segmentation(labels, BINARY))
    assert len(found) == count
    assert [o.area for o in found] == sorted(np.bincount(numbers.ravel())[1:].tolist(), reverse=True)
    largest = numbers == np.bincount(numbers.ravel())[1:].argmax() + 1
    rows, columns = np.nonzero(largest)
    assert (found[0].left, found[0].top) == (columns.min(), rows.min())
    assert (found[0].width, found[0].height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert (found[0].x, found[0].y) == (round(columns.mean(), 1), round(rows.mean(), 1))


def test_sizes_bound_what_counts() -> None:
    labels = np.zeros((10, 30), np.uint8)
    labels[1, 1] = labels[1:4, 5:8] = labels[1:7, 12:18] = 1
    assert [o.area for o in find_objects(sm.Segmentation(labels, BINARY), 2, 20)] == [9]
    assert [o.area for o in find_objects(sm.Segmentation(labels, BINARY))] == [36, 9, 1]


def test_pieces_without_names_all_count_and_single_objects_are_taken_as_they_are() -> None:
    labels = np.array([[0, 0, 1, 1, 0, 0]], np.uint8)
    assert [(o.label, o.area) for o in find_objects(sm.Segmentation(labels, segments(2)))] == [
        ("segment 1", 2),
        ("segment 1", 2),
        ("segment 2", 2),
    ]
    cars = Instances(np.array([[0, 0, 1, 2, 0, 0]], np.uint16), (7, 7))
    found = find_objects(sm.Segmentation(labels * 7, VOC, instances=cars))
    assert [(o.label, o.area, o.x) for o in found] == [("car", 1, 2.0), ("car", 1, 3.0)]
    assert write_objects([("a.png", "fcn", found)]).splitlines()[2] == "a.png,fcn,2,car,1,3.0,0.0,3,0,1,1"
