"""Truths as VIA and Supervisely write them, alone and as data sets."""

from __future__ import annotations

import base64
import csv
import io
import json
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmethods import ImageError, ParameterError
from segmethods.benchmark import open_dataset
from segmethods.io.ground_truth import read_ground_truth
from tests.io.drawn import DOG, SCENE, SIZE

CAT_CORNERS = {"name": "polygon", "all_points_x": [6, 16, 16, 6], "all_points_y": [4, 4, 12, 12]}
DOG_BOX = {"name": "rect", "x": 12, "y": 8, "width": 12, "height": 10}
REGIONS = [
    {"shape_attributes": CAT_CORNERS, "region_attributes": {"class": "cat"}},
    {"shape_attributes": DOG_BOX, "region_attributes": {"class": "dog"}},
]


def via(regions: Any = REGIONS, name: str = "a.png", **more: Any) -> dict[str, Any]:
    entry = {"filename": name, "size": 12, "regions": regions, "file_attributes": {}}
    return {f"{name}12": entry, **more}


def project(entries: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {"_via_settings": {}, "_via_img_metadata": entries, "_via_attributes": {"region": attributes, "file": {}}}


def table(*rows: tuple[str, dict[str, Any], dict[str, Any]]) -> bytes:
    text = io.StringIO()
    head = "filename file_size file_attributes region_count region_id region_shape_attributes region_attributes"
    lines = csv.writer(text)
    lines.writerow(head.split())
    for number, (name, shape, values) in enumerate(rows):
        lines.writerow([name, 12, "{}", len(rows), number, json.dumps(shape), json.dumps(values)])
    return text.getvalue().encode()


DROPDOWN = [{**region, "region_attributes": {"kind": str(i)}} for i, region in enumerate(REGIONS)]
KINDS = {"kind": {"type": "dropdown", "options": {"0": "cat", "1": "dog"}}}
TICKED = [
    {**region, "region_attributes": {"kind": {name: True, "tiger": False}}}
    for name, region in zip(("cat", "dog"), REGIONS, strict=True)
]


def bitmap(mask: NDArray[np.bool_], left: int, top: int) -> dict[str, Any]:
    """As Supervisely's own tools write it."""
    part, file = Image.fromarray(mask[top:, left:].astype(np.uint8)), io.BytesIO()
    part.putpalette([0, 0, 0, 255, 255, 255])
    part.save(file, "PNG", transparency=0)
    data = base64.b64encode(zlib.compress(file.getvalue())).decode()
    return {"geometryType": "bitmap", "bitmap": {"data": data, "origin": [left, top]}}


def supervisely(*shapes: dict[str, Any]) -> dict[str, Any]:
    objects = [{"classTitle": title, **shape} for title, shape in zip(("cat", "dog"), shapes, strict=False)]
    return {"description": "", "tags": [], "size": {"height": 20, "width": 30}, "objects": objects}


CAT_PIXELS = {"geometryType": "polygon", "points": {"exterior": [[6, 4], [15, 4], [15, 11], [6, 11]], "interior": []}}
META = {
    "classes": [
        {"title": "bird", "shape": "any", "color": "#0F138A"},
        {"title": "dog", "shape": "polygon", "color": "#D0021B"},
        {"title": "cat", "shape": "bitmap", "color": "#00FF00"},
    ],
    "tags": [],
}
DOG_PIXELS = {"geometryType": "rectangle", "points": {"exterior": [[12, 8], [23, 17]], "interior": []}}

SCENES = {
    "VIA": json.dumps(via()).encode(),
    "VIA 1": json.dumps(via({str(i): region for i, region in enumerate(REGIONS)})).encode(),
    "VIA project": json.dumps(project(via())).encode(),
    "VIA options": json.dumps(project(via(DROPDOWN), **KINDS)).encode(),
    "VIA boxes that are ticked": json.dumps(via(TICKED)).encode(),
    "VIA table": table(("a.png", CAT_CORNERS, {"class": "cat"}), ("a.png", DOG_BOX, {"class": "dog"})),
    "Supervisely": json.dumps(supervisely(CAT_PIXELS, DOG_PIXELS)).encode(),
    "Supervisely bitmaps": json.dumps(supervisely(CAT_PIXELS, bitmap(DOG, 10, 5))).encode(),
}


def test_round_shapes_of_via_are_turned_by_radians() -> None:
    tall = {"name": "ellipse", "cx": 15, "cy": 10, "rx": 8, "ry": 3, "theta": np.pi / 2}
    data = json.dumps(via([{"shape_attributes": tall, "region_attributes": {}}])).encode()
    file = read_ground_truth(data, SIZE, "a.json", image="a.png")
    found = file.truth.labels
    assert (np.ptp(np.flatnonzero(found.any(axis=1))) + 1, np.ptp(np.flatnonzero(found.any(axis=0))) + 1) == (16, 6)
    assert "all are of one class, object" in str(file.notes[0])


def test_of_several_attributes_the_one_called_class_counts_and_is_said() -> None:
    regions = [{**r, "region_attributes": {"quality": "good", **r["region_attributes"]}} for r in REGIONS]
    file = read_ground_truth(json.dumps(via(regions)).encode(), SIZE, "a.json", image="a.png")
    assert np.array_equal(file.truth.labels, SCENE)
    assert str(file.notes[0]) == "The class of a region is its attribute class; the others are quality."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (({"colour": "red", "size": "big"}, {"colour": "blue", "size": "big"}), "attributes colour, size"),
        (({"class": "cat"}, {"class": ""}), "1 region without a class, such as in a.png"),
        (({"class": {"cat": True, "dog": True}}, {"class": "dog"}), "both cat and dog"),
    ],
)
def test_a_class_that_cant_be_told_is_refused(values: tuple[dict[str, Any], ...], said: str, tmp_path: Path) -> None:
    regions = [{**r, "region_attributes": v} for r, v in zip(REGIONS, values, strict=True)]
    data = json.dumps(via(regions)).encode()
    with pytest.raises(ImageError, match=said):
        read_ground_truth(data, SIZE, "a.json", image="a.png")


