"""Which classes are in a picture at all, and what that says of every pixel.

A position of a map sees a part of the picture. Whether a grey patch is car or train is easier to tell from the whole:
so each class looks where it finds most to go by, and says how likely it is that it is there. What is hardly there at
all loses everywhere, what is surely there gains.

Global context beside an FCN is from Liu, Rabinovich, Berg 2015, "ParseNet: Looking Wider to See Better"; learning it
from which classes a picture shows from Zhang et al. 2018, "Context Encoding for Semantic Segmentation"; a mean over
places that the class weighs itself from Ilse, Tomczak, Welling 2018, "Attention-based Deep Multiple Instance
Learning".
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NEUTRAL = 0.2
"""The chance at which nothing changes. Half would be too much: what is small in a picture is rarely that sure."""

ENOUGH = 0.3
"""The chance beyond which a class gains no more: how surely it is there says nothing of how large it is."""

LEAST = 0.003
"""Added to every chance, so that no class is ever quite impossible."""


class Presence(nn.Module):
    """The chance of each class to be in the picture, read off a map by two 1 x 1 convolutions.

    The first class is what is left where no other is: it is always there, and has no chance of its own.

    Parameters
    ----------
    inputs : channels of the map.
    classes : number of classes that the network scores.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.places = nn.Conv2d(inputs, classes - 1, 1)
        self.signs = nn.Conv2d(inputs, classes - 1, 1)

    def forward(self, features: Tensor) -> Tensor:
        """What speaks for each class but the first, float (N, classes - 1): the logit of its chance.

        Parameters
        ----------
        features : float (N, inputs, h, w), of any size.
        """
        weights = self.places(features).flatten(2).softmax(dim=2)
        logits: Tensor = (weights * self.signs(features).flatten(2)).sum(dim=2)
        return logits

    def credit(self, features: Tensor) -> Tensor:
        """What the whole adds to every pixel's scores, float (N, classes, 1, 1); zero for the first class."""
        chances = torch.sigmoid(self(features))
        credit = torch.log((chances + LEAST).clamp(max=ENOUGH) / NEUTRAL)
        return F.pad(credit, (1, 0))[:, :, None, None]
