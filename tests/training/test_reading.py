"""Training reads images and masks as everything else does."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import segmethods as sm
from segmethods.benchmark import open_dataset
from segmethods.io.id_maps import choose_ids
from segmethods.training.data import LONGEST, load, read_resized
from tests.training.toy import draw_squares

RANDOM = np.random.default_rng(0)
GREY = np.clip(RANDOM.normal(0.5, 0.1, (40, 60)), 0, 1)


def png(pixels: NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def jpeg() -> bytes:
    file = io.BytesIO()
    noise = RANDOM.integers(0, 256, (400, 600, 3), np.uint8)
    Image.fromarray(noise).save(file, "JPEG", quality=92)
    return file.getvalue()


CUT_OUT = np.dstack([np.zeros((40, 60, 3), np.uint8), np.where(GREY > 0.5, 255, 0).astype(np.uint8)])


@pytest.mark.parametrize(
    "data",
    [png((GREY * 4095).astype(np.uint16)), png(CUT_OUT), png((GREY * 255).astype(np.uint8)), jpeg()],
    ids=["12 bits", "transparent", "grey", "jpeg"],
)
def test_an_image_is_the_same_as_in_compare(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "image"
    file.write_bytes(data)
    image = sm.load_image(file)
    assert max(image.shape) <= LONGEST
    np.testing.assert_array_equal(read_resized(file)[0], image)


def test_what_compare_refuses_is_not_learned_from(tmp_path: Path) -> None:
    file = tmp_path / "cut.jpg"
    file.write_bytes(jpeg()[:60_000])
    for read in (sm.load_image, read_resized):
        with pytest.raises(sm.ImageError, match=r"cut\.jpg"):
            read(file)


def repack(folder: Path, kind: str) -> str:
    """The toy in another form that `benchmark` reads."""
    if kind == "zip":
        return shutil.make_archive(str(folder.parent / "packed"), "zip", folder)
    if kind == "upper case":
        for mask in (folder / "labels").iterdir():
            mask.rename(mask.with_suffix(".PNG"))
    if kind == "masks, with a word":
        (folder / "labels").rename(folder / "Masks")
        for mask in (folder / "Masks").iterdir():
            mask.rename(mask.with_name(f"{mask.stem}_mask.png"))
    if kind == "TIFF masks":
        for mask in (folder / "labels").iterdir():
            Image.open(mask).save(mask.with_suffix(".tif"))
            mask.unlink()
    if kind == "RGB masks":
        for mask in (folder / "labels").iterdir():
            Image.open(mask).convert("RGB").save(mask)
    return str(folder)


@pytest.mark.parametrize("kind", ["zip", "upper case", "masks, with a word", "TIFF masks", "RGB masks"])
def test_every_form_of_a_data_set_teaches_the_same(kind: str, tmp_path: Path) -> None:
    folder = draw_squares(tmp_path / "toy", 4)
    before = load(folder)
    after = load(repack(folder, kind))
    assert after.classes == before.classes
    assert after.digest() == before.digest()


def test_masks_of_0_and_255_are_background_and_object(tmp_path: Path) -> None:
    folder = draw_squares(tmp_path / "toy", 4)
    for mask in (folder / "labels").iterdir():
        labels = np.asarray(Image.open(mask))
        Image.fromarray(np.where(labels == 1, 255, 0).astype(np.uint8)).save(mask)
    data = load(folder)
    for example, pair in zip([*data.val, *data.train], open_dataset(folder).pairs, strict=True):
        truth = pair.load().truth
        assert truth is not None
        np.testing.assert_array_equal(example.labels, truth.labels)
        assert example.classes == (0, 1)


@pytest.mark.parametrize(("source", "classes"), [("shapes:count=12,size=64", 5), ("samples", 36)])
def test_whatever_benchmark_reads_teaches(source: str, classes: int) -> None:
    data = load(source)
    assert len(data.classes) >= classes
    assert len(data.train) > len(data.val) > 0
    assert max(int(example.labels[example.labels < 254].max()) for example in data.train) < len(data.classes)


def test_images_without_a_mask_are_left_out_and_said(tmp_path: Path) -> None:
    folder = draw_squares(tmp_path / "toy", 4)
    (folder / "labels" / "3.png").unlink()
    data = load(folder)
    assert len(data.train) + len(data.val) == 3
    assert data.notes == ["Read as: plain, 3 pictures, 2 classes", "1 file left out, 0 other files passed over"]


def test_ids_to_ignore_are_not_learned(tmp_path: Path) -> None:
    folder = draw_squares(tmp_path / "toy", 4)
    with pytest.raises(ValueError, match="masks of one class alone"):
        load(folder, ids=choose_ids(None, "1"))


def test_regions_without_names_are_refused(tmp_path: Path) -> None:
    folder = draw_squares(tmp_path / "toy", 4)
    (folder / "labels").rename(folder / "segmentations")
    with pytest.raises(ValueError, match="regions without names"):
        load(folder)
