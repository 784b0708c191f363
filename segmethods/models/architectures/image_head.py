"""An image-level head: which classes are in the image at all, and what that says of every pixel.

A position of a feature map sees a part of the image. Whether a grey patch is car or train is easier to tell from the
whole image. So each class attends to its most informative positions and predicts whether it occurs in the image. The
scores of unlikely classes are lowered everywhere; those of likely ones are raised.

Global context beside an FCN is from Liu, Rabinovich, Berg 2015, "ParseNet: Looking Wider to See Better"; learning it
from the classes of an image from Zhang et al. 2018, "Context Encoding for Semantic Segmentation"; attention pooling
from Ilse, Tomczak, Welling 2018, "Attention-based Deep Multiple Instance Learning".
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NEUTRAL_PROBABILITY = 0.2
"""Probability at which the logits stay unchanged. 0.5 would suppress small objects."""

MAX_PROBABILITY = 0.3
"""Probability from which on a class gains no more: being surely there says nothing of its size."""

MIN_PROBABILITY = 0.003
"""Added to every probability, so that no class is ever impossible."""


class ImageLevelHead(nn.Module):
    """Predict for each class whether it is in the image, by attention pooling with two 1 x 1 convolutions.

    The first class is the background, which is always there and gets no prediction. The attributes ``places``
    (attention) and ``signs`` (logits) have the names of the tensors in the weight files.

    Parameters
    ----------
    inputs : int
        Channels of the map.
    classes : int
        Number of classes of the network.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.places = nn.Conv2d(inputs, classes - 1, 1)
        self.signs = nn.Conv2d(inputs, classes - 1, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Logit of each class but the first to be in the image.

        Parameters
        ----------
        features : Tensor, float, shape (N, inputs, h, w)

        Returns
        -------
        Tensor, float, shape (N, classes - 1)
        """
        attention = self.places(features).flatten(2).softmax(dim=2)
        logits: Tensor = (attention * self.signs(features).flatten(2)).sum(dim=2)
        return logits

    def prior(self, features: Tensor) -> Tensor:
        """What the image as a whole adds to the logits of every pixel; zero for the first class.

        Parameters
        ----------
        features : Tensor, float, shape (N, inputs, h, w)

        Returns
        -------
        Tensor, float, shape (N, classes, 1, 1)
        """
        probabilities = torch.sigmoid(self(features))
        prior = torch.log((probabilities + MIN_PROBABILITY).clamp(max=MAX_PROBABILITY) / NEUTRAL_PROBABILITY)
        return F.pad(prior, (1, 0))[:, :, None, None]
