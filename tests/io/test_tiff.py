"""TIFF files that Pillow misreads are read right, or refused by what they are."""

import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from segmethods import ImageError, load_image
from segmethods.io import tiff
from segmethods.io.images import read_image

ROWS, COLUMNS = np.mgrid[:64, :96]
DISC = (ROWS - 30) ** 2 + (COLUMNS - 40) ** 2 < 400
UNIT = np.clip(np.where(DISC, 0.8, 0.3) + np.random.default_rng(0).normal(0, 0.01, DISC.shape), 0, 1)
GREY = np.round(UNIT * 255).astype(np.uint8)
RGB = np.stack([GREY, GREY // 2 + 20, 255 - GREY], 2)
DEEP = RGB.astype(np.uint16) * 257


def encode(values: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        encode(RGB, photometric="rgb"),
        encode(np.moveaxis(RGB, 2, 0), photometric="rgb", planarconfig="separate"),
        encode(DEEP, photometric="rgb"),
        encode(DEEP, photometric="rgb", byteorder=">"),
        encode(DEEP, photometric="rgb", tile=(32, 32), compression="deflate", predictor=True),
        encode(DEEP, photometric="rgb", compression="lzma"),
        encode(np.moveaxis(DEEP, 2, 0), photometric="rgb", planarconfig="separate"),
        encode(DEEP, photometric="rgb", bigtiff=True, byteorder=">"),
        encode(np.dstack([RGB, GREY]), photometric="rgb", extrasamples=["unspecified"]),
        encode(np.dstack([DEEP, DEEP[..., 0]]), photometric="rgb", extrasamples=["unspecified"]),
    ],
)
def test_colours_of_8_and_16_bits_in_every_layout(data: bytes) -> None:
    assert np.array_equal(load_image(data), RGB)


@pytest.mark.parametrize(
    "data",
    [
        encode(255 - GREY, photometric="miniswhite"),
        encode(65535 - GREY.astype(np.uint16) * 257, photometric="miniswhite"),
        encode(GREY, photometric="palette", colormap=(np.stack([np.arange(256)] * 3) * 257).astype(np.uint16)),
        encode(GREY, photometric="palette", colormap=np.stack([np.arange(256)] * 3).astype(np.uint16)),
        encode(GREY, bigtiff=True, byteorder=">"),
    ],
    ids=["min is white", "min is white, 16 bits", "palette", "palette to 255", "big BigTIFF"],
)
def test_grey_in_every_layout(data: bytes) -> None:
    assert np.array_equal(load_image(data), np.repeat(GREY[..., None], 3, 2))


def test_twelve_bits_of_which_the_least_is_white() -> None:
    values = 4095 - (UNIT * 4095).astype(np.uint16)
    image = load_image(encode(values, photometric="miniswhite"))
    assert image[DISC].mean() - image[~DISC].mean() == pytest.approx(127, abs=4)


@pytest.mark.parametrize("kind", [np.float32, np.int16])
def test_least_is_white_in_every_kind_of_number(kind: type) -> None:
    values = np.where(DISC, 20, 90).astype(kind)
    values[0, :4] = -9999
    options = {"photometric": "miniswhite", "extratags": [(42113, 2, 0, "-9999", True)]}
    image = load_image(encode(values, **options))[..., 0].astype(int)
    assert image[DISC].mean() - image[4:][~DISC[4:]].mean() > 60
    assert (image[0, :4] == 0).all()


def test_the_tag_for_missing_data_is_heard_in_8_bits() -> None:
    for values in (
        np.where(DISC, 200, 255).astype(np.uint8),
        np.dstack([np.where(DISC, 200, 255)] * 3).astype(np.uint8),
    ):
        colours = "rgb" if values.ndim == 3 else "minisblack"
        file = read_image(encode(values, photometric=colours, extratags=[(42113, 2, 0, "255", True)]))
        assert (file.image[~DISC] == 0).all()
        assert (file.image[DISC] == 200).all()
        assert str(file.notes[0]).startswith("Missing and shown black")


def test_transparency_of_16_bits_is_laid_over_white() -> None:
    alpha = np.where(DISC, 65535, 0).astype(np.uint16)
    file = read_image(encode(np.dstack([DEEP, alpha]), photometric="rgb", extrasamples=["unassalpha"]))
    assert np.array_equal(file.image[DISC], RGB[DISC])
    assert (file.image[~DISC] == 255).all()
    assert "Transparent parts were laid over white." in map(str, file.notes)


def test_lzw_is_unpacked_with_what_is_there() -> None:
    """tifffile leaves LZW to a package that this project doesn't need."""
    file = io.BytesIO()
    Pillow.fromarray(np.frombuffer(DEEP.tobytes(), np.uint8).reshape(64, -1)).save(file, "TIFF", compression="tiff_lzw")
    file.seek(0)
    with tifffile.TiffFile(file) as source:
        page = source.pages[0]
        strips = [file.getvalue()[at : at + n] for at, n in zip(page.dataoffsets, page.databytecounts, strict=True)]
        rows = page.rowsperstrip
    sizes = [min(rows, 64 - rows * i) * 96 * 6 for i in range(len(strips))]
    plain = b"".join(tiff._unpack_lzw(strip, out=size) for strip, size in zip(strips, sizes, strict=True))
    assert plain == DEEP.tobytes()
    tiff._teach_compressions()
    assert tifffile.TIFF.DECOMPRESSORS[5] is tiff._unpack_lzw


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (encode(np.stack([GREY // 4, GREY]), photometric="minisblack"), 2),
        (encode(np.stack([GREY // 4, GREY], 2), photometric="minisblack", planarconfig="contig"), 2),
        (
            encode(
                np.stack([GREY // 4, *[GREY] * 12], 2).astype(np.uint16) * 257,
                photometric="minisblack",
                planarconfig="contig",
            ),
            13,
        ),
        (encode(np.stack([GREY // 4, GREY]).reshape(2, 1, 64, 96), imagej=True, metadata={"axes": "ZCYX"}), 2),
    ],
    ids=["pages", "bands", "13 bands", "stack"],
)
def test_one_of_several_pages_is_named_and_others_can_be_chosen(data: bytes, pages: int) -> None:
    file = read_image(data)
    assert (file.pages, file.page) == (pages, 0)
    assert f"Page 1 of {pages} is shown." in map(str, file.notes)
    assert np.array_equal(read_image(data, page=1).image[..., 0], GREY)
    with pytest.raises(ImageError, match=f"no page {pages + 1}"):
        load_image(data, page=pages)


def test_an_empty_first_channel_is_not_what_is_shown() -> None:
    file = read_image(encode(np.stack([np.zeros_like(GREY), GREY, GREY]), photometric="minisblack"))
    assert np.array_equal(file.image[..., 0], GREY)
    assert [str(note) for note in file.notes] == ["Page 2 of 3 is shown."]


def test_the_tag_for_missing_data_is_heard() -> None:
    values = (UNIT * 40 + 100).astype(np.float32)
    values[:4] = -9999
    file = read_image(encode(values, extratags=[(42113, 2, 0, "-9999", True)]))
    assert file.image[DISC].mean() - file.image[4:][~DISC[4:]].mean() > 150
    assert str(file.notes[0]) == "Missing and shown black: 6.2% of the values."


def raw() -> bytes:
    """A small preview, and inside of its page what the camera's sensor saw."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(RGB[::4, ::4].copy(), photometric="rgb", subfiletype=1, subifds=1, metadata=None)
        writer.write((UNIT * 4095).astype(np.uint16), photometric=32803, metadata=None)
    return file.getvalue()


@pytest.mark.parametrize("name", ["photo.NEF", "photo.dng", "photo.tif", "photo.ARW"])
def test_a_cameras_raw_file_is_not_compared_by_its_preview(name: str) -> None:
    with pytest.raises(ImageError, match=r"camera raw.*darktable"):
        load_image(raw(), name)


def test_a_reduced_copy_after_the_picture_is_no_page() -> None:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(RGB, photometric="rgb", metadata=None)
        writer.write(RGB[::4, ::4].copy(), photometric="rgb", subfiletype=1, metadata=None)
    assert read_image(file.getvalue()).pages == 1


def test_a_strange_compression_is_named() -> None:
    data = bytearray(encode(RGB, photometric="rgb"))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as source:
        place = source.pages[0].tags["Compression"].valueoffset
    data[place : place + 2] = (34712).to_bytes(2, "little")
    with pytest.raises(ImageError, match="compressed with JPEG2000"):
        load_image(bytes(data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_colours_are_turned_like_shallow_ones(orientation: int) -> None:
    tag = [(274, 3, 1, orientation, True)]
    deep = load_image(encode(DEEP, photometric="rgb", extratags=tag))
    assert np.array_equal(deep, load_image(encode(RGB, photometric="rgb", extratags=tag)))


def test_libtiff_does_not_write_to_the_terminal() -> None:
    """It complains of damage on standard error, past Python."""
    file = io.BytesIO()
    Pillow.fromarray(GREY).save(file, "TIFF", compression="tiff_deflate")
    data = file.getvalue()
    data = data[:200] + bytes(200) + data[400:]
    program = """if True:
        import sys
        from segmethods import ImageError, load_image
        try:
            load_image(sys.stdin.buffer)
        except ImageError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert b"is damaged" in done.stdout
    assert done.stderr == b""


@pytest.mark.parametrize("depth", [1, 257])
def test_colours_that_are_multiplied_by_their_transparency_are_not_darkened_again(depth):
    alpha = np.where(np.arange(60)[None] < 30, 255, 64) * np.ones((40, 1), int)
    colours = np.full((40, 60, 3), 200) * alpha[..., None] // 255
    values = (np.dstack([colours, alpha]) * depth).astype(np.uint8 if depth == 1 else np.uint16)
    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="rgb", extrasamples=["assocalpha"])
    shown = read_image(file.getvalue()).image
    assert (np.abs(shown - np.where(alpha < 255, 241, 200)[..., None]) <= 1).all()
