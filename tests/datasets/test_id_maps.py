"""What the ids in masks become: presets, files, and ids that nobody judges."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.__main__ import main
from segmethods.benchmark import open_dataset
from segmethods.io.id_maps import PRESETS, choose_ids, find_id_map


@pytest.mark.parametrize(
    ("name", "ids", "labels"),
    [
        ("cityscapes", [7, 33, 26, 0, 5], [0, 18, 13, 255, 255]),
        ("cityscapes-trainids", [0, 18, 255], [0, 18, 255]),
        ("ade20k", [0, 1, 150], [255, 0, 149]),
        ("oxford-pets", [1, 2, 3], [1, 0, 255]),
        ("camvid", [0, 10, 11], [0, 10, 255]),
    ],
)
def test_presets(name: str, ids: list[int], labels: list[int]) -> None:
    assert PRESETS[name].map_labels(np.array([ids], np.uint8)).tolist() == [labels]
    classes = PRESETS[name].classes
    assert classes is not None
    assert len(set(classes.names)) == len(classes)


@pytest.mark.parametrize(
    "text",
    ["7 0 road\n26 1 car\n8 void\n", "7,0,road\n26, 1, car # a note\n\n", '{"7": 0, "26": 1}', "7: 0 road\n26: 1 car"],
)
def test_files(text: str, tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text(text)
    found = find_id_map(str(tmp_path / "map.txt"))
    assert found.map_labels(np.array([[7, 26, 8, 255]], np.uint8)).tolist() == [[0, 1, 255, 255]]
    assert found.classes is not None
    assert found.classes.names == (("class 0", "class 1") if text.startswith("{") else ("road", "car"))


@pytest.mark.parametrize("text", ["road 7\n", "7\n", '{"7": "road"}', "7 999\n"])
def test_files_that_are_no_maps(text: str, tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text(text)
    with pytest.raises(sm.ParameterError, match="is no map of ids"):
        find_id_map(str(tmp_path / "map.txt"))


@pytest.mark.parametrize("ignore", ["", "a", "1;2", "-1"])
def test_what_is_no_list_of_ids(ignore: str) -> None:
    with pytest.raises(sm.ParameterError, match="--ignore takes ids"):
        choose_ids(None, ignore)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    ids = np.zeros((8, 10), np.uint8)
    ids[:4], ids[4:, :5] = 7, 26
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
        Image.fromarray(ids * 9).save(tmp_path / folder / "a.png")
    Image.fromarray(ids).save(tmp_path / "masks" / "a.png")
    return tmp_path


def test_a_data_set_is_mapped(city: Path) -> None:
    dataset = open_dataset(city, ids=choose_ids("cityscapes", None))
    truth = dataset.pairs[0].load().truth
    assert truth is not None
    assert (dataset.classes, truth.classes) == (PRESETS["cityscapes"].classes,) * 2
    assert truth.labels[[0, 7, 7], [0, 0, 9]].tolist() == [0, 13, 255]


@pytest.mark.parametrize("command", ["compare", "benchmark"])
def test_the_commands_take_both_options(command: str, city: Path) -> None:
    out = io.StringIO()
    words = [str(city / "images" / "a.png"), "--truth", str(city / "masks")] if command == "compare" else [str(city)]
    words += ["--out", str(city / "out"), "--methods", "threshold", "--ids", "cityscapes", "--ignore", "26", "--json"]
    assert main([command, *words], out) == 0
    result = json.loads(out.getvalue())["results"][0]
    scores = result["scores"] if command == "compare" else result
    judged = [i for i, iou in enumerate(scores["class_iou"]) if iou is not None]
    assert 0 in judged
    assert 13 not in judged


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 0 a\n1 1 b\n", "id 1 stands there twice"),
        ('{"1": 0, "0": 0, "1": 1}', "id 1 stands there twice"),
        ('{"1": 1.7, "0": 0}', "1.7 is no id"),
        ('{"1": true, "0": 0}', "True is no id"),
        ('{"1": "cat"}', "'cat' is no id"),
        ('{"1": {"2": 3}}', "is no id"),
        ("0 0 a\n1 1 a\n", "the class a twice"),
    ],
)
def test_maps_that_say_two_things_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text(text)
    with pytest.raises(sm.ParameterError, match=said):
        find_id_map(str(tmp_path / "map.txt"))
