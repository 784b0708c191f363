"""Truths as CVAT, SuperAnnotate and Label Studio write them, alone and as data sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmethods import ImageError, ParameterError
from segmethods.benchmark import open_dataset
from segmethods.io.ground_truth import read_ground_truth
from segmethods.io.labelling_tools import read_drawing
from tests.io.drawn import CAT, DOG, SCENE, SIZE
from tests.io.test_via_and_supervisely import SCENES as MORE_SCENES

CAT_CORNERS, DOG_CORNERS = [(6, 4), (16, 4), (16, 12), (6, 12)], [(12, 8), (24, 8), (24, 18), (12, 18)]


def cvat(*shapes: str, name: str = "a.png", more: str = "") -> bytes:
    labels = "".join(f"<label><name>{n}</name></label>" for n in ("cat", "dog"))
    return (
        "<?xml version='1.0' encoding='utf-8'?><annotations><version>1.1</version>"
        f"<meta><task><labels>{labels}</labels></task></meta>"
        f"<image id='0' name='{name}' width='30' height='20'>{''.join(shapes)}</image>{more}</annotations>"
    ).encode()


def polygon(label: str, corners: list[tuple[int, int]], order: int = 0) -> str:
    points = ";".join(f"{x:.2f},{y:.2f}" for x, y in corners)
    return f"<polygon label='{label}' points='{points}' z_order='{order}'></polygon>"


def count_runs(mask: NDArray[np.bool_]) -> list[int]:
    """Background and object in turns, row by row."""
    runs, value = [0], False
    for pixel in mask.ravel().tolist():
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return runs


def cvat_mask(label: str, mask: NDArray[np.bool_], left: int, top: int) -> str:
    part = mask[top:, left:]
    runs = ", ".join(map(str, count_runs(part)))
    size = f"width='{part.shape[1]}' height='{part.shape[0]}'"
    return f"<mask label='{label}' rle='{runs}' left='{left}' top='{top}' {size} z_order='1'></mask>"


def brush(mask: NDArray[np.bool_]) -> list[int]:
    """As thi.ng's rle-pack writes it: runs and single words by turns."""
    values = np.repeat(np.where(mask.ravel(), 255, 0).astype(np.uint8), 4)
    bits = f"{values.size:032b}{7:05b}" + "".join(f"{w - 1:04b}" for w in (3, 4, 8, 16))
    at, is_run = 0, True
    while at < values.size:
        long = next((i for i in range(at, values.size) if values[i] != values[at]), values.size) - at
        if is_run:
            bits += f"1{3:02b}{long - 1:016b}{values[at]:08b}"
        else:
            long = min(long, 8)
            bits += f"0{0:02b}{long - 1:03b}" + f"{values[at]:08b}" * long
        at, is_run = at + long, not is_run
    bits += "0" * (-len(bits) % 8)
    return [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]


def label_studio(*values: dict[str, Any], name: str = "/data/upload/7/1a2b3c4d-a.png") -> bytes:
    size = {"original_width": 30, "original_height": 20, "image_rotation": 0}
    results = [{**size, "type": "labels", "value": value} for value in values]
    return json.dumps([{"data": {"image": name}, "annotations": [{"result": results}]}]).encode()


def shares(corners: list[tuple[int, int]]) -> list[list[float]]:
    return [[100 * x / 30, 100 * y / 20] for x, y in corners]


def superannotate(*instances: dict[str, Any]) -> bytes:
    about = {"name": "a.png", "width": 30, "height": 20}
    return json.dumps({"metadata": about, "instances": instances, "tags": [], "comments": []}).encode()


DOG_BRUSH = {"format": "rle", "rle": brush(DOG), "brushlabels": ["dog"]}
CAT_POINTS = {"points": shares(CAT_CORNERS), "polygonlabels": ["cat"], "closed": True}
DOG_BOX = {"x": 40, "y": 40, "width": 40, "height": 50, "rotation": 0, "rectanglelabels": ["dog"]}
JSON_MIN = [{"original_width": 30, "original_height": 20, **value} for value in (CAT_POINTS, DOG_BOX)]
SCENES = {
    "cvat polygons": cvat(polygon("cat", CAT_CORNERS), polygon("dog", DOG_CORNERS)),
    "cvat by their order": cvat(polygon("dog", DOG_CORNERS, 2), polygon("cat", CAT_CORNERS, 1)),
    "cvat masks": cvat(polygon("cat", CAT_CORNERS), cvat_mask("dog", DOG, 10, 5)),
    "cvat boxes": cvat(
        "<box label='cat' xtl='6' ytl='4' xbr='16' ybr='12'></box>",
        "<box label='dog' xtl='13' ytl='7' xbr='23' ybr='19' rotation='90.0'></box>",
    ),
    "superannotate": superannotate(
        {"type": "polygon", "className": "cat", "points": [v for corner in CAT_CORNERS for v in corner]},
        {"type": "bbox", "className": "dog", "points": {"x1": 12, "y1": 8, "x2": 24, "y2": 18}},
    ),
    "label studio": label_studio(CAT_POINTS, DOG_BRUSH),
    "label studio, min": json.dumps([{"image": "/data/a.png", "label": JSON_MIN, "id": 1}]).encode(),
}


