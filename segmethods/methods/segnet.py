"""SegNet: a decoder that puts values back where max-pooling found them; see `segmethods.networks.segnet`."""

from __future__ import annotations

from typing import Annotated, Literal

from segmethods.method import method
from segmethods.methods.scored import WEIGHTS_ABOUT, Parted, WorkingSize, answer, own_of
from segmethods.segmentation import Image, Segmentation


@method("segnet", title="SegNet", family="network", source="Badrinarayanan, Kendall & Cipolla 2017", needs=("cv2",))
def segnet(
    image: Image,
    *,
    weights: Annotated[Literal["voc", "camvid"], WEIGHTS_ABOUT, own_of("segnet")] = "voc",
    size: WorkingSize = "auto",
    instances: Parted = "none",
) -> Segmentation:
    """Shrinks the picture to its meaning and grows it back, each value to the place that max-pooling took it from.

    Evidence: see `segmethods.methods.scored.answer`.
    """
    return answer("segnet", image, weights, size, instances)
