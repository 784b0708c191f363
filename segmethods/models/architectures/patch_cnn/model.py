"""A window classifier: the class of a pixel, from a square of pixels around it.

Cireșan, Giusti, Gambardella, Schmidhuber 2012, "Deep Neural Networks Segment Neuronal Membranes in Electron
Microscopy Images".

The window slides over the image and the network answers once at each stop. Neighbouring windows share most of their
pixels, so most of the work is done many times over. Because every convolution here is VALID, that is, sees real
pixels only and no padding, one pass over the whole image gives the same answers at once: the step from this network
to FCN.

The window is as large as the network's field of view, 147 pixels, and knows nothing of what lies beyond.
"""

from torch import Tensor, nn

from segmethods.models.architectures.backbone import LITE0, Backbone, Convolution
from segmethods.models.architectures.network import Network
from segmethods.models.architectures.patch_cnn.windows import AFTER, BEFORE, STRIDE, WINDOW


class PatchCNN(Network):
    """The first four stages of EfficientNet-Lite0 without padding, and a classifier of one position.

    Parameters
    ----------
    classes : number of classes scored.
    """

    multiple = STRIDE
    margin = (BEFORE, AFTER)
    cell = STRIDE

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(4, strides=(1, 2, 2, 1), dilations=(1, 1, 1, 2), padded=False)
        self.connected = nn.Sequential(Convolution(LITE0[3].width, 384), nn.Dropout(0.2), Convolution(384, 256))
        self.classifier = nn.Conv2d(256, classes, 1)

    @property
    def centre(self) -> float:
        """The middle of the first window."""
        return WINDOW // 2

    def scores(self, image: Tensor) -> Tensor:
        """Class scores of every window of the image, ``STRIDE`` pixels apart.

        Parameters
        ----------
        image : float (N, 3, H, W), normalised, no smaller than a window; one window gives one answer.

        Returns
        -------
        float (N, classes, (H - WINDOW) // STRIDE + 1, (W - WINDOW) // STRIDE + 1), before any softmax.
        """
        scores: Tensor = self.classifier(self.connected(self.backbone(image)[-1]))
        return scores
