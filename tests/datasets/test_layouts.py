"""Data sets in the folders in which people have them are read, named, and what doesn't belong to them is counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

import segmethods as sm
from segmethods.benchmark import Dataset, open_dataset
from segmethods.datasets.layout import Layout
from segmethods.datasets.layouts import LAYOUTS
from segmethods.datasets.opening import open_parts
from segmethods.datasets.settling import settle_truths
from segmethods.io.class_names import read_class_names

DISC = np.hypot(*np.mgrid[-8:8, -10:10]) < 5
"""The object in every image here."""


def save(path: Path, pixels: NDArray[np.uint8], colours: list[int] | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    if colours:
        image.putpalette(colours)
    image.save(path)


def save_image(path: Path) -> None:
    save(path, np.dstack([np.where(DISC, 200, 60).astype(np.uint8)] * 3))


def save_mask(path: Path, object_: int = 1, ground: int = 0) -> None:
    save(path, np.where(DISC, object_, ground).astype(np.uint8))


def labels_of(dataset: Dataset, number: int = 0) -> NDArray[np.integer]:
    truth = dataset.pairs[number].load().truth
    assert truth is not None
    return truth.labels


FOLDERS_OF_ONE = (
    ("x/image.jpg", "x/mask.png"),
    ("case_01/img.png", "case_01/seg.png"),
    ("val/7/Photo.JPG", "val/7/GT.PNG"),
    ("melanoma/7/input.png", "melanoma/7/label.png"),
    ("a/b/c/image.png", "a/b/c/mask.png"),
)
PAIRS_OF_FOLDERS = [
    *(("X", "Y"), ("data", "mask"), ("frames", "masks"), ("src", "label"), ("rgb", "gt"), ("input", "output")),
    *(("train/x", "train/y"), ("Original", "Ground truth"), ("im", "matte")),
]


@pytest.mark.parametrize(
    ("layout", "image", "mask", "object_", "ground"),
    [
        ("plain", "images/a.jpg", "masks/a.png", 255, 0),
        ("plain", "image/a.JPG", "label/A.PNG", 255, 0),
        ("plain", "Images/a.jpg", "Annotations/a_mask.png", 1, 0),
        ("plain", "train/images/a.jpg", "train/labels/a.png", 1, 0),
        ("plain", "images/val/a.jpg", "labels/val/a.png", 1, 0),
        ("plain", "images/a.jpg", "masks/a.jpg.png", 1, 0),
        ("plain", "deep/er/set/images/a.jpg", "deep/er/set/masks/a_seg.png", 1, 0),
        ("plain", "images/north/a.jpg", "masks/north/a.png", 1, 0),
        ("mmsegmentation", "img_dir/val/a.jpg", "ann_dir/val/a.png", 1, 0),
        ("VOC folders", "JPEGImages/a.jpg", "SegmentationClass/a.png", 1, 0),
        ("Cityscapes", "leftImg8bit/val/ulm/a_1_leftImg8bit.png", "gtFine/val/ulm/a_1_gtFine_labelIds.png", 8, 7),
        (
            "Cityscapes trainIds",
            "leftImg8bit/val/ulm/a_leftImg8bit.png",
            "gtFine/val/ulm/a_gtFine_labelTrainIds.png",
            1,
            0,
        ),
        ("ADE20K", "images/validation/ADE_val_1.jpg", "annotations/validation/ADE_val_1.png", 2, 1),
        ("Oxford pets", "images/Pug_1.jpg", "annotations/trimaps/Pug_1.png", 1, 2),
        ("LoveDA", "Val/Urban/images_png/7.png", "Val/Urban/masks_png/7.png", 2, 1),
        ("FloodNet", "val/val-org-img/7.jpg", "val/val-label-img/7_lab.png", 1, 0),
        ("FloodNet challenge", "Train/Labeled/Flooded/image/7.jpg", "Train/Labeled/Flooded/mask/7_lab.png", 1, 0),
        ("MVTec AD", "bottle/test/crack/000.png", "bottle/ground_truth/crack/000_mask.png", 255, 0),
        ("MVTec AD", "wood/test/ko/000.png", "wood/ground_truth/ko/000.png", 255, 0),
        ("nnU-Net", "imagesTr/a_001_0000.png", "labelsTr/a_001.png", 1, 0),
        ("DRIVE", "training/images/21_training.tif", "training/1st_manual/21_manual1.gif", 255, 0),
        ("STARE", "images/im0001.png", "labels/im0001.ah.png", 255, 0),
        ("STARE", "stare-images/im0001.png", "labels-ah/im0001.ah.png", 255, 0),
        ("STARE, second observer", "images/im0001.png", "labels/im0001.vk.png", 255, 0),
        ("ISIC", "ISIC_Training_Input/ISIC_1.jpg", "ISIC_Training_GroundTruth/ISIC_1_segmentation.png", 255, 0),
        ("Kvasir-SEG", "Kvasir-SEG/images/a.jpg", "Kvasir-SEG/masks/a.png", 255, 0),
        ("Carvana", "train/a.jpg", "train_masks/a_mask.gif", 255, 0),
        ("CamVid", "val/a.png", "valannot/a.png", 1, 0),
        ("masks beside images", "valid/a.rf.1.jpg", "valid/a.rf.1_mask.png", 1, 0),
        ("masks beside images", "a.jpg", "a_segmentation.png", 1, 0),
        ("masks beside images", "a.jpg", "a_matte.png", 255, 0),
        ("masks beside images", "0001.png", "0001_L.png", 1, 0),
        ("masks beside images", "a.png", "mask_a.png", 1, 0),
        ("masks beside images", "a.png", "a (mask).png", 1, 0),
        ("masks beside images", "testA_1.bmp", "testA_1_anno.bmp", 1, 0),
        *(("plain", f"{images}/a.jpg", f"{masks}/a.png", 255, 0) for images, masks in PAIRS_OF_FOLDERS),
        ("plain", "images/img_7.jpg", "masks/mask_7.png", 1, 0),
        ("plain", "images/case_1/img.png", "masks/case_1/seg.png", 1, 0),
        *(("a folder for each image", *files, 255, 0) for files in FOLDERS_OF_ONE),
        ("plain", "images/img7.jpg", "masks/mask7.png", 1, 0),
        ("plain", "images/a.jpg", "masks/a_gtFine_labelIds.png", 1, 0),
        ("parts by names", "train_images/a.jpg", "train_masks/a.png", 1, 0),
        ("parts by names", "images_val/a.jpg", "labels_val/a.png", 1, 0),
        ("masks inside", "a.jpg", "masks/a.png", 1, 0),
    ],
)
def test_layouts_are_read_and_named(
    layout: str, image: str, mask: str, object_: int, ground: int, tmp_path: Path
) -> None:
    save_image(tmp_path / image)
    save_mask(tmp_path / mask, object_, ground)
    dataset = open_dataset(tmp_path)
    assert str(dataset.describe()[0]).startswith(f"Read as: {layout}, 1 picture, ")
    assert (labels_of(dataset) == DISC).all()


def test_loveda_joins_town_and_country_and_does_not_judge_missing_data(tmp_path: Path) -> None:
    for part in ("Train", "Val"):
        for scene in ("Urban", "Rural"):
            save_image(tmp_path / part / scene / "images_png" / "7.png")
            save(tmp_path / part / scene / "masks_png" / "7.png", np.where(DISC, 7, 0).astype(np.uint8))
    save_image(tmp_path / "Test" / "Urban" / "images_png" / "9.png")
    found = open_dataset(tmp_path)
    assert [pair.files[1] for pair in found.pairs] == ["Val/Rural/masks_png/7.png", "Val/Urban/masks_png/7.png"]
    assert (found.classes.names[1], found.classes.names[6]) == ("building", "agriculture")
    assert (labels_of(found) == np.where(DISC, 6, 255)).all()
    assert list(open_parts(tmp_path)) == ["val", "train"]


def test_floodnet_has_its_classes(tmp_path: Path) -> None:
    save_image(tmp_path / "train" / "train-org-img" / "7.jpg")
    save_mask(tmp_path / "train" / "train-label-img" / "7_lab.png", 3)
    save(tmp_path / "ColorMasks-FloodNetv1.0" / "ColorMasks-TrainSet" / "7_lab.png", np.zeros((16, 20, 3), np.uint8))
    found = open_dataset(tmp_path)
    assert (found.classes.names[3], len(found.classes)) == ("road flooded", 10)
    assert (labels_of(found) == 3 * DISC).all()


def test_pictures_without_a_defect_are_judged_and_said_to_be_blank(tmp_path: Path) -> None:
    for name in ("train/good/000", "test/good/000", "test/crack/000", "test/crack/001"):
        save_image(tmp_path / f"{name}.png")
    save_mask(tmp_path / "ground_truth" / "crack" / "000_mask.png", 255)
    found = open_dataset(tmp_path)
    assert [pair.name for pair in found.pairs] == ["test/crack/000", "test/good/000"]
    assert [one.name for one in found.skipped] == ["test/crack/001.png"], "a defect that nobody drew is not blank"
    assert "1 picture has no mask" in str(found.notes[0])
    assert (labels_of(found) == DISC).all()
    assert (labels_of(found, 1) == 0).all()
    assert found.pairs[1].packed().load().truth is not None
    assert settle_truths(found).pairs == found.pairs


def test_a_set_with_no_defect_that_is_drawn_is_none(tmp_path: Path) -> None:
    """The masks are those of other pictures."""
    for name in ("test/good/000", "test/logical_anomalies/000"):
        save_image(tmp_path / f"{name}.png")
    save_mask(tmp_path / "ground_truth" / "logical_anomalies" / "001" / "000.png", 255)
    with pytest.raises(sm.ParameterError):
        open_dataset(tmp_path)


def test_of_two_observers_the_first_counts_and_the_other_is_passed_over(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "im0001.png")
    save_mask(tmp_path / "labels" / "im0001.ah.png", 255)
    save_mask(tmp_path / "labels" / "im0001.vk.png", 0, 255)
    found = open_dataset(tmp_path)
    assert str(found.describe()[1]) == "0 files left out, 1 other file passed over"
    assert (labels_of(found) == DISC).all()


@pytest.mark.parametrize("suffix", ["tif", "npy"])
@pytest.mark.parametrize("kind", [np.int32, np.uint32, np.float32])
def test_objects_of_32_bits_are_numbered_anew(kind: type, suffix: str, tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    numbers = np.where(DISC, 70_001, 0).astype(kind)
    numbers[0] = 900
    (tmp_path / "masks").mkdir()
    file = tmp_path / "masks" / f"a.{suffix}"
    np.save(file, numbers) if suffix == "npy" else tifffile.imwrite(file, numbers)
    objects = open_dataset(tmp_path).pairs[0].load().objects
    assert objects is not None
    assert (objects == np.select([numbers == 900, numbers > 900], [1, 2])).all()


def test_a_layout_is_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_image(tmp_path / "scans" / "a-scan.png")
    save_mask(tmp_path / "drawn" / "a-drawing.png")
    with pytest.raises(sm.ParameterError, match="holds no data set"):
        open_dataset(tmp_path)
    mine = Layout("mine", "scans", "drawn", "", image_name="(.+)-scan", mask_name="(.+)-drawing")
    monkeypatch.setattr("segmethods.datasets.scanning.LAYOUTS", [*LAYOUTS, mine])
    assert str(open_dataset(tmp_path).describe()[0]) == "Read as: mine, 1 picture, 2 classes"


def test_junk_is_counted_and_never_a_part(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.jpg")
    save_mask(tmp_path / "labels" / "a.png")
    for junk in ("images/@eaDir/a.jpg", "images/rejected/b.jpg", "__MACOSX/images/._a.jpg", "labels/.DS_Store"):
        (tmp_path / junk).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / junk).write_bytes(b"x")
    (tmp_path / "labels" / "Thumbs.db").write_bytes(b"x")
    dataset = open_dataset(tmp_path)
    assert [pair.name for pair in dataset.pairs] == ["a"]
    assert list(map(str, dataset.describe())) == [
        "Read as: plain, 1 picture, 2 classes",
        "0 files left out, 5 other files passed over",
    ]


def test_parts_by_any_of_their_names(tmp_path: Path) -> None:
    for part, name in (("train", "a"), ("train", "b"), ("validation", "c")):
        save_image(tmp_path / part / "images" / f"{name}.png")
        save_mask(tmp_path / part / "masks" / f"{name}.png")
    assert {name: len(part.pairs) for name, part in open_parts(tmp_path).items()} == {"validation": 1, "train": 2}
    assert [pair.name for pair in open_dataset(tmp_path).pairs] == ["c"]
    assert [pair.name for pair in open_dataset(f"{tmp_path}@training").pairs] == ["a", "b"]
    assert [pair.name for pair in open_dataset(f"{tmp_path}@val").pairs] == ["c"]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("classes.txt", "ground\nTumör\n".encode()),
        ("class_names.txt", "ground\r\nTumör\r\n".encode("utf-16")),
        ("labels.txt", "__ignore__\nground\nTumör\n".encode()),
        ("labelmap.txt", b"# label:color_rgb:parts:actions\nground:0,0,0::\nTum\xc3\xb6r:1,1,1::\n"),
        ("_classes.csv", "Pixel Value, Class\n0, ground\n1, Tumör\n".encode()),
        ("dataset.json", '{"labels": {"ground": 0, "Tumör": 1}}'.encode()),
        ("classes.txt", "0: ground\n1: Tumör\n".encode()),
        ("classes.txt", "0 ground\n1 Tumör\n255 void\n".encode()),
        ("labels.txt", "ground, 0\nTumör, 1\n".encode()),
        ("classes.csv", "id,name\n0,ground\n1,Tumör\n".encode()),
        ("labels.txt", "ground #000000\nTumör #FF0000\n".encode()),
        ("labelmap.txt", "__ignore__\n0: ground #000000\n1: Tumör #010101\n".encode()),
        ("labels.txt", "ground\nTumör, #010101\n".encode()),
        ("labels.txt", "#000000 ground\n#ff0000 Tumör\n".encode()),
        ("label_colors.txt", "0 0 0 ground\n1 1 1 Tumör\n".encode()),
        ("data.yaml", "nc: 2\nnames: ['ground', 'Tumör']\n".encode()),
        ("data.yaml", "names:\n  0: ground\n  1: Tumör\n".encode()),
        ("class_dict.csv", "name,r,g,b\nground,0,0,0\nTumör,255,0,0\n".encode()),
    ],
)
def test_class_names_where_tools_write_them(file: str, content: bytes, tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    save_mask(tmp_path / "masks" / "a.png")
    (tmp_path / file).write_bytes(content)
    dataset = open_dataset(tmp_path)
    assert dataset.classes.names == ("ground", "Tumör")
    assert (labels_of(dataset) == DISC).all()


@pytest.mark.parametrize(
    ("text", "shown", "names", "ids"),
    [
        ("leaf #ff8000\nground #000000\n", [(0, 0, 0), (255, 128, 0)], ("leaf", "ground"), (1, 0)),
        (
            "ground #000000\nstem #00ff00\n#1 leaf #ff8000\n",
            [(0, 0, 0), (255, 128, 0)],
            ("ground", "stem", "#1 leaf"),
            (0, 2),
        ),
        ("ground #000000\nleaf #ff8000\n", [(0, 0, 0), (255, 255, 255)], ("ground", "leaf"), (0, 1)),
        ("ground\nleaf #ff8000\n", [(0, 0, 0), (255, 255, 255)], ("ground", "leaf"), (0, 1)),
    ],
)
def test_colours_beside_class_names_are_those_of_the_masks(
    text: str, shown: list[tuple[int, ...]], names: tuple[str, ...], ids: tuple[int, int], tmp_path: Path
) -> None:
    save_image(tmp_path / "images" / "a.png")
    save(tmp_path / "masks" / "a.png", np.array(shown, np.uint8)[DISC.astype(int)])
    (tmp_path / "labels.txt").write_text(text)
    dataset = open_dataset(tmp_path)
    assert dataset.classes.names == names
    assert (labels_of(dataset) == np.where(DISC, ids[1], ids[0])).all()


def test_class_names_in_gbk_and_in_no_encoding(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    save_mask(tmp_path / "masks" / "a.png")
    (tmp_path / "classes.txt").write_bytes("背景\n肿瘤\n".encode("gbk"))
    assert open_dataset(tmp_path).classes.names == ("背景", "肿瘤")
    (tmp_path / "classes.txt").write_bytes(b"ground\n\xff\xff\xff\n")
    with pytest.raises(sm.ParameterError, match=r"classes.txt is not text in UTF-8, UTF-16 or GBK"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("text", ["class 1\nclass 2\n", "iphone 4\niphone 5\n", "3 wheeler\n4 wheeler\n"])
def test_numbers_that_are_a_part_of_names_stay(text: str, tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text(text)
    assert read_class_names(tmp_path / "classes.txt").names == tuple(text.split("\n")[:-1])


def test_equal_names_are_refused(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    save_mask(tmp_path / "masks" / "a.png")
    (tmp_path / "classes.txt").write_text("leaf\nroad\nleaf\n")
    with pytest.raises(sm.ParameterError, match=r"classes.txt has the class leaf twice"):
        open_dataset(tmp_path)


OUTLINE = [[4.0, 2.0], [16.0, 2.0], [16.0, 14.0], [4.0, 14.0]]
BOX = np.zeros(DISC.shape, bool)
BOX[2:14, 4:16] = True
SHAPE = {"label": "cat", "points": OUTLINE, "shape_type": "polygon"}
LABELME = {"shapes": [SHAPE], "imageHeight": 16, "imageWidth": 20, "imagePath": "a.jpg"}
COCO = {
    "images": [{"id": 7, "file_name": "a.jpg", "height": 16, "width": 20}],
    "categories": [{"id": 3, "name": "cat"}],
    "annotations": [{"image_id": 7, "category_id": 3, "segmentation": [np.ravel(OUTLINE).tolist()], "iscrowd": 0}],
}
SUPERANNOTATE = {
    "metadata": {"name": "a.jpg", "width": 20, "height": 16},
    "instances": [{"type": "polygon", "className": "cat", "points": np.ravel(OUTLINE).tolist()}],
}
YOLO = "0 0.2 0.125 0.8 0.125 0.8 0.875 0.2 0.875\n"


@pytest.mark.parametrize(
    ("layout", "files", "names"),
    [
        ("labelme", {"a.jpg": None, "a.json": LABELME}, ("background", "cat")),
        ("labelme folders", {"images/a.jpg": None, "annotations/a.json": LABELME}, ("background", "cat")),
        *(
            (
                "SuperAnnotate folders",
                {"images/a.jpg": None, f"annotations/a.jpg{end}": SUPERANNOTATE},
                ("background", "cat"),
            )
            for end in ("___objects.json", ".json")
        ),
        ("YOLO", {"images/a.jpg": None, "labels/a.txt": YOLO, "data.yaml": "names: [cat]"}, ("background", "cat")),
        ("YOLO", {"val/images/a.jpg": None, "val/labels/a.txt": YOLO}, ("background", "class 0")),
        ("COCO", {"valid/a.jpg": None, "valid/_annotations.coco.json": COCO}, ("background", "cat")),
        ("COCO", {"val2017/a.jpg": None, "annotations/instances_val2017.json": COCO}, ("background", "cat")),
        ("COCO", {"images/a.jpg": None, "result.json": COCO}, ("background", "cat")),
    ],
)
def test_outlines_of_labelling_tools_are_data_sets(
    layout: str, files: dict[str, object], names: tuple[str, ...], tmp_path: Path
) -> None:
    for path, content in files.items():
        if content is None:
            save_image(tmp_path / path)
        else:
            (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / path).write_text(content if isinstance(content, str) else json.dumps(content))
    dataset = open_dataset(tmp_path)
    assert str(dataset.describe()[0]) == f"Read as: {layout}, 1 picture, 2 classes"
    assert dataset.classes.names == names
    assert (labels_of(dataset) == BOX).all()
    assert {part.classes.names for part in open_parts(tmp_path).values()} == {names}


def test_classes_of_all_labelme_files_are_numbered_together(tmp_path: Path) -> None:
    for name, label in {"a": "cat", "b": "dog"}.items():
        save_image(tmp_path / f"{name}.jpg")
        (tmp_path / f"{name}.json").write_text(json.dumps(LABELME | {"shapes": [SHAPE | {"label": label}]}))
    dataset = open_dataset(tmp_path)
    assert dataset.classes.names == ("background", "cat", "dog")
    assert [int(labels_of(dataset, number).max()) for number in range(2)] == [1, 2]


def test_what_is_not_outlined_in_coco_or_yolo_is_said(tmp_path: Path) -> None:
    """An image without an entry may have been forgotten; one whose file of outlines is empty shows nothing."""
    for name in "ab":
        save_image(tmp_path / "coco" / f"{name}.jpg")
        save_image(tmp_path / "yolo" / "images" / f"{name}.jpg")
        (tmp_path / "yolo" / "labels").mkdir(exist_ok=True)
        (tmp_path / "yolo" / "labels" / f"{name}.txt").write_text(YOLO if name == "a" else "")
    (tmp_path / "coco" / "result.json").write_text(json.dumps(COCO))
    assert [left.name for left in open_dataset(tmp_path / "coco").skipped] == ["b.jpg"]
    assert not labels_of(open_dataset(tmp_path / "yolo"), 1).any()
    boxes = COCO | {"annotations": [{"image_id": 7, "category_id": 3, "segmentation": [], "bbox": [4, 2, 12, 12]}]}
    (tmp_path / "coco" / "result.json").write_text(json.dumps(boxes))
    with pytest.raises(sm.ImageError, match="boxes without outlines"):
        open_dataset(tmp_path / "coco").pairs[0].load()


def test_names_without_the_background_are_refused(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    save_mask(tmp_path / "masks" / "a.png")
    (tmp_path / "classes.txt").write_text("tumour\n")
    with pytest.raises(sm.ParameterError, match="has 1 name, but the masks have ids up to 1"):
        open_dataset(tmp_path)


def test_cvat_masks_go_by_the_colours_of_their_labelmap(tmp_path: Path) -> None:
    """The colours may be those of Pascal VOC: that says nothing of what they show."""
    save_image(tmp_path / "JPEGImages" / "a.png")
    save(tmp_path / "SegmentationClass" / "a.png", np.where(DISC[..., None], (128, 0, 0), (0, 0, 0)).astype(np.uint8))
    (tmp_path / "labelmap.txt").write_text("# label:color_rgb:parts:actions\ntumour:128,0,0::\nbackground:0,0,0::\n")
    dataset = open_dataset(tmp_path)
    assert dataset.classes.names == ("background", "tumour")
    assert (labels_of(dataset) == DISC).all()


def test_a_colour_stands_for_one_class_in_all_masks(tmp_path: Path) -> None:
    red, blue = (200, 0, 0), (0, 0, 200)
    for name, (one, other) in {"a": (red, blue), "b": (blue, red)}.items():
        mask = np.zeros((*DISC.shape, 3), np.uint8)
        mask[DISC], mask[0] = one, other
        save_image(tmp_path / "images" / f"{name}.png")
        save(tmp_path / "masks" / f"{name}.png", mask)
    dataset = open_dataset(tmp_path)
    assert dataset.classes.names == ("#000000", "#0000c8", "#c80000")
    assert labels_of(dataset, 0)[DISC].tolist() == [2] * DISC.sum()
    assert labels_of(dataset, 1)[DISC].tolist() == [1] * DISC.sum()


def test_black_and_one_colour_are_background_and_object(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    save(tmp_path / "masks" / "a.png", np.where(DISC[..., None], (255, 0, 0), (0, 0, 0)).astype(np.uint8))
    assert (labels_of(open_dataset(tmp_path)) == DISC).all()


@pytest.mark.parametrize("stray", [1, (1, 255)], ids=["one", "one and void"])
def test_one_mask_of_another_kind_does_not_void_the_rest(stray: object, tmp_path: Path) -> None:
    for number in range(4):
        save_image(tmp_path / "images" / f"{number}.png")
        save_mask(tmp_path / "masks" / f"{number}.png", 255)
    mask = DISC.astype(np.uint8)
    if stray != 1:
        mask[0] = 255
    save(tmp_path / "masks" / "3.png", mask)
    dataset = open_dataset(tmp_path)
    assert all((labels_of(dataset, number)[DISC] == 1).all() for number in range(4))
    notes = [str(line) for line in dataset.describe()[1:]]
    assert [note.startswith("255 is void in 1 mask that") for note in notes] == ([] if stray == 1 else [True])


def test_each_mask_is_read_once_before_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from segmethods.datasets import mask_facts

    for name in "abc":
        save_image(tmp_path / "images" / f"{name}.png")
        save_mask(tmp_path / "masks" / f"{name}.png")
    read: list[Path] = []
    load = mask_facts.read_ground_truth
    monkeypatch.setattr(mask_facts, "read_ground_truth", lambda file, size: (read.append(file), load(file, size))[1])
    open_dataset(tmp_path)
    assert sorted(file.name for file in read) == ["a.png", "b.png", "c.png"]


@pytest.mark.parametrize(
    ("pairs", "reading", "note"),
    [
        ([(16, 235)] * 3, [[0, 1]] * 3, "The values 16 and 235 are background and object."),
        (
            [(16, 235), (16, 16), (235, 235)],
            [[0, 1], [0, 0], [1, 1]],
            "The values 16 and 235 are background and object.",
        ),
        ([(0, 50)] * 2, [[0, 50]] * 2, "Found are the ids 0, 50: they count as those of 51 classes"),
        ([(0, 101), (0, 120), (0, 130), (0, 140)], [[0, 101], [0, 120]], "Found are the ids 0, 101, 120, 130, 140"),
        (
            [(1, 0)] * 2 + [(0, 1)],
            [[1, 0]],
            "most of the picture in 2 of 3 masks: 0.png, 1.png. If black is",
        ),
    ],
)
def test_what_two_values_mean_is_decided_for_all_masks(
    pairs: list[tuple[int, int]], reading: list[list[int]], note: str, tmp_path: Path
) -> None:
    for number, (ground, disc) in enumerate(pairs):
        save_image(tmp_path / "images" / f"{number}.png")
        mask = np.where(DISC, disc, ground).astype(np.uint8)
        save(tmp_path / "masks" / f"{number}.png", mask.astype(bool) if "most" in note else mask)
    dataset = open_dataset(tmp_path)
    for number, (ground, disc) in enumerate(reading):
        labels = labels_of(dataset, number)
        assert [int(labels[0, 0]), int(labels[DISC][0])] == [ground, disc]
    assert note in str(dataset.describe()[-1])


def test_masks_of_one_value_beside_void_are_refused(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    save(tmp_path / "masks" / "a.png", np.where(DISC, 255, 1).astype(np.uint8))
    with pytest.raises(sm.ParameterError, match="have the value 1 alone beside 255"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("names", ["", "ground\nleaf\nfruit\n"], ids=["unnamed", "named"])
def test_greys_in_even_steps_mean_the_same_in_every_mask(names: str, tmp_path: Path) -> None:
    """A mask that lacks one of the greys is numbered like the others."""
    for name, greys in {"a": (0, 127, 255), "b": (0, 255, 255), "c": (0, 127, 127)}.items():
        mask = np.full(DISC.shape, greys[0], np.uint8)
        mask[DISC], mask[0] = greys[1], greys[2]
        save_image(tmp_path / "images" / f"{name}.png")
        save(tmp_path / "masks" / f"{name}.png", mask)
    if names:
        (tmp_path / "classes.txt").write_text(names)
    dataset = open_dataset(tmp_path)
    found = [labels_of(dataset, number) for number in range(3)]
    assert [(int(labels[8, 10]), int(labels[0, 0])) for labels in found] == [(1, 2), (2, 2), (1, 1)]
    assert str(dataset.describe()[-1]) == "The greys 0, 127, 255 were numbered from 0 to 2."


def test_a_mask_of_the_image_as_it_is_stored_is_turned_like_it(tmp_path: Path) -> None:
    save_mask(tmp_path / "masks" / "a.png")
    (tmp_path / "images").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.fromarray(np.where(DISC, 200, 60).astype(np.uint8))
    stored.save(tmp_path / "images" / "a.jpg", exif=exif.tobytes(), quality=95)
    case = open_dataset(tmp_path).pairs[0].load()
    assert case.truth is not None
    assert case.truth.labels.shape == case.image.shape[:2] == DISC.T.shape
    assert ((case.image[..., 0] > 130) == case.truth.labels).mean() > 0.99


def test_kvasir_masks_are_jpegs(tmp_path: Path) -> None:
    save_image(tmp_path / "Kvasir-SEG" / "images" / "a.jpg")
    save_mask(tmp_path / "Kvasir-SEG" / "masks" / "a.jpg", 255)
    dataset = open_dataset(tmp_path)
    assert dataset.classes.names == ("background", "polyp")
    assert (labels_of(dataset) == DISC).mean() > 0.98


def test_an_image_without_an_object_counts_where_others_show_what_255_means(tmp_path: Path) -> None:
    for name, id_ in {"a": 2, "b": 0}.items():
        mask = np.where(DISC, id_, 0).astype(np.uint8)
        mask[0] = 255
        save_image(tmp_path / "images" / f"{name}.png")
        save(tmp_path / "masks" / f"{name}.png", mask)
    (tmp_path / "classes.txt").write_text("ground\nleaf\nfruit\n")
    assert labels_of(open_dataset(tmp_path), 1)[:2, 0].tolist() == [255, 0]


def test_masks_of_0_and_255_alone_are_none_of_three_classes(tmp_path: Path) -> None:
    save_image(tmp_path / "images" / "a.png")
    save_mask(tmp_path / "masks" / "a.png", 255)
    (tmp_path / "classes.txt").write_text("background\nleaf\nfruit\n")
    with pytest.raises(sm.ImageError, match="not judged"):
        open_dataset(tmp_path).pairs[0].load()


@pytest.mark.parametrize("name", ["coração", "pulmão", "œdème", "fièvre"])
def test_class_names_of_western_windows_are_not_read_as_chinese(tmp_path: Path, name: str) -> None:
    (tmp_path / "classes.txt").write_bytes(f"fundo\n{name}\n".encode("cp1252"))
    with pytest.raises(sm.ParameterError, match=r"Save it as UTF-8"):
        read_class_names(tmp_path / "classes.txt")
