"""``score``: predictions whose numbers or folders may mean something else, truths that judge nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

TRUTH = np.repeat(np.repeat(np.array([[0, 0, 0, 1], [0, 2, 2, 1], [0, 0, 0, 0]], np.uint8), 4, 0), 4, 1)
OBJECTS = TRUTH.astype(np.uint16) * 300
APART = np.where(TRUTH > 0, 300, 0).astype(np.uint16)
APART[0, 0] = 300


def save(name: str, values: np.ndarray) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    if name.endswith(".tif"):
        tifffile.imwrite(name, values)
    else:
        Image.fromarray(values).save(name)


@pytest.mark.parametrize(
    ("found", "true", "words"),
    [
        (TRUTH + 1, TRUTH, "With ids one lower it would agree"),
        (np.minimum(TRUTH, 1) + 1, np.minimum(TRUTH, 1), "With ids one lower it would agree"),
        (TRUTH, TRUTH + 1, "With ids one higher it would agree"),
        (np.where(TRUTH > 0, TRUTH + 1, 0).astype(np.uint8), TRUTH, "ids that its truth has no classes for, such as 3"),
        (OBJECTS + 1, OBJECTS, "It has no 0, which is the background"),
        (APART, OBJECTS, "of its 1 objects lie in several separate places"),
    ],
)
def test_numbers_that_may_mean_something_else_are_said(run, found: np.ndarray, true: np.ndarray, words: str) -> None:
    save("truths/a.png", true)
    save("found/a.png", found)
    code, text, _ = run("found", "truths", "--json")
    assert code == 0
    assert words in " ".join(json.loads(text)["notes"])
    code, text, _ = (
        run("found/a.png", "truths/a.png", "--classes", "3")
        if found.max() < 255
        else run("found/a.png", "truths/a.png")
    )
    assert words in text or found.max() < 3


@pytest.mark.parametrize("found", [TRUTH, np.minimum(TRUTH, 1), 1 - np.minimum(TRUTH, 1), TRUTH * 0])
def test_numbers_that_mean_the_same_are_not_doubted(run, found: np.ndarray) -> None:
    save("truths/a.png", TRUTH)
    save("found/a.png", found)
    assert json.loads(run("found", "truths", "--json")[1])["notes"] == []


def test_255_of_two_classes_is_void_in_all_truths_as_in_data_sets(run) -> None:
    void = np.where(TRUTH == 2, 255, TRUTH)
    for name, values in (("a", np.where(TRUTH == 2, 255, 0)), ("b", void), ("c", void)):
        save(f"truths/{name}.png", values.astype(np.uint8))
        save(f"found/{name}.png", np.where(values == 1, 1, 0).astype(np.uint8))
    code, text, _ = run("found", "truths", "--json")
    report = json.loads(text)
    assert code == 0
    assert report["results"][0]["mean_iou"] == 1
    assert report["not_judged"] == pytest.approx(np.mean(TRUTH == 2))


@pytest.mark.parametrize("words", [("found", "truths"), ("found/a.tif", "truths/a.tif")])
def test_objects_that_nobody_judges(run, words: tuple[str, str]) -> None:
    save("found/a.tif", OBJECTS)
    save("truths/a.tif", np.where(TRUTH == 2, np.uint16(65535), TRUTH))
    code, text, _ = run(*words, "--json")
    report = json.loads(text)
    assert report["not_judged"] == pytest.approx(np.mean(TRUTH == 2))
    assert report["results"][0]["panoptic_quality"] == 1
    save("found/a.tif", TRUTH.astype(np.uint16))
    save("truths/a.tif", np.full(TRUTH.shape, 65535, np.uint16))
    code, text, error = run(*words)
    assert (code, text) == (2, "")
    assert "No pixel of " in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("folder", "name", "content", "words"),
    [
        ("found", "a.nii.gz", b"\x1f\x8b", "medical volume"),
        ("found", "a.json", b'{"shapes": [{"label": "a", "points": [[0, 0], [1, 0], [1, 1]]}]}', "Draw them as PNGs"),
        ("found", "a.txt", b"0 0.1 0.1 0.5 0.1 0.5 0.3\n", "Draw them as PNGs"),
        ("found", "a.h5x", b"1", "but files such as a.h5x"),
        ("found", "a_Simple Segmentation.png", None, "No file of found is called like a truth"),
    ],
)
def test_what_lies_in_a_folder_instead_is_said(run, folder: str, name: str, content: bytes | None, words: str) -> None:
    save("truths/a.png", TRUTH)
    save("truths/b.png", TRUTH)
    Path(folder).mkdir()
    if content is None:
        save(f"{folder}/{name}", TRUTH)
    else:
        (Path(folder) / name).write_bytes(content)
    code, _, error = run(folder, "truths")
    assert code == 2
    assert words in error
    assert error.count("\n") == 1


def test_a_folder_given_twice_and_the_truths_as_a_prediction(run) -> None:
    save("truths/a.png", TRUTH)
    save("found/a.png", TRUTH)
    code, _, error = run("found", "truths", "found/../found")
    assert code == 2
    assert "is given twice" in error
    code, text, _ = run("found", "truths", "truths", "--json")
    assert code == 0
    assert "truths holds the truths themselves, which agree with themselves." in json.loads(text)["notes"]


@pytest.mark.parametrize("words", [("found", "truths"), ("found/a_seg.npy", "truths/a.png"), ("truths", "found")])
def test_files_of_cellpose_that_hold_objects_of_python_are_named(run, words: tuple[str, str]) -> None:
    save("truths/a.png", TRUTH)
    Path("found").mkdir()
    np.save("found/a_seg.npy", {"masks": TRUTH, "flows": []}, allow_pickle=True)
    code, _, error = run(*words)
    assert code == 2
    assert "a_seg.npy holds objects of Python, as Cellpose's _seg.npy does" in error
