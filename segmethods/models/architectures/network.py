"""What the networks have in common: any image size in, one score for every class and pixel out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmethods.models.architectures.backbone import HEAD_WIDTH, Backbone, upsampled
from segmethods.models.architectures.image_head import Presence


class Network(nn.Module, ABC):
    """A network that scores every pixel.

    A subclass builds ``backbone`` and its own layers, and says in ``scores`` how they act together.

    Attributes
    ----------
    multiple : sides must be multiples of this many pixels inside the network; ``forward`` pads to it.
    margin : pixels that ``forward`` adds on the left and top, and on the right and bottom, by repeating the edge.
    cell : pixels from one output to the next.
    presence : judges which classes are in the picture at all, or None.
    """

    multiple: ClassVar[int] = 32
    margin: ClassVar[tuple[int, int]] = (0, 0)
    cell: ClassVar[int] = 8
    backbone: Backbone

    def __init__(self) -> None:
        super().__init__()
        self.presence: Presence | None = None

    @property
    def centre(self) -> float:
        """The pixel of the image given to ``scores`` that its first output speaks of."""
        return (self.cell - 1) / 2

    @abstractmethod
    def scores(self, image: Tensor) -> Tensor:
        """Class scores at the network's own resolution.

        Parameters
        ----------
        image : float (N, 3, H, W), normalised; H and W multiples of ``multiple``, margins added.

        Returns
        -------
        float (N, classes, H / cell, W / cell), before any softmax.
        """

    def judge_presence(self, classes: int) -> None:
        """Gives the network a fresh `Presence`, if its encoder has the head that this reads."""
        if self.backbone.head is not None:
            self.presence = Presence(HEAD_WIDTH, classes)

    def credited(self, scores: Tensor, head: Tensor) -> Tensor:
        """Scores with what the picture as a whole says, read off the map of the encoder's head, where it is judged."""
        return scores if self.presence is None else scores + self.presence.credit(head)

    def forward(self, image: Tensor) -> Tensor:
        """Class scores of an image of any size.

        Parameters
        ----------
        image : float (N, 3, H, W), normalised.

        Returns
        -------
        float (N, classes, H, W), before any softmax.
        """
        return self.spread(self.scores(self.padded(image)), image.shape[2:])

    def padded(self, image: Tensor) -> Tensor:
        """The image with the network's margins and with sides that are multiples of ``multiple``, edges repeated."""
        right, below = -image.shape[3] % self.multiple, -image.shape[2] % self.multiple
        before, after = self.margin
        return F.pad(image, (before, after + right, before, after + below), mode="replicate")

    def spread(self, scores: Tensor, size: Sequence[int] | torch.Size) -> Tensor:
        """The scores of ``padded`` stretched over it, and cut to the image's own ``size`` (height, width)."""
        height, width = size
        whole = (height + -height % self.multiple, width + -width % self.multiple)
        return upsampled(scores, whole)[:, :, :height, :width]
