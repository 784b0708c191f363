"""Masks that say in several ways which class is where are refused or told of, never mixed in silence."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmethods import ImageError, ParameterError
from segmethods.benchmark import Dataset, open_dataset

SIZE = (20, 30)
IDS = np.zeros(SIZE, np.uint8)
IDS[4:12, 6:16] = 1
IDS[14:18, 2:8] = 2
COLOURS = np.array([[0, 0, 0], [200, 30, 40], [30, 60, 220]], np.uint8)


def write(folder: Path, **masks: Image.Image | NDArray[np.uint8] | bytes) -> None:
    """A picture for each mask, and the masks."""
    for name, mask in masks.items():
        for place in ("images", "masks"):
            (folder / place).mkdir(exist_ok=True)
        Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(folder / "images" / f"{name}.png")
        file = folder / "masks" / f"{name}.png"
        if isinstance(mask, bytes):
            file.write_bytes(mask)
        else:
            (mask if isinstance(mask, Image.Image) else Image.fromarray(mask)).save(file)


def labels_of(found: Dataset, number: int) -> NDArray[np.integer]:
    truth = found.pairs[number].load().truth
    assert truth is not None
    return truth.labels


def indexed(order: list[int]) -> Image.Image:
    """The mask by a palette in another order."""
    image = Image.fromarray(np.array([order.index(i) for i in range(3)], np.uint8)[IDS])
    image.putpalette(COLOURS[order].ravel().tolist())
    return image


@pytest.mark.parametrize("names", ["", "a\nb\nc\nd\ne\nf\n"])
def test_palettes_in_another_order_are_refused(names: str, tmp_path: Path) -> None:
    if names:
        (tmp_path / "classes.txt").write_text(names)
    write(tmp_path, a=indexed([1, 0, 2]), b=indexed([1, 0, 2]))
    assert open_dataset(tmp_path).pairs
    write(tmp_path, c=indexed([0, 1, 2]))
    with pytest.raises(ParameterError, match=r"#000000 is number 1 in the palette of a\.png and 0 in that of c\.png"):
        open_dataset(tmp_path)


def test_ids_and_colours_are_not_mixed(tmp_path: Path) -> None:
    write(tmp_path, a=IDS, b=COLOURS[IDS], c=np.zeros(SIZE, np.uint8))
    with pytest.raises(ParameterError, match=r"a\.png holds ids of classes and b\.png holds colours"):
        open_dataset(tmp_path)


def png_of_bits(bits: int, ids: NDArray[np.uint8]) -> bytes:
    """A grey PNG of 2 or 4 bits."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b""
    for row in ids:
        text = "".join(f"{value:0{bits}b}" for value in row.tolist())
        text += "0" * (-len(text) % 8)
        rows += b"\0" + bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))
    head = struct.pack(">IIBBBBB", ids.shape[1], ids.shape[0], bits, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("bits", [2, 4])
def test_the_last_class_of_few_bits_is_no_void(bits: int, tmp_path: Path) -> None:
    last = 2**bits - 1
    every = IDS.copy()
    every[0] = last
    write(tmp_path, a=png_of_bits(bits, every), b=png_of_bits(bits, np.where(IDS == 1, last, 0).astype(np.uint8)))
    found = open_dataset(tmp_path)
    assert np.array_equal(labels_of(found, 0), every)
    assert np.array_equal(labels_of(found, 1), np.where(IDS == 1, last, 0))


def test_white_alone_among_ids_is_refused_and_not_left_unjudged(tmp_path: Path) -> None:
    write(tmp_path, a=(IDS == 1).astype(np.uint8), b=IDS, c=np.where(IDS == 1, 255, 0).astype(np.uint8))
    found = open_dataset(tmp_path)
    with pytest.raises(ImageError, match=r"masks/c\.png is background or 255, which means 'not judged'"):
        found.pairs[2].load()


def test_colours_that_are_numbers_are_told_of(tmp_path: Path) -> None:
    """As of the full ADE20K: red and green are the class, blue is the object."""
    objects = np.dstack([np.where(IDS, 10, 0), np.where(IDS, 120, 0), IDS]).astype(np.uint8)
    write(tmp_path, a=objects, b=objects)
    assert "no eye tells apart, such as #0a7801 and #0a7802" in " ".join(map(str, open_dataset(tmp_path).notes))
    write(tmp_path, a=COLOURS[IDS], b=COLOURS[IDS])
    assert "no eye tells" not in " ".join(map(str, open_dataset(tmp_path).notes))


def test_numbers_that_coco_writes_as_text_are_the_same(tmp_path: Path) -> None:
    Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(tmp_path / "a.png")
    outline = [6, 4, 16, 4, 16, 12, 6, 12]
    content = {
        "images": [{"id": 1, "file_name": "a.png", "height": SIZE[0], "width": SIZE[1]}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": "1", "category_id": "1", "segmentation": [outline]}],
    }
    (tmp_path / "instances.json").write_text(json.dumps(content))
    found = open_dataset(tmp_path)
    assert np.array_equal(labels_of(found, 0), IDS == 1)
    assert not any("no outlines" in str(note) for note in found.notes)
