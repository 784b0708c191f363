"""SegNet: a decoder that puts values back where max-pooling found them.

See `segmethods.models.architectures.segnet`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from segmethods.core.registry import method
from segmethods.core.types import Image, Segmentation
from segmethods.methods._network import WEIGHTS_ABOUT, Parted, WorkingSize, predict, user_weights_of, weights_of


@method(
    "segnet",
    title="SegNet",
    family="network",
    source="Badrinarayanan, Kendall & Cipolla 2017",
    needs=("cv2",),
    used_weights=weights_of("segnet"),
)
def segnet(
    image: Image,
    *,
    weights: Annotated[Literal["voc", "camvid"], WEIGHTS_ABOUT, user_weights_of("segnet")] = "voc",
    size: WorkingSize = "auto",
    instances: Parted = "none",
) -> Segmentation:
    """Shrinks the picture to its meaning and grows it back, each value to the place that max-pooling took it from.

    The trace is a `segmethods.methods._network.NetworkTrace`.
    """
    return predict("segnet", image, weights, size, instances)
