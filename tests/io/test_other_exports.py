"""Exports of tools that were read as nothing, or refused for the wrong reason."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from segmethods.core.messages import ParameterError
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
