"""What the networks share: an image of any size in, one logit for every class and pixel out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmethods.models.architectures.backbone import HEAD_WIDTH, Backbone, upsample
from segmethods.models.architectures.image_head import ImageLevelHead


class Network(nn.Module, ABC):
    """A network that classifies every pixel.

    A subclass builds ``backbone`` and its own layers, and combines them in ``logits``.

    Attributes
    ----------
    size_multiple : int
        Sides must be multiples of this many pixels inside the network; ``forward`` pads to it.
    padding : tuple of 2 ints
        Pixels that ``forward`` adds on the left and top, and on the right and bottom, by repeating the edge.
    output_stride : int
        Pixels from one output to the next.
    presence : ImageLevelHead or None
        Predicts which classes are in the image. The name is that of the tensors in the weight files.
    """

    size_multiple: ClassVar[int] = 32
    padding: ClassVar[tuple[int, int]] = (0, 0)
    output_stride: ClassVar[int] = 8
    backbone: Backbone

    def __init__(self) -> None:
        super().__init__()
        self.presence: ImageLevelHead | None = None

    @property
    def first_output_centre(self) -> float:
        """Input pixel at the centre of the first output's receptive field."""
        return (self.output_stride - 1) / 2

    @abstractmethod
    def logits(self, image: Tensor) -> Tensor:
        """Class logits at the network's own resolution.

        Parameters
        ----------
        image : Tensor, float, shape (N, 3, H, W)
            Normalised; H and W are multiples of ``size_multiple``, with the padding added.

        Returns
        -------
        Tensor, float, shape (N, classes, H / output_stride, W / output_stride)
        """

    def add_image_head(self, classes: int) -> None:
        """Give the network a fresh `ImageLevelHead`, if its encoder has the map that this reads."""
        if self.backbone.head is not None:
            self.presence = ImageLevelHead(HEAD_WIDTH, classes)

    def add_image_prior(self, logits: Tensor, head: Tensor) -> Tensor:
        """Add what the image-level head reads off the last map of the encoder, if there is such a head."""
        return logits if self.presence is None else logits + self.presence.prior(head)

    def forward(self, image: Tensor) -> Tensor:
        """Class logits of an image of any size.

        Parameters
        ----------
        image : Tensor, float, shape (N, 3, H, W)
            Normalised.

        Returns
        -------
        Tensor, float, shape (N, classes, H, W)
        """
        return self.upsample_and_crop(self.logits(self.pad(image)), image.shape[2:])

    def pad(self, image: Tensor) -> Tensor:
        """Add the network's padding and fill the sides up to multiples of ``size_multiple``, edges repeated."""
        right, below = -image.shape[3] % self.size_multiple, -image.shape[2] % self.size_multiple
        before, after = self.padding
        return F.pad(image, (before, after + right, before, after + below), mode="replicate")

    def upsample_and_crop(self, logits: Tensor, size: Sequence[int] | torch.Size) -> Tensor:
        """Stretch the logits over the padded image and crop them to the image's own ``size`` (height, width)."""
        height, width = size
        padded = (height + -height % self.size_multiple, width + -width % self.size_multiple)
        stretched = upsample(logits, padded)
        if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
            return stretched  # the runtime crops, which is no copy there
        return stretched[:, :, :height, :width]
