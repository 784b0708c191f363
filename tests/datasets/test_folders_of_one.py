"""Data sets in which each image has a folder of its own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.benchmark import open_dataset
from segmethods.core.messages import ParameterError
from segmethods.datasets.opening import open_parts


def save(file: Path, values: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(file)


def mask(place: int, *values: int) -> np.ndarray:
    found = np.zeros((16, 16), np.uint8)
    for number, value in enumerate(values):
        found[3 * number + 1 : 3 * number + 4, place : place + 5] = value
    return found


def photo(file: Path) -> None:
    save(file, np.full((16, 16, 3), 90, np.uint8))


@pytest.mark.parametrize(("image", "truth"), [("image.jpg", "mask.png"), ("img.png", "seg.tif"), ("RGB.png", "y.png")])
def test_each_mask_is_that_of_its_folder(tmp_path: Path, image: str, truth: str) -> None:
    for number in range(4):
        photo(tmp_path / f"case_{number}" / image)
        save(tmp_path / f"case_{number}" / truth, mask(number, 255))
    dataset = open_dataset(tmp_path)
    assert [pair.files[1] for pair in dataset.pairs] == [f"case_{number}/{truth}" for number in range(4)]
    for number, pair in enumerate(dataset.pairs):
        assert (pair.load().truth.labels == mask(number, 1)).all()


def test_parts_of_folders(tmp_path: Path) -> None:
    for part, count in (("train", 3), ("val", 2)):
        for number in range(count):
            photo(tmp_path / part / f"{number}" / "image.png")
            save(tmp_path / part / f"{number}" / "mask.png", mask(number, 255))
    assert {name: len(part.pairs) for name, part in open_parts(tmp_path).items()} == {"train": 3, "val": 2}


def test_what_could_mean_two_things_is_left_out_and_named(tmp_path: Path) -> None:
    for number in range(4):
        photo(tmp_path / f"{number}" / "image.png")
        save(tmp_path / f"{number}" / "mask.png", mask(1, 255))
    photo(tmp_path / "0" / "original.png")
    save(tmp_path / "1" / "seg.png", mask(8, 255))
    dataset = open_dataset(tmp_path)
    assert [pair.files[0] for pair in dataset.pairs] == ["2/image.png", "3/image.png"]
    assert {"0/image.png", "0/original.png", "1/image.png"} <= {one.name for one in dataset.skipped}


@pytest.mark.parametrize("names", [("a.png", "a_mask.png", "a_seg.png"), ("b.jpg", "b_gt.png", "b_mask.png")])
def test_masks_of_classes_that_do_not_count_are_said(tmp_path: Path, names: tuple[str, str, str]) -> None:
    photo(tmp_path / names[0])
    save(tmp_path / names[1], mask(1, 1, 2, 3))
    save(tmp_path / names[2], mask(2, 1, 2, 3))
    told = " ".join(map(str, open_dataset(tmp_path).describe()))
    assert f"of which the first by name counts, such as {names[1]}" in told


def test_labelmes_numbers_of_single_pictures_are_no_classes(tmp_path: Path) -> None:
    for number, words in enumerate(("_background_\ncat\ndog\n", "_background_\ndog\ncat\n")):
        photo(tmp_path / f"{number}_json" / "img.png")
        save(tmp_path / f"{number}_json" / "label.png", mask(1, 1, 2))
        (tmp_path / f"{number}_json" / "label_names.txt").write_text(words)
    with pytest.raises(ParameterError, match="numbers classes in each folder anew"):
        open_dataset(tmp_path)