@pytest.mark.parametrize("data", [*SCENES.values(), *MORE_SCENES.values()], ids=[*SCENES, *MORE_SCENES])
def test_what_was_drawn_is_read(data: bytes) -> None:
    found = read_ground_truth(data, SIZE, "annotations", image="a.png").truth
    assert found.classes.names == ("background", "cat", "dog")
    assert np.array_equal(found.labels, SCENE)


def test_a_hole_is_no_object() -> None:
    hole = {"type": "polygon", "className": "cat", "points": [6, 4, 16, 4, 16, 12, 6, 12]}
    hole["exclude"] = [[8, 6, 10, 6, 10, 8, 8, 8]]
    found = read_ground_truth(superannotate(hole), SIZE, "a.json").truth.labels
    assert found.sum() == CAT.sum() - 4
    assert not found[6:8, 8:10].any()


def test_an_ellipse_is_turned() -> None:
    tall = cvat("<ellipse label='cat' cx='15' cy='10' rx='8' ry='3' rotation='90'></ellipse>")
    found = read_ground_truth(tall, SIZE, "a.xml").truth.labels
    assert np.ptp(np.flatnonzero(found.any(axis=1))) + 1 == 16
    assert np.ptp(np.flatnonzero(found.any(axis=0))) + 1 == 6


def test_what_was_assumed_is_said() -> None:
    assert "Boxes count" in str(read_ground_truth(SCENES["cvat boxes"], SIZE, "a.xml").notes[0])
    point = "<points label='cat' points='1,1'></points>"
    line = cvat(polygon("cat", CAT_CORNERS), polygon("dog", DOG_CORNERS), point)
    assert "Left out: 1 shape without an area" in str(read_ground_truth(line, SIZE, "a.xml").notes[0])
    one, other = (
        {"result": [{"original_width": 30, "original_height": 20, "value": v}]} for v in (CAT_POINTS, DOG_BOX)
    )
    twice = json.dumps([{"data": {"image": "a.png"}, "annotations": [one, other]}]).encode()
    drawing = read_drawing(twice, "a.json")
    assert drawing is not None
    assert drawing.classes == ("cat",)
    assert "several people" in str(drawing.notes[0])


REFUSED = {
    "of a video": b"<?xml version='1.0'?><annotations><track id='0' label='cat'></track></annotations>",
    "boxes are no masks": b"<annotation><filename>a.jpg</filename><object><name>cat</name></object></annotation>",
    "definitions of its own": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><annotations>&b;</annotations>",
    "damaged XML": b"<annotations><image id='0'",
    "don't fill their box": cvat("<mask label='cat' rle='1, 2' left='0' top='0' width='5' height='5'></mask>"),
    "lies outside": cvat("<mask label='cat' rle='0, 25' left='28' top='0' width='5' height='5'></mask>"),
    "cut short": label_studio({"format": "rle", "rle": [0, 0, 9, 96], "brushlabels": ["cat"]}),
    "another size": label_studio({"format": "rle", "rle": brush(CAT[:10]), "brushlabels": ["cat"]}),
    "___fuse.png": superannotate({"className": "cat", "parts": [{"color": "#000001"}]}),
    "has no outlines": b'[{"something": "else"}]',
    "annotations.xml has no outlines": json.dumps([{"data": {"image": "a.png"}, "annotations": []}]).encode(),
    "without the size": json.dumps(
        [{"data": {"image": "a.png"}, "annotations": [{"result": [{"value": CAT_POINTS}]}]}]
    ).encode(),
    "without a label": cvat("<polygon points='1,1;9,1;9,9'></polygon>"),
    "not of one called a": cvat(name="b.png", more="<image id='1' name='c.png' width='9' height='9'></image>"),
}


@pytest.mark.parametrize(("says", "data"), REFUSED.items())
def test_what_cant_be_read_is_refused_in_a_line(says: str, data: bytes) -> None:
    with pytest.raises(ImageError, match=says) as refusal:
        read_ground_truth(data, SIZE, "annotations.xml", image="a.png")
    assert "\n" not in str(refusal.value)


