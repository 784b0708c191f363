"""Small files made to do harm: each is refused in one line, soon, and writes nowhere but into its own folder."""

import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from segmethods import ImageError, ParameterError, load_image
from segmethods.benchmark import open_dataset
from segmethods.core.settings import settings
from segmethods.io.class_names import read_class_names
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.label_maps import load_maps


def png(width: int, height: int, body: bytes = b"", bits: int = 8) -> bytes:
    """A PNG that says it is so large."""
    head = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", body or zlib.compress(bytes(1000))), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff(**entries: int) -> bytes:
    """A TIFF of one page whose directory says what it likes."""
    tags = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 4, 279: 16}
    tags |= {int(tag[1:]): value for tag, value in entries.items()}
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\0" + struct.pack("<I", 24) + bytes(16) + struct.pack("<H", len(tags)) + rows + bytes(4)


def endless_pages() -> bytes:
    """A TIFF whose directory says that it is followed by itself."""
    data = bytearray(tiff())
    data[-4:] = struct.pack("<I", 24)
    return bytes(data)


def saved(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=True)
    return file.getvalue()


def frames(count: int) -> bytes:
    file, image = io.BytesIO(), Image.new("P", (2, 2))
    image.save(file, "GIF", save_all=True, append_images=[Image.new("P", (2, 2), i % 9) for i in range(count)])
    return file.getvalue()


IMAGES = {
    "a giant by its header": png(2**31 - 1, 2**31 - 1),
    "a giant of one bit": png(60_000, 60_000, bits=1),
    "a bomb": png(9000, 9000, zlib.compress(bytes(9001 * 9000))),
    "a page of giant size": tiff(_256=2**31, _257=2**31),
    "rows beyond the file": tiff(_256=6000, _257=6000, _279=36_000_000),
    "samples without end": tiff(_277=60_000),
    "bits without end": tiff(_258=4096),
    "an offset beyond the file": tiff(_273=2**31),
    "a picture in words": b"P6 1000000000 1000000000 255\n",
    "SVG that calls out": b"<svg><image href='file:///etc/passwd'/></svg>",
    "PostScript": b"%!PS\n(/etc/passwd) run",
    "a profile of nothing": png(2, 2).replace(b"IDAT", b"iCCP"),
}


@pytest.mark.parametrize("data", IMAGES.values(), ids=IMAGES.keys())
def test_pictures_made_to_do_harm_are_refused_in_a_line(data: bytes) -> None:
    for read in (lambda: load_image(data, "a.png"), lambda: read_ground_truth(data, (4, 4), "a.png")):
        with pytest.raises(ImageError) as caught:
            read()
        assert "\n" not in str(caught.value)


def test_pages_and_frames_without_end_are_not_read() -> None:
    assert load_image(endless_pages(), "a.tif").shape == (4, 4, 3)
    assert load_image(frames(400), "a.gif").shape == (2, 2, 3)


DEEP = b'{"shapes": ' + b"[" * 100_000
HUGE = {"shapes": [], "imageHeight": 10**6, "imageWidth": 10**6}
POINTS = {"label": "a", "points": [[1e308, 1e308], [-1e308, 0], [float("inf"), 2]], "shape_type": "polygon"}
RUNS = {"size": [4, 4], "counts": [2**62, 2**62]}
ENTRY = {"image_id": 1, "category_id": 1, "segmentation": RUNS}
COCO = {"images": [{"id": 1, "height": 4, "width": 4}], "categories": [{"id": 1, "name": "a"}], "annotations": [ENTRY]}
MASKS = {
    "JSON without a bottom": DEEP,
    "outlines of a giant": json.dumps(HUGE).encode(),
    "corners at infinity": json.dumps({"shapes": [POINTS], "imageHeight": 4, "imageWidth": 4}).encode(),
    "runs without end": json.dumps(COCO).encode(),
    "packed runs": json.dumps(COCO | {"annotations": [ENTRY | {"segmentation": RUNS | {"counts": "~" * 99}}]}).encode(),
    "YOLO far outside": b"0 9e99 1 2 3 4 5\n",
    "a pickle": saved(np.array([{"a": 1}], object)),
    "an array of a giant": saved(np.zeros((2, 2), np.uint8)).replace(b"(2, 2)", b"(99999999, 99999999)"),
    "text": saved(np.array([["a", "b"]])),
}


