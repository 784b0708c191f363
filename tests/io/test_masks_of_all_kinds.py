"""One truth, a disc, in many containers: read one way, or refused, and what was assumed is said."""

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PIL import ImageDraw

from segmethods import BINARY, VOC, ImageError, Vocabulary
from segmethods.io.ground_truth import read_ground_truth, share_void
from segmethods.io.stored_masks import voc_colour_map

ROWS, COLUMNS = np.mgrid[:64, :96]
DISC = (ROWS - 30) ** 2 + (COLUMNS - 40) ** 2 < 400
SQUARE = (ROWS > 50) & (COLUMNS > 70)
BIT = DISC.astype(np.uint8)


def encode(picture: Pillow.Image | np.ndarray, format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture = Pillow.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    picture.save(file, format, **options)
    return file.getvalue()


def indexed(indices: np.ndarray, palette: list[int]) -> Pillow.Image:
    picture = Pillow.fromarray(indices.astype(np.uint8)).convert("P")
    picture.putpalette(palette)
    return picture


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


@pytest.mark.parametrize("filter", [Pillow.Resampling.LANCZOS, Pillow.Resampling.BOX, Pillow.Resampling.BILINEAR])
@pytest.mark.parametrize("ground", [(0, 0, 0), (255, 255, 255), (90, 20, 140)])
def test_smoothed_colours_are_refused(filter: Pillow.Resampling, ground: tuple[int, int, int]) -> None:
    picture = Pillow.new("RGB", (96 * 4, 64 * 4), ground)
    draw = ImageDraw.Draw(picture)
    draw.ellipse([80, 40, 240, 200], fill=(255, 0, 0))
    draw.rectangle([282, 202, 362, 248], fill=(0, 255, 0))
    assert "it was smoothed" in refuse(encode(picture.resize((96, 64), filter)))


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
