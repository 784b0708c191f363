"""DeepLab: atrous convolution and a pyramid of fields of view; see `segmethods.models.architectures.deeplab`."""

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


@network_method("deeplab")
def deeplab(
    image: Image,
    *,
    weights: Annotated[str, WEIGHTS_ABOUT, weights_for("deeplab")] = "voc",
    size: WorkingSize = "auto",
    instances: InstancesChoice = "none",
) -> Segmentation:
    """Looks at each place with several fields of view at once, near and far, and at the picture as a whole.

    The trace is a `segmethods.methods._network.NetworkTrace`.
    """
    return predict("deeplab", image, weights, size, instances)
