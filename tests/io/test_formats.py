"""A file that isn't read is called by its format, with the way out; JPEGs without an end; colour profiles."""

import builtins
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms, features

from segmethods import ImageError, load_ground_truth, load_image
from segmethods.io import opening
from segmethods.io.images import read_image

RAMP = np.arange(64 * 48 * 3, dtype=np.uint32).reshape(64, 48, 3) % 251
NOISE = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)


def box(brand: bytes, *more: bytes) -> bytes:
    return struct.pack(">I", 16 + 4 * len(more)) + b"ftyp" + brand + b"\0" * 4 + b"".join(more) + b"\0" * 400


@pytest.mark.parametrize(
    ("name", "data", "kind", "way"),
    [
        ("scan.dcm", b"\0" * 128 + b"DICM" + b"\0" * 40, "DICOM", "slice"),
        ("scan", b"\0" * 128 + b"DICM" + b"\0" * 40, "DICOM", "slice"),
        ("scan.nii", b"\0" * 344 + b"n+1\0" + b"\0" * 40, "NIfTI", "slice"),
        ("scan.nii.gz", b"\x1f\x8b" + b"\0" * 40, "NIfTI", "slice"),
        ("array.npy", b"\x93NUMPY\1\0", "NumPy", "Save the array"),
        ("a.jxl", b"\xff\x0a\0\0", "JPEG XL", "Save it as PNG"),
        ("a.jxl", b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", "Save it as PNG"),
        ("a.jp2", b"\0\0\0\x0cjP  \r\n", "JPEG 2000", "Save it as PNG"),
        ("a.heic", box(b"heic", b"mif1"), "HEIC", "Save it as JPEG"),
        ("a.jpg", box(b"mif1", b"heic"), "HEIC", "Save it as JPEG"),
        ("a.mov", box(b"qt  "), "video", "one frame"),
        ("a.cr3", box(b"crx "), "camera raw", "darktable"),
        ("a.raf", b"FUJIFILMCCD-RAW 0201", "camera raw", "darktable"),
        ("a.cr2", b"II*\0\x10\0\0\0CR\2\0", "camera raw", "darktable"),
        ("a.orf", b"IIRO\x08\0\0\0", "camera raw", "darktable"),
        ("a.fits", b"SIMPLE  =                    T", "FITS", "Save the array"),
        ("a.png", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
        ("a.jpg", b"\r\n<!DOCTYPE html><html>", "web page", "Fetch"),
        ("a.zip", b"PK\x03\x04\0\0", "ZIP", "Unpack"),
        ("a.tga", b"\0\0\2" + b"\0" * 30, "TGA", "Save it as PNG"),
    ],
)
def test_the_format_is_named_with_the_way_out(name: str, data: bytes, kind: str, way: str) -> None:
    with pytest.raises(ImageError) as caught:
        load_image(data, name)
    text = str(caught.value)
    assert text.startswith(f"{name} has the format {kind}")
    assert way in text
    assert "\n" not in text
    assert "not a picture" not in text


def test_avif_is_read() -> None:
    if not features.check("avif"):
        pytest.skip("this Pillow can't read AVIF")
    file = io.BytesIO()
    Pillow.new("RGB", (32, 16), (200, 60, 30)).save(file, "AVIF")
    assert np.abs(load_image(file.getvalue()).astype(int) - (200, 60, 30)).max() < 5
    with pytest.raises(ImageError, match="damaged"):
        load_image(file.getvalue()[:60])


def test_heic_needs_a_package_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pi_heif"):
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert opening._reads_heic.__wrapped__() is False


def jpeg(**options: Any) -> bytes:
    file = io.BytesIO()
    Pillow.fromarray(NOISE).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 2}, {"quality": 30}])
def test_a_jpeg_that_lacks_only_its_end_marker_is_read(options: dict[str, Any]) -> None:
    data = jpeg(**options)
    for cut in (data[:-2], data[:-1], data[:-2] + b"\0" * 500):
        assert np.array_equal(load_image(cut), load_image(data))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 2}])
@pytest.mark.parametrize("lost", [6, 20, 200, 0.3, 0.6])
@pytest.mark.parametrize("tail", [b"", b"\0" * 60_000])
def test_a_jpeg_that_lacks_pixels_is_refused(options: dict[str, Any], lost: float, tail: bytes) -> None:
    data = jpeg(**options)
    kept = len(data) - (lost if lost >= 1 else int(lost * len(data)))
    with pytest.raises(ImageError, match="damaged"):
        load_image(data[: int(kept)] + tail)


def test_a_progressive_jpeg_that_ends_between_two_scans_is_refused() -> None:
    data = jpeg(progressive=True)
    for place in range(len(data) - 1, 0, -1):
        if data[place : place + 2] == b"\xff\xda":
            break
    with pytest.raises(ImageError, match="damaged"):
        load_image(data[:place])


