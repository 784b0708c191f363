"""Names of classes in encodings that read differently are refused, and a listed black background is not added twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segmethods.core.messages import ParameterError
from segmethods.io.class_names import ClassNames, read_class_names


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("背景\n細胞\nソラ\n", "shift-jis"), ("背景\n道路\n空\n", "shift-jis"), ("背景\n細胞\n道路\n", "big5")],
)
def test_text_that_may_be_in_several_encodings_is_refused(text: str, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "classes.txt"
    file.write_bytes(text.encode(encoding))
    with pytest.raises(ParameterError, match="Save it as UTF-8"):
        read_class_names(file)


@pytest.mark.parametrize("text", ["背景\n细胞\n天空\n", "background\n道路\n车\n"])
def test_plain_chinese_of_windows_is_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "classes.txt"
    file.write_bytes(text.encode("gbk"))
    assert read_class_names(file).names == tuple(text.split())


@pytest.mark.parametrize("colours", [["#000000", "#FF0000", "#00ff00"], [[0, 0, 0], [255, 0, 0], [0, 255, 0]]])
def test_a_black_first_class_is_the_background(colours: list[object], tmp_path: Path) -> None:
    file = tmp_path / "classes.json"
    rows = [{"name": n, "color": c} for n, c in zip(("ground", "cell", "sky"), colours, strict=True)]
    file.write_text(json.dumps(rows))
    assert read_class_names(file) == ClassNames(("ground", "cell", "sky"), ((0, 0, 0), (255, 0, 0), (0, 255, 0)))


def test_colours_as_numbers_are_read(tmp_path: Path) -> None:
    file = tmp_path / "classes.json"
    file.write_text(json.dumps([{"name": "cell", "color": [255, 0, 0]}]))
    assert read_class_names(file) == ClassNames(("background", "cell"), ((0, 0, 0), (255, 0, 0)), adds_ground=True)