@pytest.mark.parametrize("data", MASKS.values(), ids=MASKS.keys())
def test_masks_made_to_do_harm_are_refused_in_a_line(data: bytes) -> None:
    with pytest.raises(ImageError) as caught:
        read_ground_truth(data, (4, 4), "mask")
    assert "\n" not in str(caught.value)


def zipped(*members: tuple[str, bytes], link: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
        if link:
            info = zipfile.ZipInfo("images/link")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, link)
    return file.getvalue()


def tarred(name: str, kind: bytes, link: str = "") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        archive.addfile(info)
    return file.getvalue()


BOMB = ("images/a.png", bytes(40_000_000))
ARCHIVES = {
    "out by dots": zipped(("../../evil.png", b"x")),
    "out by a root": zipped(("/tmp/evil.png", b"x")),
    "out by a drive": zipped(("C:\\evil.png", b"x")),
    "out by backslashes": zipped(("a\\..\\..\\evil.png", b"x")),
    "a link": zipped(link="/etc/passwd"),
    "a bomb": zipped(BOMB),
    "a bomb in an archive": zipped(("deep.zip", zipped(BOMB))),
    "out of an archive in it": zipped(("deep.zip", zipped(("../../../evil.png", b"x")))),
    "a link in tar": tarred("images/a.png", tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link in tar": tarred("images/a.png", tarfile.LNKTYPE, "../../evil"),
    "a device in tar": tarred("images/a.png", tarfile.CHRTYPE),
    "out by dots in tar": tarred("../evil.png", tarfile.REGTYPE),
    "a file and a folder of one name": zipped(("a", b"x"), ("a/b.png", b"x")),
    "a name without end": zipped(("x" * 5000 + ".png", b"x")),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that no other test leaves anything in, deep enough that what leaves it stays in ``tmp_path``."""
    monkeypatch.setenv("SEGMETHODS_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_archives_made_to_do_harm_are_refused_in_a_line(data: bytes, home: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        open_dataset(data, name="set.zip")
    assert "\n" not in str(caught.value)
    assert [file for file in home.parent.rglob("*") if file.is_file() or "unpacking" in file.name] == []


def test_saved_maps_made_to_do_harm_are_refused_in_a_line() -> None:
    shape = b"(2, 2)", b"(99999999, 99999999)"
    giant, pickled = saved(np.zeros((2, 2), np.uint8)).replace(*shape), saved(np.array([{}], object))
    for data in (zipped(("a.npy", giant)), zipped(("a.npy", pickled)), b"MATLAB 5.0" + b"\xff" * 400):
        with pytest.raises(ImageError) as caught:
            load_maps(data, name="a.npz")
        assert "\n" not in str(caught.value)


BOTTOMLESS = ["[" * 100_000, '{"labels": ' * 20_000, "names: " + "[" * 9999, "0:" * 9999, "\n" * 9999]


@pytest.mark.parametrize("name", ["classes.txt", "dataset.json", "data.yaml", "_classes.csv"])
def test_class_names_without_a_bottom_do_not_hang(name: str, tmp_path: Path) -> None:
    for text in BOTTOMLESS:
        (tmp_path / name).write_text(text)
        with suppress(ParameterError):
            assert len(read_class_names(tmp_path / name).names) < 10


def test_a_tiff_whose_pages_differ_wildly_is_read_by_its_first() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as pages:
        pages.write(np.full((4, 4), 9, np.uint8))
        pages.write(np.zeros((1, 40_000), np.float64))
    assert load_image(file.getvalue(), "a.tif", page=0).shape == (4, 4, 3)
