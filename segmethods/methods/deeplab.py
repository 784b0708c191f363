"""DeepLab: atrous convolution and a pyramid of fields of view; see `segmethods.models.architectures.deeplab`."""

from __future__ import annotations

from typing import Annotated, Literal

from segmethods.core.registry import method
from segmethods.core.types import Image, Segmentation
from segmethods.methods._network import WEIGHTS_ABOUT, Parted, WorkingSize, predict, user_weights_of, weights_of


@method(
    "deeplab",
    title="DeepLab",
    family="network",
    source="Chen, Papandreou, Schroff & Adam 2017; Chen et al. 2018",
    needs=("cv2",),
    used_weights=weights_of("deeplab"),
)
def deeplab(
    image: Image,
    *,
    weights: Annotated[
        Literal[
            "voc",
            "camvid",
            "torchvision",
            "torchvision-resnet101",
            "torchvision-mobilenet",
            "torchvision-lraspp",
        ],
        WEIGHTS_ABOUT,
        user_weights_of("deeplab"),
    ] = "voc",
    size: WorkingSize = "auto",
    instances: Parted = "none",
) -> Segmentation:
    """Looks at each place with several fields of view at once, near and far, and at the picture as a whole.

    The trace is a `segmethods.methods._network.NetworkTrace`.
    """
    return predict("deeplab", image, weights, size, instances)
