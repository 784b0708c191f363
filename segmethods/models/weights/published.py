"""Torchvision's weights with the classes of Pascal VOC, trained on COCO; fetched when somebody wants them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segmethods.core.messages import Message
from segmethods.core.settings import settings
from segmethods.core.types import VOC
from segmethods.models.weights.records import Validation, Weights

MEBIBYTE = 2**20
TORCHVISION = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class TorchvisionWeights:
    """One set of weights as torchvision publishes it.

    Parameters
    ----------
    network, variant : str
        The method that they are for, and what its parameter ``weights`` calls them.
    title : Message
        What users read.
    builder : str
        The function in ``torchvision.models.segmentation`` that builds the network.
    file : str
        Its name on the server, which ends with the first digits of its SHA-256.
    mebibytes : float
        Size of the file.
    parameters : int
        How many numbers the network has.
    mean_iou, pixel_accuracy : float
        As torchvision states them, 0 to 1.
    has_auxiliary_head : bool
        Whether the file holds a second head, which only training uses.
    """

    network: str
    variant: str
    title: Message
    builder: str
    file: str
    mebibytes: float
    parameters: int
    mean_iou: float
    pixel_accuracy: float
    has_auxiliary_head: bool = True

    @property
    def name(self) -> str:
        """Unique among all weights."""
        return f"{self.network}-{self.variant}"


PUBLISHED = (
    TorchvisionWeights(
        network="fcn",
        variant="torchvision",
        title=Message("ResNet-50 by torchvision"),
        builder="fcn_resnet50",
        file="fcn_resnet50_coco-1167a1af.pth",
        mebibytes=135.009,
        parameters=35_322_218,
        mean_iou=0.605,
        pixel_accuracy=0.914,
    ),
    TorchvisionWeights(
        network="fcn",
        variant="torchvision-resnet101",
        title=Message("ResNet-101 by torchvision"),
        builder="fcn_resnet101",
        file="fcn_resnet101_coco-7ecb50ca.pth",
        mebibytes=207.711,
        parameters=54_314_346,
        mean_iou=0.637,
        pixel_accuracy=0.919,
    ),
    TorchvisionWeights(
        network="deeplab",
        variant="torchvision",
        title=Message("ResNet-50 by torchvision"),
        builder="deeplabv3_resnet50",
        file="deeplabv3_resnet50_coco-cd0a2569.pth",
        mebibytes=160.515,
        parameters=42_004_074,
        mean_iou=0.664,
        pixel_accuracy=0.924,
    ),
    TorchvisionWeights(
        network="deeplab",
        variant="torchvision-resnet101",
        title=Message("ResNet-101 by torchvision"),
        builder="deeplabv3_resnet101",
        file="deeplabv3_resnet101_coco-586e9e4e.pth",
        mebibytes=233.217,
        parameters=60_996_202,
        mean_iou=0.674,
        pixel_accuracy=0.924,
    ),
    TorchvisionWeights(
        network="deeplab",
        variant="torchvision-mobilenet",
        title=Message("MobileNetV3 by torchvision"),
        builder="deeplabv3_mobilenet_v3_large",
        file="deeplabv3_mobilenet_v3_large-fc3c493d.pth",
        mebibytes=42.301,
        parameters=11_029_328,
        mean_iou=0.603,
        pixel_accuracy=0.912,
    ),
    # LR-ASPP (Howard et al. 2019) is the small cousin of DeepLab's pyramid
    TorchvisionWeights(
        network="deeplab",
        variant="torchvision-lraspp",
        title=Message("LR-ASPP on MobileNetV3 by torchvision"),
        builder="lraspp_mobilenet_v3_large",
        file="lraspp_mobilenet_v3_large-d234d4ea.pth",
        mebibytes=12.49,
        parameters=3_221_538,
        mean_iou=0.579,
        pixel_accuracy=0.912,
        has_auxiliary_head=False,
    ),
)


def fetchable() -> dict[str, Weights]:
    """The published weights by name, whether they have been fetched or not."""
    folder = settings().cache_dir / "weights"
    return {record.name: _to_weights(record, folder) for record in PUBLISHED}


def _to_weights(record: TorchvisionWeights, folder: Path) -> Weights:
    return Weights(
        name=record.name,
        network=record.network,
        variant=record.variant,
        classes=VOC,
        file=folder / record.file,
        sha256=Path(record.file).stem.rpartition("-")[2],
        bytes=round(record.mebibytes * MEBIBYTE),
        parameters=record.parameters,
        mean=(123.675, 116.28, 103.53),
        deviation=(58.395, 57.12, 57.375),
        size=520,
        terms="torchvision, BSD-3-Clause; trained on COCO, whose photos have mixed terms",
        score=Validation(record.mean_iou, record.pixel_accuracy, (), "COCO val2017 with the VOC classes, as published"),
        origin="fetched",
        url=TORCHVISION + record.file,
    )
