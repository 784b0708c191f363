"""FCN: a classifier that answers at every position, refined by its finer layers; see `segmethods.networks.fcn`."""

from __future__ import annotations

from typing import Annotated, Literal

from segmethods.method import method
from segmethods.methods.scored import WEIGHTS_ABOUT, Parted, WorkingSize, answer, own_of
from segmethods.segmentation import Image, Segmentation


@method("fcn", title="FCN", family="network", source="Long, Shelhamer & Darrell 2015", needs=("cv2",))
def fcn(
    image: Image,
    *,
    weights: Annotated[
        Literal["voc", "camvid", "torchvision", "torchvision-resnet101"], WEIGHTS_ABOUT, own_of("fcn")
    ] = "voc",
    size: WorkingSize = "auto",
    instances: Parted = "none",
) -> Segmentation:
    """Scores classes on a coarse grid, then adds the scores of finer layers to find where things end.

    Evidence: see `segmethods.methods.scored.answer`.
    """
    return answer("fcn", image, weights, size, instances)
