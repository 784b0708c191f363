"""Outlines that overlap say so, and text of outlines is read in whatever encoding its mark names."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.core.messages import ImageError
from segmethods.core.types import BINARY, GroundTruth, Vocabulary
from segmethods.datasets.image_sets import open_image_set
from segmethods.datasets.opening import open_dataset
from segmethods.io.annotation_export import encode_coco
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.painting import OVERLAP

SIZE = (40, 60)
Box = tuple[int, int, int, int]
LEFT: Box = (5, 5, 25, 25)


def corners(box: Box) -> list[list[int]]:
    x0, y0, x1, y1 = box
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


def coco(*boxes: Box, names: str = "ab", image: str = "m.jpg") -> str:
    entries = [
        {"image_id": 1, "category_id": "ab".index(name) + 1, "segmentation": [np.ravel(corners(box)).tolist()]}
        for box, name in zip(boxes, names, strict=True)
    ]
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": image, "height": SIZE[0], "width": SIZE[1]}],
            "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
            "annotations": entries,
        }
    )


def labelme(*boxes: Box, names: str = "ab") -> str:
    shapes = [{"label": n, "points": corners(b)} for b, n in zip(boxes, names, strict=True)]
    return json.dumps({"shapes": shapes, "imageHeight": SIZE[0], "imageWidth": SIZE[1]})


def cvat(*boxes: Box, names: str = "ab") -> str:
    marks = "".join(
        f'<polygon label="{name}" points="{";".join(f"{x},{y}" for x, y in corners(box))}"></polygon>'
        for box, name in zip(boxes, names, strict=True)
    )
    head = '<?xml version="1.0" encoding="utf-8"?><annotations><image name="m.jpg" height="40" width="60">'
    return f"{head}{marks}</image></annotations>"


def yolo(*boxes: Box, names: str = "ab") -> str:
    return "".join(
        f"{'ab'.index(n)} {' '.join(f'{x / 60} {y / 40}' for x, y in corners(b))}\n"
        for b, n in zip(boxes, names, strict=True)
    )


WRITERS = {"m.json": coco, "l.json": labelme, "m.xml": cvat, "m.txt": yolo}


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize(
    ("right", "names", "overlaps"),
    [
        ((20, 10, 40, 30), "ab", True),
        ((23, 10, 40, 30), "ab", True),
        ((24, 10, 40, 30), "ab", False),
        ((25, 10, 40, 30), "ab", False),
        ((5, 24, 25, 38), "ab", False),
        ((24, 24, 40, 38), "ab", False),
        ((20, 10, 40, 30), "aa", False),
        ((8, 8, 12, 12), "ab", True),
    ],
    ids=["overlap", "two pixels", "a border", "apart", "a border below", "a corner", "one class", "inside"],
)
def test_outlines_that_overlap_say_so(file: str, right: Box, names: str, overlaps: bool) -> None:
    read = read_ground_truth(WRITERS[file](LEFT, right, names=names).encode(), SIZE, file, image="m.jpg")
    assert (OVERLAP in read.notes) == overlaps
    x0, y0, x1, y1 = right
    assert len(np.unique(read.truth.labels[y0:y1, x0:x1])) == 1


@pytest.mark.parametrize("name", ["__ignore__", "_background_"])
def test_what_is_cut_out_is_no_overlap(name: str) -> None:
    shapes = [{"label": label, "points": corners(b)} for label, b in (("cat", LEFT), (name, (8, 8, 20, 20)))]
    data = json.dumps({"shapes": shapes, "imageHeight": 40, "imageWidth": 60}).encode()
    assert OVERLAP not in read_ground_truth(data, SIZE, "m.json").notes


def test_touching_classes_do_not_overlap() -> None:
    labels = np.random.default_rng(0).integers(0, 3, (10, 10)).astype(np.uint8)
    truth = GroundTruth(labels.repeat(4, 0).repeat(6, 1), Vocabulary("own", ("background", "a", "b")))
    assert OVERLAP not in read_ground_truth(encode_coco(truth, "m.jpg").encode(), SIZE, "m.json").notes


def photo(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (*SIZE, 3)).astype(np.uint8)).save(file)


RIGHTS: list[Box] = [(20, 10, 40, 30), (30, 10, 40, 30)]


def test_each_picture_of_a_listing_says_that_its_outlines_overlap(tmp_path: Path) -> None:
    content = {"images": [], "categories": json.loads(coco(names=""))["categories"], "annotations": []}
    for number, right in enumerate(RIGHTS):
        photo(tmp_path / f"images/{number}.jpg")
        own = json.loads(coco(LEFT, right, image=f"{number}.jpg"))
        content["images"] += [own["images"][0] | {"id": number}]
        content["annotations"] += [entry | {"image_id": number} for entry in own["annotations"]]
    (tmp_path / "all.json").write_text(json.dumps(content))
    assert [OVERLAP in pair.load().notes for pair in open_dataset(tmp_path).pairs] == [True, False]


@pytest.mark.parametrize("write", [yolo, labelme], ids=["loose", "a layout"])
def test_a_set_says_that_outlines_overlap(write: Callable[..., str], tmp_path: Path) -> None:
    for number, right in enumerate(RIGHTS):
        photo(tmp_path / f"{number}.jpg")
        (tmp_path / f"{number}.{'txt' if write is yolo else 'json'}").write_text(write(LEFT, right))
    for dataset in (
        open_dataset(tmp_path),
        open_image_set([(file.name, file.read_bytes()) for file in tmp_path.iterdir()]).dataset,
    ):
        assert dataset is not None
        notes = [str(note) for pair in dataset.pairs for note in (*pair.load().notes, *dataset.describe())]
        assert any(note.startswith("Where outlines of different classes overlap") for note in notes)
        assert write is labelme or "overlap, the later one counts: 1 picture." in notes[-1]


MARKED = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


@pytest.mark.parametrize("encoding", MARKED)
@pytest.mark.parametrize("file", WRITERS)
def test_outlines_are_read_in_the_encoding_of_their_mark(file: str, encoding: str, tmp_path: Path) -> None:
    text = WRITERS[file](LEFT, (30, 10, 40, 30))
    expected = read_ground_truth(text.encode(), SIZE, file, image="m.jpg").truth
    data = MARKS.get(encoding, b"") + text.encode(encoding)
    read = read_ground_truth(data, SIZE, file, image="m.jpg").truth
    assert read.classes == expected.classes
    assert (read.labels == expected.labels).all()
    assert len(np.unique(read.labels)) == 3
    photo(tmp_path / "set/images/m.jpg")
    place = (
        tmp_path
        / "set"
        / ("labels" if file == "m.txt" else "annotations")
        / ("all.json" if file == "m.json" else f"m{Path(file).suffix}")
    )
    place.parent.mkdir()
    place.write_bytes(data)
    for dataset in (
        open_dataset(tmp_path / "set"),
        open_image_set([("m.jpg", (tmp_path / "set/images/m.jpg").read_bytes()), (place.name, data)]).dataset,
    ):
        assert dataset is not None
        truth = dataset.pairs[0].load().truth
        assert truth is not None
        assert len(np.unique(truth.labels)) == 3


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_text_of_16_bits_that_is_cut_short_is_refused_by_name(mark: bytes) -> None:
    with pytest.raises(ImageError, match="text in UTF-16"):
        read_ground_truth(mark + b'{\0"', SIZE, "m.json", BINARY)
