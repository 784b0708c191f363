"""A folder of masks for each class becomes classes, and what can't be one is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.benchmark import open_dataset
from segmethods.datasets.opening import open_parts

SIZE = (8, 10)


def save(path: Path, *rows: int, value: int = 255) -> None:
    """A mask that covers some rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros(SIZE, np.uint8)
    pixels[list(rows)] = value
    Image.fromarray(pixels).save(path)


def column(folder: Path, number: int = 0) -> list[int]:
    """The classes in an image of the data set, row by row."""
    truth = open_dataset(folder).pairs[number].load().truth
    assert truth is not None
    return truth.labels[:, 0].tolist()


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    save(tmp_path / "images" / "a.png")
    save(tmp_path / "images" / "b.png")
    save(tmp_path / "masks" / "dog" / "a.png", 4, 5)
    save(tmp_path / "masks" / "cat" / "a.png", 0, 1, value=1)
    save(tmp_path / "masks" / "dog" / "b_mask.png", 7)
    return tmp_path


def test_each_folder_is_a_class(animals: Path) -> None:
    found = open_dataset(animals)
    assert list(map(str, found.describe())) == ["Read as: a folder a class, 2 pictures, 3 classes"]
    assert found.classes.names == ("background", "cat", "dog")
    assert column(animals) == [1, 1, 0, 0, 2, 2, 0, 0]
    assert column(animals, 1) == [0, 0, 0, 0, 0, 0, 0, 2]


def test_a_folder_of_the_background_is_no_further_class(animals: Path) -> None:
    save(animals / "masks" / "background" / "a.png", 2, 3, 6, 7)
    assert open_dataset(animals).classes.names == ("background", "cat", "dog")


def test_the_same_masks_of_other_classes_are_another_data_set(animals: Path) -> None:
    before = open_dataset(animals).digest()
    (animals / "masks" / "cat").rename(animals / "masks" / "wolf")
    assert open_dataset(animals).classes.names == ("background", "dog", "wolf")
    assert column(animals) == [2, 2, 0, 0, 1, 1, 0, 0]
    assert open_dataset(animals).digest() != before


def test_a_mask_in_the_folder_of_another_class_is_another_data_set(animals: Path) -> None:
    before = open_dataset(animals).digest()
    (animals / "masks" / "dog" / "b_mask.png").rename(animals / "masks" / "cat" / "b_mask.png")
    assert column(animals, 1) == [0, 0, 0, 0, 0, 0, 0, 1]
    assert open_dataset(animals).digest() != before


def test_where_classes_overlap_the_later_one_counts_aloud(animals: Path) -> None:
    save(animals / "masks" / "dog" / "a.png", 1, 2)
    assert str(open_dataset(animals).describe()[-1]).startswith("Classes overlap in 1 of 2 pictures")
    assert column(animals) == [1, 2, 2, 0, 0, 0, 0, 0]


def test_files_without_a_partner_are_named(animals: Path) -> None:
    save(animals / "images" / "lonely.png")
    save(animals / "masks" / "cat" / "stray.png", 1)
    assert {left.name for left in open_dataset(animals).skipped} == {"images/lonely.png", "masks/cat/stray.png"}


def test_parts_inside_or_around(tmp_path: Path) -> None:
    for part, inside in (("train", False), ("val", True)):
        for kind in ("images", "masks/cat", "masks/dog"):
            first, _, rest = kind.partition("/")
            place = (first, part, rest) if inside else (part, kind)
            save(tmp_path.joinpath(*filter(None, place)) / "a.png", 1)
    parts = open_parts(tmp_path)
    assert {name: part.classes.names for name, part in parts.items()} == dict.fromkeys(
        ("val", "train"), ("background", "cat", "dog")
    )
    assert open_dataset(f"{tmp_path}@train").pairs[0].name == "a"


def test_several_masks_of_many_classes_for_one_image_are_refused(animals: Path) -> None:
    path = animals / "masks" / "dog" / "a.png"
    Image.fromarray((np.arange(80).reshape(SIZE) % 7).astype(np.uint8)).save(path)
    with pytest.raises(sm.ParameterError, match=r"in the folders cat, dog, and dog/a.png has more than two values"):
        open_dataset(animals)


def test_folders_that_share_no_image_are_no_classes_and_it_is_said(tmp_path: Path) -> None:
    for name, folder in (("a", "monday"), ("b", "tuesday")):
        save(tmp_path / "images" / f"{name}.png")
        save(tmp_path / "masks" / folder / f"{name}.png", 1)
    told = list(map(str, open_dataset(tmp_path).describe()))
    assert told[0] == "Read as: plain, 2 pictures, 2 classes"
    assert "in 2 folders, such as monday: these names were not taken for classes." in told[-1]


def test_folders_that_images_have_too_are_no_classes(tmp_path: Path) -> None:
    for folder in ("north", "south"):
        save(tmp_path / "images" / folder / "a.png")
        save(tmp_path / "masks" / folder / "a.png", 1)
    assert list(map(str, open_dataset(tmp_path).describe())) == ["Read as: plain, 2 pictures, 2 classes"]
