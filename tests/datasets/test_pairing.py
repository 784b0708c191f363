"""One rule says which mask belongs to which image."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from segmethods.core.messages import ImageError
from segmethods.datasets.pairing import find_mask, match_masks


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("cat.jpg", "cat.png"),
        ("IMG_1.JPG", "img_1.png"),
        ("cat.jpg", "cat.PNG"),
        (unicodedata.normalize("NFC", "größe.jpg"), unicodedata.normalize("NFD", "Größe.png")),
        ("cat.jpg", "cat.jpg.png"),
        ("cat.jpg", "cat_mask.png"),
        ("cat.jpg", "cat_mask.jpg.png"),
        ("cat.jpg", "cat-seg.tif"),
        ("cat.jpg", "cat_gt.png"),
        ("ISIC_01.jpg", "ISIC_01_Segmentation.png"),
        ("cat.jpg", "mask_cat.png"),
        ("7_sat.jpg", "7_mask.png"),
        ("case_0000.png", "case.png"),
    ],
)
def test_names_that_belong_together(image: str, mask: str) -> None:
    found = match_masks([Path("images", image), Path("images/other.png")], [Path("labels", mask)])
    assert found.masks == {Path("images", image): Path("labels", mask)}
    assert found.images_alone == (Path("images/other.png"),)


@pytest.mark.parametrize(("image", "mask"), [("cat.jpg", "cats.png"), ("cat.jpg", "cat_1.png"), ("1.png", "11.png")])
def test_names_that_do_not(image: str, mask: str) -> None:
    found = match_masks([Path(image)], [Path(mask)])
    assert (found.masks, found.images_alone, found.masks_alone) == ({}, (Path(image),), (Path(mask),))


def test_the_exact_name_goes_before_one_with_a_word() -> None:
    images = [Path("images/cat.jpg"), Path("images/cat_mask.jpg")]
    masks = [Path("labels/cat_mask.png"), Path("labels/cat.png")]
    found = match_masks(images, masks)
    assert {image.stem: mask.stem for image, mask in found.masks.items()} == {"cat": "cat", "cat_mask": "cat_mask"}


def test_files_that_differ_by_their_endings_alone_are_named() -> None:
    found = match_masks([Path("cat.jpg"), Path("CAT.png")], [Path("labels/cat.png")])
    assert found.masks == {Path("cat.jpg"): Path("labels/cat.png")}
    assert found.same_name == (Path("CAT.png"),)


def test_a_folder_of_masks_beside_the_images(tmp_path: Path) -> None:
    for name in ("cat.jpg", "cat_mask.PNG", "dog.jpg", "dog.png", "dog.gif"):
        (tmp_path / name).touch()
    endings = (".png", ".jpg", ".gif")
    assert find_mask(str(tmp_path / "cat.jpg"), tmp_path, endings).name == "cat_mask.PNG"
    with pytest.raises(ImageError, match=r"two masks for .*dog.jpg, dog.gif and dog.png"):
        find_mask(str(tmp_path / "dog.jpg"), tmp_path, endings)
    with pytest.raises(ImageError, match=r"no mask for cow.jpg. Name it cow.png"):
        find_mask("cow.jpg", tmp_path, endings)
