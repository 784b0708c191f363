"""Outlines that show nothing are counted aloud: outside of the picture, in shares of it, or of pictures not listed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.core.messages import ImageError, ParameterError
from segmethods.datasets.opening import open_dataset
from segmethods.io.ground_truth import read_ground_truth

SIZE = (40, 60)
INSIDE = [[5, 5], [30, 5], [30, 20]]
NOWHERE = {"outside": [[80, 80], [99, 80], [99, 99]], "shares": [[0.1, 0.1], [0.6, 0.1], [0.6, 0.6]]}


def labelme(*outlines: list[list[float]]) -> bytes:
    shapes = [{"label": "a", "shape_type": "polygon", "points": points} for points in outlines]
    return json.dumps({"shapes": shapes, "imageHeight": SIZE[0], "imageWidth": SIZE[1]}).encode()


def coco(*outlines: list[list[float]], images: tuple[int, ...] = (1,), first: int = 1, step: int = 0) -> bytes:
    return json.dumps(
        {
            "images": [{"id": i, "file_name": f"{n}.png", "height": 40, "width": 60} for n, i in enumerate(images)],
            "categories": [{"id": 1, "name": "a"}],
            "annotations": [
                {"image_id": first + step * i, "category_id": 1, "segmentation": [np.ravel(points).tolist()]}
                for i, points in enumerate(outlines)
            ],
        }
    ).encode()


@pytest.mark.parametrize("write", [labelme, coco])
@pytest.mark.parametrize("points", NOWHERE.values(), ids=NOWHERE.keys())
def test_outlines_that_cover_next_to_nothing_are_said(write, points: list[list[float]]) -> None:
    file = read_ground_truth(write(INSIDE, points), SIZE, "0.json")
    assert file.truth.labels.any()
    assert [str(note) for note in file.notes] == ["Of the picture 1 outline covers one pixel at most."]


def test_outlines_of_pictures_that_are_not_listed_are_said() -> None:
    file = read_ground_truth(coco(INSIDE, first=2), SIZE, "0.json")
    assert [str(note) for note in file.notes] == ["Left out: 1 outline of pictures that 0.json doesn't list."]


def test_two_pictures_of_one_id_are_refused() -> None:
    with pytest.raises(ImageError, match="two pictures with the id 1"):
        read_ground_truth(coco(INSIDE, images=(1, 1)), SIZE, "0.json")


@pytest.mark.parametrize("images", [(1, 2), (1, 1)])
def test_sets_say_so_too(images: tuple[int, ...], tmp_path: Path) -> None:
    for number in range(2):
        Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(tmp_path / f"{number}.png")
    (tmp_path / "all.json").write_bytes(coco(INSIDE, INSIDE, images=images, first=2, step=1))
    if images == (1, 1):
        with pytest.raises(ParameterError, match="two pictures with the id 1"):
            open_dataset(tmp_path)
    else:
        notes = " ".join(map(str, open_dataset(tmp_path).notes))
        assert "Left out: 1 outline of pictures that all.json doesn't list." in notes
