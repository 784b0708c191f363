"""Labels of a job's folder are read as masks are everywhere, and found by the rule of data sets."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.core.messages import ImageError
from segmethods.io.ground_truth import load_ground_truth
from segmethods.jobs import get_job
from segmethods.jobs.frame import JobError

HALVES = np.repeat([[0, 1]], 8, axis=1).repeat(16, axis=0).astype(np.uint8)
"""16 by 16 pixels, the right half of them object."""


def grey_png(values: np.ndarray, bits: int) -> bytes:
    """A grey PNG of so many bits a pixel."""
    each = (values[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    rows = np.packbits(each.reshape(len(values), -1).astype(np.uint8), axis=1)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def read(job: str, folder: Path, label: bytes | np.ndarray, name: str = "labels/a.png", task: str = "") -> np.ndarray:
    place = folder / task
    for part in ("images", name):
        (place / part).parent.mkdir(parents=True, exist_ok=True)
    (place / "images").mkdir(exist_ok=True)
    Image.fromarray(np.full((16, 16, 3), 90, np.uint8)).save(place / "images/a.jpg")
    if isinstance(label, bytes):
        (place / name).write_bytes(label)
    else:
        Image.fromarray(label).save(place / name)
    return np.asarray(next(iter(get_job(job).read(folder).values()))[0].load().truth)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_two_values_are_an_object_however_many_bits_hold_them(bits: int, tmp_path: Path) -> None:
    mask = grey_png(HALVES * (2**bits - 1), bits)
    assert (read("medical", tmp_path, mask, task="lungs") == HALVES).all()
    assert (load_ground_truth(mask, (16, 16)).labels == HALVES).all()


@pytest.mark.parametrize(("bits", "found"), [(2, 3), (8, 255)])
def test_the_highest_of_few_bits_is_a_class_and_not_void(bits: int, found: int, tmp_path: Path) -> None:
    assert (read("driving", tmp_path, grey_png(HALVES * (2**bits - 1), bits)) == HALVES * found).all()


@pytest.mark.parametrize("label", [grey_png(HALVES * 15, 4), HALVES * 85])
def test_a_class_that_the_job_does_not_have_is_refused(label: bytes | np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="but the classes are 0 to 3, and 255 is not judged"):
        read("satellite", tmp_path, label)


@pytest.mark.parametrize("name", ["A.PNG", "a.tif", "a_mask.png", "a.jpg.png"])
def test_labels_are_found_as_masks_are_everywhere(name: str, tmp_path: Path) -> None:
    assert (read("satellite", tmp_path, HALVES * 2, f"labels/{name}") == HALVES * 2).all()


def test_nuclei_of_one_number_are_refused(tmp_path: Path) -> None:
    several = HALVES.copy()
    several[6:9] = 0
    with pytest.raises(ImageError, match="one number together"):
        read("medical", tmp_path, several * 255, task="nuclei")
    assert read("medical", tmp_path, HALVES, task="nuclei").max() == 1


def test_labels_of_other_names_are_not_taken_for_none(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"labels has nothing for any of the images: road\.png there, a\.jpg here"):
        read("driving", tmp_path, HALVES, "labels/road.png")
