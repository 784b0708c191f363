"""FCN-8s: a classifier made fully convolutional, with skips from finer layers.

Long, Shelhamer, Darrell 2015, "Fully Convolutional Networks for Semantic Segmentation".

A classifier's fully connected layers become 1 x 1 convolutions over its last map, so that it answers at every position
and not only once. The answer is coarse, one for every 32 x 32 pixels. Two finer maps of the encoder are classified as
well and added on the way up: what an object is comes from the coarse map, where it ends from the fine ones.
"""

import torch
from torch import Tensor, nn

from segmethods.models.architectures.backbone import HEAD_WIDTH, LITE0, Backbone
from segmethods.models.architectures.network import Network


class LearnedUpsample(nn.ConvTranspose2d):
    """Learned upsampling by two, initialised as bilinear interpolation of each class.

    Parameters
    ----------
    classes : int
        Channels in and out.
    """

    def __init__(self, classes: int) -> None:
        super().__init__(classes, classes, 4, stride=2, padding=1, bias=False)
        slope = torch.tensor([0.25, 0.75, 0.75, 0.25])
        with torch.no_grad():
            self.weight.zero_()
            for index in range(classes):
                self.weight[index, index] = torch.outer(slope, slope)


class FCN(Network):
    """EfficientNet-Lite0 with logits at strides 32, 16 and 8, added from coarse to fine.

    Parameters
    ----------
    classes : int
        Number of classes.
    """

    size_multiple = 32
    output_stride = 8

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(head=True)
        self.dropout = nn.Dropout2d(0.2)
        self.score32 = nn.Conv2d(HEAD_WIDTH, classes, 1)
        self.score16 = nn.Conv2d(LITE0[4].width, classes, 1)
        self.score8 = nn.Conv2d(LITE0[2].width, classes, 1)
        self.double32 = LearnedUpsample(classes)
        self.double16 = LearnedUpsample(classes)

    def logits(self, image: Tensor) -> Tensor:
        """See `Network.logits`."""
        features = self.backbone(image)
        at32 = self.score32(self.dropout(features[7]))
        at16 = self.double32(at32) + self.score16(features[4])
        at8: Tensor = self.double16(at16) + self.score8(features[2])
        return self.add_image_prior(at8, features[7])
