"""FCN: a classifier that answers at every position, refined by its finer layers.

See `segmethods.models.architectures.fcn`.
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


@network_method("fcn")
def fcn(
    image: Image,
    *,
    weights: Annotated[str, WEIGHTS_ABOUT, weights_for("fcn")] = "voc",
    size: WorkingSize = "auto",
    instances: InstancesChoice = "none",
) -> Segmentation:
    """Scores classes on a coarse grid, then adds the scores of finer layers to find where things end.

    The trace is a `segmethods.methods._network.NetworkTrace`.
    """
    return predict("fcn", image, weights, size, instances)
