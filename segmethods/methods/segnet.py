"""SegNet: a decoder that puts values back where max-pooling found them.

See `segmethods.models.architectures.segnet`.
"""

from __future__ import annotations

from typing import Annotated

from segmethods.core.types import Image, Segmentation
from segmethods.methods._network import (
    WEIGHTS_ABOUT,
    InstancesChoice,
    WorkingSize,
    network_method,
    predict,
    weights_for,
)


@network_method("segnet")
def segnet(
    image: Image,
    *,
    weights: Annotated[str, WEIGHTS_ABOUT, weights_for("segnet")] = "voc",
    size: WorkingSize = "auto",
    instances: InstancesChoice = "none",
) -> Segmentation:
    """Shrinks the picture to its meaning and grows it back, each value to the place that max-pooling took it from.

    The trace is a `segmethods.methods._network.NetworkTrace`.
    """
    return predict("segnet", image, weights, size, instances)
