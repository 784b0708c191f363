"""How good a network is on pictures it has not learned from: mean intersection over union."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch

from segmethods.networks.network import Network
from segmethods.training.data import VOID, Example

MEAN, DEVIATION = 127.0, 128.0


@dataclass(frozen=True)
class Score:
    """What a validation found.

    Attributes
    ----------
    mean : mean over classes of intersection over union, 0 to 1; classes that occur nowhere are left out.
    classes : the same for each class, NaN where it occurs nowhere.
    pixels : share of the pixels that are right.
    """

    mean: float
    classes: tuple[float, ...]
    pixels: float


def normalised(images: torch.Tensor) -> torch.Tensor:
    """uint8 (N, 3, H, W) to what the backbone was trained on, channels last."""
    return images.float().sub(MEAN).div(DEVIATION).contiguous(memory_format=torch.channels_last)


def validate(network: Network, examples: Sequence[Example], classes: int, size: int) -> Score:
    """Scores a network on whole pictures whose long side is brought to ``size``."""
    confusion = np.zeros((classes, classes), np.int64)
    network.eval()
    with torch.inference_mode():
        for example in examples:
            if example.labels is not None:
                confusion += confusions(example.labels, predict(network, example.image, size), classes)
    return score(confusion)


def predict(network: Network, image: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Class ids, uint8 (H, W), of a picture seen with its long side at ``size``."""
    height, width = image.shape[:2]
    scale = size / max(height, width)
    small = cv2.resize(image, (max(1, round(width * scale)), max(1, round(height * scale))))
    scores = network(normalised(torch.from_numpy(small).permute(2, 0, 1)[None]))
    whole = torch.nn.functional.interpolate(scores, size=(height, width), mode="bilinear", align_corners=False)
    labels: npt.NDArray[np.uint8] = whole[0].argmax(dim=0).to(torch.uint8).numpy()
    return labels


def confusions(truth: npt.NDArray[np.uint8], found: npt.NDArray[np.uint8], classes: int) -> npt.NDArray[np.int64]:
    """Counts of pixels, int64 (true class, found class), void left out."""
    known = truth != VOID
    pairs = truth[known].astype(np.int64) * classes + found[known]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int64, copy=False)


def score(confusion: npt.NDArray[np.int64]) -> Score:
    right = np.diag(confusion)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - right
    shares = np.where(union > 0, right / np.maximum(union, 1), np.nan)
    return Score(
        float(np.nanmean(shares)), tuple(float(share) for share in shares), float(right.sum() / max(confusion.sum(), 1))
    )
