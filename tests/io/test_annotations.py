"""Truths as labelling tools write them: there and back, bit for bit, and what can't be read is said in a line."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segmethods import GroundTruth, ImageError, Vocabulary
from segmethods.io.annotation_export import encode_coco, encode_labelme, encode_yolo
from segmethods.io.ground_truth import load_ground_truth, read_ground_truth
from segmethods.io.painting import OVERLAP
from segmethods.io.polygons import fill_rings, ring_area, trace_rings
from segmethods.io.run_lengths import decode_runs, encode_runs, pack_runs, unpack_runs

CLASSES = Vocabulary("own", ("background", "roof", "road", "tree"))
STREET = Vocabulary("street", ("sky", "road", "car"))
QUICK = settings(max_examples=60, deadline=None, derandomize=True)
MASKS = arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9)))
MAPS = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 1, 2, 3, 255]))


def hard_case() -> np.ndarray:
    """Holes, a part in a hole, parts that touch at a corner, and pixels on every border."""
    labels = np.zeros((20, 30), np.uint8)
    labels[2:14, 2:20] = 1
    labels[4:12, 4:18] = 0
    labels[6:10, 6:12] = 2
    labels[7:9, 8:10] = 1
    labels[14:16, 20:22], labels[16:18, 22:24] = 3, 3
    labels[0, :], labels[:, 29], labels[19, ::2] = 3, 2, 1
    return labels


@QUICK
@given(MASKS)
def test_rings_give_their_mask_back(mask: np.ndarray) -> None:
    rings = trace_rings(mask)
    assert np.array_equal(fill_rings(rings, mask.shape), mask)
    assert sum(map(ring_area, rings)) == mask.sum()


@QUICK
@given(MASKS)
def test_run_lengths_give_their_mask_back(mask: np.ndarray) -> None:
    runs = encode_runs(mask)
    assert np.array_equal(decode_runs(runs, mask.shape), mask)
    assert unpack_runs(pack_runs(runs)) == runs


def test_run_lengths_go_down_the_columns() -> None:
    mask = np.zeros((4, 3), bool)
    mask[1:3, 1] = True
    assert encode_runs(mask) == [5, 2, 5]
    assert pack_runs([5, 2, 5]) == "525"  # as pycocotools packs it


@QUICK
@given(MAPS)
def test_labelme_and_coco_give_a_truth_back(labels: np.ndarray) -> None:
    labels[0, 0] = 0  # a truth that judges nothing is refused
    labels[-1, -1] = 1
    truth = GroundTruth(labels, CLASSES)
    for text in (
        encode_labelme(truth, "a.png"),
        encode_coco(truth, "a.png"),
        encode_coco(truth, "a.png", packed=False),
    ):
        found = load_ground_truth(text.encode(), labels.shape, classes=CLASSES)
        assert np.array_equal(found.labels, labels)


@QUICK
@given(MAPS)
def test_classes_without_a_background_come_back(labels: np.ndarray) -> None:
    labels = np.minimum(labels, 2)
    truth = GroundTruth(labels, STREET)
    for text in (encode_labelme(truth, "a.png"), encode_coco(truth, "a.png"), encode_yolo(truth)):
        assert np.array_equal(load_ground_truth(text.encode(), labels.shape, classes=STREET).labels, labels)


@QUICK
@given(MAPS)
def test_yolo_gives_a_truth_back(labels: np.ndarray) -> None:
    labels = np.where(labels == 255, 0, labels).astype(np.uint8)
    labels[0, 0] = 3
    text = encode_yolo(GroundTruth(labels, CLASSES))
    assert np.array_equal(load_ground_truth(text.encode(), labels.shape, classes=CLASSES).labels, labels)


@pytest.mark.parametrize("encode", [lambda t: encode_labelme(t, "a"), lambda t: encode_coco(t, "a"), encode_yolo])
def test_holes_parts_and_borders_of_a_larger_truth(encode: Callable[[GroundTruth], str]) -> None:
    labels = hard_case()
    found = load_ground_truth(encode(GroundTruth(labels, CLASSES)).encode(), (20, 30), classes=CLASSES)
    assert np.array_equal(found.labels, labels)


def test_names_come_from_the_file_where_nobody_gives_others() -> None:
    truth = GroundTruth(hard_case(), CLASSES)
    found = load_ground_truth(encode_coco(truth, "a.png").encode(), (20, 30))
    assert found.classes.names == CLASSES.names
    assert np.array_equal(found.labels, truth.labels)


def labelme(*shapes: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"shapes": shapes, "imageHeight": 8, "imageWidth": 10, **more}).encode()


def polygon(label: str, *points: tuple[float, float], kind: str = "polygon") -> dict[str, Any]:
    return {"label": label, "points": points, "shape_type": kind}


def test_labelmes_shapes() -> None:
    data = labelme(
        polygon("cat", (1, 1), (5, 1), (5, 5), (1, 5)),
        polygon("dog", (2, 2), (4, 4), kind="rectangle"),
        polygon("_background_", (2, 2), (3, 3), kind="rectangle"),
        polygon("__ignore__", (7, 0), (10, 8), kind="rectangle"),
        polygon("cat", (6, 7), kind="point"),
    )
    file = read_ground_truth(data, (8, 10))
    expected = np.zeros((8, 10), np.uint8)
    expected[1:5, 1:5], expected[2:4, 2:4], expected[2, 2], expected[:, 7:] = 1, 2, 0, 255
    assert np.array_equal(file.truth.labels, expected)
    assert file.truth.classes.names == ("background", "cat", "dog")
    said = ["Left out: 1 shape without an area.", str(OVERLAP), "Not judged: 30.0% of the pixels."]
    assert [str(n) for n in file.notes] == said


def test_cocos_image_is_found_by_its_name() -> None:
    part = {"category_id": 7, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2], [4, 0, 6, 0, 6, 2, 4, 2]]}
    images = [{"id": i, "file_name": f"train/{name}.jpg", "height": 4, "width": 6} for i, name in ((1, "a"), (2, "b"))]
    content = {"images": images, "categories": [{"id": 7, "name": "cat"}], "annotations": [{"image_id": 2, **part}]}
    data = json.dumps(content).encode()
    assert read_ground_truth(data, (4, 6), image="photos/B.png").truth.labels.sum() == 8
    assert read_ground_truth(data, (4, 6), image="a.png").truth.labels.sum() == 0
    with pytest.raises(ImageError, match="not of one called c"):
        read_ground_truth(data, (4, 6), image="c.png")


def test_yolos_first_class_comes_after_the_background() -> None:
    file = read_ground_truth(b"0 0 0 0.5 0 0.5 1 0 1\n1 0.5 0 1 0 1 0.5 0.5 0.5\n", (4, 6))
    assert file.truth.labels.tolist() == [[1, 1, 1, 2, 2, 2]] * 2 + [[1, 1, 1, 0, 0, 0]] * 2
    assert "class 0 is the id 1" in str(file.notes[0])


def array(values: np.ndarray) -> bytes:
    import io

    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1), (1, 4, 6)])
def test_numpy_arrays(dtype: type, shape: tuple[int, ...]) -> None:
    values = np.zeros((4, 6), dtype)
    values[1:3, 2:4] = 1
    assert np.array_equal(load_ground_truth(array(values.reshape(shape)), (4, 6)).labels, values)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (labelme(polygon("cat", (1, 1), (5, 1), (5, 5)), imageHeight=9), "10 × 9 pixels"),
        (labelme({"label": "cat"}), "can't be read"),
        (labelme(polygon("cat", (1, float("nan")), (5, 1), (5, 5))), "can't be read"),
        (b'{"a": 1}', "no outlines"),
        (b'{"shapes": [', "can't be read"),
        (b"0 0.5 0.5 0.2 0.2\n", "boxes, not outlines"),
        (b"0 0.5 0.5 0.2 0.2 40 0.1\n", "can't be read"),
        (array(np.zeros((4, 6, 3))), "shape"),
        (array(np.full((4, 6), 0.5)), "between whole numbers"),
        (array(np.array([["a"]])), "shape"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(data: bytes, said: str) -> None:
    with pytest.raises(ImageError) as caught:
        load_ground_truth(data, (8, 10))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
