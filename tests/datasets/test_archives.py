"""Archives as Windows, macOS and tools write them are read whole, or refused by name."""

from __future__ import annotations

import io
import struct
import tarfile
import warnings
import zipfile

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.benchmark import open_dataset


def picture(value: int = 0) -> bytes:
    pixels = np.zeros((4, 6), np.uint8)
    pixels[1:3] = value
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


FILES = {"images/a.png": picture(200), "masks/a.png": picture(1)}


def zipped(files: dict[str, bytes], replace: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue().replace(*replace) if replace[0] else data.getvalue()


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("照片", "gbk"), ("俓", "gbk"), ("ソ表", "cp932"), ("画像", "cp932"), ("größe", "utf-8")],
)
def test_names_in_the_code_page_of_their_language(name: str, encoding: str) -> None:
    """The second byte of ソ and 表 in Shift-JIS is 0x5C, the backslash; so is that of 俓 in GBK."""
    raw = name.encode(encoding)
    stand_in = b"X" * len(raw)
    files = {
        f"{folder}/{stand_in.decode()}.png": content
        for folder, content in zip(("images", "masks"), FILES.values(), strict=True)
    }
    (pair,) = open_dataset(zipped(files, (stand_in, raw)), name="set.zip").pairs
    assert pair.name == name
    assert pair.load().truth is not None


def test_backslashes_are_slashes() -> None:
    files = {name.replace("/", "\\"): content for name, content in FILES.items()}
    assert len(open_dataset(zipped(files), name="set.zip").pairs) == 1


def test_of_a_name_twice_the_last_one_counts() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in [*FILES.items(), ("masks/a.png", picture(0))]:
            archive.writestr(name, content)
    (pair,) = open_dataset(data.getvalue(), name="set.zip").pairs
    truth = pair.load().truth
    assert truth is not None
    assert not truth.labels.any()


def patched(method: int, flag: int = 0) -> bytes:
    data = bytearray(zipped(FILES))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        while start >= 0:
            struct.pack_into("<HH", data, start + at, flag, method)
            start = data.find(mark, start + 1)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (patched(9), "set.zip is packed with Deflate64"),
        (patched(1), "set.zip is packed with Shrink"),
        (patched(99, 1), "set.zip is encrypted"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "set.zip is a 7z file"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(99), "set.zip is a RAR file"),
        (b"<!DOCTYPE html><html>Quota exceeded</html>", "set.zip is a web page"),
    ],
)
def test_what_cannot_be_unpacked_is_named(data: bytes, problem: str) -> None:
    with pytest.raises(sm.ParameterError, match=problem):
        open_dataset(data, name="set.zip")


def tarred(files: dict[str, bytes], mode: str = "w:gz", link: bool = False) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if link:
                info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_tar_files(mode: str) -> None:
    dataset = open_dataset(tarred({f"set/{name}": content for name, content in FILES.items()}, mode), name="my.tar.gz")
    assert (dataset.name, len(dataset.pairs)) == ("my", 1)


@pytest.mark.parametrize("data", [tarred({"../images/a.png": b"x"}), tarred(FILES, link=True)], ids=["outside", "link"])
def test_tar_files_cannot_write_elsewhere(data: bytes) -> None:
    with pytest.raises(sm.ParameterError, match="points outside of it"):
        open_dataset(data, name="set.tar.gz")


def test_a_tar_file_cut_short() -> None:
    with pytest.raises(sm.ParameterError, match="is damaged"):
        open_dataset(tarred(FILES)[:150], name="set.tar.gz")
