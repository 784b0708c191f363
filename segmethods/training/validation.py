"""How good a network is on pictures it has not learned from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from segmethods.methods._network import resize_long_side
from segmethods.metrics import Confusion, count_classes, tabulate
from segmethods.models.architectures.network import Network
from segmethods.training.data import Example

MEAN, DEVIATION = 127.0, 128.0


def normalise(images: torch.Tensor) -> torch.Tensor:
    """uint8 (N, 3, H, W) to what the backbone was trained on, channels last."""
    return images.float().sub(MEAN).div(DEVIATION).contiguous(memory_format=torch.channels_last)


def validate(network: Network, examples: Sequence[Example], classes: int, size: int) -> Confusion:
    """What a network finds in whole pictures whose long side is brought to ``size``. Only those with masks count."""
    counts = count_nothing(classes)
    network.eval()
    with torch.inference_mode():
        for example in examples:
            if example.labels is not None:
                counts += count_classes(tabulate(example.labels, predict(network, example.image, size)), classes)
    return counts


def count_nothing(classes: int) -> Confusion:
    """What is counted before the first picture."""
    return Confusion(np.zeros((classes, classes + 1), np.int64))


def predict(network: Network, image: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Class ids, uint8 (H, W), of a picture seen with its long side at ``size``."""
    scores = network(normalise(torch.from_numpy(resize_long_side(image, size)).permute(2, 0, 1)[None]))
    whole = torch.nn.functional.interpolate(scores, size=image.shape[:2], mode="bilinear", align_corners=False)
    labels: npt.NDArray[np.uint8] = whole[0].argmax(dim=0).to(torch.uint8).numpy()
    return labels


def summarise(counts: Confusion) -> dict[str, Any]:
    """The scores that a file of weights keeps of a validation: as `segmethods.models.weights.Validation` has them."""
    return {"mean": counts.mean_iou, "pixels": counts.pixel_accuracy, "classes": counts.iou.tolist()}
