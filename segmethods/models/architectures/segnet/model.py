"""SegNet: the decoder puts every value back where the encoder's max-pooling found it.

Badrinarayanan, Kendall, Cipolla 2017, "SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image
Segmentation".

Pooling keeps the largest of four neighbours and forgets where it was; SegNet remembers. On the way up each value
returns to its own pixel, the others are zero, and convolutions fill the gaps. No feature map is carried across: the
indices alone tell the decoder where the borders are, at a fraction of the memory.

The paper's encoder is VGG-16. Here it is EfficientNet-Lite0, so that all four networks of this project share one
encoder and can be compared. Where that has a stride of two, the filter looks at every position and max-pooling halves
the map behind it, as in the paper; only the stem, the first convolution, keeps its stride.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmethods.models.architectures.backbone import HEAD_WIDTH, LITE0, Backbone, Convolution
from segmethods.models.architectures.network import Network

POOLED = (1, 2, 3, 5)
"""Indices of the encoder's stages whose first block is followed by max-pooling."""

SCORED = 32
"""Channels of the finest map, which the classes are read off."""


def max_pool(x: Tensor) -> tuple[Tensor, Tensor]:
    """The largest value of each 2 x 2 square, and where it was.

    Parameters
    ----------
    x : Tensor, float, shape (N, C, H, W)
        H and W even.

    Returns
    -------
    Tensor, float, shape (N, C, H / 2, W / 2)
        The values.
    Tensor, int64, of the same shape
        Their indices among the H x W values of their own map.
    """
    # OpenVINO has no fast pooling that says where the values were.
    if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
        return pool_by_comparing(x)
    values, indices = F.max_pool2d(x, 2, return_indices=True)
    return values, indices


def pool_by_comparing(x: Tensor) -> tuple[Tensor, Tensor]:
    """What ``max_pool`` gives, by operations that know nothing of indices."""
    height, width = x.shape[2:]
    values = F.max_pool2d(x, 2)
    is_first, is_second, is_third = (x[:, :, row::2, column::2] == values for row, column in ((0, 0), (0, 1), (1, 0)))
    right = ~is_first & (is_second | ~is_third)
    lower = ~is_first & ~is_second
    rows = torch.arange(0, height, 2)[:, None] + lower.long()
    columns = torch.arange(0, width, 2) + right.long()
    return values, rows * width + columns


def max_unpool(x: Tensor, indices: Tensor) -> Tensor:
    """Put each value where its index says, and zero elsewhere; undoes ``max_pool``.

    Parameters
    ----------
    x : Tensor, float, shape (N, C, h, w)
    indices : Tensor, int64, shape (N, C, h, w)
        From ``max_pool``.

    Returns
    -------
    Tensor, float, shape (N, C, 2 h, 2 w)
    """
    count, channels, height, width = x.shape
    empty = torch.zeros(count, channels, 4 * height * width, dtype=x.dtype, device=x.device)
    filled = empty.scatter(2, indices.flatten(2), x.flatten(2))
    return filled.view(count, channels, 2 * height, 2 * width)


Unpooling = Callable[[Tensor, Tensor], Tensor]
"""Takes a map and the indices of the matching pooling, gives a map of twice its sides."""


class Decoder(nn.Module):
    """One step up: un-pool the values, and let two convolutions fill the gaps between them.

    They begin near the interpolation of each channel, the last channels left out; beginning at random they would learn
    for hours what is known here.

    Parameters
    ----------
    inputs, outputs : int
        Channels of the input, which are those of the matching pooling, and of the output.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.fill = Convolution(inputs, inputs, 3)
        self.narrow = Convolution(inputs, outputs, 3)
        slope = torch.tensor([0.5, 1.0, 0.5])
        with torch.no_grad():
            for channel in range(inputs):
                self.fill.convolution.weight[channel, channel] += torch.outer(slope, slope)
            for channel in range(min(inputs, outputs)):
                self.narrow.convolution.weight[channel, channel, 1, 1] += 1

    def forward(self, x: Tensor, indices: Tensor, unpool: Unpooling) -> Tensor:
        """A map, (N, inputs, h, w), to one of twice its sides, (N, outputs, 2 h, 2 w)."""
        whole: Tensor = self.narrow(self.fill(unpool(x, indices)))
        return whole


class SegNet(Network):
    """EfficientNet-Lite0 with four max-poolings, and a decoder with as many un-poolings.

    Parameters
    ----------
    classes : int
        Number of classes.
    """

    size_multiple = 32
    output_stride = 2

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(strides=(1,) * len(LITE0), head=True)
        widths = [LITE0[index].width for index in reversed(POOLED)]
        self.bottom = Convolution(HEAD_WIDTH, widths[0])
        self.decoders = nn.ModuleList(map(Decoder, widths, [*widths[1:], SCORED]))
        self.classifier = nn.Conv2d(SCORED, classes, 1)

    def encode(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The coarsest map, at a thirty-second of the image, and the indices of the four poolings."""
        x = self.backbone.stem(image)
        indices = []
        for index, stage in enumerate(self.backbone.stages):
            if index not in POOLED:
                x = stage(x)
                continue
            first, *blocks = stage.children()
            x, found = max_pool(first(x))
            indices.append(found)
            for block in blocks:
                x = block(x)
        assert self.backbone.head is not None  # it was asked for
        return self.backbone.head(x), indices

    def decode(self, x: Tensor, indices: list[Tensor], unpool: Unpooling = max_unpool) -> Tensor:
        """Class logits at half the image's size, from the coarsest map and the indices of the four poolings."""
        x = self.bottom(x)
        for decoder, own in zip(self.decoders, reversed(indices), strict=True):
            x = decoder(x, own, unpool)
        logits: Tensor = self.classifier(x)
        return logits

    def logits(self, image: Tensor) -> Tensor:
        """See `Network.logits`."""
        coarse, indices = self.encode(image)
        return self.add_image_prior(self.decode(coarse, indices), coarse)
