"""U-Net: an encoder, a decoder of the same depth, and a bridge between them at every size.

Ronneberger, Fischer, Brox 2015, "U-Net: Convolutional Networks for Biomedical Image Segmentation".

What the encoder saw at each size is handed over to the decoder whole, beside what comes up from below, so that fine
lines survive: a vessel or a crack is a pixel or two wide. The encoder is that of the other networks, EfficientNet-Lite0
without its last two stages, and the decoder is narrow: about a million parameters, which learn from a few dozen images.
"""

import torch
from torch import Tensor, nn

from segmethods.models.architectures.backbone import LITE0, Backbone, Convolution, upsample

STAGES = 5
BRIDGES = (0, 1, 2)
"""Stages whose maps are handed over: at a half, a quarter and an eighth of the image's size."""
WIDTHS = (32, 40, 64)
"""Channels of the decoder at these sizes."""


class UNet(nn.Module):
    """Lite0's first five stages and a decoder up to half the image's size; the rest of the way is interpolated.

    Parameters
    ----------
    classes : int
        Number of classes scored.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(STAGES)
        above = LITE0[STAGES - 1].width
        self.decoder = nn.ModuleList()
        for stage, width in zip(reversed(BRIDGES), reversed(WIDTHS), strict=True):
            inputs = above + LITE0[stage].width
            self.decoder.append(nn.Sequential(Convolution(inputs, width), Convolution(width, width, 3)))
            above = width
        self.classify = nn.Conv2d(above, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Class scores, float (N, classes, H, W), of a normalised image, float (N, 3, H, W), sides multiples of 16."""
        return upsample(self.score_half(image), image.shape[2:])

    def score_half(self, image: Tensor) -> Tensor:
        """The scores at half the image's size, where they are made: learning needs no more."""
        features = self.backbone(image)
        x = features[STAGES - 1]
        for stage, block in zip(reversed(BRIDGES), self.decoder, strict=True):
            x = block(torch.cat([upsample(x, features[stage].shape[2:]), features[stage]], dim=1))
        scores: Tensor = self.classify(x)
        return scores
