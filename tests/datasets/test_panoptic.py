"""Masks whose colours number segments are read by their JSON, or refused; never as classes of colours."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.benchmark import open_dataset
from segmethods.core.messages import ImageError, ParameterError
from segmethods.datasets.image_sets import open_image_set

CATEGORIES = [{"id": 7, "name": "car"}, {"id": 200, "name": "road"}, {"id": 3, "name": "sky"}]
CLASSES = ("sky", "car", "road")
SCENE = np.array([[0, 0, 0, 0], [255, 2, 2, 2], [2, 1, 1, 2]], np.uint8).repeat(8, 0).repeat(8, 1)
"""Sky, road and a car; a strip of the road belongs to no segment."""


def segments(number: int) -> dict[int, int]:
    """The segments of a picture and their categories: their numbers are others in every picture."""
    return {5 + number: 3, 70_000 + number: 200, 1_000_000 + 257 * number: 7}


def save(file: Path, pixels: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def make(root: Path, images: str, masks: str, listing: str, count: int = 3, stored: str = "jpg") -> None:
    entries = []
    for number in range(count):
        save(root / images / f"{number:03}.jpg", np.full((*SCENE.shape, 3), 90, np.uint8))
        by_class = {
            CLASSES.index(c["name"]): s for s, v in segments(number).items() for c in CATEGORIES if c["id"] == v
        }
        ids = np.vectorize({255: 0, **by_class}.get)(SCENE)
        colours = np.stack([ids & 255, ids >> 8 & 255, ids >> 16], axis=-1).astype(np.uint8)
        save(root / masks / f"{number:03}.png", colours)
        listed = [{"id": s, "category_id": c, "area": 1, "iscrowd": 0} for s, c in segments(number).items()]
        entries.append({"image_id": number, "file_name": f"{number:03}.png", "segments_info": listed})
    records = [{"id": n, "file_name": f"{n:03}.{stored}", "height": 24, "width": 32} for n in range(count)]
    content = {"images": records, "annotations": entries, "categories": CATEGORIES}
    (root / listing).parent.mkdir(parents=True, exist_ok=True)
    (root / listing).write_text(json.dumps(content))


PLACES = {
    "masks": ("images", "masks", "panoptic.json"),
    "annotations": ("images", "annotations", "annotations/panoptic.json"),
    "as COCO lies": ("val2017", "annotations/panoptic_val2017", "annotations/panoptic_val2017.json"),
    "beside": ("", "panoptic_val2017", "panoptic_val2017.json"),
    "all in one folder": ("", "", "panoptic.json"),
}


@pytest.mark.parametrize(("images", "masks", "listing"), PLACES.values(), ids=PLACES)
def test_segments_have_the_classes_that_their_json_names(images: str, masks: str, listing: str, tmp_path: Path) -> None:
    make(tmp_path, images, masks, listing)
    found = open_dataset(tmp_path)
    assert (found.layout, found.classes.names, len(found.pairs)) == ("COCO panoptic", CLASSES, 3)
    for pair in found.pairs:
        truth = pair.load().truth
        assert truth is not None
        assert np.array_equal(truth.labels, SCENE)
        assert np.array_equal(pair.packed().load_truth(SCENE.shape).labels, SCENE)
    files = [(f.relative_to(tmp_path).as_posix(), f.read_bytes()) for f in tmp_path.rglob("*") if f.is_file()]
    brought = open_image_set(files)
    assert brought.dataset is not None
    assert (brought.judged, len(brought.images), brought.dataset.classes.names) == (3, 3, CLASSES)


def test_images_may_have_another_ending_than_the_json_says(tmp_path: Path) -> None:
    make(tmp_path, "images", "masks", "panoptic.json", stored="png")
    assert len(open_dataset(tmp_path).pairs) == 3


def test_a_segment_that_no_list_has_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "images", "masks", "panoptic.json")
    save(tmp_path / "masks/001.png", np.full((*SCENE.shape, 3), 9, np.uint8))
    with pytest.raises(ImageError, match="has the segment 592137, which its JSON doesn't list"):
        open_dataset(tmp_path).pairs[1].load()


def test_what_lacks_a_part_is_named(tmp_path: Path) -> None:
    make(tmp_path, "images", "masks", "panoptic.json")
    (tmp_path / "images/000.jpg").unlink()
    (tmp_path / "masks/001.png").unlink()
    save(tmp_path / "images/more.jpg", np.zeros((9, 9, 3), np.uint8))
    found = open_dataset(tmp_path)
    assert len(found.pairs) == 1
    assert {one.name for one in found.skipped} == {"000.jpg", "images/001.jpg", "images/more.jpg"}


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        ([], "can't be read"),
        (CATEGORIES[:2], "can't be read"),
        ([*CATEGORIES, {"id": 9, "name": "sky"}], "two classes with the name sky"),
        ([*CATEGORIES, *({"id": 1000 + i, "name": f"c{i}"} for i in range(300))], "has 303 categories"),
    ],
)
def test_categories_that_cant_be_classes_are_refused(categories: list, said: str, tmp_path: Path) -> None:
    make(tmp_path, "images", "masks", "panoptic.json")
    content = json.loads((tmp_path / "panoptic.json").read_text())
    (tmp_path / "panoptic.json").write_text(json.dumps({**content, "categories": categories}))
    with pytest.raises(ParameterError, match=said):
        open_dataset(tmp_path)


def test_without_its_masks_the_json_says_what_to_add(tmp_path: Path) -> None:
    make(tmp_path, "val2017", "panoptic_val2017", "panoptic_val2017.json")
    for mask in (tmp_path / "panoptic_val2017").iterdir():
        mask.unlink()
    with pytest.raises(ParameterError, match=r"its masks, such as \d+.png, aren't there. Add the folder of its PNGs"):
        open_dataset(tmp_path)


def test_without_its_json_nobody_takes_colours_for_classes(tmp_path: Path) -> None:
    make(tmp_path, "images", "masks", "panoptic.json", count=100)
    (tmp_path / "panoptic.json").unlink()
    with pytest.raises(ParameterError, match="put the JSON"):
        open_dataset(tmp_path)


def test_few_masks_without_their_json_are_doubted(tmp_path: Path) -> None:
    make(tmp_path, "images", "masks", "panoptic.json")
    (tmp_path / "panoptic.json").unlink()
    told = " ".join(map(str, open_dataset(tmp_path).describe()))
    assert "9 of its 10 colours are in one mask alone" in told
