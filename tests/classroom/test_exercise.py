"""Exercises: what is written is read again, and what is wrong with a file is said in one line."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from segmethods.classroom import Exercise, ExerciseError, Shelf, dump_exercise, load_exercise, make_exercise
from segmethods.classroom.exercise_files import MOST_BYTES, MOST_PIXELS
from segmethods.core.messages import ParameterError, SegmethodsError
from segmethods.core.types import BINARY, GroundTruth
from segmethods.io.images import digest
from segmethods.io.samples import get_sample


def record_of(exercise: Exercise) -> dict[str, Any]:
    return json.loads(dump_exercise(exercise))


def read(record: object) -> Exercise:
    return load_exercise(json.dumps(record).encode(), "leaf.json")


def test_what_is_written_is_read_again(exercise):
    again = load_exercise(dump_exercise(exercise))
    assert again.digest == exercise.digest
    assert (again.title, again.question, again.name) == ("A leaf", "Which level, and why?", "leaf.png")
    assert again.methods == ("threshold", "kmeans")
    assert again.locked == {"kmeans": {"k": 3, "seed": 7}}
    assert again.truth.classes.names == ("background", "leaf")
    np.testing.assert_array_equal(again.image, exercise.image)
    np.testing.assert_array_equal(again.truth.labels, exercise.truth.labels)
    assert dump_exercise(again) == dump_exercise(exercise)


def test_a_sample_travels_by_its_name():
    made = make_exercise(sample="chelsea", methods=["deeplab"])
    assert len(dump_exercise(made)) < 500
    again = load_exercise(dump_exercise(made))
    assert digest(again.image) == digest(get_sample("chelsea").image())
    assert again.truth.classes is get_sample("chelsea").vocabulary
    assert again.truth.labels[150, 225] == 8


def test_a_sample_may_get_another_truth():
    truth = GroundTruth(np.zeros((303, 384), np.uint8), BINARY)
    again = load_exercise(dump_exercise(make_exercise(sample="coins", truth=truth)))
    assert again.sample == "coins"
    assert not again.truth.labels.any()
    assert again.digest != make_exercise(sample="coins").digest


def test_every_part_of_an_exercise_counts_for_its_digest(exercise):
    record = record_of(exercise)
    changed = [
        {**record, "question": "Why?"},
        {**record, "methods": ["threshold"]},
        {**record, "locked": {}},
        {**record, "picture": {"sample": "cell"}, "truth": None},
        {**record, "truth": {**record["truth"], "classes": ["ground", "leaf"]}},
    ]
    digests = {exercise.digest, *(read(other).digest for other in changed)}
    assert len(digests) == 1 + len(changed)


def test_a_file_that_was_touched_by_an_editor_is_the_same_exercise(exercise):
    text = json.dumps(record_of(exercise) | {"comment": "for Monday"}, indent=8)
    assert load_exercise(b"\xef\xbb\xbf" + text.encode() + b"\r\n").digest == exercise.digest


def test_little_is_needed():
    bare = read({"picture": "coins"})
    assert bare.sample == "coins"
    assert len(bare.methods) >= 9
    assert read({"picture": "coins", "methods": "kmeans, threshold"}).methods == ("threshold", "kmeans")
    data = "data:image/png;base64," + base64.b64encode(b"").decode()
    assert read({"picture": "coins", "truth": {"data": ""}}).truth.classes.names == ("background", "coin")
    with pytest.raises(SegmethodsError, match=r"leaf\.json is empty"):
        read({"picture": {"data": data}})


def test_a_large_picture_is_shrunk():
    truth = np.zeros((1500, 2000), np.uint8)
    truth[:, 1000:] = 1
    made = make_exercise(np.zeros((1500, 2000, 3), np.uint8), GroundTruth(truth, BINARY))
    assert made.image.shape[0] * made.image.shape[1] <= MOST_PIXELS
    assert made.truth.labels.shape == made.image.shape[:2]
    assert abs(float(made.truth.labels.mean()) - 0.5) < 0.01


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: b"\x89PNG", "leaf.json is not an exercise"),
        (lambda r: b"[" * 100_000, "leaf.json is not an exercise"),
        (lambda r: [r], "leaf.json is not an exercise"),
        (lambda r: {"segmethods": "hand-in"}, "leaf.json is not an exercise"),
        (lambda r: r | {"version": 99}, "newer Segmethods"),
        (lambda r: r | {"picture": {"sample": "unicorn"}}, "There is no sample unicorn"),
        (lambda r: r | {"picture": {"data": "AAAA"}}, "leaf.json is not a picture"),
        (lambda r: r | {"picture": {"data": "AAA"}}, "leaf.json is damaged"),
        (lambda r: r | {"picture": 7}, "leaf.json has no picture"),
        (lambda r: r | {"truth": None}, "An exercise needs a truth"),
        (lambda r: r | {"picture": "retina", "truth": None}, "An exercise needs a truth"),
        (lambda r: r | {"picture": "coins"}, "Use a mask of the picture's size"),
        (lambda r: r | {"truth": r["truth"] | {"classes": ["leaf"]}}, "the classes are 0 to 0"),
        (lambda r: r | {"methods": []}, "allows no method"),
        (lambda r: r | {"methods": ["magic"]}, "There is no method magic"),
        (lambda r: r | {"locked": {"kmeans": {"k": 99}}}, "k must lie between"),
        (lambda r: r | {"locked": {"kmeans": {"colour": 1}}}, "kmeans has no parameter colour"),
        (lambda r: r | {"locked": {"kmeans": 3}}, "locked parameters of leaf.json"),
        (lambda r: r | {"question": "x" * MOST_BYTES}, "leaf.json is larger than 3 MB"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(exercise, change, says):
    record = change(record_of(exercise))
    data = record if isinstance(record, bytes) else json.dumps(record).encode()
    with pytest.raises(SegmethodsError, match=says) as caught:
        load_exercise(data, "leaf.json")
    assert "\n" not in str(caught.value)


def test_an_exercise_says_what_may_be_run(exercise):
    assert exercise.settle("kmeans", {"k": 9, "space": "rgb"}) | {"k": 3, "space": "rgb"} == exercise.settle(
        "kmeans", {"space": "rgb"}
    )
    with pytest.raises(ParameterError, match="doesn't allow fcn"):
        exercise.settle("fcn", {})


def test_an_exercise_needs_a_truth_of_its_size():
    with pytest.raises(ExerciseError, match="another size"):
        make_exercise(np.zeros((4, 5, 3), np.uint8), GroundTruth(np.zeros((5, 4), np.uint8), BINARY))
    with pytest.raises(ExerciseError, match="needs a truth"):
        make_exercise(np.zeros((4, 5, 3), np.uint8))


def test_words_are_kept_and_control_characters_are_not():
    made = make_exercise(sample="cell", title="a\x1b[31mb" + "x" * 500, question="一行\n两行\x00")
    assert made.title.startswith("a[31mbxx")
    assert len(made.title) == 120
    assert made.question == "一行\n两行"


def test_a_shelf_gives_back_what_it_was_given(exercise, tmp_path):
    shelf = Shelf(tmp_path / "shelf")
    key = shelf.put(exercise)
    assert shelf.put(exercise) == key
    assert shelf.get(key).digest == exercise.digest
    for other in ("0" * 16, "", "../secret", key.upper() + "/", key[:-1]):
        with pytest.raises(ExerciseError, match="no such exercise"):
            shelf.get(other)


def test_a_full_shelf_forgets_what_nobody_opens(exercise, tmp_path):
    import os

    others = [make_exercise(sample="cell", title=str(i)) for i in range(3)]
    shelf = Shelf(tmp_path, limit=2 * len(dump_exercise(others[0])))
    keys = []
    for age, other in enumerate(others):
        keys.append(shelf.put(other))
        os.utime(tmp_path / f"{keys[-1]}.json", (age, age))
    assert shelf.get(keys[1]).title == "1"
    assert shelf.get(keys[2]).title == "2"
    with pytest.raises(ExerciseError):
        shelf.get(keys[0])


def test_a_shelf_that_cant_be_written_says_so(exercise, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExerciseError, match="can't be kept here"):
        Shelf(tmp_path / "file" / "shelf").put(exercise)
