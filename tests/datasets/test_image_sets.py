"""A person's own pictures become one set, however they came."""

import io
import json
import zipfile
from pathlib import PurePath

import numpy as np
import pytest
from PIL import Image

from segmethods.core.messages import ParameterError
from segmethods.datasets.image_sets import ImageSet, open_image_set
from segmethods.datasets.opening import open_dataset


def image(seed: int, kind: str = "PNG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def mask() -> bytes:
    labels = np.zeros((12, 16), np.uint8)
    labels[3:8, 4:9] = 255
    buffer = io.BytesIO()
    Image.fromarray(labels).save(buffer, "PNG")
    return buffer.getvalue()


def labelme(name: str) -> bytes:
    shape = {"label": "scratch", "points": [[4, 3], [9, 3], [9, 8], [4, 8]], "shape_type": "polygon"}
    return json.dumps({"shapes": [shape], "imagePath": name, "imageHeight": 12, "imageWidth": 16}).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def told(found: ImageSet) -> dict[str, bool]:
    return {one.name: one.sample is not None for one in found.images}


LOOSE = [("a.jpg", image(1, "JPEG")), ("b.png", image(2)), ("c.jpg", image(3, "JPEG"))]
FOLDERS = {"set/images/a.png": image(1), "set/images/b.png": image(2), "set/masks/a.png": mask()}


@pytest.mark.parametrize(
    ("files", "images"),
    [
        (LOOSE, {"a": False, "b": False, "c": False}),
        ([*LOOSE, ("a.json", labelme("a.jpg")), ("c.json", labelme("c.jpg"))], {"a": True, "c": True, "b": False}),
        ([*LOOSE, ("a.png", mask())], {"a": True, "b": False, "c": False}),
        ([*LOOSE, ("a_mask.png", mask())], {"a": True, "b": False, "c": False}),
        (list(FOLDERS.items()), {"a": True, "b": False}),
        ([("parts.zip", zipped(FOLDERS))], {"a": True, "b": False}),
        ([("parts.zip", zipped(dict(LOOSE)))], {"a": False, "b": False, "c": False}),
        ([("parts.zip", zipped(FOLDERS)), ("notes.txt", b"hello")], {"a": True, "b": False}),
    ],
    ids=["loose", "labelme", "same name", "mask beside", "folder", "zip", "zip without masks", "zip and more"],
)
def test_pictures_with_and_without_truth(files: list[tuple[str, bytes]], images: dict[str, bool]) -> None:
    found = open_image_set(files)
    assert told(found) == images
    assert found.judged == sum(images.values())
    assert (found.dataset is not None) == any(images.values())
    if found.dataset is not None:
        truth = found.dataset.pairs[0].load().truth
        assert truth is not None
        assert (truth.labels > 0).sum() >= 25
    assert told(open_image_set(files)) == images, "a second look finds the same"


def test_names_of_sets_and_of_classes() -> None:
    drawn = open_image_set([*LOOSE, ("a.json", labelme("a.jpg"))])
    assert drawn.dataset is not None
    assert drawn.dataset.classes.names[1] == "scratch"
    assert open_image_set([("parts.zip", zipped(FOLDERS))]).name == "parts"
    assert open_image_set(list(FOLDERS.items())).name == "set"


def test_files_stay_where_they_are_put() -> None:
    found = open_image_set([("../../evil.png", image(1)), ("/abs/e.png", image(2))])
    assert all(one.file.is_relative_to(found.folder) for one in found.images)
    with pytest.raises(ParameterError, match="no picture among"):
        open_image_set([("a.txt", b"1")])


def scratch_mask(inverted: bool = False) -> bytes:
    labels = np.zeros((12, 16), np.uint8)
    labels[5, 4:9] = 255
    buffer = io.BytesIO()
    Image.fromarray(255 - labels if inverted else labels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("names", "turned", "judged", "says"),
    [
        (["{}_mask.png"] * 5, {3}, 4, "White covers most of p3_mask.png, unlike the other masks: not judged."),
        (["mask_{}.png"] * 5, {0, 4}, 3, "White covers most of mask_p0.png, mask_p4.png, unlike the other masks"),
        (["{}.png"] * 5, {2}, 4, "White covers most of p2.png, unlike the other masks: not judged."),
        (["{}_mask.png"] * 2, {1}, 2, "in 1 of 2 masks: p1_mask.png. If black is the object, invert them."),
        (["{}_mask.png"] * 3, set(), 3, ""),
    ],
    ids=["one", "two", "same names", "one of two", "none"],
)
def test_masks_the_wrong_way_round_are_named(names: list[str], turned: set[int], judged: int, says: str) -> None:
    files = [(f"p{i}.jpg", image(i, "JPEG")) for i in range(len(names))]
    files += [(name.format(f"p{i}"), scratch_mask(i in turned)) for i, name in enumerate(names)]
    found = open_image_set(files)
    assert sorted(one.name for one in found.images) == [f"p{i}" for i in range(len(names))]
    assert found.judged == judged
    assert found.dataset is not None
    lines = " ".join(map(str, found.describe()))
    assert says in lines
    assert ("White" in lines) == bool(says)


def test_an_object_that_fills_its_picture_is_judged() -> None:
    """No mask stands apart where objects of all sizes occur."""
    files = []
    for number, rows in enumerate((2, 5, 8, 11)):
        labels = np.zeros((12, 16), np.uint8)
        labels[:rows] = 255
        buffer = io.BytesIO()
        Image.fromarray(labels).save(buffer, "PNG")
        files += [(f"{number}.jpg", image(number, "JPEG")), (f"{number}_mask.png", buffer.getvalue())]
    assert open_image_set(files).judged == 4


def test_outlines_masks_and_twins_are_read_together() -> None:
    files = [(f"{name}.jpg", image(number, "JPEG")) for number, name in enumerate("abcd")]
    truths = [("a_mask.png", mask()), ("b.json", labelme("b.jpg")), ("more/c.png", mask())]
    found = open_image_set([*files, *truths])
    assert told(found) == {"a": True, "b": True, "c": True, "d": False}
    assert (found.skipped, found.name) == ((), "pictures")
    assert {"a", "b"} <= {pair.name for pair in open_dataset(found.folder).pairs}
    assert found.dataset is not None
    assert found.dataset.classes.names == ("background", "scratch")
    for pair in found.dataset.pairs:
        truth = pair.load().truth
        assert truth is not None
        assert set(np.unique(truth.labels)) == {0, 1}
    assert "their object counts as scratch" in str(found.describe()[-1])


def test_what_is_left_out_is_named_with_the_reason() -> None:
    grey = io.BytesIO()
    Image.fromarray(np.asarray(Image.open(io.BytesIO(mask())))).save(grey, "JPEG")
    found = open_image_set(
        [
            *LOOSE,
            ("a_mask.png", mask()),
            ("c_mask.jpg", grey.getvalue()),
            ("zero.jpg", b""),
            ("text.png", b"no picture"),
            ("empty.zip", zipped({"notes.txt": b"hello"})),
            ("broken.zip", b"PK no archive"),
        ]
    )
    assert told(found) == {"a": True, "b": False, "c": False}
    assert found.judged == 1
    assert found.name == "pictures"
    reasons = {one.name: str(one.reason) for one in found.skipped}
    assert sorted(reasons) == ["broken.zip", "c_mask.jpg", "empty.zip", "text.png", "zero.jpg"]
    assert "JPEG" in reasons["c_mask.jpg"]
    assert reasons["empty.zip"] == "There is no picture in it."
    assert "text.png" in reasons["text.png"]
    assert "5 files left out" in " ".join(map(str, found.describe()))
    assert found.dataset is not None
    assert [one.name for one in found.dataset.skipped[5:]] == ["b.png"]
    assert "Not judged, since the truth was left out: c.jpg." in map(str, found.dataset.notes)


@pytest.mark.parametrize(
    ("images", "masks", "of_mask"), [("", "", "p{}_mask.png"), ("s/images/", "s/masks/", "p{}.png")]
)
def test_each_file_that_is_left_out_is_named_once_on_all_pages(images: str, masks: str, of_mask: str) -> None:
    photos = {f"{images}p{i}.png": image(i) for i in range(6)}
    photos[f"{images}p2.png"] = photos[f"{images}p2.png"][:-40]
    truths = {masks + of_mask.format(i): scratch_mask(inverted=i == 3) for i in range(6)}
    found = open_image_set([*photos.items(), *truths.items()])
    assert found.dataset is not None
    assert found.skipped == found.dataset.skipped
    reasons = [(PurePath(one.name).name, str(one.reason)) for one in found.skipped]
    assert sorted(name for name, _ in reasons) == sorted(["p2.png", of_mask.format(2), of_mask.format(3)])
    assert "Its picture, p2.png, was left out, and the list says why." in [reason for _, reason in reasons]
    for lines in (found.describe(), found.dataset.describe()):
        assert "3 files left out" in str(lines[1])
        assert "Not judged, since the truth was left out: p3.png." in map(str, lines)
    assert [one.name for one in found.images if one.refused] == ["p3"]


def test_broken_files_alone_are_no_set() -> None:
    with pytest.raises(ParameterError, match="No picture can be read"):
        open_image_set([("zero.jpg", b""), ("text.png", b"no picture")])


@pytest.mark.parametrize(("folder", "called"), [("scratch", "scratch"), ("masks", "object")])
def test_the_only_folder_of_masks_names_their_object(folder: str, called: str) -> None:
    files = {f"images/{name}.png": image(number) for number, name in enumerate("ab")}
    found = open_image_set([("set.zip", zipped({**files, f"masks/{folder}/a.png": mask()}))])
    assert found.dataset is not None
    assert found.dataset.classes.names == ("background", called)
    assert told(found) == {"a": True, "b": False}
    assert found.dataset.pairs[0].load().truth is not None


def drawn(width: int, points: list[list[int]], label: str = "scratch") -> bytes:
    shape = {"label": label, "points": points, "shape_type": "polygon"}
    return json.dumps({"shapes": [shape], "imageHeight": 12, "imageWidth": width}).encode()


SQUARE = [[4, 3], [9, 3], [9, 8], [4, 8]]


@pytest.mark.parametrize(
    ("files", "judged", "left_out"),
    [
        ({"a.json": drawn(16, SQUARE)}, 1, {}),
        ({"a.json": drawn(160, SQUARE)}, 0, {"a.json": "is 160 × 12 pixels"}),
        ({"a.json": drawn(16, SQUARE), "b.json": drawn(160, SQUARE)}, 1, {"b.json": "is 160 × 12 pixels"}),
        ({"a_mask.png": mask(), "z.json": drawn(16, SQUARE)}, 1, {"z.json": "No picture has this file's name"}),
        ({"a_mask.png": mask(), "b.json": drawn(16, SQUARE[:1])}, 1, {"b.json": ""}),
    ],
    ids=["good", "of another size", "one of two", "nobody's", "a point"],
)
def test_outlines_are_read_or_named_with_the_reason(
    files: dict[str, bytes], judged: int, left_out: dict[str, str]
) -> None:
    found = open_image_set([("a.jpg", image(1, "JPEG")), ("b.jpg", image(2, "JPEG")), *files.items()])
    assert (len(found.images), found.judged) == (2, judged)
    reasons = {one.name: str(one.reason) for one in found.skipped}
    assert reasons.keys() == left_out.keys()
    assert all(reason in reasons[name] for name, reason in left_out.items())