def deep_png(values: np.ndarray) -> bytes:
    """A PNG of 16 bits and two, three or four bands."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    kind = {2: 4, 3: 2, 4: 6}[values.shape[2]]
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, kind, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


@pytest.mark.parametrize("bands", [2, 3, 4])
@pytest.mark.parametrize("highest", [1023, 4095, 65535])
def test_a_png_of_16_bits_keeps_them_in_colour_and_with_transparency(bands: int, highest: int) -> None:
    values = np.random.default_rng(1).integers(0, highest + 1, (20, 30, bands))
    values[0, 0] = highest
    if bands in (2, 4):
        values[..., -1] = highest
    expected = (values[..., : 3 if bands > 2 else 1] * 255 + highest // 2) // highest
    assert np.array_equal(load_image(deep_png(values)), np.broadcast_to(expected, (20, 30, 3)))


def profile(gamma: float, primaries: tuple[tuple[float, ...], ...]) -> bytes:
    """An ICC profile of red, green and blue in XYZ, and a gamma."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    named = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"wide\0" + b"\0" * 79
    tags = [
        (b"desc", named),
        (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
        (b"wtpt", b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)),
    ]
    for name, colour in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags += [(name + b"XYZ", b"XYZ \0\0\0\0" + fixed(*colour)), (name + b"TRC", curve)]
    place, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, value in tags:
        table += name + struct.pack(">II", place + len(body), len(value))
        body += value
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + table + body


ADOBE = profile(2.19921875, ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)))
PROPHOTO = profile(1.8, ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)))


@pytest.mark.parametrize("wide", [ADOBE, PROPHOTO])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_wide_colours_become_those_of_srgb(wide: bytes, mode: str) -> None:
    """What a viewer shows as a moderate red is written with smaller numbers in a wider space."""
    wanted = Pillow.new("RGB", (8, 8), (180, 90, 60))
    written = ImageCms.profileToProfile(wanted, ImageCms.createProfile("sRGB"), io.BytesIO(wide))
    assert written is not None
    assert np.abs(np.asarray(written).astype(int) - np.asarray(wanted)).max() > 8
    file = io.BytesIO()
    (written.quantize(2) if mode == "P" else written.convert(mode)).save(file, "PNG", icc_profile=wide)
    found = read_image(file.getvalue())
    assert np.abs(found.image.astype(int) - (180, 90, 60)).max() <= 2
    assert [str(note) for note in found.notes] == ["Colours were converted from wide to sRGB."]


def test_srgb_under_any_name_moves_nothing() -> None:
    file = io.BytesIO()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Pillow.fromarray(NOISE).save(file, "PNG", icc_profile=srgb)
    found = read_image(file.getvalue())
    assert np.array_equal(found.image, NOISE)
    assert found.notes == ()


@pytest.mark.parametrize("broken", [ADOBE[:200], b"no profile", ADOBE[:128] + bytes(300)])
def test_a_damaged_profile_is_ignored_aloud(broken: bytes) -> None:
    file = io.BytesIO()
    Pillow.fromarray(NOISE).save(file, "PNG", icc_profile=broken)
    found = read_image(file.getvalue())
    assert np.array_equal(found.image, NOISE)
    assert [str(note) for note in found.notes] == ["The picture's colour profile is damaged and was ignored."]


def with_chunks(pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with chunks after its header."""
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG")
    data = file.getvalue()
    more = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return data[:33] + more + data[33:]


LINEAR = (b"gAMA", struct.pack(">I", 100_000))


@pytest.mark.parametrize(("gamma", "shown"), [(100_000, 128), (55_556, 74), (45_455, 55), (0, 55)])
def test_the_gamma_of_a_png_is_honoured_aloud(gamma: int, shown: int) -> None:
    data = with_chunks(np.full((4, 6, 3), 55, np.uint8), (b"gAMA", struct.pack(">I", gamma)))
    found = read_image(data)
    assert np.abs(found.image.astype(int) - shown).max() <= 1
    assert any("gamma" in str(note) for note in found.notes) == (shown != 55)


def test_a_gamma_beside_srgb_counts_for_nothing_and_masks_have_none() -> None:
    values = np.full((4, 6), 55, np.uint8)
    assert (load_image(with_chunks(values, (b"sRGB", b"\0"), LINEAR)) == 55).all()
    values[:2] = 7
    assert np.unique(load_ground_truth(with_chunks(values, LINEAR), (4, 6)).labels).tolist() == [7, 55]


@pytest.mark.parametrize("read", [load_image, lambda data, name: load_ground_truth(data, (4, 6), name)])
def test_an_npz_is_named_and_the_way_out(read: Callable[..., object]) -> None:
    file = io.BytesIO()
    np.savez(file, labels=np.zeros((4, 6), np.uint8))
    with pytest.raises(ImageError, match=r"m\.npz has the format NumPy \(\.npz\).* \.npy, with numpy\.save"):
        read(file.getvalue(), name="m.npz")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_frame_of_an_animation_can_be_chosen(kind: str) -> None:
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], lossless=True)
    assert [str(note) for note in read_image(file.getvalue()).notes] == ["Page 1 of 2 is shown."]
    assert load_image(file.getvalue(), page=1)[0, 0].tolist() == [0, 0, 255]
