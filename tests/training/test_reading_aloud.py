"""Training says what a benchmark says of the same folder, and refuses parts that mean different things."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from segmethods.benchmark import open_dataset
from segmethods.core.messages import ParameterError
from segmethods.training.data import load

MASK = np.zeros((20, 30), np.uint8)
MASK[4:12, 5:20] = 1
MASK[13:18, 2:9] = 2
PHOTO = np.random.default_rng(0).integers(0, 250, (20, 30, 3), np.uint8)


def save(file: Path, values: np.ndarray, turned: bool = False) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".tif":
        tifffile.imwrite(file, values, photometric="rgb")
    elif turned:
        exif = Image.Exif()
        exif[0x112] = 6
        Image.fromarray(np.rot90(values).copy()).save(file, exif=exif)
    else:
        Image.fromarray(values).save(file)


@pytest.mark.parametrize("kind", ["12 bits", "turned, mask not", "turned, mask too"])
def test_what_is_assumed_of_images_and_masks_is_said(tmp_path: Path, kind: str) -> None:
    for number in range(4):
        if kind == "12 bits":
            save(tmp_path / f"images/{number}.tif", PHOTO.astype(np.uint16) * 16)
        else:
            save(tmp_path / f"images/{number}.jpg", PHOTO, turned=True)
        save(tmp_path / f"masks/{number}.png", np.rot90(MASK).copy() if kind.endswith("too") else MASK)
    notes = {str(note) for pair in open_dataset(tmp_path).pairs for note in pair.load().notes}
    assert notes
    told = " ".join(load(tmp_path).notes)
    assert all(note in told for note in notes)


COLOURS = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0]], np.uint8)
ONE = np.minimum(MASK, 1)
VOID = np.where(MASK == 2, 255, MASK).astype(np.uint8)


@pytest.mark.parametrize(
    ("learned", "judged", "words"),
    [
        (MASK, ONE, "3 classes .* those of another 2 classes .* name all classes"),
        (COLOURS[MASK], COLOURS[ONE], "name all classes in a classes.txt"),
        (VOID, ONE * 255, "255 is void in the masks of one part and the object in those of another"),
    ],
)
def test_parts_whose_masks_mean_different_things_are_refused(
    tmp_path: Path, learned: np.ndarray, judged: np.ndarray, words: str
) -> None:
    for part, values in (("train", learned), ("val", judged)):
        for number in range(3):
            save(tmp_path / part / f"images/{number}.png", PHOTO)
            save(tmp_path / part / f"masks/{number}.png", values)
    with pytest.raises(ValueError, match=words):
        load(tmp_path)


@pytest.mark.parametrize(
    ("learned", "judged", "file", "text"),
    [
        (MASK, ONE, "classes.txt", "ground\ncat\ndog\n"),
        (COLOURS[MASK], COLOURS[ONE], "labelmap.txt", "ground:0,0,0::\ncat:255,0,0::\ndog:0,255,0::\n"),
        (VOID, ONE, "", ""),
        (ONE, ONE * 255, "", ""),
    ],
)
def test_parts_are_read_alike_where_names_or_values_say_how(
    tmp_path: Path, learned: np.ndarray, judged: np.ndarray, file: str, text: str
) -> None:
    for part, values in (("train", learned), ("val", judged)):
        for number in range(3):
            save(tmp_path / part / f"images/{number}.png", PHOTO)
            save(tmp_path / part / f"masks/{number}.png", values)
    if file:
        (tmp_path / file).write_text(text)
    data = load(tmp_path)
    assert (data.val[0].labels == ONE).all()
    assert ((data.train[0].labels == 1) == (MASK == 1)).all() or (data.train[0].labels == ONE).all()


@pytest.mark.parametrize("second", ["labels.txt", "class_names.txt"])
def test_two_files_of_names_in_another_order_are_refused(tmp_path: Path, second: str) -> None:
    for number in range(4):
        save(tmp_path / f"images/{number}.png", PHOTO)
        save(tmp_path / f"masks/{number}.png", MASK)
    (tmp_path / "classes.txt").write_text("background\ncat\ndog\n")
    (tmp_path / second).write_text("background\nCat\ndog\n")
    assert open_dataset(tmp_path).classes.names == ("background", "cat", "dog")
    (tmp_path / second).write_text("background\ndog\ncat\n")
    for read in (open_dataset, load):
        with pytest.raises(ParameterError, match="in another order"):
            read(tmp_path)
