"""FCN: a classifier that answers at every position, refined by its finer layers.

See `segmethods.models.architectures.fcn`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from segmethods.core.registry import method
from segmethods.core.types import Image, Segmentation
from segmethods.methods._network import WEIGHTS_ABOUT, Parted, WorkingSize, predict, user_weights_of, weights_of


@method(
    "fcn",
    title="FCN",
    family="network",
    source="Long, Shelhamer & Darrell 2015",
    needs=("cv2",),
    used_weights=weights_of("fcn"),
)
def fcn(
    image: Image,
    *,
    weights: Annotated[
        Literal["voc", "camvid", "torchvision", "torchvision-resnet101"], WEIGHTS_ABOUT, user_weights_of("fcn")
    ] = "voc",
    size: WorkingSize = "auto",
    instances: Parted = "none",
) -> Segmentation:
    """Scores classes on a coarse grid, then adds the scores of finer layers to find where things end.

    The trace is a `segmethods.methods._network.NetworkTrace`.
    """
    return predict("fcn", image, weights, size, instances)
