"""DeepLab: atrous convolution and atrous spatial pyramid pooling.

Chen, Papandreou, Schroff, Adam 2017, "Rethinking Atrous Convolution for Semantic Image Segmentation" (DeepLabv3), and
the small decoder of Chen, Zhu, Papandreou, Schroff, Adam 2018, "Encoder-Decoder with Atrous Separable Convolution"
(v3+).

The last stages of the encoder give up their stride and dilate their filters instead: the map stays at a sixteenth of
the image, and each filter still sees as far as before. The pyramid then filters the map with several dilations at once
and adds its mean over the whole image, so that each position has context from near and far.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from segmethods.models.architectures.backbone import HEAD_WIDTH, LITE0, Backbone, Convolution, upsample
from segmethods.models.architectures.network import Network


class Separable(nn.Sequential):
    """Depthwise separable convolution: a 3 x 3 filter for each channel, then a 1 x 1 convolution across channels."""

    def __init__(self, inputs: int, outputs: int, *, dilation: int = 1) -> None:
        super().__init__(Convolution(inputs, inputs, 3, dilation=dilation, groups=inputs), Convolution(inputs, outputs))


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: the same map filtered point by point, with several dilations, and as a whole.

    The branch of single points is a 1 x 1 convolution. The encoder has one that was trained on ImageNet: its head. So
    the pyramid uses the head's output and has no such branch of its own.

    Parameters
    ----------
    inputs, points, outputs : int
        Channels of the map, of the head's output, and of the result.
    rates : sequence of int
        Dilations of the atrous branches. Larger ones see further.
    """

    def __init__(self, inputs: int, points: int, outputs: int, rates: Sequence[int]) -> None:
        super().__init__()
        self.atrous = nn.ModuleList(Separable(inputs, outputs, dilation=rate) for rate in rates)
        self.whole = nn.Conv2d(inputs, outputs, 1)
        self.mix = Convolution(points + outputs * (len(rates) + 1), outputs)

    def branches(self, x: Tensor, point: Tensor) -> list[Tensor]:
        """The output of each branch: single points, the dilations in their order, and the whole image."""
        mean = torch.relu(self.whole(x.mean(dim=(2, 3), keepdim=True)))
        return [point, *(branch(x) for branch in self.atrous), mean.expand(-1, -1, *x.shape[2:])]

    def forward(self, x: Tensor, point: Tensor) -> Tensor:
        """All branches side by side, mixed by a 1 x 1 convolution."""
        mixed: Tensor = self.mix(torch.cat(self.branches(x, point), dim=1))
        return mixed


class DeepLab(Network):
    """EfficientNet-Lite0 at output stride 16, the pyramid, and a decoder at a quarter of the image.

    Parameters
    ----------
    classes : int
        Number of classes.
    rates : sequence of int
        Dilations of the pyramid's atrous branches, in cells of 16 pixels.
    """

    size_multiple = 16
    output_stride = 4

    def __init__(self, classes: int, rates: Sequence[int] = (3, 6, 9)) -> None:
        super().__init__()
        self.backbone = Backbone(strides=(1, 2, 2, 2, 1, 1, 1), dilations=(1, 1, 1, 1, 1, 2, 2), head=True)
        self.pyramid = ASPP(LITE0[-1].width, HEAD_WIDTH, 128, rates)
        self.detail = Convolution(LITE0[1].width, 32)
        self.decoder = Separable(128 + 32, 96)
        self.dropout = nn.Dropout2d(0.1)
        self.classifier = nn.Conv2d(96, classes, 1)

    def logits(self, image: Tensor) -> Tensor:
        """See `Network.logits`."""
        features = self.backbone(image)
        return self.add_image_prior(self.decode(self.pyramid(features[6], features[7]), features[1]), features[7])

    def decode(self, context: Tensor, fine: Tensor) -> Tensor:
        """Class logits at a quarter of the image's size, from the pyramid's map and the backbone's second one."""
        wide = upsample(context, fine.shape[2:])
        joined = self.decoder(torch.cat([wide, self.detail(fine)], dim=1))
        logits: Tensor = self.classifier(self.dropout(joined))
        return logits
