"""FCN: a classifier that answers at every position, refined by its finer layers; see `segmethods.networks.fcn`."""

from __future__ import annotations

from typing import Annotated, Literal

from segmethods.method import About, method
from segmethods.methods.scored import FAMILIES, SIZE_HELP, SIZE_LABEL, SIZES, WEIGHTS_HELP, WEIGHTS_LABEL, Size, answer
from segmethods.segmentation import Image, Segmentation


@method("fcn", title="FCN", family="network", source="Long, Shelhamer & Darrell 2015", needs=("cv2",))
def fcn(
    image: Image,
    *,
    weights: Annotated[Literal["voc", "camvid", "torchvision"], About(WEIGHTS_LABEL, WEIGHTS_HELP, FAMILIES)] = "voc",
    size: Annotated[Size, About(SIZE_LABEL, SIZE_HELP, SIZES)] = "auto",
) -> Segmentation:
    """Scores classes on a coarse grid, then adds the scores of finer layers to find where things end.

    Evidence: see `segmethods.methods.scored.answer`.
    """
    return answer("fcn", image, weights, size)
