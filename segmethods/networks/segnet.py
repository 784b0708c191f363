"""SegNet: the decoder puts every value back where the encoder's max-pooling found it.

Badrinarayanan, Kendall, Cipolla 2017, "SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image
Segmentation".

Pooling keeps the largest of four neighbours and forgets where it was; SegNet remembers. On the way up each value
returns to its own pixel, the others are zero, and convolutions fill the gaps. No feature map is carried across: the
indices alone tell the decoder where the borders are, at a fraction of the memory.

The paper's encoder is VGG-16. Here it is EfficientNet-Lite0, so that all four networks of this project share one
encoder and can be compared. Its blocks of stride two get a shortcut by max-pooling, which begins with no say, so that
what the encoder has learned from ImageNet is still there on the first day.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmethods.networks.backbone import LITE0, Backbone, Convolution
from segmethods.networks.network import Network

POOLED = (1, 2, 3, 5)
"""The encoder's stages that begin by halving the map."""


def pooled(x: Tensor) -> tuple[Tensor, Tensor]:
    """The largest of each 2 x 2 square, and where it was.

    Parameters
    ----------
    x : float (N, C, H, W), H and W even.

    Returns
    -------
    float (N, C, H / 2, W / 2) and int64 indices of the same shape, into the H x W values of their own map.
    """
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    return values, indices


def unpooled(x: Tensor, indices: Tensor) -> Tensor:
    """Each value at the place its index names, zero elsewhere; undoes ``pooled``.

    Parameters
    ----------
    x : float (N, C, h, w).
    indices : int64 (N, C, h, w), from ``pooled``.

    Returns
    -------
    float (N, C, 2 h, 2 w).
    """
    count, channels, height, width = x.shape
    empty = torch.zeros(count, channels, 4 * height * width, dtype=x.dtype, device=x.device)
    filled = empty.scatter(2, indices.flatten(2), x.flatten(2))
    return filled.view(count, channels, 2 * height, 2 * width)


Growth = Callable[[Tensor, Tensor], Tensor]
"""Takes a map and the indices of the pooling at its place, gives a map of twice its sides."""


class SegNet(Network):
    """EfficientNet-Lite0 with four max-poolings, and a decoder with as many un-poolings.

    Parameters
    ----------
    classes : number of classes scored.
    """

    multiple = 32
    cell = 2

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone()
        widths = [LITE0[index - 1].width for index in POOLED]
        self.shortcuts = nn.ModuleList(
            nn.Conv2d(width, LITE0[index].width, 1, bias=False) for width, index in zip(widths, POOLED, strict=True)
        )
        for weight in self.shortcuts.parameters():
            nn.init.zeros_(weight)
        self.bottom = Convolution(LITE0[6].width, widths[3])
        self.decoders = nn.ModuleList(
            nn.Sequential(Convolution(width, middle, 3), Convolution(middle, after, 3))
            for width, middle, after in zip(
                reversed(widths), (128, 96, 48, 32), (*reversed(widths[:3]), 32), strict=True
            )
        )
        self.classifier = nn.Conv2d(32, classes, 1)

    def encode(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The coarsest map, at a thirty-second of the image, and the indices of the four poolings."""
        x = self.backbone.stem(image)
        shortcuts = iter(self.shortcuts)
        places = []
        for index, stage in enumerate(self.backbone.stages):
            if index not in POOLED:
                x = stage(x)
                continue
            values, indices = pooled(x)
            places.append(indices)
            halving, *blocks = stage.children()
            x = halving(x) + next(shortcuts)(values)
            for block in blocks:
                x = block(x)
        return x, places

    def decode(self, x: Tensor, places: list[Tensor], grow: Growth = unpooled) -> Tensor:
        """Class scores at half the image's size, from the coarsest map and the indices; ``grow`` doubles a map."""
        x = self.bottom(x)
        for decoder, indices in zip(self.decoders, reversed(places), strict=True):
            x = decoder(grow(x, indices))
        scores: Tensor = self.classifier(x)
        return scores

    def scores(self, image: Tensor) -> Tensor:
        return self.decode(*self.encode(image))
