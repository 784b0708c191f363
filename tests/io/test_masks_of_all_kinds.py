"""One truth, a disc, in many containers: read one way, or refused, and what was assumed is said."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PIL import ImageDraw

from segmethods import BINARY, VOC, ImageError, Vocabulary
from segmethods.io.ground_truth import read_ground_truth, share_void
from segmethods.io.id_images import read_ids
from segmethods.io.stored_masks import voc_colour_map

ROWS, COLUMNS = np.mgrid[:64, :96]
DISC = (ROWS - 30) ** 2 + (COLUMNS - 40) ** 2 < 400
SQUARE = (ROWS > 50) & (COLUMNS > 70)
BIT = DISC.astype(np.uint8)


def encode(image: Pillow.Image | np.ndarray, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image = Pillow.fromarray(image) if isinstance(image, np.ndarray) else image
    image.save(file, kind, **options)
    return file.getvalue()


def indexed(indices: np.ndarray, palette: list[int]) -> Pillow.Image:
    image = Pillow.fromarray(indices.astype(np.uint8)).convert("P")
    image.putpalette(palette)
    return image


def coloured(disc: tuple[int, ...], ground: tuple[int, ...]) -> np.ndarray:
    return np.where(DISC[..., None], disc, ground).astype(np.uint8)


def tiff(values: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def refuse(data: bytes, **options: Any) -> str:
    with pytest.raises(ImageError) as caught:
        read_ground_truth(data, (64, 96), "mask.png", **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


INVERTED = [255 - value for value in range(256) for _ in range(3)]
CONTAINERS = {
    "0 and 1": encode(BIT),
    "0 and 255": encode(BIT * 255),
    "0 and 254": encode(BIT * 254),
    "0 and 128": encode(BIT * 128),
    "1 bit": encode(Pillow.fromarray(DISC)),
    "0 and 255 in 16 bits": encode(BIT.astype(np.uint16) * 255),
    "0 and 65535": encode(BIT.astype(np.uint16) * 65535),
    "32 bits": encode(BIT.astype(np.int32), "TIFF"),
    "floats": encode(BIT.astype(np.float32), "TIFF"),
    "RGB": encode(coloured((255, 255, 255), (0, 0, 0))),
    "RGB of 16 bits": tiff(np.dstack([BIT.astype(np.uint16) * 65535] * 3), photometric="rgb"),
    "palette, white first": encode(indexed(1 - BIT, [255, 255, 255, 0, 0, 0])),
    "palette, black first": encode(indexed(BIT, [0, 0, 0, 255, 255, 255])),
    "palette, white first, red": encode(indexed(1 - BIT, [255, 0, 0, 255, 255, 255])),
    "palette, black last": encode(indexed(1 - BIT, [255, 0, 0, 0, 0, 0])),
    "quantized": encode(Pillow.fromarray(coloured((255, 255, 255), (0, 0, 0))).quantize(2)),
    "web palette": encode(Pillow.fromarray(coloured((255, 255, 255), (0, 0, 0))).convert("P")),
    "grey palette": encode(Pillow.fromarray(BIT * 255).convert("P")),
    "GIF": encode(BIT * 255, "GIF"),
    "GIF, white first": encode(indexed(1 - BIT, [255, 255, 255, 0, 0, 0]), "GIF"),
    "BMP": encode(BIT * 255, "BMP"),
    "BMP of 1 bit": encode(Pillow.fromarray(DISC), "BMP"),
    "fax": encode(Pillow.fromarray(DISC), "TIFF", compression="group4"),
    "Fiji's PNG": encode(indexed(BIT * 255, INVERTED)),
    "Fiji's TIFF": tiff(BIT * 255, photometric="miniswhite"),
    "Fiji's TIFF of 16 bits": tiff(BIT.astype(np.uint16) * 65535, photometric="miniswhite"),
    "black on nothing": encode(np.dstack([np.zeros((64, 96, 3), np.uint8), BIT * 255])),
    "white on nothing": encode(np.dstack([np.full((64, 96, 3), 255, np.uint8), BIT * 255])),
    "half red on nothing": encode(np.dstack([np.full((64, 96, 3), (255, 0, 0), np.uint8), BIT * 100])),
    "grey on nothing": encode(Pillow.fromarray(np.dstack([BIT * 0 + 90, BIT * 255]), "LA")),
    "red on black": encode(coloured((255, 0, 0), (0, 0, 0))),
    "red on white": encode(coloured((255, 0, 0), (255, 255, 255))),
    "VOC's first colour": encode(coloured((128, 0, 0), (0, 0, 0))),
    "VOC's palette": encode(indexed(BIT, [v for colour in voc_colour_map() for v in colour])),
}


def png(values: np.ndarray, bits: int) -> bytes:
    """A grey PNG of 1, 2 or 4 bits, whose values are stored as they are."""
    spread = (values[..., None] >> np.arange(bits)[::-1] & 1).reshape(len(values), -1)
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in spread.astype(np.uint8))
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


ASSUMED = {
    "16 and 235": (encode(np.where(DISC, 235, 16).astype(np.uint8)), "The values 16 and 235 are"),
    "128 and 255": (encode(np.where(DISC, 255, 128).astype(np.uint8)), "The values 128 and 255 are"),
    "0 and 200 as floats": (tiff(BIT.astype(np.float32) * 200), "The value 200 is the object"),
    "floats, min is white": (tiff(BIT.astype(np.float32), photometric="miniswhite"), "as they are stored"),
    "0 and 1, min is white": (tiff(BIT, photometric="miniswhite"), "as they are stored"),
    "0 and 1 in 16 bits, min is white": (tiff(BIT.astype(np.uint16), photometric="miniswhite"), "as they are stored"),
    "two degrees of black": (
        encode(np.dstack([np.zeros((64, 96, 3), np.uint8), 60 + 140 * BIT])),
        "its transparency holds the mask",
    ),
    "4 bits, white": (png(BIT * 15, 4), ""),
    "2 bits, white": (png(BIT * 3, 2), ""),
    "4 bits": (png(BIT, 4), ""),
    "palette, white is 15": (encode(indexed(BIT * 15, [0, 0, 0] * 15 + [255, 255, 255])), ""),
}


@pytest.mark.parametrize(("data", "note"), ASSUMED.values(), ids=ASSUMED.keys())
def test_two_values_that_few_write_are_read_with_a_note(data: bytes, note: str) -> None:
    file = read_ground_truth(data, (64, 96))
    assert np.array_equal(file.truth.labels, BIT)
    assert file.truth.classes == BINARY
    assert note in " ".join(map(str, file.notes))
    assert bool(file.notes) == bool(note)


@pytest.mark.parametrize("bits", [2, 4])
def test_ids_of_few_bits_are_not_spread(bits: int) -> None:
    assert np.array_equal(read_ground_truth(png(BIT * 2, bits), (64, 96)).truth.labels, BIT * 2)


@pytest.mark.parametrize("value", [1, 7, 254])
def test_one_value_beside_void_is_refused(value: int) -> None:
    mask = encode(np.where(DISC, 255, value).astype(np.uint8))
    assert f"has the value {value} alone beside 255" in refuse(mask)
    known = read_ground_truth(mask, (64, 96), classes=Vocabulary("own", tuple(map(str, range(255)))))
    assert set(np.unique(known.truth.labels)) == {value, 255}


@pytest.mark.parametrize(
    "mask",
    [
        (1 - BIT) * 255,
        ~DISC,
        indexed(BIT, [255, 255, 255, 0, 0, 0]),
        np.dstack([(1 - BIT) * 255] * 3),
        (1 - BIT).astype(np.uint16) * 65535,
    ],
    ids=["grey", "1 bit", "palette", "RGB", "16 bits"],
)
def test_white_that_covers_most_is_doubted_whatever_holds_it(mask: np.ndarray | Pillow.Image) -> None:
    file = read_ground_truth(encode(mask), (64, 96))
    assert np.array_equal(file.truth.labels, 1 - BIT)
    assert "White is the object and covers 79.7%" in " ".join(map(str, file.notes))


@pytest.mark.parametrize("colours", [4, 8, 16, 64])
@pytest.mark.parametrize("ground", [(0, 0, 0), (20, 60, 200)], ids=["grey", "coloured"])
@pytest.mark.parametrize("was", ["JPEG", "resampled"])
def test_a_smoothed_mask_cut_down_to_a_palette_is_refused(colours: int, ground: tuple[int, int, int], was: str) -> None:
    mask = Pillow.fromarray(coloured((255, 255, 255), ground))
    if was == "JPEG":
        mask = Pillow.open(io.BytesIO(encode(mask, "JPEG", quality=80)))
    else:
        mask = mask.resize((240, 160), Pillow.Resampling.BICUBIC).resize((96, 64), Pillow.Resampling.BILINEAR)
    assert "smoothed" in refuse(encode(mask.quantize(colours)))


def test_palettes_of_classes_are_not_taken_for_smoothing() -> None:
    """Neighbours in a colour scale are alike, and thin lines have no areas."""
    ids = (ROWS // 8 + COLUMNS // 12 * 8).astype(np.uint8)
    ids[:, 5], ids[:, 40] = 63, 2
    scale = [v for i in range(256) for v in (i, 255 - i, 100 + i // 4)]
    assert np.array_equal(read_ground_truth(encode(indexed(ids, scale)), (64, 96)).truth.labels, ids)


def test_ids_with_gaps_are_told() -> None:
    mask = encode(indexed(np.where(DISC, 15, np.where(SQUARE, 40, 0)), [9, 9, 9, *range(200)]))
    assert "Found are the ids 0, 15, 40: they count as those of 41 classes" in str(
        read_ground_truth(mask, None).notes[0]
    )


@pytest.mark.parametrize(
    ("values", "tag", "void"),
    [
        (np.where(SQUARE, 77, BIT).astype(np.uint8), "77", True),
        (np.where(SQUARE, -9999, BIT.astype(np.float32)), "-9999", True),
        (BIT, "0", False),
    ],
    ids=["8 bits", "floats", "background"],
)
def test_missing_data_in_masks_is_not_judged(values: np.ndarray, tag: str, void: bool) -> None:
    file = read_ground_truth(tiff(values, extratags=[(42113, 2, 0, tag, True)]), (64, 96))
    assert np.array_equal(file.truth.labels, np.where(SQUARE & void, 255, BIT))
    assert ("Missing data, the value" in str(file.notes[0])) == void
    assert ("calls 0 missing data" in str(file.notes[0])) != void


@pytest.mark.parametrize("data", [*CONTAINERS.values(), *(data for data, _ in ASSUMED.values())])
def test_jobs_read_the_same_masks(data: bytes) -> None:
    assert np.array_equal(read_ids(data, (64, 96), "mask.png") > 0, DISC)


@pytest.mark.parametrize("data", CONTAINERS.values(), ids=CONTAINERS.keys())
def test_two_values_are_read_one_way_whatever_holds_them(data: bytes) -> None:
    truth = read_ground_truth(data, (64, 96)).truth
    assert np.array_equal(truth.labels, BIT)
    assert truth.classes == BINARY


def test_an_object_that_is_larger_than_white_ground_is_still_the_object() -> None:
    truth = read_ground_truth(encode(np.where(DISC[..., None], 255, (255, 0, 0)).astype(np.uint8)), (64, 96)).truth
    assert np.array_equal(truth.labels, 1 - BIT)


def test_white_that_covers_most_is_doubted_aloud() -> None:
    notes = " ".join(map(str, read_ground_truth(encode((1 - BIT) * 255), (64, 96)).notes))
    assert "White is the object and covers 79.7% of the picture. If black is the object, invert the mask." in notes


@pytest.mark.parametrize("greys", [(0, 127, 255), (0, 128, 255), (0, 85, 170, 255), (0, 64, 128, 191, 255)])
def test_greys_in_even_steps_are_classes(greys: tuple[int, ...]) -> None:
    labels = ROWS // 6 % len(greys)
    file = read_ground_truth(encode(np.array(greys, np.uint8)[labels]), (64, 96))
    assert np.array_equal(file.truth.labels, labels)
    assert len(file.truth.classes) == len(greys)
    assert str(file.notes[0]).startswith(f"The greys {', '.join(map(str, greys))} were numbered")


@pytest.mark.parametrize("resampling", [Pillow.Resampling.LANCZOS, Pillow.Resampling.BOX, Pillow.Resampling.BILINEAR])
@pytest.mark.parametrize("ground", [(0, 0, 0), (255, 255, 255), (90, 20, 140)])
def test_smoothed_colours_are_refused(resampling: Pillow.Resampling, ground: tuple[int, int, int]) -> None:
    image = Pillow.new("RGB", (96 * 4, 64 * 4), ground)
    draw = ImageDraw.Draw(image)
    draw.ellipse([80, 40, 240, 200], fill=(255, 0, 0))
    draw.rectangle([282, 202, 362, 248], fill=(0, 255, 0))
    assert "it was smoothed" in refuse(encode(image.resize((96, 64), resampling)))


def test_thin_classes_are_not_taken_for_smoothing() -> None:
    """Poles, wires and cell borders have no areas of their own, and no colours between those of others."""
    colours = coloured((200, 30, 40), (10, 90, 200))
    for column, colour in ((5, (250, 250, 10)), (8, (10, 250, 250)), (11, (250, 10, 250)), (14, (40, 40, 40))):
        colours[:, column] = colour
    assert len(read_ground_truth(encode(colours), (64, 96)).truth.classes) == 6
    ids = BIT.copy()
    ids[:, 5], ids[:, 8] = 2, 255
    assert set(np.unique(read_ground_truth(encode(ids), (64, 96)).truth.labels)) == {0, 1, 2, 255}


def test_a_mask_that_was_a_jpeg_once_is_refused() -> None:
    assert "smoothed" in refuse(encode(Pillow.open(io.BytesIO(encode(BIT * 255, "JPEG", quality=95)))))


def test_vocs_colours_are_a_suggestion_and_no_more() -> None:
    labels = np.where(DISC, 8, np.where(SQUARE, 15, 0))
    table = np.array(voc_colour_map(), np.uint8)
    for data in (encode(table[labels]), encode(indexed(labels, table.ravel().tolist()))):
        file = read_ground_truth(data, (64, 96))
        assert np.array_equal(file.truth.labels, labels)
        assert not set(file.truth.classes.names) & set(VOC.names)
        assert file.suggestion == VOC
        assert "Pascal VOC" in " ".join(map(str, file.notes))
        assert read_ground_truth(data, (64, 96), classes=VOC).truth.classes == VOC


def test_ids_beyond_pascal_vocs_are_fine_in_its_colours() -> None:
    labels = np.where(DISC, 30, np.where(SQUARE, 200, 0))
    file = read_ground_truth(encode(np.array(voc_colour_map(), np.uint8)[labels]), (64, 96))
    assert np.array_equal(file.truth.labels, labels)
    assert file.suggestion is None


@pytest.mark.parametrize("palette", [False, True])
def test_what_judges_nothing_is_refused(palette: bool) -> None:
    own = Vocabulary("own", ("background", "roof", "road"))
    mask = indexed(BIT * 255, [0, 0, 0, *[9, 9, 9] * 254, 224, 224, 192]) if palette else BIT * 255
    assert "'not judged'" in refuse(encode(mask), classes=own)
    assert "'not judged'" in refuse(encode(np.full((64, 96), 255, np.uint8)), classes=own)


def test_the_share_that_is_not_judged_is_told() -> None:
    ids = np.where(DISC, 2, 0).astype(np.uint8)
    ids[:16] = 255
    file = read_ground_truth(encode(ids), (64, 96))
    assert share_void(file.truth) == 0.25
    assert "Not judged: 25.0% of the pixels." in map(str, file.notes)


def test_a_mask_drawn_on_the_picture_as_stored_is_turned_aloud() -> None:
    """The picture has 96 rows and 64 columns when it is upright, by EXIF orientation 6."""
    file = read_ground_truth(encode(BIT * 255), (96, 64), orientation=6)
    assert np.array_equal(file.truth.labels, np.rot90(BIT, -1))
    assert "was turned like the picture" in str(file.notes[0])
    with pytest.raises(ImageError, match="96 × 64 pixels"):
        read_ground_truth(encode(BIT * 255), (96, 64))


def test_a_mask_that_fits_either_way_is_turned_only_if_asked() -> None:
    upside = read_ground_truth(encode(BIT * 255), (64, 96), orientation=3)
    assert np.array_equal(upside.truth.labels, BIT)
    assert "the mask was not" in str(upside.notes[0])
    turned = read_ground_truth(encode(BIT * 255), (64, 96), orientation=3, turn=True)
    assert np.array_equal(turned.truth.labels, BIT[::-1, ::-1])


def test_a_mask_with_a_turn_of_its_own_is_shown_as_viewers_show_it() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    file = read_ground_truth(encode(BIT * 255, exif=exif), (96, 64))
    assert np.array_equal(file.truth.labels, np.rot90(BIT, -1))


def test_grey_of_12_bits_in_three_bands_is_black_and_white() -> None:
    data = tiff(np.dstack([BIT.astype(np.uint16) * 4095] * 3), photometric="rgb")
    assert (read_ground_truth(data, (64, 96)).truth.labels == BIT).all()


@pytest.mark.parametrize("level", [0, 255])
def test_indices_of_one_colour_are_ids(level: int) -> None:
    assert (read_ground_truth(encode(indexed(BIT, [level] * 6)), (64, 96)).truth.labels == BIT).all()


@pytest.mark.parametrize("white", [2**31 - 1, 2**32 - 1])
def test_white_of_32_bits_takes_no_memory_and_is_white(white: int) -> None:
    truth = read_ground_truth(tiff(DISC.astype(np.uint32) * white), (64, 96)).truth
    assert (truth.labels == BIT).all()


@pytest.mark.parametrize("kind", ["tiff", "webp", "film"])
def test_a_compression_that_mixes_neighbours_is_refused_in_any_file(kind):
    image, file = Pillow.fromarray(np.dstack([BIT] * 3).astype(np.uint8)), io.BytesIO()
    if kind == "tiff":
        image.convert("L").save(file, "TIFF", compression="jpeg")
    elif kind == "webp":
        image.save(file, "WEBP", quality=90)
    else:
        image.save(file, "WEBP", quality=90, save_all=True, append_images=[image.rotate(180)])
    with pytest.raises(ImageError, match="mixes neighbouring classes"):
        read_ground_truth(file.getvalue(), None)


def test_lossless_webp_is_a_mask():
    file = io.BytesIO()
    Pillow.fromarray(np.dstack([BIT] * 3).astype(np.uint8)).save(file, "WEBP", lossless=True)
    assert (read_ground_truth(file.getvalue(), None).truth.labels == BIT).all()
