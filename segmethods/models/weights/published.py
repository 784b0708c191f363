"""Torchvision's weights with the classes of Pascal VOC, trained on COCO; fetched when somebody wants them."""

from __future__ import annotations

from pathlib import Path

from segmethods.core.settings import settings
from segmethods.core.types import VOC
from segmethods.models.weights.records import Validation, Weights

MEBIBYTE = 2**20
TORCHVISION = "https://download.pytorch.org/models/"

PUBLISHED = (
    ("fcn", "torchvision", "fcn_resnet50_coco-1167a1af.pth", 135.009, 35_322_218, 0.605, 0.914),
    ("fcn", "torchvision-resnet101", "fcn_resnet101_coco-7ecb50ca.pth", 207.711, 54_314_346, 0.637, 0.919),
    ("deeplab", "torchvision", "deeplabv3_resnet50_coco-cd0a2569.pth", 160.515, 42_004_074, 0.664, 0.924),
    ("deeplab", "torchvision-resnet101", "deeplabv3_resnet101_coco-586e9e4e.pth", 233.217, 60_996_202, 0.674, 0.924),
    ("deeplab", "torchvision-mobilenet", "deeplabv3_mobilenet_v3_large-fc3c493d.pth", 42.301, 11_029_328, 0.603, 0.912),
    ("deeplab", "torchvision-lraspp", "lraspp_mobilenet_v3_large-d234d4ea.pth", 12.49, 3_221_538, 0.579, 0.912),
)
"""Network, family, file, MiB, parameters, mean IoU, share of pixels that are right: as torchvision states them.

LR-ASPP (Howard et al. 2019) is the small cousin of DeepLab's pyramid, and goes with it."""


def fetchable() -> dict[str, Weights]:
    """The published weights by name, whether they have been fetched or not."""
    folder = settings().cache_dir / "weights"
    entries = (
        Weights(
            name=f"{network}-{family}",
            network=network,
            family=family,
            classes=VOC,
            file=folder / file,
            sha256=Path(file).stem.rpartition("-")[2],
            bytes=round(mebibytes * MEBIBYTE),
            parameters=parameters,
            mean=(123.675, 116.28, 103.53),
            deviation=(58.395, 57.12, 57.375),
            size=520,
            terms="torchvision, BSD-3-Clause; trained on COCO, whose photos have mixed terms",
            score=Validation(mean, pixels, (), "COCO val2017 with the VOC classes, as published"),
            origin="fetched",
            url=TORCHVISION + file,
        )
        for network, family, file, mebibytes, parameters, mean, pixels in PUBLISHED
    )
    return {weights.name: weights for weights in entries}
