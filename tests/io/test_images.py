"""Reading pictures: every accepted kind becomes RGB, every bad file one line of advice."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from segmethods import ImageError, load_image
from segmethods.core.settings import settings
from segmethods.io.images import digest

RED, WHITE = (255, 0, 0), (255, 255, 255)


def encode(image: Pillow.Image | np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image = Pillow.fromarray(image) if isinstance(image, np.ndarray) else image
    image.save(file, kind, **options)
    return file.getvalue()


def ramp(height: int = 4, width: int = 6) -> np.ndarray:
    return np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_keep_every_pixel(kind: str) -> None:
    assert np.array_equal(load_image(encode(ramp(), kind)), ramp())


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_lossy_formats_stay_close(kind: str) -> None:
    flat = np.full((16, 16, 3), (200, 60, 30), np.uint8)
    assert np.abs(load_image(encode(flat, kind)).astype(int) - flat).max() <= 5


def test_is_contiguous_writable_rgb_bytes() -> None:
    image = load_image(encode(ramp()))
    assert image.shape == (4, 6, 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert image.flags.writeable


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, WHITE),
        ("L", 77, (77, 77, 77)),
        ("P", 0, (9, 8, 7)),
        ("LA", (77, 255), (77, 77, 77)),
        ("LA", (77, 0), WHITE),
        ("RGBA", (255, 0, 0, 255), RED),
        ("RGBA", (255, 0, 0, 0), WHITE),
        ("RGBA", (255, 0, 0, 128), (255, 127, 127)),
    ],
)
def test_every_mode_of_png_becomes_rgb(mode: str, colour: Any, expected: tuple[int, int, int]) -> None:
    image = Pillow.new(mode, (3, 2), colour)
    if mode == "P":
        image.putpalette([9, 8, 7])
    assert np.array_equal(load_image(encode(image)), np.full((2, 3, 3), expected))


def test_a_transparent_palette_entry_is_white() -> None:
    image = Pillow.new("P", (3, 2), 0)
    image.putpalette([9, 8, 7])
    assert (load_image(encode(image, transparency=0)) == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(kind: str) -> None:
    image = load_image(encode(Pillow.new("CMYK", (8, 8), (0, 255, 255, 0)), kind))
    assert np.abs(image.astype(int) - RED).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_is_scaled_and_not_clipped(kind: str) -> None:
    values = np.array([[0, 128, 129, 257 * 100, 65535]], np.uint16)
    assert load_image(encode(values, kind))[0, :, 0].tolist() == [0, 0, 1, 100, 255]


@pytest.mark.parametrize("highest", [255, 1023, 4095, 16383])
def test_fewer_bits_in_a_16_bit_file_do_not_come_out_dark(highest: int) -> None:
    values = np.array([[0, highest // 2, highest]], np.uint16)
    assert load_image(encode(values, "TIFF"))[0, :, 0].tolist() == [0, 127, 255]
    assert load_image(encode(values + np.uint16(1), "PNG"))[0, 2, 0] < 70  # too much for this depth


def test_16_bit_colour_png_is_scaled() -> None:
    row = b"\x00" + struct.pack(">6H", 65535, 0, 257 * 100, 0, 65535, 257 * 7)
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(row)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    assert load_image(data).tolist() == [[[255, 0, 100], [0, 255, 7]]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([-10.0, 0.0, 10.0], [0, 128, 255]),
        ([1000.0, 1500.0, 2000.0], [0, 128, 255]),
        ([np.nan, 0.5, np.inf], [0, 128, 0]),
        ([np.nan, np.nan, np.nan], [0, 0, 0]),
        ([0.2, 0.2, 0.2], [51, 51, 51]),
        ([-3e38, 0.0, 3e38], [0, 128, 255]),
    ],
)
def test_floats(values: list[float], expected: list[int]) -> None:
    assert load_image(encode(np.array([values], np.float32), "TIFF"))[0, :, 0].tolist() == expected


@pytest.mark.parametrize(("values", "expected"), [([0, 257, 65535], [0, 1, 255]), ([-70000, 0, 70000], [0, 128, 255])])
def test_32_bit_integers(values: list[int], expected: list[int]) -> None:
    assert load_image(encode(np.array([values], np.int32), "TIFF"))[0, :, 0].tolist() == expected


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_the_cameras_rotation_is_applied(kind: str, orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = encode(ramp(), kind, exif=exif)
    upright = ImageOps.exif_transpose(Pillow.open(io.BytesIO(data)))
    assert np.array_equal(load_image(data), np.asarray(upright))


def test_the_first_frame_of_an_animation() -> None:
    frames = [Pillow.new("RGB", (5, 4), colour) for colour in (RED, WHITE)]
    for kind in ("GIF", "WEBP", "TIFF", "PNG"):
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
        assert np.abs(load_image(data)[0, 0].astype(int) - RED).max() <= 3, kind


def test_a_camera_file_of_two_pictures() -> None:
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in (RED, WHITE)]
    data = encode(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert np.abs(load_image(data)[0, 0].astype(int) - RED).max() <= 3


def test_sources(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encode(ramp()))
    with path.open("rb") as file:
        images = [load_image(path), load_image(str(path)), load_image(path.read_bytes()), load_image(file)]
    assert all(np.array_equal(image, ramp()) for image in images)


def refuse(source: Any, **options: Any) -> str:
    with pytest.raises(ImageError) as caught:
        load_image(source, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_bad_places(tmp_path: Path) -> None:
    assert "There is no file" in refuse(tmp_path / "nothing.png")
    assert "is a folder" in refuse(tmp_path)
    assert "can't be opened" in refuse("a\0b.png")


def test_messages_call_files_by_name(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"")
    assert refuse(tmp_path / "cat.png", name="my cat") == "my cat is empty. Choose another file."
    with (tmp_path / "cat.png").open("rb") as file:
        assert "cat.png is empty" in refuse(file)
    assert "The picture is empty" in refuse(io.BytesIO())


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "the format PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "the format SVG"),
        (b"\n <?xml version='1.0'?><svg/>", "XML"),
        (b"hello world", "not a picture"),
        (b"\x00", "not a picture"),
    ],
)
def test_other_files_are_named_and_the_accepted_formats_listed(data: bytes, kind: str) -> None:
    text = refuse(data)
    assert kind in text
    assert "PNG, JPEG, WebP, TIFF, BMP or GIF" in text


@pytest.mark.parametrize("kind", ["PPM", "ICO", "TGA", "EPS", "PCX", "SGI"])
def test_formats_that_pillow_knows_but_we_do_not(kind: str) -> None:
    refuse(encode(Pillow.new("RGB", (16, 16)), kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_short(kind: str, keep: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encode(noise, kind)
    assert "damaged" in refuse(data[: int(len(data) * keep)])


def test_too_many_pixels_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(Pillow.new("1", (5001, 5000)))
    monkeypatch.setattr(Pillow.Image, "load", lambda self: pytest.fail("decoded"))
    assert "more than 25 megapixels" in refuse(data)


def test_a_bomb_is_refused() -> None:
    """40,000 × 40,000 pixels in a header of 45 bytes."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    assert "more than 25 megapixels" in refuse(data + b"\x00\x00\x00\x00IDAT")


