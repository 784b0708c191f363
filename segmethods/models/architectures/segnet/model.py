"""SegNet: the decoder puts every value back where the encoder's max-pooling found it.

Badrinarayanan, Kendall, Cipolla 2017, "SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image
Segmentation".

Pooling keeps the largest of four neighbours and forgets where it was; SegNet remembers. On the way up each value
returns to its own pixel, the others are zero, and convolutions fill the gaps. No feature map is carried across: the
indices alone tell the decoder where the borders are, at a fraction of the memory.

The paper's encoder is VGG-16. Here it is EfficientNet-Lite0, so that all four networks of this project share one
encoder and can be compared. Its blocks of stride two get a max-pooling shortcut initialised to zero, so the ImageNet
features are intact at the start of training.

The decoder does not start from nothing either: the coarsest map is classified as in FCN, and every decoder starts as
an interpolation between the positions that un-pooling fills, which its convolutions learn to improve.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmethods.models.architectures.backbone import HEAD_WIDTH, LITE0, Backbone, Convolution
from segmethods.models.architectures.network import Network

POOLED = (1, 2, 3, 5)
"""Indices of the encoder's stages that halve the map in their first block."""

FEATURES, MIDDLE = (64, 32, 16, 16), (128, 64, 32, 32)
"""Channels that go up beside the logits, and those between the two convolutions of each decoder."""

MIN_WEIGHT = 0.25
"""The weight of a value at the corner of 3 x 3 pixels; every pixel has a value at least that near."""


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
    """One step up: un-pool the values, fill the gaps between them, and add a learned correction.

    The gaps are filled by normalised convolution (Knutsson, Westin 1993, "Normalized and differential convolution"): a
    weighted mean of the values nearby, of which there is one in every square of 2 x 2.

    Parameters
    ----------
    inputs, middle, outputs : int
        Channels of the input, between the two convolutions, and of the output. At first the decoder passes its first
        input channels on unchanged. Input channels use the indices of the pooling's channels in turn.
    """

    slope: Tensor

    def __init__(self, inputs: int, middle: int, outputs: int) -> None:
        super().__init__()
        slope = torch.tensor([0.5, 1.0, 0.5])
        self.register_buffer("slope", torch.outer(slope, slope)[None, None], persistent=False)
        self.carry = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.read = Convolution(inputs, middle, 3)
        self.add = nn.Conv2d(middle, outputs, 3, padding=1)
        nn.init.eye_(self.carry.weight[:, :, 0, 0])
        for weight in self.add.parameters():
            nn.init.zeros_(weight)

    def forward(self, x: Tensor, indices: Tensor, unpool: Unpooling) -> Tensor:
        """A map, (N, inputs, h, w), to one of twice its sides, (N, outputs, 2 h, 2 w)."""
        turns = torch.arange(x.shape[1], device=x.device) % indices.shape[1]
        sparse = unpool(x, indices[:, turns])
        known = self.smooth(unpool(torch.ones_like(indices, dtype=x.dtype), indices))
        filled = self.smooth(sparse) / known.clamp(min=MIN_WEIGHT)[:, turns]
        whole: Tensor = self.carry(filled) + self.add(self.read(sparse))
        return whole

    def smooth(self, x: Tensor) -> Tensor:
        """Weighted sum of 3 x 3 pixels, in each channel."""
        channels = x.shape[1]
        return F.conv2d(x, self.slope.expand(channels, 1, 3, 3), padding=1, groups=channels)


class SegNet(Network):
    """EfficientNet-Lite0 with four max-poolings, and a decoder with as many un-poolings.

    The coarsest map is classified; the logits and some features go up together.

    Parameters
    ----------
    classes : int
        Number of classes.
    """

    size_multiple = 32
    output_stride = 2

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(head=True)
        self.shortcuts = nn.ModuleList(
            nn.Conv2d(LITE0[index - 1].width, LITE0[index].width, 1, bias=False) for index in POOLED
        )
        for weight in self.shortcuts.parameters():
            nn.init.zeros_(weight)
        self.score32 = nn.Conv2d(HEAD_WIDTH, classes, 1)
        self.bottom = Convolution(HEAD_WIDTH, FEATURES[0])
        widths = [classes + features for features in FEATURES]
        self.decoders = nn.ModuleList(map(Decoder, widths, MIDDLE, [*widths[1:], classes]))

    def encode(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The coarsest map, at a thirty-second of the image, and the indices of the four poolings."""
        x = self.backbone.stem(image)
        shortcuts = iter(self.shortcuts)
        indices = []
        for index, stage in enumerate(self.backbone.stages):
            if index not in POOLED:
                x = stage(x)
                continue
            values, found = max_pool(x)
            indices.append(found)
            halving, *blocks = stage.children()
            x = halving(x) + next(shortcuts)(values)
            for block in blocks:
                x = block(x)
        assert self.backbone.head is not None  # it was asked for
        return self.backbone.head(x), indices

    def decode(self, x: Tensor, indices: list[Tensor], unpool: Unpooling = max_unpool) -> Tensor:
        """Class logits at half the image's size, from the coarsest map and the indices of the four poolings."""
        x = torch.cat([self.score32(x), self.bottom(x)], dim=1)
        for decoder, own in zip(self.decoders, reversed(indices), strict=True):
            x = decoder(x, own, unpool)
        return x

    def logits(self, image: Tensor) -> Tensor:
        """See `Network.logits`."""
        coarse, indices = self.encode(image)
        return self.add_image_prior(self.decode(coarse, indices), coarse)
