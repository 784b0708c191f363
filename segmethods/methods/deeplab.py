"""DeepLab: atrous convolution and a pyramid of fields of view; see `segmethods.networks.deeplab`."""

from __future__ import annotations

from typing import Annotated, Literal

from segmethods.method import About, method
from segmethods.methods.scored import FAMILIES, SIZE_HELP, SIZE_LABEL, SIZES, WEIGHTS_HELP, WEIGHTS_LABEL, Size, answer
from segmethods.segmentation import Image, Segmentation


@method(
    "deeplab",
    title="DeepLab",
    family="network",
    source="Chen, Papandreou, Schroff & Adam 2017; Chen et al. 2018",
    needs=("cv2",),
)
def deeplab(
    image: Image,
    *,
    weights: Annotated[Literal["voc", "camvid", "torchvision"], About(WEIGHTS_LABEL, WEIGHTS_HELP, FAMILIES)] = "voc",
    size: Annotated[Size, About(SIZE_LABEL, SIZE_HELP, SIZES)] = "auto",
) -> Segmentation:
    """Looks at each place with several fields of view at once, near and far, and at the picture as a whole.

    Evidence: see `segmethods.methods.scored.answer`.
    """
    return answer("deeplab", image, weights, size)