def test_the_largest_picture_that_is_allowed() -> None:
    assert load_image(encode(Pillow.new("1", (5000, 5000)))).shape == (5000, 5000, 3)


def test_too_many_bytes() -> None:
    assert "larger than 50 MB" in refuse(bytes(settings().max_bytes + 1))


def test_damaged_notes_do_not_spoil_a_picture() -> None:
    data = encode(Pillow.new("RGB", (8, 8), RED), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff broken")
    assert load_image(data).shape == (8, 8, 3)


def test_digest_tells_shapes_and_pixels_apart() -> None:
    image = ramp()
    changed = image.copy()
    changed[3, 5, 2] ^= 1
    assert digest(image) == digest(image.copy()) == digest(np.asfortranarray(image))
    assert len({digest(image), digest(changed), digest(image.reshape(6, 4, 3))}) == 3


@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_sixteen_bits_in_either_byte_order(order: str, tmp_path: Path) -> None:
    values = np.array([[10_000, 30_000]], order)
    header = b"II*\0" if order[0] == "<" else b"MM\0*"
    tags = [(256, 3, 2), (257, 3, 1), (258, 3, 16), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 1), (279, 4, 4)]
    mark = order[0]
    directory = struct.pack(f"{mark}H", len(tags))
    for tag, kind, value in tags:
        short = struct.pack(f"{mark}HH", value, 0) if kind == 3 else struct.pack(f"{mark}I", value)
        directory += struct.pack(f"{mark}HHI", tag, kind, 1) + short
    data = header + struct.pack(f"{mark}I", 12) + values.tobytes() + directory + b"\0" * 4
    assert load_image(data)[0, :, 0].tolist() == [39, 117]


@pytest.mark.parametrize(
    "source", [None, 3, io.StringIO("text"), np.zeros((2, 2, 3), np.uint8), Pillow.new("RGB", (2, 2))]
)
def test_what_is_no_file_is_refused_in_a_line(source: Any) -> None:
    with pytest.raises(ImageError, match="Give a path, bytes or a file opened with mode 'rb', not "):
        load_image(source)