def write_images(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(folder / name)


@pytest.mark.parametrize("name", ["via_region_data.json", "via_region_data.csv"])
def test_via_is_a_data_set(name: str, tmp_path: Path) -> None:
    write_images(tmp_path, "train/a.png", "train/b.png", "train/c.png")
    data = table(("a.png", CAT_CORNERS, {"class": "cat"}), ("a.png", DOG_BOX, {"class": "dog"}), ("b.png", {}, {}))
    if name.endswith(".json"):
        data = json.dumps(project(via(**via([], "b.png")))).encode()
    (tmp_path / "train" / name).write_bytes(data)
    found = open_dataset(tmp_path)
    truths = [pair.load().truth for pair in found.pairs]
    assert (found.layout, found.classes.names) == ("VIA", ("background", "cat", "dog"))
    assert truths[0] is not None
    assert truths[1] is not None
    assert np.array_equal(truths[0].labels, SCENE)
    assert not truths[1].labels.any()
    assert [one.name for one in found.skipped] == ["train/c.png"]
    assert "1 picture has no outlines" in " ".join(map(str, found.notes))


def test_a_data_set_whose_file_cant_be_read_says_why(tmp_path: Path) -> None:
    write_images(tmp_path, "a.png")
    regions = [{**r, "region_attributes": {"colour": "red", "size": "big"}} for r in REGIONS]
    (tmp_path / "via.json").write_text(json.dumps(via(regions)))
    with pytest.raises(ParameterError, match="Call the one with the class"):
        open_dataset(tmp_path)
    (tmp_path / "via.json").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with pytest.raises(ParameterError, match="a file of GeoJSON, which is not read here"):
        open_dataset(tmp_path)


def test_outlines_of_supervisely_are_those_of_its_own_tools() -> None:
    """A polygon with a hole, against what its library does."""
    outer, hole = [[3, 2], [26, 4], [22, 17], [5, 15]], [[8, 6], [15, 6], [12, 11]]
    expected = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(expected, [np.array(outer, np.int32)], (1,))
    cv2.fillPoly(expected, [np.array(hole, np.int32)], (0,))
    shape = {"geometryType": "polygon", "points": {"exterior": outer, "interior": [hole]}}
    file = read_ground_truth(json.dumps(supervisely(shape)).encode(), SIZE, "a.png.json")
    assert np.array_equal(file.truth.labels, expected)


def test_bitmaps_of_supervisely_may_be_transparent_and_are_never_guessed() -> None:
    clear = np.zeros((*SIZE, 4), np.uint8)
    clear[DOG] = 255
    png = io.BytesIO()
    Image.fromarray(clear).save(png, "PNG")
    data = base64.b64encode(zlib.compress(png.getvalue())).decode()
    shape = {"geometryType": "bitmap", "bitmap": {"data": data, "origin": [0, 0]}}
    found = read_ground_truth(json.dumps(supervisely(shape)).encode(), SIZE, "a.png.json").truth.labels
    assert np.array_equal(found, DOG)
    for wrong, said in (
        ({"geometryType": "alphaMask"}, "kind alphaMask"),
        ({**shape, "bitmap": {"data": data[:40], "origin": [0, 0]}}, "cut short"),
    ):
        with pytest.raises(ImageError, match=said):
            read_ground_truth(json.dumps(supervisely(wrong)).encode(), SIZE, "a.png.json")


def test_supervisely_is_a_data_set(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text(json.dumps(META))
    for part in ("ds0", "ds1"):
        write_images(tmp_path, f"{part}/img/a.jpg", f"{part}/img/{part}.jpg")
        (tmp_path / part / "ann").mkdir()
        (tmp_path / part / "ann" / "a.jpg.json").write_bytes(SCENES["Supervisely"])
    found = open_dataset(tmp_path)
    assert (found.layout, len(found.pairs), len(found.skipped)) == ("Supervisely", 2, 2)
    truth = found.pairs[1].load().truth
    assert truth is not None
    assert found.classes.names == ("background", "bird", "dog", "cat")
    assert np.array_equal(truth.labels, np.array([0, 3, 2], np.uint8)[SCENE])
    assert "meta.json" not in " ".join(map(str, found.describe()))


def test_a_missing_meta_json_is_said(tmp_path: Path) -> None:
    write_images(tmp_path, "ds0/img/a.jpg")
    (tmp_path / "ds0/ann").mkdir()
    (tmp_path / "ds0/ann/a.jpg.json").write_bytes(SCENES["Supervisely"])
    found = open_dataset(tmp_path)
    assert found.classes.names == ("background", "cat", "dog")
    assert "There is no meta.json" in " ".join(map(str, found.describe()))


@pytest.mark.parametrize("kind", ["meta.json and colours", "meta.json and ids", "machine colours"])
def test_masks_of_supervisely_have_its_names(kind: str, tmp_path: Path) -> None:
    write_images(tmp_path, "ds0/img/a.png")
    masks = tmp_path / "ds0/masks"
    masks.mkdir()
    hues = np.array([[0, 0, 0], [0, 255, 0], [208, 2, 27]], np.uint8)  # of the cat and the dog
    values = {"meta.json and colours": hues, "meta.json and ids": np.array([0, 3, 2], np.uint8)}
    Image.fromarray(values.get(kind, np.array([0, 7, 9], np.uint8))[SCENE]).save(masks / "a.png")
    (tmp_path / "ds0/meta.json").write_text(json.dumps(META))
    if kind == "machine colours":
        colours = {"cat": [7] * 3, "dog": [9] * 3}
        (tmp_path / "ds0/obj_class_to_machine_color.json").write_text(json.dumps(colours))
    found = open_dataset(tmp_path / "ds0")
    truth = found.pairs[0].load().truth
    assert truth is not None
    assert np.array_equal(np.array(truth.classes.names)[truth.labels], np.array(["background", "cat", "dog"])[SCENE])
