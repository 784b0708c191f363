"""Mask files become truths by the rules at the top of truths.py."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from segmethods import BINARY, CAMVID, VOC, ImageError, Vocabulary, segments
from segmethods.core.palette import class_colours
from segmethods.io.ground_truth import load_ground_truth, read_ground_truth
from segmethods.io.label_png import encode_labels
from segmethods.io.samples import get_sample, list_samples
from segmethods.io.stored_masks import voc_colour_map

SIZE = (4, 6)


def encode(pixels: np.ndarray | Pillow.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    (Pillow.fromarray(pixels) if isinstance(pixels, np.ndarray) else pixels).save(file, kind, **options)
    return file.getvalue()


def halves(left: Any, right: Any, dtype: type = np.uint8) -> np.ndarray:
    """A mask of `SIZE`: two columns of one value, four of the other."""
    mask = np.empty((*SIZE, *np.shape(left)), dtype)
    mask[:, :2], mask[:, 2:] = left, right
    return mask


def read(data: bytes, classes: Vocabulary | None = None) -> tuple[list[int], Vocabulary]:
    """The first row's ids, and what they mean."""
    truth = load_ground_truth(data, SIZE, classes=classes)
    assert truth.labels.shape == SIZE
    return truth.labels[0].tolist(), truth.classes


def refuse(data: bytes, **options: Any) -> str:
    with pytest.raises(ImageError) as caught:
        load_ground_truth(data, **({"size": SIZE, "name": "mask.png"} | options))
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_grey_values_are_ids_and_255_is_void() -> None:
    mask = halves(3, 5)
    mask[:, 5] = 255
    ids, classes = read(encode(mask))
    assert ids == [3, 3, 5, 5, 5, 255]
    assert classes.names == ("class 0", "class 1", "class 2", "class 3", "class 4", "class 5")
    assert read(encode(mask), VOC) == (ids, VOC)


@pytest.mark.parametrize(
    "image",
    [
        halves(0, 255),
        halves(0, 65535, np.uint16),
        halves((0, 0, 0), (255, 255, 255)),
        Pillow.fromarray(halves(0, 255)).convert("1"),
        halves((0, 0, 0, 255), (255, 255, 255, 255)),
        halves((7, 7, 7, 0), (255, 255, 255, 255)),
        halves(0, 1),
        halves((0, 0, 0), (200, 30, 40)),
    ],
    ids=["L", "16 bit", "RGB", "1 bit", "RGBA", "transparent", "0 and 1", "black and a colour"],
)
def test_two_values_are_background_and_object(image: Any) -> None:
    assert read(encode(image)) == ([0, 0, 1, 1, 1, 1], BINARY)


def test_white_is_void_where_the_classes_are_known() -> None:
    mask = halves(0, 255)
    mask[0, 0] = 3
    assert read(encode(mask), VOC) == ([3, 0, 255, 255, 255, 255], VOC)


@pytest.mark.parametrize("classes", [VOC, Vocabulary("own", ("background", "roof", "road"))])
@pytest.mark.parametrize("mask", [halves(0, 255), halves(255, 255)])
def test_a_truth_that_judges_nothing_is_refused(mask: np.ndarray, classes: Vocabulary) -> None:
    assert "'not judged'" in refuse(encode(mask), classes=classes)


def test_a_first_class_that_is_no_background_is_judged_beside_void() -> None:
    assert read(encode(halves(0, 255)), CAMVID)[0] == [0, 0, 255, 255, 255, 255]


def test_palette_pictures_hold_ids() -> None:
    image = Pillow.fromarray(halves(2, 1))
    image.putpalette([1, 2, 3, 40, 50, 60, 70, 80, 90])
    ids, classes = read(encode(image))
    assert ids == [2, 2, 1, 1, 1, 1]
    assert classes.id == "mask"


@pytest.mark.parametrize("vocabulary", [VOC, CAMVID])
def test_our_own_label_files_come_back_with_their_meaning(vocabulary: Vocabulary) -> None:
    mask = halves(8, 10)
    mask[0, 0] = 255
    assert read(encode_labels(mask, vocabulary)) == ([255, 8, 10, 10, 10, 10], vocabulary)


def test_our_own_files_of_many_segments_come_back() -> None:
    mask = halves(300, 2, np.uint16)
    truth = load_ground_truth(encode_labels(mask, segments(301)), SIZE)
    assert np.array_equal(truth.labels, mask)
    assert truth.labels.dtype == np.uint16
    assert len(truth.classes) == 301


