"""Segments that get their names from other images."""

from __future__ import annotations

import numpy as np
import pytest

from segmethods.metrics import tabulate
from segmethods.metrics.naming import FEATURES, Leaf, apply_rule, describe_segments, learn_names, name_segments


def draw(seed: int, dark: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A grey image with a small dark (or bright) square, its true classes, and segments whose numbers mean nothing."""
    random = np.random.default_rng(seed)
    image, truth = np.full((40, 60, 3), 150, np.uint8), np.zeros((40, 60), np.uint8)
    row, column = random.integers(0, 25, 2)
    truth[row : row + 10, column : column + 10] = 1
    image[truth == 1] = 60 if dark else 240
    image[:, 40:] += 20
    segments = np.where(truth == 1, 5, np.where(np.arange(60) < 40, 1, 2)).astype(np.uint8)
    order = random.permutation(6).astype(np.uint8)
    return image, truth, order[segments]


def test_a_rule_names_the_segments_of_an_image_that_it_has_not_seen() -> None:
    images = [draw(seed) for seed in range(4)]
    features = [describe_segments(image, labels) for image, _, labels in images]
    tables = [tabulate(truth, labels) for _, truth, labels in images]
    rule = learn_names(features[:3], tables[:3], 2)
    _, truth, labels = images[3]
    assert np.array_equal(name_segments(rule, features[3])[labels], truth)
    image, truth, labels = draw(9, dark=False)  # a rule that looked at numbers or at the truth would find this one, too
    assert not np.array_equal(name_segments(rule, describe_segments(image, labels))[labels], truth)


def test_one_class_alone_is_a_leaf() -> None:
    image, truth, labels = draw(0)
    rule = learn_names([describe_segments(image, labels)], [tabulate(np.ones_like(truth), labels)], 3)
    assert rule == Leaf(1)
    assert apply_rule(rule, np.zeros((2, len(FEATURES)))).tolist() == [1, 1]


def test_labels_that_an_image_lacks_mean_nothing() -> None:
    image, _, labels = draw(0)
    features = describe_segments(image, np.where(labels == labels[0, 0], 7, 9).astype(np.uint8))
    meaning = name_segments(Leaf(1), features)
    assert meaning[[7, 9]].tolist() == [1, 1]
    assert set(meaning[:7].tolist()) == {255}


@pytest.mark.parametrize("is_ordered", [True, False])
def test_numbers_count_only_where_they_mean_something(is_ordered: bool) -> None:
    image, _, labels = draw(0)
    numbers = describe_segments(image, labels, is_ordered)[:, FEATURES.index("label")]
    assert (np.nanmax(numbers) > 0) == is_ordered


def test_of_questions_that_part_the_segments_alike_the_one_with_the_widest_gap_is_asked() -> None:
    """Objects happen to be a little darker in every image that was learned, and cover far less: size is asked for."""
    features, tables = [], []
    for seed in range(3):
        image, truth, _ = draw(seed)
        image[truth == 1] = 145 - 40 * seed
        features.append(describe_segments(image, np.where(truth == 1, 1, 0).astype(np.uint8)))
        tables.append(tabulate(truth, truth))
    rule = learn_names(features, tables, 2)
    image, truth, _ = draw(7, dark=False)
    assert np.array_equal(name_segments(rule, describe_segments(image, truth))[truth], truth)


def test_what_sets_a_few_images_apart_is_not_learned() -> None:
    """In three of nine images what was found is none, and these are lighter: no reason to reject the next light one."""
    features, tables = [], []
    for seed in range(9):
        image, truth, _ = draw(seed)
        light = seed % 3 == 0
        image = image + np.uint8(40 * light + seed)
        features.append(describe_segments(image, truth, is_ordered=True))
        tables.append(tabulate(np.roll(truth, 12, axis=1) if light else truth, truth))
    rule = learn_names(features, tables, 2)
    assert [apply_rule(rule, known.astype(float)).tolist() for known in features] == [[0, 1]] * 9
