"""Exports of tools that were read as nothing, or refused for the wrong reason."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.core.messages import ImageError, ParameterError
from segmethods.datasets.opening import open_dataset
from segmethods.io.class_names import read_class_names
from segmethods.io.ground_truth import read_ground_truth

SIZE = (20, 30)
BOX = np.zeros(SIZE, np.uint8)
BOX[4:12, 6:16] = 1
CORNERS = [[6, 4], [16, 4], [16, 12], [6, 12]]


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("rectangle", [[16, 12], [6, 4]]),
        ("rectangle", CORNERS),
        ("rotation", CORNERS),
        ("oriented_rectangle", CORNERS),
        ("polygon", CORNERS),
    ],
)
def test_boxes_of_labelme_and_its_like_are_filled(kind: str, points: list[list[int]]) -> None:
    """X-AnyLabeling writes all four corners of a rectangle, and calls a turned one rotation."""
    shape = {"label": "cat", "shape_type": kind, "points": points}
    data = json.dumps({"imageHeight": 20, "imageWidth": 30, "shapes": [shape]}).encode()
    assert np.array_equal(read_ground_truth(data, SIZE, "a.json").truth.labels, BOX)


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_outlines_of_yolo_may_begin_with_a_mark_of_their_encoding(before: bytes) -> None:
    row = "0 " + " ".join(f"{x / 30:.9f} {y / 20:.9f}" for x, y in CORNERS) + "\r\n"
    assert np.array_equal(read_ground_truth(before + row.encode(), SIZE, "a.txt").truth.labels, BOX)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names:\n  0: cat # small\n  1: 'dog # 2'\n", ("cat", "dog # 2")),
        ("names:\n- cat  # small\n- C#\n", ("cat", "C#")),
        ("nc: 2\nnames: ['cat', 'dog']  # all\n", ("cat", "dog")),
    ],
)
def test_comments_are_no_part_of_a_name(text: str, names: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text(text)
    assert read_class_names(tmp_path / "data.yaml").names == names


def test_regions_of_nnu_net_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": {"background": 0, "whole": [1, 2], "core": [2]}}))
    with pytest.raises(ParameterError, match="its labels are regions of several ids"):
        read_class_names(tmp_path / "dataset.json")


def spelled(label: str, corners: list[list[int]]) -> dict[str, object]:
    return {"label": label, "shape_type": "polygon", "points": corners}


@pytest.mark.parametrize("is_set", [False, True])
def test_names_that_differ_only_in_capital_letters_are_one_class(is_set: bool, tmp_path: Path) -> None:
    """Both were classes, and the pixels of both were of the second."""
    shapes = [spelled("cat", CORNERS), spelled("Cat", [[20, 14], [24, 14], [24, 18], [20, 18]])]
    data = json.dumps({"imageHeight": 20, "imageWidth": 30, "shapes": shapes}).encode()
    expected = BOX.copy()
    expected[14:18, 20:24] = 1
    file = read_ground_truth(data, SIZE, "a.json")
    truth, notes = file.truth, file.notes
    if is_set:
        Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(tmp_path / "a.png")
        (tmp_path / "a.json").write_bytes(data)
        found = open_dataset(tmp_path)
        read = found.pairs[0].load().truth
        assert read is not None
        truth, notes = read, found.notes
    assert truth.classes.names == ("background", "cat")
    assert np.array_equal(truth.labels, expected)
    assert "Cat and cat count as one class." in map(str, notes)


def test_categories_of_coco_that_differ_only_in_capital_letters_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(tmp_path / "a.png")
    outline = [v for corner in CORNERS for v in corner]
    content = {
        "images": [{"id": 1, "file_name": "a.png", "height": 20, "width": 30}],
        "categories": [{"id": 1, "name": "Cat"}, {"id": 2, "name": "cat"}],
        "annotations": [{"id": i, "image_id": 1, "category_id": i, "segmentation": [outline]} for i in (1, 2)],
    }
    (tmp_path / "instances.json").write_text(json.dumps(content))
    with pytest.raises(ParameterError, match="two classes with the name Cat"):
        open_dataset(tmp_path)
    with pytest.raises(ImageError, match="two classes with the name"):
        read_ground_truth(json.dumps(content).encode(), SIZE, "instances.json", image="a.png")