def test_pascal_voc_palette_file() -> None:
    image = Pillow.fromarray(halves(0, 15))
    image.putpalette([value for colour in voc_colour_map() for value in colour])
    ids, classes = read(encode(image))
    assert (ids, classes.names[15]) == ([0, 0, 15, 15, 15, 15], "class 15")
    assert read_ground_truth(encode(image), SIZE).suggestion == VOC
    assert read(encode(image), VOC) == (ids, VOC)


def test_pascal_voc_colours_with_their_void_border() -> None:
    mask = halves(voc_colour_map()[8], voc_colour_map()[15])
    mask[:, 5] = (224, 224, 192)
    ids, classes = read(encode(mask))
    assert (ids, classes.names[8]) == ([8, 8, 15, 15, 15, 255], "class 8")
    assert read_ground_truth(encode(mask), SIZE).suggestion == VOC
    assert read(encode(mask), VOC) == (ids, VOC)


def test_this_projects_colours() -> None:
    colours = class_colours(CAMVID)
    assert read(encode(halves(colours[3], colours[7]))) == ([3, 3, 7, 7, 7, 7], CAMVID)


def test_other_colours_are_numbered_by_area_and_named_by_their_colour() -> None:
    mask = halves((1, 2, 3), (250, 0, 16))
    mask[0, 0] = (9, 9, 8)
    ids, classes = read(encode(mask))
    assert ids == [2, 1, 0, 0, 0, 0]
    assert classes.names == ("#fa0010", "#010203", "#090908")


def test_colours_that_are_not_of_the_known_classes() -> None:
    assert "not those of the classes" in refuse(encode(halves((1, 2, 3), (250, 0, 16))), classes=VOC)


def test_ids_beyond_the_known_classes() -> None:
    assert "class 21, but the classes are 0 to 20" in refuse(encode(halves(0, 21)), classes=VOC)


def test_another_size_names_both() -> None:
    text = refuse(encode(np.zeros((3, 5), np.uint8)))
    assert "5 × 3" in text
    assert "6 × 4" in text


def test_jpeg_masks_are_refused() -> None:
    assert "JPEG" in refuse(encode(halves(0, 255), "JPEG"))


def test_smoothed_masks_are_refused() -> None:
    """A disc, drawn larger and scaled down with interpolation: grey steps along its rim."""
    rows, columns = np.mgrid[:400, :400]
    disc = Pillow.fromarray(((rows - 200) ** 2 + (columns - 200) ** 2 < 150**2).astype(np.uint8) * 255)
    smooth = disc.resize((100, 100), Pillow.Resampling.BICUBIC)
    assert "smoothed" in refuse(encode(smooth), size=(100, 100))


def test_pictures_that_are_no_masks_are_refused() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert "colours, too many for a mask" in refuse(encode(image), size=(40, 40))


def test_many_ids_are_not_taken_for_smoothing() -> None:
    ids = np.arange(100, dtype=np.uint8).repeat(10).reshape(25, 40)
    assert len(load_ground_truth(encode(ids), (25, 40)).classes) == 100


def test_floats_are_ids_where_they_are_whole() -> None:
    assert read(encode(halves(0.0, 1.0, np.float32), "TIFF")) == ([0, 0, 1, 1, 1, 1], BINARY)
    assert "between whole numbers" in refuse(encode(halves(0.0, 0.5, np.float32), "TIFF"))
    assert "below zero" in refuse(encode(halves(-1, 1, np.int32), "TIFF"))


@pytest.mark.parametrize("ident", [s.id for s in list_samples() if s.mask])
def test_every_sample_has_the_truth_that_it_names(ident: str) -> None:
    sample = get_sample(ident)
    truth = sample.truth()
    assert truth is not None
    assert truth.labels.shape == sample.image().shape[:2]
    assert set(np.unique(truth.labels)) - {255} == set(sample.classes)
    assert all(truth.classes.names[i] == name["en"] for i, name in sample.classes.items())


def test_a_mask_smoothed_by_one_resize_is_refused() -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 8:22] = 255
    smoothed = np.asarray(Pillow.fromarray(mask).resize((45, 30), Pillow.Resampling.BILINEAR))
    with pytest.raises(ImageError, match="smoothed"):
        load_ground_truth(encode(smoothed), size=(30, 45))


def test_ids_of_single_objects_are_refused() -> None:
    mask = np.array([[0, 1, 26_005]], np.uint16)
    with pytest.raises(ImageError, match=r"26005.*single objects"):
        load_ground_truth(encode(mask), size=(1, 3))


def test_as_many_regions_as_values_come_back_whole() -> None:
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    truth = load_ground_truth(encode_labels(labels, segments(256)), size=(16, 16), classes=segments(256))
    assert truth.labels.tolist() == labels.tolist()
