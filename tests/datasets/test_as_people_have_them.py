"""Folders that were read wrong in silence, or by one command and not by another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmethods.core.messages import ImageError, ParameterError
from segmethods.datasets import mask_facts
from segmethods.datasets.datasets import Dataset
from segmethods.datasets.image_sets import ImageSet, open_image_set
from segmethods.datasets.opening import open_dataset, open_parts
from segmethods.datasets.polarity import tell_option
from segmethods.io.images import read_image

HEIGHT, WIDTH = 30, 40
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH]
TOP = (ROWS < 6).astype(np.uint8) * 255
FULL = np.full((HEIGHT, WIDTH), 255, np.uint8)


def disc(number: int = 0) -> np.ndarray:
    return (((ROWS - 15) ** 2 + (COLUMNS - 15 - number) ** 2) < 64).astype(np.uint8) * 255


def save(file: Path, values: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(file)


def photo(file: Path, number: int = 0) -> None:
    save(file, np.where(disc(number)[..., None] > 0, (200, 180, 90), (40, 60, 80)).astype(np.uint8))


def truths(dataset: Dataset) -> dict[str, np.ndarray]:
    return {pair.name: pair.load().truth.labels for pair in dataset.pairs}


def upload(folder: Path, **options) -> ImageSet:
    files = [
        (file.relative_to(folder.parent).as_posix(), file.read_bytes()) for file in folder.rglob("*") if file.is_file()
    ]
    return open_image_set(sorted(files), **options)


def told(lines: Sequence[object]) -> str:
    return " | ".join(map(str, lines))


def labelme(file: Path, image: str) -> None:
    points = [[4, 4], [20, 4], [20, 20], [4, 20]]
    shape = {"label": "scratch", "shape_type": "polygon", "points": points}
    content = {"shapes": [shape], "imagePath": image, "imageHeight": HEIGHT, "imageWidth": WIDTH}
    file.write_text(json.dumps(content))


def test_the_field_of_view_is_not_taken_for_the_truth(tmp_path: Path) -> None:
    for number in range(3):
        photo(tmp_path / f"images/{number}.jpg", number)
        save(tmp_path / f"manual1/{number}.png", disc(number))
        save(tmp_path / f"mask/{number}_mask.png", np.where(TOP, 0, 255).astype(np.uint8))
    dataset = open_dataset(tmp_path)
    assert all((labels == disc(int(name)) / 255).all() for name, labels in truths(dataset).items())
    assert "The masks are those of the folder manual1; the files of mask would fit as well." in told(dataset.notes)


VOC_BOXES = (
    "<annotation><filename>a.jpg</filename><object><name>cat</name><bndbox><xmin>4</xmin><ymin>4</ymin>"
    "<xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>"
)


@pytest.mark.parametrize("images", ["JPEGImages", "VOC2007/JPEGImages", "images", "train", "images/train"])
@pytest.mark.parametrize("boxes", ["Annotations", "beside", "labels"])
def test_boxes_are_no_masks(tmp_path: Path, images: str, boxes: str) -> None:
    folder = tmp_path / "set" / images
    place = folder if boxes == "beside" else Path(str(folder).replace(images.rpartition("/")[2], boxes))
    if images == "images/train" and boxes != "beside":
        place = tmp_path / "set" / boxes / "train"
    place.mkdir(parents=True, exist_ok=True)
    for name in "abc":
        photo(folder / f"{name}.jpg")
        (place / f"{name}.xml").write_text(VOC_BOXES)
    with pytest.raises((ParameterError, ImageError), match=r"^a.xml has boxes.* boxes are no masks\. What is read"):
        open_dataset(tmp_path / "set")
    with pytest.raises((ParameterError, ImageError), match="boxes are no masks"):
        open_parts(tmp_path / "set")
    assert "boxes are no masks" in str(upload(tmp_path / "set").problem)


def test_boxes_beside_outlines_are_passed_over(tmp_path: Path) -> None:
    for name in "abc":
        photo(tmp_path / "JPEGImages" / f"{name}.jpg")
        (tmp_path / "Annotations").mkdir(exist_ok=True)
        (tmp_path / f"Annotations/{name}.xml").write_text(VOC_BOXES)
    labelme(tmp_path / "JPEGImages" / "a.json", "a.jpg")
    assert [pair.name for pair in open_dataset(tmp_path).pairs] == ["a"]
    found = upload(tmp_path).dataset
    assert found is not None
    assert [pair.name for pair in found.pairs] == ["a"]


def test_notes_beside_images_are_no_outlines(tmp_path: Path) -> None:
    for number in range(3):
        photo(tmp_path / f"PNGImages/a{number}.png", number)
        save(tmp_path / f"PedMasks/a{number}_mask.png", disc(number))
        (tmp_path / "Annotation").mkdir(exist_ok=True)
        (tmp_path / f"Annotation/a{number}.txt").write_text("# Compatible with PASCAL\n")
    assert len(truths(open_dataset(tmp_path))) == 3


@pytest.mark.parametrize("names", ["012", "abc"])
def test_folders_that_are_called_like_images_hold_their_objects(tmp_path: Path, names: str) -> None:
    for number, name in enumerate(names):
        photo(tmp_path / f"images/{name}.jpg", number)
        save(tmp_path / f"masks/{name}/0.png", disc(number))
        save(tmp_path / f"masks/{name}/1.png", np.flipud(TOP).copy())
    dataset = open_dataset(tmp_path)
    assert [len(np.unique(pair.load().objects)) for pair in dataset.pairs] == [3, 3, 3]


def test_a_folder_around_a_set_changes_nothing(tmp_path: Path) -> None:
    inner = tmp_path / "around" / "set"
    for number in range(3):
        photo(inner / f"images/{number}.jpg", number)
        save(inner / f"masks/{number}.png", disc(number))
        save(inner / f"masks/{number}_mask.png", TOP)
    for dataset in (open_dataset(inner), open_dataset(tmp_path), upload(inner).dataset):
        assert dataset is not None
        assert all((labels == disc(int(name)) / 255).all() for name, labels in truths(dataset).items())
        assert "0.jpg has another mask, 0.png, which counts." in told(one.reason for one in dataset.skipped)


@pytest.mark.parametrize("photos", ["", "photos/"])
@pytest.mark.parametrize("classes", [["scratch"], ["dent", "scratch"]])
def test_folders_called_by_classes_beside_photos(tmp_path: Path, photos: str, classes: list[str]) -> None:
    root = tmp_path / "shoot"
    for number in range(3):
        photo(root / f"{photos}{number}.jpg", number)
        for name in classes:
            save(root / f"{name}/{number}.png", disc(number) if name == "scratch" else TOP)
    for dataset in (open_dataset(root), upload(root).dataset):
        assert dataset is not None
        assert dataset.classes.names == ("background", *classes)
        where = truths(dataset)["1"]
        assert ((where == classes.index("scratch") + 1) == (disc(1) > 0)).all()


def test_folders_of_parts_are_no_classes(tmp_path: Path) -> None:
    for part in ("train", "test"):
        photo(tmp_path / f"{part}_img/0.jpg")
        save(tmp_path / f"{part}_lab/0.png", disc())
    with pytest.raises(ParameterError, match="holds no data set"):
        open_dataset(tmp_path)


def test_outlines_beside_masks_are_read_by_every_command(tmp_path: Path) -> None:
    for number, name in enumerate("abc"):
        photo(tmp_path / f"{name}.jpg", number)
    save(tmp_path / "a_mask.png", disc())
    save(tmp_path / "b_mask.png", disc(1))
    labelme(tmp_path / "c.json", "c.jpg")
    dataset = open_dataset(tmp_path)
    assert (set(truths(dataset)), dataset.skipped) == ({"a", "b", "c"}, ())


def test_masks_named_like_photos_in_one_folder(tmp_path: Path) -> None:
    for number in range(3):
        photo(tmp_path / f"{number}.jpg", number)
        save(tmp_path / f"{number}.png", disc(number))
    assert len(truths(open_dataset(tmp_path))) == 3


def test_one_truth_is_not_laid_over_two_pictures_of_one_name(tmp_path: Path) -> None:
    for folder in "ab":
        photo(tmp_path / f"images/{folder}/0.jpg")
    entry = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[4, 4, 20, 4, 20, 20]], "iscrowd": 0}
    image = {"id": 1, "file_name": "0.jpg", "height": HEIGHT, "width": WIDTH}
    content = {"images": [image], "annotations": [entry], "categories": [{"id": 1, "name": "cat"}]}
    (tmp_path / "instances.json").write_text(json.dumps(content))
    found = upload(tmp_path)
    assert found.judged == 0
    assert "Several pictures are called 0.jpg" in told(one.reason for one in found.skipped)


def test_truths_of_one_name_go_to_the_picture_that_lies_alike(tmp_path: Path) -> None:
    for number, part in enumerate(("test", "train", "val")):
        photo(tmp_path / f"images/{part}/0.jpg", number)
        save(tmp_path / f"masks/{part}/0.png", disc(number))
    found = upload(tmp_path)
    assert found.judged == 3
    for image in found.images:
        number = ("test", "train", "val").index(image.file.parent.name)
        assert (image.sample.load().truth.labels == disc(number) / 255).all()


def test_several_masks_of_a_picture_are_joined(tmp_path: Path) -> None:
    for number in (1, 2):
        photo(tmp_path / f"benign ({number}).png", number)
        save(tmp_path / f"benign ({number})_mask.png", disc(number))
    save(tmp_path / "benign (1)_mask_1.png", TOP)
    dataset = open_dataset(tmp_path)
    assert ((truths(dataset)["benign (1)"] == 1) == ((disc(1) > 0) | (TOP > 0))).all()
    assert "1 picture has several masks, which were joined." in told(dataset.notes)


def test_too_few_class_names_are_refused_on_the_page_too(tmp_path: Path) -> None:
    for number in range(3):
        photo(tmp_path / f"images/{number}.jpg", number)
        save(tmp_path / f"masks/{number}.png", disc(number) // 255 * 3)
    (tmp_path / "classes.txt").write_text("background\nthing\n")
    found = upload(tmp_path)
    assert (found.judged, "has 2 names" in str(found.problem)) == (0, True)


def test_a_problem_names_the_set_and_no_folder_of_the_server(tmp_path: Path) -> None:
    for number in range(3):
        photo(tmp_path / f"shots/{number}.jpg", number)
    assert str(upload(tmp_path / "shots").problem).startswith("shots holds no data set.")
    for number in range(3):
        photo(tmp_path / f"set/images/{number}.jpg", number)
        save(tmp_path / f"set/masks/{number:04}.png", disc(number))
    assert "No mask has the name" in str(upload(tmp_path / "set").problem)


@pytest.mark.parametrize(
    ("masks", "note"),
    [
        ([FULL, disc(), disc(1)], "In 1 of 3 masks every judged pixel is object: 0.png."),
        ([FULL] * 3, "In 3 of 3 masks every judged pixel is object"),
        ([FULL * 0] * 3, "No mask shows anything but background."),
        ([FULL * 0, disc(), disc(1)], ""),
    ],
)
def test_masks_of_one_class_are_said(tmp_path: Path, masks: list[np.ndarray], note: str) -> None:
    for number, mask in enumerate(masks):
        photo(tmp_path / f"images/{number}.jpg", number)
        save(tmp_path / f"masks/{number}.png", mask)
    lines = told(open_dataset(tmp_path).describe())
    assert note in lines
    assert note or "judged pixel" not in lines


def test_a_mask_that_is_mostly_white_can_be_kept(tmp_path: Path) -> None:
    for number in range(4):
        photo(tmp_path / f"images/{number}.jpg", number)
        save(tmp_path / f"masks/{number}.png", 255 - disc() if number == 3 else disc(number) * (COLUMNS < 12))
    assert len(open_dataset(tmp_path).pairs) == 3
    assert "if white is, say that mostly white masks are right" in told(open_dataset(tmp_path).notes)
    assert "--" not in told(open_dataset(tmp_path).notes)
    assert "--keep-white" in "".join(tell_option(open_dataset(tmp_path).notes))
    assert len(open_dataset(tmp_path, keep_white=True).pairs) == 4
    assert tell_option(open_dataset(tmp_path, keep_white=True).notes) == []
    assert (upload(tmp_path).judged, upload(tmp_path, keep_white=True).judged) == (3, 4)


def test_a_set_that_is_opened_again_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        photo(tmp_path / f"images/{number}.jpg", number)
        save(tmp_path / f"masks/{number}.png", disc(number))
    assert upload(tmp_path).judged == 3

    def refuse(*_args, **_options):
        raise AssertionError("a file was decoded again")

    monkeypatch.setattr(mask_facts, "read_ground_truth", refuse)
    monkeypatch.setattr("segmethods.datasets.sample_refs.read_ground_truth", refuse)
    monkeypatch.setattr("segmethods.io.measuring.read_image", refuse)
    assert upload(tmp_path).judged == 3


def test_a_picture_is_measured_as_it_is_read(tmp_path: Path) -> None:
    from segmethods.io.measuring import measure_image

    exif = Image.Exif()
    for orientation in range(1, 9):
        exif[0x0112] = orientation
        file = tmp_path / f"{orientation}.jpg"
        Image.fromarray(disc()).save(file, exif=exif.tobytes())
        read, measured = read_image(file), measure_image(file)
        assert (measured.size, measured.orientation) == (read.image.shape[:2], read.orientation)


def test_a_picture_whose_mask_is_refused_is_not_said_to_have_none(tmp_path: Path) -> None:
    for number in range(3):
        photo(tmp_path / f"{number}.png", number)
        save(tmp_path / f"{number}_mask.{'jpg' if number == 2 else 'png'}", disc(number))
    dataset = upload(tmp_path).dataset
    assert dataset is not None
    reasons = {Path(one.name).name: str(one.reason) for one in dataset.skipped}
    assert "JPEG" in reasons["2_mask.jpg"]
    assert "2.png" not in reasons
    assert "Not judged, since the truth was left out: 2.png." in told(dataset.notes)


@pytest.mark.parametrize("zone", ["Urban", "Rural"])
def test_one_zone_of_loveda_is_read_like_all_of_it(zone: str, tmp_path: Path) -> None:
    folder = tmp_path / "Train" / zone
    photo(folder / "images_png/7.png")
    save(folder / "masks_png/7.png", (COLUMNS // 5).astype(np.uint8))
    photo(folder / "images_png/8.png")
    save(folder / "masks_png/8.png", (COLUMNS // 5).astype(np.uint8))
    found = open_dataset(folder)
    expected = np.where(COLUMNS < 5, 255, COLUMNS // 5 - 1)
    assert (found.layout, found.classes.names[1]) == ("LoveDA", "building")
    assert all((labels == expected).all() for labels in truths(found).values())


def test_several_masks_of_an_anomaly_are_joined(tmp_path: Path) -> None:
    box = tmp_path / "breakfast_box"
    for number in range(5):
        for kind in ("good", "logical_anomalies", "structural_anomalies"):
            photo(box / f"test/{kind}/{number:03}.png")
            for part in range(number + 1 if kind != "good" else 0):
                value = 255 - part - number  # the kind of the anomaly
                mask = np.where(disc(4 * part) > 0, value, 0).astype(np.uint8)
                save(box / f"ground_truth/{kind}/{number:03}/{part:03}.png", mask)
    found = open_dataset(box)
    assert (found.layout, found.classes.names, len(found.pairs)) == ("MVTec LOCO", ("background", "defect"), 15)
    every = truths(found)
    for number in range(5):
        joined = np.any([disc(4 * part) for part in range(number + 1)], axis=0)
        assert not every[f"test/good/{number:03}"].any()
        assert (every[f"test/logical_anomalies/{number:03}"] == joined).all()


def test_depths_are_no_class(tmp_path: Path) -> None:
    """MVTec 3D-AD has a map of depths beside each picture and its mask."""
    for kind in ("good", "crack", "hole"):
        for number in range(2):
            photo(tmp_path / f"bagel/test/{kind}/rgb/{number:03}.png")
            save(tmp_path / f"bagel/test/{kind}/gt/{number:03}.png", disc() * (kind != "good"))
            save(tmp_path / f"bagel/test/{kind}/xyz/{number:03}.tiff", np.zeros((HEIGHT, WIDTH), np.float32))
    found = open_dataset(tmp_path / "bagel")
    assert (found.layout, found.classes.names, len(found.pairs)) == ("MVTec 3D", ("background", "defect"), 6)
    assert all((labels == ("good" not in name) * (disc() > 0)).all() for name, labels in truths(found).items())


@pytest.mark.parametrize(
    ("image", "mask", "said"),
    [
        (
            "imagesTr/a_0000.nii.gz",
            "labelsTr/a.nii.gz",
            "has the format medical volume, which is not read here. Export",
        ),
        ("scans/a.dcm", "masks/a.dcm", "has the format DICOM"),
    ],
)
def test_a_set_of_files_that_are_not_read_is_refused_by_their_format(
    image: str, mask: str, said: str, tmp_path: Path
) -> None:
    for name in (image, mask):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0" * 400)
    with pytest.raises(ParameterError, match=said):
        open_dataset(tmp_path)


@pytest.mark.parametrize("folder", ["ann", "anno", "msk"])
def test_short_names_of_folders_of_masks_are_known(folder: str, tmp_path: Path) -> None:
    for number in range(3):
        photo(tmp_path / f"train/img/{number}.jpg", number)
        save(tmp_path / f"train/{folder}/{number}.png", disc(number) // 255 * 2)
    dataset = open_dataset(tmp_path)
    assert dataset.layout == "plain"
    assert len(dataset.classes) == 3