def write_images(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(folder / name)


def test_cvat_is_a_data_set(tmp_path: Path) -> None:
    write_images(tmp_path, "images/a.png", "images/b.png", "images/c.png")
    more = "<image id='1' name='b.png' width='30' height='20'>" + polygon("dog", DOG_CORNERS) + "</image>"
    (tmp_path / "annotations.xml").write_bytes(cvat(polygon("cat", CAT_CORNERS), more=more))
    found = open_dataset(tmp_path)
    assert (found.layout, found.classes.names) == ("CVAT", ("background", "cat", "dog"))
    truths = [pair.load().truth for pair in found.pairs]
    assert [set(np.unique(truth.labels)) for truth in truths if truth] == [{0, 1}, {0, 2}]
    assert [skipped.name for skipped in found.skipped] == ["images/c.png"]


def test_label_studio_is_a_data_set(tmp_path: Path) -> None:
    write_images(tmp_path, "a.png")
    (tmp_path / "export.json").write_bytes(label_studio(CAT_POINTS, DOG_BOX))
    found = open_dataset(tmp_path)
    truth = found.pairs[0].load().truth
    assert truth is not None
    assert (found.layout, "Boxes count" in str(found.notes[0])) == ("Label Studio", True)
    assert np.array_equal(truth.labels, SCENE)


def test_superannotate_is_a_data_set(tmp_path: Path) -> None:
    write_images(tmp_path, "a.png", "b.png", "a.png___fuse.png")
    for name in ("a.png___objects.json", "b.png___objects.json"):
        (tmp_path / name).write_bytes(SCENES["superannotate"])
    found = open_dataset(tmp_path)
    truth = found.pairs[1].load().truth
    assert truth is not None
    assert (found.layout, len(found.pairs), found.classes.names) == ("SuperAnnotate", 2, ("background", "cat", "dog"))
    assert np.array_equal(truth.labels, SCENE)


def test_superannotates_pixels_go_by_the_colours_of_their_classes(tmp_path: Path) -> None:
    write_images(tmp_path, "a.png")
    colours = np.array([[0, 0, 0], [200, 10, 10], [20, 20, 240]], np.uint8)
    Image.fromarray(colours[SCENE]).save(tmp_path / "a.png___fuse.png")
    (tmp_path / "classes").mkdir()
    classes = [{"name": "dog", "color": "#1414f0"}, {"name": "cat", "color": "#c80a0a"}]
    (tmp_path / "classes/classes.json").write_text(json.dumps(classes))
    found = open_dataset(tmp_path)
    truth = found.pairs[0].load().truth
    assert truth is not None
    assert (found.layout, found.classes.names) == ("SuperAnnotate pixels", ("background", "dog", "cat"))
    assert np.array_equal(truth.labels, np.array([0, 2, 1])[SCENE])


def test_many_masks_of_an_image_are_its_objects(tmp_path: Path) -> None:
    for part in ("one", "two"):
        write_images(tmp_path, f"stage1_train/{part}/images/{part}.png")
        for name, mask in (("3f", CAT & ~DOG), ("9c", DOG)):
            file = tmp_path / f"stage1_train/{part}/masks/{name}.png"
            file.parent.mkdir(exist_ok=True)
            Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(file)
    write_images(tmp_path, "stage1_train/three/images/three.png")
    found = open_dataset(tmp_path)
    sample = found.pairs[1].packed().load()
    assert (found.layout, [pair.name for pair in found.pairs]) == ("DSB 2018", ["one", "two"])
    assert [skipped.name for skipped in found.skipped] == ["stage1_train/three/images/three.png"]
    assert sample.objects is not None
    assert np.array_equal(sample.objects, SCENE)


def test_an_image_that_is_listed_twice_counts_once(tmp_path: Path) -> None:
    write_images(tmp_path, "a.png")
    task = json.loads(label_studio(CAT_POINTS))[0]
    (tmp_path / "export.json").write_text(json.dumps([task, task]))
    found = open_dataset(tmp_path)
    assert (len(found.pairs), "twice" in str(found.skipped[0].reason)) == (1, True)


def test_of_several_listings_one_is_named(tmp_path: Path) -> None:
    for place, label in (("one", "cat"), ("two", "dog")):
        write_images(tmp_path, f"{place}/images/a.png")
        (tmp_path / place / "annotations.xml").write_bytes(cvat(polygon(label, CAT_CORNERS)))
    with pytest.raises(ParameterError, match="Name one of them: one/annotations, two/annotations"):
        open_dataset(tmp_path)
    truth = open_dataset(f"{tmp_path}@two/annotations").pairs[0].load().truth
    assert truth is not None
    assert set(np.unique(truth.labels)) == {0, 2}
