"""Files that would give a wrong figure in silence: each is refused by name, or what was assumed is said."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

import segmethods as sm
from segmethods.core.messages import ImageError
from segmethods.io.ground_truth import read_ground_truth, tell_truth
from segmethods.io.images import read_image

SIZE = (40, 60)
DISC = (np.mgrid[:40, :60][0] - 20) ** 2 + (np.mgrid[:40, :60][1] - 30) ** 2 < 144
PHOTO = np.random.default_rng(0).normal(np.where(DISC, 180, 90)[..., None] + (0, 20, 40), 4).astype(np.uint8)
SQUARE = [[5, 5], [25, 5], [25, 25], [5, 25]]


def encode(array, file_format="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, file_format, **options)
    return file.getvalue()


def truth(data, name="m.png", image=""):
    return read_ground_truth(data, SIZE, name, image=image)


def notes(file):
    return " ".join(map(str, file.notes))


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).integers(80, 110, SIZE).astype(np.uint8),
        np.random.default_rng(1).integers(80, 84, (*SIZE, 3)).astype(np.uint8) * (3, 2, 1),
        np.dstack([PHOTO // 8 * 8, DISC * 255]),
    ],
    ids=["grey photo", "photo of few colours", "cut-out"],
)
def test_a_photo_is_no_mask_of_many_classes(values):
    with pytest.raises(ImageError, match=r"as in a photo|too many"):
        truth(encode(values.astype(np.uint8)))


def test_many_small_objects_are_no_photo():
    rows, columns = np.mgrid[:40, :60]
    ids = (rows // 4 * 15 + columns // 4).astype(np.uint8)
    assert len(np.unique(truth(encode(ids)).truth.labels)) == 150


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"project": {"pid": "1"}, "config": {}, "attribute": {}, "file": {}, "metadata": {}, "view": {}}, "VIA 3"),
        ({"type": "FeatureCollection", "features": []}, "GeoJSON"),
        ({"version": "2.0", "item": {"name": "a.png"}, "annotations": []}, "V7 Darwin"),
        ({"data_row": {}, "projects": {}}, "Labelbox"),
        ([{"image": "a.png", "annotations": [{"label": "x", "coordinates": {"x": 1}}]}], "boxes, not outlines"),
        ([{"image_id": 1, "category_id": 1, "segmentation": []}], "list of results"),
        (
            {
                "images": [{"id": 1, "file_name": "m.png", "height": 40, "width": 60}],
                "categories": [{"id": 1, "name": "cat"}],
                "annotations": [{"image_id": 1, "category_id": 9, "segmentation": [[1, 1, 9, 1, 9, 9]]}],
            },
            "category 9 has no name",
        ),
    ],
)
def test_what_is_not_read_is_named(content, said):
    with pytest.raises(ImageError, match=said):
        truth(json.dumps(content).encode(), "m.json")


def labelme(**more):
    shape = {"label": "cat", "shape_type": "polygon", "points": SQUARE}
    return json.dumps({"shapes": [shape], "imageHeight": 40, "imageWidth": 60} | more).encode()


def test_outlines_of_another_picture_are_said():
    assert "another name" in notes(truth(labelme(imagePath="dog.jpg"), "m.json", "cat.jpg"))
    assert "another name" not in notes(truth(labelme(imagePath="../x/Cat.PNG"), "m.json", "cat.jpg"))


def test_points_and_lines_alone_are_no_truth():
    line = [{"label": "crack", "shape_type": "linestrip", "points": [[0, 0], [9, 9]]}]
    with pytest.raises(ImageError, match="points and lines alone"):
        truth(labelme(shapes=line), "m.json")


def test_small_numbers_of_16_bits_are_said_to_be_classes():
    array = io.BytesIO()
    np.save(array, (DISC * 2 + 1).astype(np.int64))
    assert "8 bits" in notes(truth(encode((DISC * 2 + 1).astype(np.uint16))))
    assert "8 bits" not in notes(truth(encode(DISC.astype(np.uint16) * 65535)))
    assert "8 bits" not in notes(truth(array.getvalue(), "m.npy"))


@pytest.mark.parametrize("value", [0, 1, 255])
def test_a_truth_of_one_class_says_so(value):
    told = " ".join(map(str, tell_truth(truth(encode(np.full(SIZE, value, np.uint8))).truth)))
    assert "Every judged pixel is" in told
    assert "Every" not in " ".join(map(str, tell_truth(truth(encode(DISC.astype(np.uint8))).truth)))


def test_a_picture_that_is_transparent_all_over_shows_its_colours():
    file = read_image(encode(np.dstack([PHOTO, np.zeros(SIZE, np.uint8)])))
    assert (file.image == PHOTO).all()
    assert "transparent all over" in notes(file)


def test_of_an_animation_the_first_frame_with_content_is_shown():
    data = io.BytesIO()
    frames = [Image.new("RGB", (60, 40), "white"), Image.fromarray(PHOTO)]
    frames[0].save(data, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    file = read_image(data.getvalue())
    assert (file.image == PHOTO).all()
    assert "Page 2 of 2" in notes(file)
    assert (sm.load_image(data.getvalue(), page=0) == 255).all()
