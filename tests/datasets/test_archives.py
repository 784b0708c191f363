"""Archives as Windows, macOS and tools write them are read whole, or refused by name."""

from __future__ import annotations

import io
import struct
import tarfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.benchmark import open_dataset
from segmethods.datasets.archive_names import rank_encodings
from segmethods.datasets.archives import tell_encoding


def image(value: int = 0) -> bytes:
    pixels = np.zeros((4, 6), np.uint8)
    pixels[1:3] = value
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


FILES = {"images/a.png": image(200), "masks/a.png": image(1)}


def zipped(files: dict[str, bytes], replace: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue().replace(*replace) if replace[0] else data.getvalue()


FOREIGN = [
    *(("bäume", "cp850"), ("coração", "cp850"), ("größe", "cp1252"), ("première", "cp1252"), ("фото", "cp866")),
    *(("снимок", "cp1251"), ("이미지", "cp949"), ("醫學影像", "big5"), ("标签", "gbk"), ("写真", "cp932")),
]
"""Names as Windows writes them into zip files in some of its languages."""


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("照片", "gbk"), ("俓", "gbk"), ("ソ表", "cp932"), ("画像", "cp932"), ("größe", "utf-8"), *FOREIGN],
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


def test_what_the_names_were_taken_for_is_said() -> None:
    raw = "größe".encode("cp850")
    files = {"images/XXXXX.png": FILES["images/a.png"], "masks/XXXXX.png": FILES["masks/a.png"]}
    notes = [str(note) for note in open_dataset(zipped(files, (b"XXXXX", raw)), name="set.zip").notes]
    assert notes == ["The archive doesn't say how its names are encoded: they were read as cp850."]
    assert not open_dataset(zipped(FILES), name="set.zip").notes


def test_archives_in_an_archive_are_unpacked_once() -> None:
    images, masks = zipped({"a.png": FILES["images/a.png"]}), zipped({"a.png": FILES["masks/a.png"]})
    (pair,) = open_dataset(zipped({"set/images.zip": images, "set/masks.zip": masks}), name="set.zip").pairs
    assert pair.name == "a"
    with pytest.raises(sm.ParameterError, match="holds no data set"):
        open_dataset(zipped({"set.zip": zipped({"images.zip": images, "masks.zip": masks})}), name="deep.zip")


def test_backslashes_are_slashes() -> None:
    files = {name.replace("/", "\\"): content for name, content in FILES.items()}
    assert len(open_dataset(zipped(files), name="set.zip").pairs) == 1


def test_of_a_name_twice_the_last_one_counts() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in [*FILES.items(), ("masks/a.png", image(0))]:
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


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("图片", "gbk"), ("原图", "gbk"), ("猫咪", "gbk"), ("北京", "gbk"), ("道路", "cp932"), ("東京", "cp932")],
)
def test_names_of_two_letters_are_read_right_or_in_doubt(name: str, encoding: str) -> None:
    """The bytes of the first two are UTF-8 as well, of letters that nobody writes; one is Russian as well."""
    first, *others = rank_encodings([f"{name}.png".encode(encoding)])
    assert first == encoding or encoding in others
    assert first != "utf-8"


def test_doubt_about_names_is_said(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set.names").write_text("gbk cp932")
    assert [str(note) for note in tell_encoding(tmp_path / "set")][1:] == [
        "They may be cp932 as well: to be sure, make the archive anew with names in UTF-8."
    ]
