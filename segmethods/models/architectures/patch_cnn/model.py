"""A window classifier: the class of a pixel, from a square of pixels around it.

Cireșan, Giusti, Gambardella, Schmidhuber 2012, "Deep Neural Networks Segment Neuronal Membranes in Electron
Microscopy Images".

The window slides over the image and the network answers once at each position. Neighbouring windows share most of
their pixels, so most of the work is done many times over. Because every convolution here is VALID, that is, sees real
pixels only and no padding, one pass over the whole image gives the same answers at once: the step from this network
to FCN.

The window is as large as the network's receptive field, 147 pixels; what lies beyond it has no influence.
"""

from torch import Tensor, nn

from segmethods.models.architectures.backbone import LITE0, Backbone, Convolution
from segmethods.models.architectures.network import Network
from segmethods.models.architectures.patch_cnn.windows import PAD_LEFT_TOP, PAD_RIGHT_BOTTOM, STRIDE, WINDOW


class PatchCNN(Network):
    """The first four stages of EfficientNet-Lite0 without padding, and a classifier of one position.

    Parameters
    ----------
    classes : int
        Number of classes.
    """

    size_multiple = STRIDE
    padding = (PAD_LEFT_TOP, PAD_RIGHT_BOTTOM)
    output_stride = STRIDE

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.backbone = Backbone(4, strides=(1, 2, 2, 1), dilations=(1, 1, 1, 2), padded=False)
        self.connected = nn.Sequential(Convolution(LITE0[3].width, 384), nn.Dropout(0.2), Convolution(384, 256))
        self.classifier = nn.Conv2d(256, classes, 1)

    @property
    def first_output_centre(self) -> float:
        """Centre of the first window."""
        return WINDOW // 2

    def logits(self, image: Tensor) -> Tensor:
        """Class logits of every window of the image, ``STRIDE`` pixels apart.

        Parameters
        ----------
        image : Tensor, float, shape (N, 3, H, W)
            Normalised, no smaller than a window; one window gives one answer.

        Returns
        -------
        Tensor, float, shape (N, classes, (H - WINDOW) // STRIDE + 1, (W - WINDOW) // STRIDE + 1)
        """
        logits: Tensor = self.classifier(self.connected(self.backbone(image)[-1]))
        return logits
